package homework

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/kit/lessontest"
	"evident/kit/nn"
	"evident/lessons/saddle"

	"evident/internal/homework/solution"
)

// The lesson runs its optimizers as graphs, which would be too slow for
// drawing exercises.
func TestEscapesAreThoseOfTheLesson(t *testing.T) {
	const offset = 1e-3
	rates := []float64{0.02, 0.05, 0.08}
	own := map[string]func(rate float64) int{
		"SGD":      func(rate float64) int { return escapeSteps(offset, saddle.Growth(rate)) },
		"momentum": func(rate float64) int { return leaves(momentum(0.9), rate, offset) },
		"Adam":     func(rate float64) int { return leaves(adam(0.9, 0.999), rate, offset) },
	}
	for _, o := range []nn.Optimizer{nn.SGD(), nn.Momentum(0.9), nn.Adam(0.9, 0.999, 1e-8)} {
		paths, err := saddle.Surfaces()[0].Descend(context.Background(), lessontest.Backend(t), o, rates, []float64{1, offset}, 200)
		require.NoError(t, err)
		for i, rate := range rates {
			steps := slices.IndexFunc(paths[i], func(place []float64) bool { return place[1] > 1 })
			require.Equal(t, steps, own[o.Name](rate), "%s at %g", o.Name, rate)
		}
	}
}

// The first to leave leads by more than a step or two.
func TestTheFirstLeavesClearly(t *testing.T) {
	for _, rate := range []float64{0.02, 0.03, 0.04, 0.05, 0.08} {
		for _, offset := range []float64{1e-5, 1e-6, 1e-7} {
			require.Less(t, float64(leaves(adam(0.9, 0.999), rate, offset)), 0.8*float64(leaves(momentum(0.9), rate, offset)))
		}
		for _, offset := range []float64{0.4, 0.5, 0.6} {
			require.Less(t, float64(leaves(momentum(0.9), rate, offset)), 0.8*float64(leaves(adam(0.9, 0.999), rate, offset)))
		}
		require.Zero(t, leaves(momentum(0.9), rate, 0))
		require.Zero(t, leaves(adam(0.9, 0.999), rate, 0))
	}
}

func TestMomentumGrowsInTheLongRun(t *testing.T) {
	const rate, beta = 0.1, 0.8
	before, y := 1.0, 1.0
	for range 200 {
		before, y = y, y+beta*(y-before)+2*rate*y
	}
	require.InDelta(t, saddle.MomentumGrowth(rate, beta), y/before, 1e-9)
}

// The expected values come from the lesson's optimizer, weight by weight.
func TestMomentumStepIsThatOfTheLesson(t *testing.T) {
	const rate, beta = 0.1, 0.8
	first, second := []float64{1, -2}, []float64{0.5, 3}
	weights, velocity := []float64{4, 5}, []float64{0, 0}
	want := slices.Clone(weights)
	for i := range want {
		direction := momentum(beta)
		want[i] -= rate*direction(first[i]) + rate*direction(second[i])
	}
	for _, gradient := range [][]float64{first, second} {
		weights, velocity = solution.MomentumStep(weights, velocity, gradient, rate, beta)
	}
	require.InDeltaSlice(t, want, weights, 1e-12)
}

// β = 0.5 and η = 0.1: v = 0.5·2 + 3 = 4 and θ = 1 − 0.1·(0.5·4 + 3) = 0.5 for the
// first weight; v = 0.5·(−1) + 4 = 3.5 and θ = 5 − 0.1·(0.5·3.5 + 4) = 4.425 for the
// second.
func TestNesterovStepByHand(t *testing.T) {
	set, err := Sheet("saddle")
	require.NoError(t, err)
	step := find(t, set, "saddle.nesterov").Function.Reference.(exercise.Caller)
	float64s := []string{"float64", "float64", "float64", "float64", "float64"}
	outcome, err := step.Call(float64s, []byte("[[1,5],[2,-1],[3,4],0.1,0.5]"))
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{0.5, 4.425}, outcome.Results[0].Values, 1e-12)
	require.InDeltaSlice(t, []float64{4, 3.5}, outcome.Results[1].Values, 1e-12)
}
