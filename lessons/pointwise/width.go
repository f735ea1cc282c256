package pointwise

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// WidthConfig trains 1×1 convolutions of many widths on little data.
type WidthConfig struct {
	Channels     int       `role:"fixed" range:"[2, inf)" help:"channels of the pixels; the first two decide the class"`
	Filters      []int     `role:"compared" range:"[1, inf)" list:"2 rising" help:"filters of the layer"`
	LabelNoise   []float64 `role:"compared" range:"[0, 0.5)" list:"1" help:"fractions of wrong labels in the training"`
	Train        int       `role:"fixed" range:"[1, inf)" help:"training pixels, drawn anew for every seed"`
	Test         int       `role:"fixed" range:"[1, inf)" help:"test pixels, drawn anew for every seed"`
	Epochs       int       `role:"fixed" range:"[1, inf)" help:"passes over the training pixels"`
	BatchSize    int       `role:"fixed" range:"[1, inf)" help:"pixels of a batch"`
	LearningRate float64   `role:"fixed" range:"(0, inf)" help:"of Adam"`
	Seeds        []int64   `role:"averaged" help:"of pixels, weights and order"`
}

// Validate checks that the pixels fill a batch.
func (c WidthConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return nil
}

// WidthMeasurement says how well 1×1 convolutions of many widths learn a class of
// pixels from little data.
type WidthMeasurement struct {
	Examples int // that they are trained on
	Filters  []int
	Sets     []WidthSet // one for each fraction of wrong labels
}

// WidthSet is the outcome for one fraction of wrong labels.
type WidthSet struct {
	LabelNoise          float64
	Train, Test, Losses [][]float64 // accuracy, accuracy and cross-entropy (nats) on the test: [filters][seed]
}

// best is, for every seed, the index of the width with the highest mean test
// accuracy over the other seeds: the seed itself has no say in what it is
// compared with.
func (s WidthSet) best() []int {
	seeds := len(s.Test[0])
	best := make([]int, seeds)
	for seed := range best {
		highest := -1.0
		for width, accuracies := range s.Test {
			if mean := (stat.Mean(accuracies, nil)*float64(seeds) - accuracies[seed]) / float64(max(seeds-1, 1)); mean > highest {
				best[seed], highest = width, mean
			}
		}
	}
	return best
}

// drop is, for every seed, what the accuracies at a width lie below those at
// the best width (see [WidthSet.Best]).
func (s WidthSet) drop(accuracies [][]float64, width int) []float64 {
	drops := make([]float64, len(accuracies[width]))
	for seed, best := range s.best() {
		drops[seed] = accuracies[best][seed] - accuracies[width][seed]
	}
	return drops
}

// widthNet is a 1×1 layer of so many filters. The pixels come one by one, since
// that is how the layer sees them.
func widthNet(channels, filters int) arch.Model {
	return arch.Sequential(fmt.Sprintf("%d filters", filters),
		arch.Input{Shape: arch.Shape{1, 1, channels}}, conv(filters, 1, "relu"), arch.Flatten{})
}

const (
	forTestPixel    = 4_000_000
	forTrainPixel   = 5_000_000
	forIdleChannels = 66 // purpose of the random numbers, see fit.Rand
)

// pixels draws the data of one seed. The class is whether the signs of the
// first two channels agree, XOR of two colours (see [toy.Quadrants]); the other
// channels say nothing. The test has no wrong labels.
func (c WidthConfig) pixels(seed int64, labelNoise float64) (train, test fit.Data) {
	return c.draw(c.Train, seed+forTrainPixel, labelNoise), c.draw(c.Test, seed+forTestPixel, 0)
}

func (c WidthConfig) draw(n int, seed int64, labelNoise float64) fit.Data {
	random := fit.Rand(seed, forIdleChannels)
	rows := toy.Quadrants(n, seed, labelNoise)
	var values []float32
	var labels []int32
	for i, x := range rows.X {
		values = append(values, float32(x[0]), float32(x[1]))
		for range c.Channels - len(x) {
			values = append(values, float32(random.NormFloat64()))
		}
		labels = append(labels, int32(rows.Y[i][1]))
	}
	return fit.NewData(values, []int{1, 1, c.Channels}, labels)
}

// measureWidth trains every width from every seed, each on data of its own.
func measureWidth(ctx context.Context, backend compute.Backend, c WidthConfig) (WidthMeasurement, error) {
	facts := WidthMeasurement{Examples: c.Train, Filters: c.Filters, Sets: make([]WidthSet, len(c.LabelNoise))}
	for i, fraction := range c.LabelNoise {
		facts.Sets[i].LabelNoise = fraction
	}
	for _, filters := range c.Filters {
		if err := facts.measure(ctx, backend, c, filters); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// measure trains one width on all sets.
func (f *WidthMeasurement) measure(ctx context.Context, backend compute.Backend, c WidthConfig, filters int) error {
	m := widthNet(c.Channels, filters)
	network := classifier(func(scope *model.Scope, x *Node) *Node { return m.Graph(scope, x)[0] }, 2)
	shapes, _ := c.pixels(c.Seeds[0], 0)
	net, err := fit.NewClassifier(backend, network, shapes, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return err
	}
	defer net.Finalize()
	for i := range f.Sets {
		set := &f.Sets[i]
		set.Train, set.Test, set.Losses = append(set.Train, nil), append(set.Test, nil), append(set.Losses, nil)
		for _, seed := range c.Seeds {
			if err := set.train(ctx, net, c, filters, seed); err != nil {
				return err
			}
		}
	}
	return nil
}

// train adds the outcome of a seed to the last width.
func (s *WidthSet) train(ctx context.Context, net *fit.Classifier, c WidthConfig, filters int, seed int64) error {
	train, test := c.pixels(seed, s.LabelNoise)
	task := fmt.Sprintf("%d filters, %g wrong labels, seed %d", filters, s.LabelNoise, seed)
	if _, err := net.Train(ctx, train, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs}); err != nil {
		return err
	}
	onTrain, err := net.Evaluate(ctx, train)
	if err != nil {
		return err
	}
	onTest, err := net.Evaluate(ctx, test)
	if err != nil {
		return err
	}
	last := len(s.Test) - 1
	s.Train[last] = append(s.Train[last], onTrain.Accuracy)
	s.Test[last] = append(s.Test[last], onTest.Accuracy)
	s.Losses[last] = append(s.Losses[last], onTest.Loss)
	return nil
}

const (
	overfits  = 0.02 // test accuracy that is lost by too many filters
	underfits = 0.1  // accuracy, in training too, that is lost by too few
)

func judgeTooMany(m WidthMeasurement) claim.Finding {
	widest := len(m.Filters) - 1
	finding := claim.Finding{}
	var parts []claim.Decision
	var texts []string
	for _, s := range m.Sets {
		drop := claim.EstimateMean(s.drop(s.Test, widest))
		parts = append(parts, drop.Above(overfits))
		texts = append(texts, fmt.Sprintf("with %.0f %% wrong labels by %s (%.2f against %.2f in training)",
			100*s.LabelNoise, drop, claim.EstimateMean(s.Test[widest]).Mean, claim.EstimateMean(s.Train[widest]).Mean))
		finding.Samples = drop.N
	}
	finding.Decision = claim.Agreed(parts...)
	finding.Evidence = fmt.Sprintf("%d examples: the test accuracy of %s filters lies below that of the best width %s.",
		m.Examples, comma(m.Filters[widest]), strings.Join(texts, ", "))
	return finding
}

func judgeTooFew(m WidthMeasurement) claim.Finding {
	finding := claim.Finding{}
	var parts []claim.Decision
	var texts []string
	for _, s := range m.Sets {
		train, test := claim.EstimateMean(s.drop(s.Train, 0)), claim.EstimateMean(s.drop(s.Test, 0))
		parts = append(parts, claim.All(train.Above(underfits), test.Above(underfits)))
		texts = append(texts, fmt.Sprintf("with %.0f %% wrong labels by %s in training and %s in the test", 100*s.LabelNoise, train, test))
		finding.Samples = train.N
	}
	finding.Decision = claim.Agreed(parts...)
	finding.Evidence = fmt.Sprintf("The accuracy with %d filter lies below that of the best width %s.", m.Filters[0], strings.Join(texts, ", "))
	return finding
}

func widthRules() []claim.Rule[WidthMeasurement] {
	return []claim.Rule[WidthMeasurement]{
		claim.SampledRule("q6e.3", "Q6 (e) 3",
			"Too many 1×1 filters lead to overfitting, above all where data is limited.",
			fmt.Sprintf("on little data the widest layer's test accuracy lies over %g below that of the best width, which the other seeds choose (95 %% interval), with right labels and with wrong ones among them", overfits),
			claim.Inconclusive, judgeTooMany),
		claim.SampledRule("q6e.4", "Q6 (e) 4",
			"Too few 1×1 filters lead to underfitting.",
			fmt.Sprintf("the narrowest layer's accuracy lies over %g below that of the best width, in training and in the test (95 %% intervals), with right labels and with wrong ones among them", underfits),
			claim.Supported, judgeTooFew),
	}
}

// table lists the widths.
func (f WidthMeasurement) table() report.Table {
	table := report.Table{
		ID: "width", Title: fmt.Sprintf("%d examples: from one filter to many", f.Examples),
		Columns: []string{"wrong labels", "filters", "training accuracy", "test accuracy", "test loss (nats)"},
	}
	for _, s := range f.Sets {
		for i, k := range f.Filters {
			table.Rows = append(table.Rows, []string{
				fmt.Sprintf("%.0f %%", 100*s.LabelNoise), comma(k), claim.EstimateMean(s.Train[i]).String(), claim.EstimateMean(s.Test[i]).String(), claim.EstimateMean(s.Losses[i]).String(),
			})
		}
	}
	return table
}

// chart shows accuracy against width for one fraction of wrong labels.
func (f WidthMeasurement) chart(set int) report.Chart {
	s := f.Sets[set]
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test (right labels)"}
	for i, k := range f.Filters {
		train.AddEstimate(float64(k), s.Train[i])
		test.AddEstimate(float64(k), s.Test[i])
	}
	return report.Chart{
		ID: fmt.Sprintf("width-%d", set), Title: fmt.Sprintf("%d examples, %.0f %% wrong labels", f.Examples, 100*s.LabelNoise), Mark: report.Line, LogX: true,
		XLabel: "1×1 filters", YLabel: "accuracy", Curves: []report.Curve{train, test},
		Alt: "Training and test accuracy against the number of 1×1 filters on a logarithmic axis: higher is better, and a gap between the two is overfitting.",
	}
}

// LayerWidth is the experiment.
var LayerWidth = experiment.Experiment[WidthConfig, WidthMeasurement]{
	Name: "Width", Title: "From one filter to many, on little data",
	Measure: measureWidth, Rules: widthRules(),
	Figures: func(_ WidthConfig, f WidthMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{f.table()}}
		for i := range f.Sets {
			figures.Charts = append(figures.Charts, f.chart(i))
		}
		return figures, nil
	},
}
