package pointwise

import (
	"context"
	"fmt"

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
	Tests    int // test pixels of a seed
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
	facts := WidthMeasurement{Examples: c.Train, Tests: c.Test, Filters: c.Filters, Sets: make([]WidthSet, len(c.LabelNoise))}
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
	open := func(backend compute.Backend) (*fit.Classifier, error) {
		shapes := c.draw(c.BatchSize, 0, 0)
		net, err := fit.NewClassifier(backend, network, shapes, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
		if err == nil {
			_, err = net.Evaluate(ctx, shapes) // compiles
		}
		return net, err
	}
	places := make([]int64, len(f.Sets)*len(c.Seeds)) // all seeds of a set, then those of the next
	for i := range places {
		places[i] = int64(i)
	}
	outcomes, err := fit.BySeed(ctx, backend, places, open, func(ctx context.Context, net *fit.Classifier, place int64) (widthOutcome, error) {
		set, seed := int(place)/len(c.Seeds), c.Seeds[int(place)%len(c.Seeds)]
		return c.train(ctx, net, f.Sets[set].LabelNoise, filters, seed)
	})
	for i := range f.Sets {
		var train, test, losses []float64
		for _, o := range outcomes[i*len(c.Seeds) : (i+1)*len(c.Seeds)] {
			train, test, losses = append(train, o.train), append(test, o.test.Accuracy), append(losses, o.test.Loss)
		}
		set := &f.Sets[i]
		set.Train, set.Test, set.Losses = append(set.Train, train), append(set.Test, test), append(set.Losses, losses)
	}
	return err
}

// widthOutcome is that of one training.
type widthOutcome struct {
	train float64 // accuracy
	test  fit.Score
}

func (c WidthConfig) train(ctx context.Context, net *fit.Classifier, labelNoise float64, filters int, seed int64) (o widthOutcome, err error) {
	train, test := c.pixels(seed, labelNoise)
	task := fmt.Sprintf("%d filters, %g wrong labels, seed %d", filters, labelNoise, seed)
	if _, err := net.Train(ctx, train, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs}); err != nil {
		return o, err
	}
	onTrain, err := net.Evaluate(ctx, train)
	if err != nil {
		return o, err
	}
	o.train = onTrain.Accuracy
	o.test, err = net.Evaluate(ctx, test)
	return o, err
}

const (
	// overfits is the test accuracy whose loss matters: one pixel in fifty is worth
	// a search for the best width.
	overfits = 0.02
	// underfits is the accuracy whose loss, in training too, matters: one pixel in
	// ten is far more than a change of any other knob here is worth.
	underfits = 0.1
)

// set is that with right labels alone, or that with the most wrong ones; nil if
// there is none.
func (f WidthMeasurement) set(wrongLabels bool) *WidthSet {
	var found *WidthSet
	for i, s := range f.Sets {
		if (s.LabelNoise > 0) == wrongLabels && (found == nil || s.LabelNoise > found.LabelNoise) {
			found = &f.Sets[i]
		}
	}
	return found
}

// judged judges the set with right labels, or that with wrong ones.
func judged(wrongLabels bool, judge func(WidthMeasurement, WidthSet) claim.Finding) func(WidthMeasurement) claim.Finding {
	return func(m WidthMeasurement) claim.Finding {
		s := m.set(wrongLabels)
		if s == nil {
			return claim.Finding{Decision: claim.Missing(), Evidence: "LabelNoise has no such fraction."}
		}
		return judge(m, *s)
	}
}

func judgeTooMany(m WidthMeasurement, s WidthSet) claim.Finding {
	widest := len(m.Filters) - 1
	drop := claim.EstimateMean(s.drop(s.Test, widest))
	return claim.Finding{
		Decision: drop.Above(overfits),
		Evidence: fmt.Sprintf("%d examples, %.0f %% of them with wrong labels: the test accuracy of %s filters, %s, lies below that of the best width by %s; in training they have %s.",
			m.Examples, 100*s.LabelNoise, comma(m.Filters[widest]), claim.EstimateFraction(s.Test[widest], m.Tests), drop, claim.EstimateFraction(s.Train[widest], m.Examples)),
		Samples: drop.N,
	}
}

func judgeTooFew(m WidthMeasurement, s WidthSet) claim.Finding {
	train, test := claim.EstimateMean(s.drop(s.Train, 0)), claim.EstimateMean(s.drop(s.Test, 0))
	return claim.Finding{
		Decision: claim.All(train.Above(underfits), test.Above(underfits)),
		Evidence: fmt.Sprintf("%d examples, %.0f %% of them with wrong labels: with the fewest filters, %d, the accuracy lies below that of the best width by %s in training and %s in the test.",
			m.Examples, 100*s.LabelNoise, m.Filters[0], train, test),
		Samples: train.N,
	}
}

func widthRules() []claim.Rule[WidthMeasurement] {
	const (
		tooMany = "on little data, the widest layer's test accuracy lies over %g below that of the best width, which the other seeds choose (95 %% interval)"
		tooFew  = "the narrowest layer's accuracy lies over %g below that of the best width, in training and in the test (95 %% intervals)"
		split   = "right and wrong labels are parts; twice the seeds, four times the test pixels"
	)
	return []claim.Rule[WidthMeasurement]{
		claim.Whole("q6e.3", "Q6 (e) 3",
			"Too many 1×1 filters lead to overfitting where data is limited.",
			claim.SampledRule("q6e.3a", "", "They do where all labels are right.",
				fmt.Sprintf(tooMany, overfits), claim.Refuted, judged(false, judgeTooMany)).Revised(revised, split),
			claim.SampledRule("q6e.3b", "", "They do where some labels are wrong.",
				fmt.Sprintf(tooMany, overfits), claim.Supported, judged(true, judgeTooMany)).Revised(revised, split)),
		claim.Whole("q6e.4", "Q6 (e) 4",
			"Too few 1×1 filters lead to underfitting.",
			claim.SampledRule("q6e.4a", "", "They do where all labels are right.",
				fmt.Sprintf(tooFew, underfits), claim.Supported, judged(false, judgeTooFew)).Revised(revised, split),
			claim.SampledRule("q6e.4b", "", "They do where some labels are wrong.",
				fmt.Sprintf(tooFew, underfits), claim.Supported, judged(true, judgeTooFew)).Revised(revised, split)),
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
				fmt.Sprintf("%.0f %%", 100*s.LabelNoise), comma(k), claim.EstimateFraction(s.Train[i], f.Examples).String(), claim.EstimateFraction(s.Test[i], f.Tests).String(), claim.EstimateMean(s.Losses[i]).String(),
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
		train.AddFraction(float64(k), s.Train[i], f.Examples)
		test.AddFraction(float64(k), s.Test[i], f.Tests)
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
