package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// TheoryFacts are what theorems say, and what is measured.
type TheoryFacts struct {
	Descents []ConvexDescent
	Counter  CounterExample
	Parts    PartsFact
}

// ConvexDescent is gradient descent of a convex function whose curvature is at
// most L.
type ConvexDescent struct {
	Function string
	Rate     float64   // η·L
	Excess   []float64 // f(x_k) − f*, from k = 1 on
	Bound    []float64 // ‖x₀ − x*‖² / (2ηk), from k = 1 on
}

// Promised reports whether the theorem is about this rate: η ≤ 1/L.
func (d ConvexDescent) Promised() bool { return d.Rate <= 1 }

// Broken counts the steps at which the excess is above the bound, or not finite.
func (d ConvexDescent) Broken() int {
	n := 0
	for k, excess := range d.Excess {
		if !(excess <= d.Bound[k]) {
			n++
		}
	}
	return n
}

// MeasureTheory checks the bound, the counter-example, and of what Adam is made.
func MeasureTheory(ctx context.Context, backend compute.Backend, c Config) (facts TheoryFacts, err error) {
	t := c.Theory
	if err := t.check(); err != nil {
		return facts, err
	}
	for _, measure := range []func(context.Context, compute.Backend) ([]ConvexDescent, error){t.leastSquares, t.logCosh} {
		descents, err := measure(ctx, backend)
		if err != nil {
			return facts, err
		}
		facts.Descents = append(facts.Descents, descents...)
	}
	if facts.Counter, err = t.counter(ctx, backend); err != nil {
		return facts, err
	}
	facts.Parts, err = t.parts(ctx, backend)
	return facts, err
}

// convex is a function with a known minimum and a known largest curvature.
type convex struct {
	name      string
	model     sweep.Model
	data      sweep.Data
	start     []float64
	minimum   []float64
	curvature float64 // L
}

func (c TheoryConfig) leastSquares(ctx context.Context, backend compute.Backend) ([]ConvexDescent, error) {
	data := toy.Regression(c.Examples, c.Features, trainingDraw, 0.5)
	minimum, hessian, err := toy.LeastSquares(data)
	if err != nil {
		return nil, err
	}
	own := sweep.Eigenvalues(hessian)
	return c.descend(ctx, backend, convex{
		name: "least squares", model: sweep.Net{Widths: []int{c.Features, 1}, Loss: sweep.SquaredError}.Model(), data: data,
		start: make([]float64, len(minimum)), minimum: minimum, curvature: own[len(own)-1],
	})
}

// logCosh is Σ wᵢ·ln cosh θᵢ, whose curvature wᵢ/cosh²θᵢ is at most wᵢ; it is no
// parabola.
func (c TheoryConfig) logCosh(ctx context.Context, backend compute.Backend) ([]ConvexDescent, error) {
	weights := []float64{4, 1, 0.1}
	model := sweep.Model{Shapes: [][]int{{len(weights)}}, Loss: func(params []*Node, _, _ *Node) *Node {
		theta := params[0]
		factors := ConvertDType(Const(theta.Graph(), [][]float64{weights}), theta.DType())
		// ln cosh θ = |θ| + ln(1 + exp(−2|θ|)) − ln 2 does not overflow.
		size := Abs(theta)
		logCosh := AddScalar(Add(size, Log1P(Exp(MulScalar(size, -2)))), -math.Ln2)
		return ReduceSum(Mul(factors, logCosh), -1)
	}}
	return c.descend(ctx, backend, convex{
		name: "Σ w·ln cosh θ", model: model, start: []float64{3, -3, 3}, minimum: []float64{0, 0, 0}, curvature: weights[0],
	})
}

// descend follows full-batch gradient descent at every rate, beside a replica
// that stands at the minimum.
func (c TheoryConfig) descend(ctx context.Context, backend compute.Backend, f convex) ([]ConvexDescent, error) {
	program, err := sweep.New(backend, sweep.Config{Model: f.model, Data: f.data, DType: dtypes.Float64, StepsPerCall: 4})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	run := sweep.Run{Task: "bound on " + f.name, Steps: c.Steps + 1, Replicas: []sweep.Replica{{}}, Start: [][]float64{f.minimum}}
	for _, rate := range c.Rates {
		run.Replicas, run.Start = append(run.Replicas, sweep.Replica{Rate: rate / f.curvature}), append(run.Start, f.start)
	}
	trace, err := program.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	distance := floats.Distance(f.start, f.minimum, 2)
	descents := make([]ConvexDescent, len(c.Rates))
	for i, rate := range c.Rates {
		descents[i] = ConvexDescent{Function: f.name, Rate: rate}
		for k := 1; k <= c.Steps; k++ {
			descents[i].Excess = append(descents[i].Excess, trace.Losses[k][i+1]-trace.Losses[0][0])
			descents[i].Bound = append(descents[i].Bound, distance*distance*f.curvature/(2*rate*float64(k)))
		}
	}
	return descents, nil
}

// CounterExample is that of Reddi et al. (2018), theorem 1: on [−1, 1], the
// losses are C·x at the first of every three steps and −x at the other two, so
// that x = −1 is the best point and +1 the worst.
type CounterExample struct {
	Gradient float64 // C, above 2
	Names    []string
	Paths    [][]float64 // [optimizer][step]: x, from 0
}

// End is the mean of an optimizer's last three x, one round of the losses.
func (e CounterExample) End(name string) float64 {
	path := e.Paths[position(e.Names, name)]
	return stat.Mean(path[len(path)-3:], nil)
}

// counter follows Adam with the constants of the theorem, β₁ = 0 and
// β₂ = 1/(1+C²), at the rate α/√t.
func (c TheoryConfig) counter(ctx context.Context, backend compute.Backend) (CounterExample, error) {
	beta2 := 1 / (1 + c.Gradient*c.Gradient)
	optimizers := []nn.Optimizer{nn.SGD(), nn.Adam(0, beta2, 1e-8), nn.AMSGrad(0, beta2, 1e-8)}
	facts := CounterExample{Gradient: c.Gradient, Names: names(optimizers)}
	linear := sweep.Model{Shapes: [][]int{{1}}, Units: 1, Loss: func(params []*Node, x, _ *Node) *Node {
		return ReduceSum(Mul(ReduceMean(x, 1), params[0]), -1)
	}}
	program, err := sweep.New(backend, sweep.Config{
		Model: linear, Data: sweep.Data{X: [][]float64{{c.Gradient}, {-1}, {-1}}, Y: [][]float64{{0}, {0}, {0}}},
		BatchSize: 1, Order: sweep.InOrder, DType: dtypes.Float64, StepsPerCall: 6, Watch: sweep.WatchParams,
		Optimizer: sweep.Together(optimizers...),
		Project:   func(params []*Node) []*Node { return []*Node{ClipScalar(params[0], -1, 1)} },
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: "counter-example", Replicas: forEach(len(optimizers), []sweep.Replica{{Rate: c.Alpha}}),
		Start: [][]float64{{0}, {0}, {0}}, Steps: c.Rounds,
		Schedule: func(step int) float64 { return 1 / math.Sqrt(float64(step+1)) },
	})
	if err != nil {
		return facts, err
	}
	for i := range optimizers {
		path := make([]float64, len(trace.Watched))
		for step, watched := range trace.Watched {
			path[step] = watched[i][0]
		}
		facts.Paths = append(facts.Paths, path)
	}
	return facts, nil
}
