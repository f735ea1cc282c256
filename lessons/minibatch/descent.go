package minibatch

import (
	"context"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"gonum.org/v1/gonum/floats"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/sweep"
)

// DescentFacts are full-batch descents of convex losses.
type DescentFacts struct {
	Rates  []float64 // η·L
	Beyond float64   // η·λ of the counter-examples
	Tasks  []ConvexFacts
}

// ConvexFacts are the descents of one loss.
type ConvexFacts struct {
	Name   string
	Bound  float64     // L: nowhere has the Hessian a larger eigenvalue
	Top    float64     // λ: the largest eigenvalue of the Hessian at the minimum
	Losses [][]float64 // [rate][step]
	Beyond []float64   // [step]: at η = Beyond/λ
}

// convex is a loss to descend.
type convex struct {
	name  string
	model sweep.Model
	data  sweep.Data
	// share of the top eigenvalue of XᵀX/n that bounds the Hessian's.
	share float64
}

// features of the linear regression.
const features = 4

func leastSquares() sweep.Model {
	return sweep.Net{Widths: []int{features, 1}, Loss: sweep.SquaredError}.Model()
}

// convexLosses are least squares, whose Hessian is XᵀX/n everywhere, and
// logistic regression. The Hessian of the latter for one example is
// (diag p − ppᵀ) ⊗ xxᵀ. With two classes diag p − ppᵀ has the eigenvalue
// 2p₁p₂ ≤ ½.
func (c DescentConfig) convexLosses() []convex {
	return []convex{
		{"least squares", leastSquares(), toy.Regression(c.Examples, features, regressionDraw, 0.5), 1},
		{"logistic regression", sweep.Net{Widths: []int{2, 2}, Loss: sweep.CrossEntropy}.Model(), toy.Gaussians(c.Examples, gaussianDraw), 0.5},
	}
}

// MeasureDescent descends each convex loss at every rate.
func MeasureDescent(ctx context.Context, backend compute.Backend, c DescentConfig) (DescentFacts, error) {
	facts := DescentFacts{Rates: c.Rates, Beyond: c.Beyond}
	if err := c.check(); err != nil {
		return facts, err
	}
	for _, loss := range c.convexLosses() {
		own, err := c.descend(ctx, backend, loss)
		if err != nil {
			return facts, err
		}
		facts.Tasks = append(facts.Tasks, own)
	}
	return facts, nil
}

func (c DescentConfig) descend(ctx context.Context, backend compute.Backend, loss convex) (ConvexFacts, error) {
	facts := ConvexFacts{Name: loss.name}
	var err error
	if facts.Bound, err = loss.bound(); err != nil {
		return facts, err
	}
	program, err := sweep.New(backend, sweep.Config{Model: loss.model, Data: loss.data, DType: dtypes.Float64})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	run := func(rates ...float64) (sweep.Trace, error) {
		replicas := sweep.Grid(rates, []int64{1})
		return program.Run(ctx, sweep.Run{Task: loss.name, Replicas: replicas, Steps: c.Steps})
	}
	below, err := run(claim.Scaled(c.Rates, 1/facts.Bound)...)
	if err != nil {
		return facts, err
	}
	for i := range c.Rates {
		facts.Losses = append(facts.Losses, below.Curve(i))
	}
	if facts.Top, err = loss.top(ctx, backend, below.Final[facts.lowest()]); err != nil {
		return facts, err
	}
	above, err := run(c.Beyond / facts.Top)
	if err != nil {
		return facts, err
	}
	facts.Beyond = above.Curve(0)
	return facts, nil
}

// lowest is the index of the rate that ends at the lowest loss.
func (f ConvexFacts) lowest() int {
	ends := make([]float64, len(f.Losses))
	for i, losses := range f.Losses {
		ends[i] = losses[len(losses)-1]
	}
	return floats.MinIdx(ends)
}

// Minimum is the lowest loss that any descent saw.
func (f ConvexFacts) Minimum() float64 { return slices.Min(f.Losses[f.lowest()]) }

// bound is the curvature L that is nowhere exceeded.
func (l convex) bound() (float64, error) {
	_, gram, err := toy.LeastSquares(l.data) // XᵀX/n does not depend on the targets
	if err != nil {
		return 0, err
	}
	return l.share * floats.Max(sweep.Eigenvalues(gram)), nil
}

// top is the largest eigenvalue of the Hessian at the parameters.
func (l convex) top(ctx context.Context, backend compute.Backend, params []float64) (float64, error) {
	curvature, err := sweep.NewCurvature(backend, l.model, l.data, dtypes.Float64)
	if err != nil {
		return 0, err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, [][]float64{params}, nil, sweep.Power{Iterations: 500, Tolerance: 1e-6})
	if err != nil {
		return 0, err
	}
	return top[0].Value, nil
}
