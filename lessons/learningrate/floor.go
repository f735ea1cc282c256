package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"evident/lessons/fit"
	"evident/lessons/sweep"
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

// targets are linear in the features, with noise.
func (c FloorConfig) data() sweep.Data {
	random := fit.Rand(regression, forExamples)
	var data sweep.Data
	for range c.Examples {
		x := make([]float64, c.Features)
		target := c.Noise * random.NormFloat64()
		for j := range x {
			x[j] = random.NormFloat64()
			target += x[j]
		}
		data.X, data.Y = append(data.X, x), append(data.Y, []float64{target})
	}
	return data
}

// leastSquares is the minimum θ* = (weights, bias) by QR, and the Hessian
// XᵀX/n of the loss.
func leastSquares(data sweep.Data) (minimum []float64, hessian [][]float64, err error) {
	n, width := data.Len(), len(data.X[0])+1
	x, y := mat.NewDense(n, width, nil), mat.NewVecDense(n, nil)
	for i := range n {
		x.SetRow(i, append(append([]float64(nil), data.X[i]...), 1))
		y.SetVec(i, data.Y[i][0])
	}
	var solution mat.VecDense
	if err := solution.SolveVec(x, y); err != nil {
		return nil, nil, err
	}
	var product mat.Dense
	product.Mul(x.T(), x)
	product.Scale(1/float64(n), &product)
	for i := range width {
		hessian = append(hessian, append([]float64(nil), product.RawRowView(i)...))
	}
	return solution.RawVector().Data, hessian, nil
}

// watchExcess is ½(θ−θ*)ᵀH(θ−θ*): for least squares, exactly the loss on all
// examples over the minimum. [replicas, 1].
func watchExcess(minimum []float64, hessian [][]float64) func(params, _ []*Node) *Node {
	return func(params, gradients []*Node) *Node {
		g, dtype := params[0].Graph(), params[0].DType()
		apart := Sub(watchAll(params, gradients), ConvertDType(Const(g, [][]float64{minimum}), dtype))
		image := Einsum("rp,pq->rq", apart, ConvertDType(Const(g, hessian), dtype))
		return MulScalar(ReduceAndKeep(Mul(apart, image), ReduceSum, -1), 0.5)
	}
}

// MeasureFloor trains at every rate until the loss hovers, then decays the rate
// to the lowest.
func MeasureFloor(ctx context.Context, backend compute.Backend, c FloorConfig) (FloorFacts, error) {
	facts := FloorFacts{Rates: c.Rates}
	data := c.data()
	minimum, hessian, err := leastSquares(data)
	if err != nil {
		return facts, err
	}
	shuffled, err := c.train(ctx, backend, data, minimum, hessian, false)
	if err != nil {
		return facts, err
	}
	facts.Excess, facts.Distance, facts.Decayed = shuffled.Excess, shuffled.Distance, shuffled.Decayed
	replaced, err := c.train(ctx, backend, data, minimum, hessian, true)
	facts.Replaced = replaced.Excess
	return facts, err
}

// train makes one sweep and the decay behind it, with batches of one kind.
func (c FloorConfig) train(ctx context.Context, backend compute.Backend, data sweep.Data, minimum []float64, hessian [][]float64, replace bool) (facts FloorFacts, err error) {
	m := c.net().Model()
	program, err := sweep.New(backend, sweep.Config{
		Model: m, Data: data, BatchSize: c.BatchSize, Replace: replace, StepsPerCall: 4, Watch: watchExcess(minimum, hessian),
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := sweep.Grid(c.Rates, c.Seeds)
	start := sweep.Starts(replicas, func(seed int64) []float64 { return sweep.Draw(m, seed, 1) })
	trace, err := program.Run(ctx, sweep.Run{Task: "noise floor", Replicas: replicas, Start: start, Steps: c.Steps})
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
func (c FloorConfig) byRate(values []float64) [][]float64 { return cut(values, len(c.Seeds)) }

func cut(values []float64, width int) [][]float64 {
	var rows [][]float64
	for start := 0; start < len(values); start += width {
		rows = append(rows, values[start:start+width])
	}
	return rows
}

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
