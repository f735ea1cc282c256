package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/sweep"
)

// FloorFacts say where mini-batch descent of least squares ends, against the
// known minimum θ*.
type FloorFacts struct {
	Rates    []float64
	Excess   [][]float64 // [rate][seed]: loss on all examples over that of θ*, mean of the last quarter of the steps
	Distance [][]float64 // [rate][seed]: ‖θ − θ*‖ at the end
	Decayed  [][]float64 // [rate][seed]: … and after a decay to the lowest rate
	Replaced [][]float64 // [rate][seed]: as Excess, with batches drawn with replacement
}

// slopes is, for every seed, the exponent p of excess ∝ ηᵖ (a line fitted to
// the logarithms).
func (f FloorFacts) slopes(excess [][]float64) []float64 {
	slopes := make([]float64, len(excess[0]))
	for seed := range slopes {
		var x, y []float64
		for i, rate := range f.Rates {
			x, y = append(x, math.Log(rate)), append(y, math.Log(excess[i][seed]))
		}
		_, slopes[seed] = stat.LinearRegression(x, y, nil, false)
	}
	return slopes
}

func (c FloorConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{c.Features, 1}, Loss: sweep.SquaredError}
}

// watchExcess is ½(θ−θ*)ᵀH(θ−θ*): for least squares, exactly the loss on all
// examples over the minimum. [replicas, 1].
func watchExcess(minimum []float64, hessian [][]float64) func(sweep.Step) *Node {
	return func(s sweep.Step) *Node {
		g, dtype := s.Params[0].Graph(), s.Params[0].DType()
		apart := Sub(sweep.WatchParams(s), ConvertDType(Const(g, [][]float64{minimum}), dtype))
		image := Einsum("rp,pq->rq", apart, ConvertDType(Const(g, hessian), dtype))
		return MulScalar(ReduceAndKeep(Mul(apart, image), ReduceSum, -1), 0.5)
	}
}

// MeasureFloor trains at every rate until the loss hovers, then decays the rate
// to the lowest.
func MeasureFloor(ctx context.Context, backend compute.Backend, c FloorConfig) (FloorFacts, error) {
	facts := FloorFacts{Rates: c.Rates}
	if err := c.check(); err != nil {
		return facts, err
	}
	data := toy.Regression(c.Examples, c.Features, regression, c.Noise)
	minimum, hessian, err := toy.LeastSquares(data)
	if err != nil {
		return facts, err
	}
	shuffled, err := c.train(ctx, backend, data, minimum, hessian, sweep.Shuffled)
	if err != nil {
		return facts, err
	}
	facts.Excess, facts.Distance, facts.Decayed = shuffled.Excess, shuffled.Distance, shuffled.Decayed
	replaced, err := c.train(ctx, backend, data, minimum, hessian, sweep.WithReplacement)
	facts.Replaced = replaced.Excess
	return facts, err
}

// train makes one sweep and the decay behind it, with batches of one kind.
func (c FloorConfig) train(ctx context.Context, backend compute.Backend, data sweep.Data, minimum []float64, hessian [][]float64, order sweep.Order) (facts FloorFacts, err error) {
	m := c.net().Model()
	program, err := sweep.New(backend, sweep.Config{
		Model: m, Data: data, BatchSize: c.BatchSize, Order: order, StepsPerCall: 4, Watch: watchExcess(minimum, hessian),
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := sweep.Grid(c.Rates, c.Seeds)
	trace, err := program.Run(ctx, sweep.Run{Task: "noise floor", Replicas: replicas, Steps: c.Steps})
	if err != nil {
		return facts, err
	}
	facts.Excess, facts.Distance = c.excess(trace), c.byRate(distances(trace.Final, minimum))
	low := sweep.Grid(c.Rates, c.Seeds)
	for i := range low {
		low[i].Rate = c.Rates[0]
	}
	decayed, err := program.Run(ctx, sweep.Run{Task: "after the decay", Replicas: low, Start: trace.Final, Steps: c.DecaySteps})
	if err != nil {
		return facts, err
	}
	facts.Decayed = c.byRate(distances(decayed.Final, minimum))
	return facts, nil
}

func distances(params [][]float64, from []float64) []float64 {
	all := make([]float64, len(params))
	for i, p := range params {
		all[i] = floats.Distance(p, from, 2)
	}
	return all
}

// byRate cuts one value a replica into [rate][seed].
func (c FloorConfig) byRate(values []float64) [][]float64 { return sweep.ByRate(values, len(c.Seeds)) }

// excess is the mean of the last quarter of the steps: [rate][seed].
func (c FloorConfig) excess(trace sweep.Trace) [][]float64 {
	late := make([]float64, len(c.Rates)*len(c.Seeds))
	quarter := c.Steps - max(c.Steps/4, 1)
	for _, watched := range trace.Watched[quarter:] {
		for i, w := range watched {
			late[i] += w[0] / float64(c.Steps-quarter)
		}
	}
	return c.byRate(late)
}
