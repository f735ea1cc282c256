package learningrate

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/sweep"
)

// LogisticFacts are about full-batch descent of a logistic regression, pulled
// to 0 by a ridge so that it has one minimum.
type LogisticFacts struct {
	Sharpness float64 // λ_max of the Hessian at the minimum, by power iteration
	Threshold float64 // the measured rate from which on descent leaves the minimum
	Minimum   float64 // loss
	Beyond    float64 // loss after many steps at 1.5 times the threshold
}

// DirectionFact follows a small displacement of a net along the top
// eigenvector v of its Hessian: ⟨θ' − θ, v⟩ at one rate.
type DirectionFact struct {
	Rate   float64   // η·λ
	Factor float64   // of the displacement in the first step; 1 − η·λ is predicted
	Signs  []float64 // displacement over its first value, by step
}

// ridge is the strength of the pull: a loss of ½·ridge·‖θ‖².
const ridge = 0.01

func logistic() sweep.Model {
	m := sweep.Net{Widths: []int{2, 2}, Loss: sweep.CrossEntropy}.Model()
	entropy := m.Loss
	m.Loss = func(params []*Node, x, y *Node) *Node {
		loss := entropy(params, x, y)
		for _, p := range params {
			loss = Add(loss, MulScalar(sweep.SquaredNorm(p), ridge/2))
		}
		return loss
	}
	return m
}

// program is a full-batch training in float64.
func program(backend compute.Backend, m sweep.Model, data sweep.Data, watch func(sweep.Step) *Node) (*sweep.Program, error) {
	return sweep.New(backend, sweep.Config{Model: m, Data: data, DType: dtypes.Float64, StepsPerCall: 2, Watch: watch})
}

// settled trains from the seed and finds the top of the Hessian there.
func settled(ctx context.Context, backend compute.Backend, m sweep.Model, data sweep.Data, rate float64, steps int) ([]float64, sweep.Eigen, float64, error) {
	training, err := program(backend, m, data, nil)
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	defer training.Finalize()
	trace, err := training.Run(ctx, sweep.Run{
		Task: "to a minimum", Replicas: []sweep.Replica{{Rate: rate}}, Start: [][]float64{sweep.Draw(m, 1, 1)}, Steps: steps,
	})
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	curvature, err := sweep.NewCurvature(backend, m, data, dtypes.Float64)
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, trace.Final, make([][]float64, 1), sweep.Power{Iterations: 500, Tolerance: 1e-6})
	if err != nil {
		return nil, sweep.Eigen{}, 0, err
	}
	return trace.Final[0], top[0], trace.Losses[steps-1][0], nil
}

// measureLogistic descends from beside the minimum: below 2/λ_max it comes
// back, above it leaves.
func measureLogistic(ctx context.Context, backend compute.Backend, c GridConfig) (facts LogisticFacts, err error) {
	const steps, aside = 300, 1e-6
	m, data := logistic(), toy.Gaussians(c.Train, trainingDraw)
	minimum, top, loss, err := settled(ctx, backend, m, data, 1, 2000)
	if err != nil {
		return facts, err
	}
	facts.Sharpness, facts.Minimum = top.Value, loss
	descent, err := program(backend, m, data, nil)
	if err != nil {
		return facts, err
	}
	defer descent.Finalize()
	from := append([]float64(nil), minimum...)
	floats.AddScaled(from, aside, top.Vector)
	leave := func(rates []float64) (sweep.Trace, error) {
		replicas := sweep.Grid(rates, []int64{0})
		return descent.Run(ctx, sweep.Run{
			Task: "logistic regression", Replicas: replicas, Steps: steps,
			Start: sweep.Starts(replicas, func(int64) []float64 { return from }),
		})
	}
	facts.Threshold, err = threshold(0.1/top.Value, 10/top.Value, func(rates []float64) ([]bool, error) {
		trace, err := leave(rates)
		left := make([]bool, len(rates))
		for i := range trace.Final {
			left[i] = !(floats.Distance(trace.Final[i], minimum, 2) <= aside)
		}
		return left, err
	})
	if err != nil {
		return facts, err
	}
	trace, err := leave([]float64{1.5 * facts.Threshold})
	if err != nil {
		return facts, err
	}
	facts.Beyond = trace.Losses[steps-1][0]
	return facts, nil
}

// measureDirection follows two trainings of a net at each rate, one displaced
// along the top eigenvector. Their distance obeys the net's own curvature, also
// where the gradient is not zero.
func measureDirection(ctx context.Context, backend compute.Backend, c GridConfig, rates []float64) ([]DirectionFact, error) {
	const steps, aside = 5, 1e-6
	net := sweep.Net{Widths: []int{2, 8, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
	m, data := net.Model(), toy.Quadrants(c.Train, trainingDraw, c.Flipped)
	place, top, _, err := settled(ctx, backend, m, data, 0.5, 500)
	if err != nil {
		return nil, err
	}
	descent, err := program(backend, m, data, sweep.WatchParams)
	if err != nil {
		return nil, err
	}
	defer descent.Finalize()
	displaced := append([]float64(nil), place...)
	floats.AddScaled(displaced, aside, top.Vector)
	replicas := sweep.Grid(claim.Scaled(rates, 1/top.Value), []int64{0, 1})
	trace, err := descent.Run(ctx, sweep.Run{
		Task: "along the top eigenvector", Replicas: replicas, Steps: steps,
		Start: sweep.Starts(replicas, func(seed int64) []float64 { return [][]float64{place, displaced}[seed] }),
	})
	if err != nil {
		return nil, err
	}
	facts := make([]DirectionFact, len(rates))
	for i, rate := range rates {
		facts[i].Rate = rate
		for _, watched := range trace.Watched {
			apart := floats.SubTo(make([]float64, len(place)), watched[2*i+1], watched[2*i])
			facts[i].Signs = append(facts[i].Signs, floats.Dot(apart, top.Vector)/aside)
		}
		facts[i].Factor = facts[i].Signs[1] / facts[i].Signs[0]
	}
	return facts, nil
}
