package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/sweep"
)

// QuadraticFacts are what descents of known curvature do.
type QuadraticFacts struct {
	Curvature float64
	Rates     []float64       // η·λ
	Paths     [][]float64     // [rate][step]: θ on the parabola ½λθ², from 1
	Threshold float64         // the measured η·λ above which the descent of a bowl diverges
	Slow      []SlowFact      // descents at low rates
	Tolerance float64         // at which they have arrived
	Frozen    bool            // in float32, at the rate frozenRate, not one bit changes in 1,000 steps
	Logistic  LogisticFacts   // the same threshold on a model
	Net       []DirectionFact // along the top Hessian eigenvector of a net
}

// SlowFact counts the steps of one descent to the tolerance.
type SlowFact struct {
	Rate  float64 // η·λ
	Steps int     // 0 when it did not arrive
}

// quadratic is ½ Σ λ_i θ_i².
func quadratic(curvatures ...float64) sweep.Model {
	return sweep.Model{Shapes: [][]int{{len(curvatures)}}, Loss: func(params []*Node, _, _ *Node) *Node {
		weights := ConvertDType(Const(params[0].Graph(), [][]float64{curvatures}), params[0].DType())
		return MulScalar(ReduceSum(Mul(weights, Square(params[0])), -1), 0.5)
	}}
}

// frozenRate is too low for float32, whose steps between 1 and 2 are 1.2e-7
// wide: θ − η·∇ rounds to θ.
const frozenRate = 1e-8

// MeasureQuadratic makes all the measurements of known curvature.
func MeasureQuadratic(ctx context.Context, backend compute.Backend, c Config) (facts QuadraticFacts, err error) {
	q := c.Quadratic
	if err := knob.FirstOf(q.check(), c.Grid.check()); err != nil {
		return facts, err
	}
	facts.Curvature, facts.Rates, facts.Tolerance = q.Curvature, q.Rates, q.Tolerance
	if facts.Paths, err = paths(ctx, backend, q.Curvature, q.Rates, q.Steps); err != nil {
		return facts, err
	}
	if facts.Threshold, err = bowlThreshold(ctx, backend, q.Curvature); err != nil {
		return facts, err
	}
	if facts.Slow, err = slowDescents(ctx, backend, q); err != nil {
		return facts, err
	}
	if facts.Frozen, err = freezes(ctx, backend); err != nil {
		return facts, err
	}
	if facts.Logistic, err = measureLogistic(ctx, backend, c.Grid); err != nil {
		return facts, err
	}
	facts.Net, err = measureDirection(ctx, backend, c.Grid, q.Rates)
	return facts, err
}

// descent is a program in float64 without data, for descents from one place at
// many rates, whose parameters are watched.
type descent struct{ program *sweep.Program }

func newDescent(backend compute.Backend, m sweep.Model) (descent, error) {
	program, err := sweep.New(backend, sweep.Config{Model: m, DType: dtypes.Float64, StepsPerCall: 5, Watch: sweep.WatchParams})
	return descent{program}, err
}

func (d descent) run(ctx context.Context, rates, start []float64, steps int) (sweep.Trace, error) {
	replicas := sweep.Grid(rates, []int64{0})
	return d.program.Run(ctx, sweep.Run{
		Task: "descents of known curvature", Replicas: replicas, Steps: steps,
		Start: sweep.Starts(replicas, func(int64) []float64 { return start }),
	})
}

// descend is a descent that is run once.
func descend(ctx context.Context, backend compute.Backend, m sweep.Model, rates, start []float64, steps int) (sweep.Trace, error) {
	d, err := newDescent(backend, m)
	if err != nil {
		return sweep.Trace{}, err
	}
	defer d.program.Finalize()
	return d.run(ctx, rates, start, steps)
}

func paths(ctx context.Context, backend compute.Backend, curvature float64, rates []float64, steps int) ([][]float64, error) {
	trace, err := descend(ctx, backend, quadratic(curvature), claim.Scaled(rates, 1/curvature), []float64{1}, steps+1)
	if err != nil {
		return nil, err
	}
	all := make([][]float64, len(rates))
	for _, watched := range trace.Watched {
		for i := range all {
			all[i] = append(all[i], watched[i][0])
		}
	}
	return all, nil
}

// bowlThreshold is the η·λ_max from which a descent of a bowl with the
// curvatures λ and λ/10 ends above its start.
func bowlThreshold(ctx context.Context, backend compute.Backend, curvature float64) (float64, error) {
	start, steps := []float64{1, 1}, 400
	bowl, err := newDescent(backend, quadratic(curvature, curvature/10))
	if err != nil {
		return 0, err
	}
	defer bowl.program.Finalize()
	return threshold(0.1, 10, func(rates []float64) ([]bool, error) {
		trace, err := bowl.run(ctx, claim.Scaled(rates, 1/curvature), start, steps)
		if err != nil {
			return nil, err
		}
		grew := make([]bool, len(rates))
		for i := range grew {
			grew[i] = !(trace.Losses[steps-1][i] <= trace.Losses[0][i])
		}
		return grew, nil
	})
}

// threshold finds the rate between low and high from which on the test holds,
// to a relative 1e-3. Each round cuts the interval by all its rates at once.
func threshold(low, high float64, test func(rates []float64) ([]bool, error)) (float64, error) {
	const cuts = 16
	for high/low > 1+1e-3 {
		rates := floats.LogSpan(make([]float64, cuts), low, high)
		held, err := test(rates)
		if err != nil {
			return 0, err
		}
		first := 1
		for first < cuts-1 && !held[first] {
			first++
		}
		low, high = rates[first-1], rates[first]
	}
	return math.Sqrt(low * high), nil
}

// slowDescents counts the steps until the distance is the tolerance of the
// first.
func slowDescents(ctx context.Context, backend compute.Backend, c QuadraticConfig) ([]SlowFact, error) {
	lowest := floats.Min(c.Slow)
	most := int(math.Ceil(-math.Log(c.Tolerance)/lowest)) + 1
	trace, err := descend(ctx, backend, quadratic(c.Curvature), claim.Scaled(c.Slow, 1/c.Curvature), []float64{1}, most)
	if err != nil {
		return nil, err
	}
	facts := make([]SlowFact, len(c.Slow))
	for i, rate := range c.Slow {
		facts[i].Rate = rate
		for step, watched := range trace.Watched {
			if math.Abs(watched[i][0]) <= c.Tolerance {
				facts[i].Steps = step
				break
			}
		}
	}
	return facts, nil
}

// freezes descends ½(θ−1)² from 2 in float32 at frozenRate, beside a rate at
// which it moves.
func freezes(ctx context.Context, backend compute.Backend) (bool, error) {
	shifted := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
		return MulScalar(sweep.SquaredNorm(AddScalar(params[0], -1)), 0.5)
	}}
	program, err := sweep.New(backend, sweep.Config{Model: shifted, StepsPerCall: 5})
	if err != nil {
		return false, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{
		Task: "a rate too low for float32", Replicas: sweep.Grid([]float64{frozenRate, 1e-3}, []int64{0}),
		Start: [][]float64{{2}, {2}}, Steps: 1000,
	})
	if err != nil {
		return false, err
	}
	return trace.Final[0][0] == 2 && trace.Final[1][0] < 2, nil
}
