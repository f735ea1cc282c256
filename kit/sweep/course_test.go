package sweep_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/kit/nn"
	"evident/kit/sweep"
)

func TestACourseIsARunWhoseRateMoves(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		config := sweep.Config{Model: small.Model(), Data: rings(24), BatchSize: 8, Optimizer: nn.Adam(0.9, 0.999, 1e-7), DType: dtypes.Float64}
		rates := []float64{0.1, 0.1, 0.02, 0.5, 0, 0.1, 0.3}
		replicas := sweep.Grid([]float64{1}, []int64{1, 2})
		want := run(t, backend, config, sweep.Run{Replicas: replicas, Steps: len(rates), Schedule: func(step int) float64 { return rates[step] }})
		program, err := sweep.New(backend, config)
		require.NoError(t, err)
		defer program.Finalize()
		course, err := program.Begin(replicas, nil)
		require.NoError(t, err)
		for step, rate := range rates {
			got, err := course.Next(rate)
			require.NoError(t, err)
			require.Equal(t, want.Losses[step], got.Losses[0])
		}
		require.Equal(t, want.Final, course.Params())
		require.Equal(t, 1.0, replicas[0].Rate, "the caller's replicas stay as they are")
	})
}

// half is ½θ².
var half = sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
	return MulScalar(sweep.SquaredNorm(params[0]), 0.5)
}}

// The loss ½θ² has the gradient θ, and momentum moves by η·v with v ← βv + θ.
func TestACourseGoesOnWithAnotherProgram(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		of := func(o nn.Optimizer) *sweep.Program {
			program, err := sweep.New(backend, sweep.Config{Model: half, DType: dtypes.Float64, Optimizer: o})
			require.NoError(t, err)
			t.Cleanup(program.Finalize)
			return program
		}
		course, err := of(nn.Momentum(0.5)).Begin([]sweep.Replica{{}}, [][]float64{{1}})
		require.NoError(t, err)
		theta, v := 1.0, 0.0
		for _, c := range []struct {
			optimizer nn.Optimizer
			beta      float64
			forgets   bool
		}{
			{nn.Momentum(0.5), 0.5, false}, {nn.Momentum(0.9), 0.9, false}, {nn.SGD(), 0, true}, {nn.Momentum(0.9), 0.9, true}, {nn.Momentum(0.1), 0.1, false},
		} {
			require.NoError(t, course.Use(of(c.optimizer)))
			_, err := course.Next(0.2)
			require.NoError(t, err)
			if c.forgets {
				v = 0
			}
			v = c.beta*v + theta
			theta -= 0.2 * v
			require.InDelta(t, theta, course.Params()[0][0], 1e-12, c.optimizer.Name)
		}
	})
}

func TestACourseGoesOnWithBatchesOfAnotherSize(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		of := func(size int) *sweep.Program {
			program, err := sweep.New(backend, sweep.Config{Model: small.Model(), Data: rings(24), BatchSize: size, Watch: sweep.WatchParams})
			require.NoError(t, err)
			t.Cleanup(program.Finalize)
			return program
		}
		course, err := of(8).Begin([]sweep.Replica{{Seed: 1}}, nil)
		require.NoError(t, err)
		for _, size := range []int{8, 3, 0, 24, 1} {
			require.NoError(t, course.Use(of(size)))
			before := course.Params()
			trace, err := course.Next(0.1)
			require.NoError(t, err)
			require.Equal(t, before[0], trace.Watched[0][0])
			require.NotEqual(t, before, course.Params())
		}
	})
}
