package pointwise

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// FirstConfig compares a 1×1 with a 3×3 convolution as the first layer.
type FirstConfig struct {
	Filters int `role:"fixed" range:"[1, inf)" help:"filters of the 3×3 first layer; the 1×1 layer has as many as give the net no fewer parameters"`
	Behind  int `role:"fixed" range:"[1, inf)" help:"filters of the 3×3 layer behind either of them"`
	TextureTraining
	Seeds []int64 `role:"averaged" help:"of the weights and the order of the pictures"`
}

// FirstMeasurement compares a 1×1 with a 3×3 convolution as the first layer, on edges
// and textures. The nets have about as many parameters, that with the 1×1 layer
// a few more.
type FirstMeasurement struct {
	// Pooled halves the picture between the first layer and the next; in Whole
	// the next layer sees all that the first one made.
	Pooled, Whole FirstPair
}

// FirstPair is the comparison between two nets that differ in the first layer.
type FirstPair struct {
	Name                string
	Pointwise, Windowed FirstOutcome
}

// FirstOutcome is the outcome of one net, one value a seed.
type FirstOutcome struct {
	Filters, Parameters int // of the first layer; of the whole net
	Field               int // pixels that one output of the last convolution depends on, along an axis
	Train, Test         []float64
}

// firstNet is a first layer, 2×2 pooling or none, a 3×3 layer, and the mean of
// every map.
func firstNet(kernel, filters, behind int, pooled bool) arch.Model {
	layers := []arch.Layer{arch.Input{Shape: arch.Shape{texture.Side, texture.Side, 3}}, conv(filters, kernel, "relu")}
	if pooled {
		layers = append(layers, arch.Pool{Pooling: arch.Average, Size: []int{2, 2}})
	}
	layers = append(layers, conv(behind, 3, "relu"), arch.GlobalPool{Pooling: arch.Average, Axes: 2})
	return arch.Sequential(fmt.Sprintf("%d×%d first", kernel, kernel), layers...)
}

// parameters is the number of parameters of a net of features without a
// classifier, whose size is that of its last layer.
func parameters(m arch.Model) (int, error) {
	s, err := m.Summarize()
	return s.Total(), err
}

// pointwiseFilters is the smallest number of 1×1 filters with which the net has
// at least as many parameters as with so many 3×3 filters.
func pointwiseFilters(filters, behind int) (int, error) {
	budget, err := parameters(firstNet(3, filters, behind, false))
	if err != nil {
		return 0, err
	}
	for fewest := filters; ; fewest++ {
		has, err := parameters(firstNet(1, fewest, behind, false))
		if err != nil || has >= budget {
			return fewest, err
		}
	}
}

// measureFirst trains the four nets from every seed.
func measureFirst(ctx context.Context, backend compute.Backend, c FirstConfig) (FirstMeasurement, error) {
	facts := FirstMeasurement{Pooled: FirstPair{Name: "pooled"}, Whole: FirstPair{Name: "not pooled"}}
	train, test, err := c.draw()
	if err != nil {
		return facts, err
	}
	filters, err := pointwiseFilters(c.Filters, c.Behind)
	if err != nil {
		return facts, err
	}
	for _, run := range []struct {
		fact            *FirstOutcome
		kernel, filters int
		pooled          bool
	}{
		{&facts.Pooled.Pointwise, 1, filters, true}, {&facts.Pooled.Windowed, 3, c.Filters, true},
		{&facts.Whole.Pointwise, 1, filters, false}, {&facts.Whole.Windowed, 3, c.Filters, false},
	} {
		run.fact.Filters = run.filters
		if err := run.fact.measure(ctx, backend, c, firstNet(run.kernel, run.filters, c.Behind, run.pooled), train, test); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

func (f *FirstOutcome) measure(ctx context.Context, backend compute.Backend, c FirstConfig, m arch.Model, train, test datasets.Images) error {
	summary, err := m.Summarize()
	if err != nil {
		return err
	}
	f.Field = summary.Rows[len(summary.Rows)-2].Field.Sizes[0] // in front of the global mean
	data := fit.ImageData(train)
	net, err := c.classifier(backend, m, data)
	if err != nil {
		return err
	}
	defer net.Finalize()
	f.Parameters = net.Parameters()
	for _, seed := range c.Seeds {
		if err := c.run(ctx, net, fmt.Sprintf("%s, seed %d", m.Name, seed), seed, data); err != nil {
			return err
		}
		onTrain, err := net.Evaluate(ctx, data)
		if err != nil {
			return err
		}
		onTest, err := net.Evaluate(ctx, fit.ImageData(test))
		if err != nil {
			return err
		}
		f.Train, f.Test = append(f.Train, onTrain.Accuracy), append(f.Test, onTest.Accuracy)
	}
	return nil
}

const firstMatters = 0.02 // accuracy that the kernel of the first layer is worth

// gain is what the test accuracy with a 3×3 first layer lies above that with a
// 1×1 first layer.
func (p FirstPair) gain() claim.Estimate {
	return claim.EstimateDifference(p.Windowed.Test, p.Pointwise.Test)
}

func judgeFirst(m FirstMeasurement) claim.Finding {
	pooled, whole := m.Pooled.gain(), m.Whole.gain()
	return claim.Finding{
		Decision: claim.Agreed(pooled.Above(firstMatters), whole.Above(firstMatters)),
		Evidence: fmt.Sprintf("3×3 first (%s parameters) minus 1×1 first (%s), test accuracy: %s with 2×2 pooling behind the first layer, %s without.",
			comma(m.Pooled.Windowed.Parameters), comma(m.Pooled.Pointwise.Parameters), pooled, whole),
		Samples: pooled.N,
	}
}

func firstRules() []claim.Rule[FirstMeasurement] {
	return []claim.Rule[FirstMeasurement]{
		claim.SampledRule("q6e.2", "Q6 (e) 2",
			"1×1 convolutions are not suited to low-level features in early layers, where larger kernels do better.",
			fmt.Sprintf("with no more parameters, a 3×3 first layer gives a test accuracy over %g higher than a 1×1 first layer, with pooling behind it and without (95 %% intervals)", firstMatters),
			claim.Supported, judgeFirst),
	}
}

// table lists the nets with either first layer.
func (f FirstMeasurement) table() report.Table {
	table := report.Table{
		ID: "first", Title: "The first layer, with about as many parameters",
		Columns: []string{"behind it", "first layer", "parameters", "receptive field of the next layer", "training accuracy", "test accuracy"},
	}
	for _, pair := range []FirstPair{f.Pooled, f.Whole} {
		for kernel, o := range []FirstOutcome{pair.Pointwise, pair.Windowed} {
			k := 2*kernel + 1
			table.Rows = append(table.Rows, []string{
				pair.Name, fmt.Sprintf("%d×%d, %d filters", k, k, o.Filters), comma(o.Parameters), fmt.Sprintf("%d×%d", o.Field, o.Field),
				claim.EstimateMean(o.Train).String(), claim.EstimateMean(o.Test).String(),
			})
		}
	}
	return table
}

// chart compares the two first layers.
func (f FirstMeasurement) chart() report.Chart {
	chart := report.Chart{
		ID: "first", Title: "The first layer: 1×1 or 3×3", Mark: report.Bars, XLabel: "behind the first layer", YLabel: "test accuracy",
		Alt: "Test accuracy with a 1×1 and with a 3×3 first layer, two bars where the picture is halved behind it and two where it is not: higher is better.",
	}
	one, three := report.Curve{Name: "1×1 first"}, report.Curve{Name: "3×3 first"}
	for i, pair := range []FirstPair{f.Pooled, f.Whole} {
		chart.Categories = append(chart.Categories, pair.Name)
		one.AddEstimate(float64(i), pair.Pointwise.Test)
		three.AddEstimate(float64(i), pair.Windowed.Test)
	}
	chart.Curves = []report.Curve{one, three}
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
