package pointwise

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// FirstConfig compares a 1×1 with a 3×3 convolution as the first layer.
type FirstConfig struct {
	Filters int `role:"fixed" range:"[1, inf)" help:"filters of the first layer of the net of two 3×3 layers; the others have as many as give the net no fewer parameters"`
	Behind  int `role:"fixed" range:"[1, inf)" help:"filters of the second layer of every net"`
	TextureTraining
	Seeds []int64 `role:"averaged" help:"of the pictures, their order and the weights"`
}

// FirstMeasurement compares nets of two layers on edges and textures. They have
// about as many parameters.
type FirstMeasurement struct {
	Tests int // test pictures of a seed
	// Pooled halves the picture between the first layer and the next; in Whole
	// the next layer sees all that the first one made.
	Pooled, Whole FirstNets
}

// FirstNets are the nets that are compared, in the order of firstKernels.
type FirstNets struct {
	Name string
	Nets [3]FirstOutcome
}

// firstKernels are those of the first and the second layer. The first two nets
// differ in the kernel of the first layer, and so in their number of 3×3 layers;
// the first and the last in the order of the same two kernels.
var firstKernels = [3][2]int{{1, 3}, {3, 3}, {3, 1}}

// Places in firstKernels.
const (
	pointwiseFirst = iota
	windowsOnly
	windowFirst
)

// FirstOutcome is the outcome of one net, one value a seed.
type FirstOutcome struct {
	Kernels             [2]int
	Filters, Parameters int // of the first layer; of the whole net
	Field               int // pixels that one value in front of the mean depends on, along an axis
	Train, Test         []float64
}

func (f FirstOutcome) name() string {
	return fmt.Sprintf("%d×%[1]d → %d×%[2]d", f.Kernels[0], f.Kernels[1])
}

// firstNet is a first layer, 2×2 pooling or none, a second layer, and the mean
// of every map.
func firstNet(kernels [2]int, filters, behind int, pooled bool) arch.Model {
	layers := []arch.Layer{arch.Input{Shape: arch.Shape{texture.Side, texture.Side, 3}}, conv(filters, kernels[0], "relu")}
	if pooled {
		layers = append(layers, arch.Pool{Pooling: arch.Average, Size: []int{2, 2}})
	}
	layers = append(layers, conv(behind, kernels[1], "relu"), arch.GlobalPool{Pooling: arch.Average, Axes: 2})
	return arch.Sequential(FirstOutcome{Kernels: kernels}.name(), layers...)
}

// parameters is the number of parameters of a net of features without a
// classifier, whose size is that of its last layer.
func parameters(m arch.Model) (int, error) {
	s, err := m.Summarize()
	return s.Total(), err
}

// firstFilters is the smallest number of filters in the first layer with which
// the net has at least as many parameters as one of two 3×3 layers with so many.
func firstFilters(kernels [2]int, filters, behind int) (int, error) {
	budget, err := parameters(firstNet(firstKernels[windowsOnly], filters, behind, false))
	if err != nil {
		return 0, err
	}
	for fewest := 1; ; fewest++ {
		has, err := parameters(firstNet(kernels, fewest, behind, false))
		if err != nil || has >= budget {
			return fewest, err
		}
	}
}

// measureFirst trains the nets from every seed, each on pictures of its own.
func measureFirst(ctx context.Context, backend compute.Backend, c FirstConfig) (FirstMeasurement, error) {
	facts := FirstMeasurement{Tests: c.Test, Pooled: FirstNets{Name: "pooled"}, Whole: FirstNets{Name: "not pooled"}}
	for i, kernels := range firstKernels {
		filters, err := firstFilters(kernels, c.Filters, c.Behind)
		if err != nil {
			return facts, err
		}
		for _, nets := range []*FirstNets{&facts.Pooled, &facts.Whole} {
			outcome := &nets.Nets[i]
			outcome.Kernels, outcome.Filters = kernels, filters
			if err := outcome.measure(ctx, backend, c, firstNet(kernels, filters, c.Behind, nets == &facts.Pooled)); err != nil {
				return facts, err
			}
		}
	}
	return facts, nil
}

func (f *FirstOutcome) measure(ctx context.Context, backend compute.Backend, c FirstConfig, m arch.Model) error {
	summary, err := m.Summarize()
	if err != nil {
		return err
	}
	f.Field = summary.Rows[len(summary.Rows)-2].Field.Sizes[0] // in front of the global mean
	type outcome struct {
		parameters  int
		train, test float64
	}
	open := func(backend compute.Backend) (*fit.Classifier, error) { return c.compiled(ctx, backend, m) }
	outcomes, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) (o outcome, err error) {
		drawn, err := c.run(ctx, net, m.Name, seed)
		if err != nil {
			return o, err
		}
		onTrain, err := net.Evaluate(ctx, fit.ImageData(drawn.train))
		if err != nil {
			return o, err
		}
		onTest, err := net.Evaluate(ctx, fit.ImageData(drawn.test))
		return outcome{net.Parameters(), onTrain.Accuracy, onTest.Accuracy}, err
	})
	for _, o := range outcomes {
		f.Parameters, f.Train, f.Test = o.parameters, append(f.Train, o.train), append(f.Test, o.test)
	}
	return err
}

// firstMatters is the accuracy that a choice between two first layers, which cost
// the same, has to be worth: one picture in fifty.
const firstMatters = 0.02

// gain is what the test accuracy of a net lies above that of the one with the
// 1×1 first layer.
func (n FirstNets) gain(net int) claim.Estimate {
	return claim.EstimateDifference(n.Nets[net].Test, n.Nets[pointwiseFirst].Test)
}

// judgeFirst compares one net with that of the 1×1 first layer.
func judgeFirst(net int, of func(FirstMeasurement) FirstNets) func(FirstMeasurement) claim.Finding {
	return func(m FirstMeasurement) claim.Finding {
		nets := of(m)
		gain, with, without := nets.gain(net), nets.Nets[net], nets.Nets[pointwiseFirst]
		return claim.Finding{
			Decision: gain.Above(firstMatters),
			Evidence: fmt.Sprintf("Test accuracy, %s: %s (%s parameters) %s, minus %s (%s parameters) %s: %s.",
				nets.Name, with.name(), comma(with.Parameters), claim.EstimateFraction(with.Test, m.Tests),
				without.name(), comma(without.Parameters), claim.EstimateFraction(without.Test, m.Tests), gain),
			Samples: gain.N,
		}
	}
}

func firstRules() []claim.Rule[FirstMeasurement] {
	pooled := func(m FirstMeasurement) FirstNets { return m.Pooled }
	whole := func(m FirstMeasurement) FirstNets { return m.Whole }
	const (
		split = "a condition of its own, with pictures drawn for each seed and twice the test pictures; eight seeds again instead of six, which left one part undecided under one base seed"
		added = "added, since a 3×3 layer in the place of the 1×1 layer changes the place of the kernels and their number at once; eight seeds instead of six"
	)
	more := fmt.Sprintf("with about as many parameters, 3×3 → 3×3 has a test accuracy over %g higher than 1×1 → 3×3 (95 %% interval of paired differences)", firstMatters)
	order := fmt.Sprintf("with about as many parameters, 3×3 → 1×1 has a test accuracy over %g higher than 1×1 → 3×3 (95 %% interval of paired differences)", firstMatters)
	return []claim.Rule[FirstMeasurement]{
		claim.Whole("q6e.2", "Q6 (e) 2",
			"1×1 convolutions are not suited to low-level features in early layers, where larger kernels do better.",
			claim.SampledRule("q6e.2a", "", "With 2×2 pooling behind the first layer, 3×3 does better there than 1×1.",
				more, claim.Supported, judgeFirst(windowsOnly, pooled)).Revised(revised, split),
			claim.SampledRule("q6e.2b", "", "So it does without pooling.",
				more, claim.Supported, judgeFirst(windowsOnly, whole)).Revised(revised, split),
			claim.SampledRule("q6e.2c", "", "With pooling, the place matters: of a 1×1 and a 3×3 layer, the 3×3 layer belongs in front.",
				order, claim.Supported, judgeFirst(windowFirst, pooled)).Revised(revised, added),
			claim.SampledRule("q6e.2d", "", "So it does without pooling.",
				order, claim.Supported, judgeFirst(windowFirst, whole)).Revised(revised, added)),
	}
}

// table lists the nets.
func (f FirstMeasurement) table() report.Table {
	table := report.Table{
		ID: "first", Title: "The first layer, with about as many parameters",
		Columns: []string{"between the layers", "net", "filters", "parameters", "receptive field", "training accuracy", "test accuracy"},
	}
	for _, nets := range []FirstNets{f.Pooled, f.Whole} {
		for _, o := range nets.Nets {
			table.Rows = append(table.Rows, []string{
				nets.Name, o.name(), fmt.Sprint(o.Filters), comma(o.Parameters), fmt.Sprintf("%d×%[1]d", o.Field),
				claim.EstimateMean(o.Train).String(), claim.EstimateFraction(o.Test, f.Tests).String(),
			})
		}
	}
	return table
}

// chart compares the nets.
func (f FirstMeasurement) chart() report.Chart {
	chart := report.Chart{
		ID: "first", Title: "The first layer: 1×1 or 3×3", Mark: report.Bars, XLabel: "between the layers", YLabel: "test accuracy",
		Alt: "Test accuracy of three nets of two layers, where the picture is halved between them and where it is not: higher is better.",
	}
	for i := range firstKernels {
		curve := report.Curve{Name: f.Pooled.Nets[i].name()}
		for x, nets := range []FirstNets{f.Pooled, f.Whole} {
			curve.AddFraction(float64(x), nets.Nets[i].Test, f.Tests)
		}
		chart.Curves = append(chart.Curves, curve)
	}
	chart.Categories = []string{f.Pooled.Name, f.Whole.Name}
	return chart
}

// FirstLayer is the experiment.
var FirstLayer = experiment.Experiment[FirstConfig, FirstMeasurement]{
	Name: "First", Title: "1×1 or 3×3 as the first layer",
	Measure: measureFirst, Rules: firstRules(),
	Figures: func(_ FirstConfig, f FirstMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
