package inception

import (
	"context"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"

	"evident/datasets"
	"evident/kit/fit"
)

// ProbeAccuracy says how much of the label a linear model can read off each stage
// of the trained net.
type ProbeAccuracy struct {
	Stages   []string
	Accuracy [][]float64 // [stage][seed], on test pictures
}

// prober reads the stages of a net that is trained again and again.
type prober struct {
	program *fit.Program
	widths  []int // numbers of features by stage
	facts   *ProbeAccuracy
}

// newProber prepares the mean and the maximum of every channel of every stage
// as features.
func newProber(net *fit.Classifier, n Net, facts *ProbeAccuracy) (*prober, error) {
	p := &prober{facts: facts}
	var err error
	p.program, err = net.Program(func(scope *model.Scope, x *Node) *Node {
		var features []*Node
		for _, s := range n.layers(scope, x, inceptionBlock, halve) {
			p.widths = append(p.widths, 2*s.output.Shape().Dim(-1))
			facts.Stages = append(facts.Stages, s.name)
			features = append(features, ReduceMean(s.output, 1, 2), ReduceMax(s.output, 1, 2))
		}
		return Concatenate(features, -1)
	})
	return p, err
}

// probe fits a linear model to every stage of the net as it is now.
func (p *prober) probe(ctx context.Context, train, test datasets.Images) error {
	onTrain, err := p.program.Run(ctx, fit.ImageData(train))
	if err != nil {
		return err
	}
	onTest, err := p.program.Run(ctx, fit.ImageData(test))
	if err != nil {
		return err
	}
	if p.facts.Accuracy == nil {
		p.facts.Accuracy = make([][]float64, len(p.widths))
	}
	start := 0
	for stage, width := range p.widths {
		accuracy, err := linearAccuracy(columns(onTrain, start, width), train.Labels, columns(onTest, start, width), test.Labels)
		if err != nil {
			return fmt.Errorf("linear probe of %s: %w", p.facts.Stages[stage], err)
		}
		p.facts.Accuracy[stage] = append(p.facts.Accuracy[stage], accuracy)
		start += width
	}
	return nil
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
