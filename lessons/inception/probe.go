package inception

import (
	"context"
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/report"
)

// ProbeAccuracy says how much of the label a linear model can read off each stage
// of the net, before and after its training.
type ProbeAccuracy struct {
	Stages             []string
	Untrained, Trained [][]float64 // [stage][seed]
}

func newProbeAccuracy(n Net) ProbeAccuracy {
	names, _ := n.stages()
	return ProbeAccuracy{Stages: names, Untrained: make([][]float64, len(names)), Trained: make([][]float64, len(names))}
}

// add takes in the accuracies of one seed, by stage.
func (p *ProbeAccuracy) add(untrained, trained []float64) {
	for i := range p.Stages {
		p.Untrained[i], p.Trained[i] = append(p.Untrained[i], untrained[i]), append(p.Trained[i], trained[i])
	}
}

// gains is, for every seed, what a probe of the last stage reads more than one of the
// first convolution, which follows the pixels.
func (p ProbeAccuracy) gains(accuracy [][]float64) []float64 {
	return claim.EstimateDifference(accuracy[len(accuracy)-1], accuracy[1]).Values
}

// steps are the means by stage, in words.
func (p ProbeAccuracy) steps(accuracy [][]float64) string {
	steps := make([]string, len(p.Stages))
	for i, stage := range p.Stages {
		steps[i] = fmt.Sprintf("%s %.2f", stage, stat.Mean(accuracy[i], nil))
	}
	return strings.Join(steps, ", ")
}

// chart shows how much a linear probe reads off each stage.
func (p ProbeAccuracy) chart() report.Chart {
	chart := report.Chart{
		ID: "probes", Title: "What a linear model can read off each stage", Mark: report.Bars, XLabel: "stage", YLabel: "accuracy of the probe on other pictures",
		Categories: p.Stages, Rules: []report.Reference{{Name: "chance", Y: 1.0 / classes}},
		Alt: "The probe's accuracy on the pixels, the first convolution and the two modules, before and after the training: higher is better; a rule marks chance.",
	}
	for _, net := range []struct {
		name     string
		accuracy [][]float64
	}{{"before training", p.Untrained}, {"after training", p.Trained}} {
		curve := report.Curve{Name: net.name}
		for i := range p.Stages {
			curve.AddEstimate(float64(i), net.accuracy[i])
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// stages are the names and the channels of the net's stages, in the order of layers.
func (n Net) stages() (names []string, channels []int) {
	return []string{"pixels", "conv 3×3", "module 1", "module 2"}, []int{3, n.Stem, n.First.Filters(), n.Second.Filters()}
}

// features are the mean and the maximum of every channel of every stage.
func (n Net) features(scope *model.Scope, x *Node) *Node {
	var features []*Node
	for _, s := range n.layers(scope, x, inceptionBlock, halve) {
		features = append(features, ReduceMean(s.output, 1, 2), ReduceMax(s.output, 1, 2))
	}
	return Concatenate(features, -1)
}

// probe fits a linear model to the features of every stage, which the program
// computes, on one half of the pictures, and returns its accuracy on the other.
func (n Net) probe(ctx context.Context, program *fit.Program, set datasets.Images) ([]float64, error) {
	features, err := program.Run(ctx, fit.ImageData(set))
	if err != nil {
		return nil, err
	}
	names, channels := n.stages()
	half, start := len(features)/2, 0
	accuracies := make([]float64, len(names))
	for i, width := range channels {
		fitted, other := columns(features[:half], start, 2*width), columns(features[half:], start, 2*width)
		if accuracies[i], err = linearAccuracy(fitted, set.Labels[:half], other, set.Labels[half:]); err != nil {
			return nil, fmt.Errorf("linear probe of %s: %w", names[i], err)
		}
		start += 2 * width
	}
	return accuracies, nil
}

// columns are width values of every row, from start on, with a 1 behind them
// for the intercept.
func columns(rows [][]float32, start, width int) *mat.Dense {
	m := mat.NewDense(len(rows), width+1, nil)
	for i, row := range rows {
		for j := range width {
			m.Set(i, j, float64(row[start+j]))
		}
		m.Set(i, width, 1)
	}
	return m
}

// ridge keeps the normal equations solvable when channels are dead or equal.
const ridge = 1e-3

// linearAccuracy fits one linear function per class to the indicator of the class by
// ridge regression and returns the fraction of test examples whose class has the
// largest value.
func linearAccuracy(train *mat.Dense, trainLabels []uint8, test *mat.Dense, testLabels []uint8) (float64, error) {
	examples, width := train.Dims()
	indicators := mat.NewDense(examples, classes, nil)
	for i, label := range trainLabels {
		indicators.Set(i, int(label), 1)
	}
	var gram, right, weights, values mat.Dense
	gram.Mul(train.T(), train)
	for j := range width {
		gram.Set(j, j, gram.At(j, j)+ridge*float64(examples))
	}
	right.Mul(train.T(), indicators)
	if err := weights.Solve(&gram, &right); err != nil {
		return 0, err
	}
	values.Mul(test, &weights)
	hits := 0
	for i, label := range testLabels {
		best := 0
		for class, value := range values.RawRowView(i) {
			if value > values.At(i, best) {
				best = class
			}
		}
		if best == int(label) {
			hits++
		}
	}
	return float64(hits) / float64(len(testLabels)), nil
}
