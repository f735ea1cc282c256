package sweep_test

import (
	"context"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/kit/nn"
	"evident/kit/sweep"
)

// Every replica has its own slots, which persist from call to call.
func TestReplicasKeepTheirSlots(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m := small.Model()
		for _, o := range []nn.Optimizer{nn.Momentum(0.9), nn.Adam(0.9, 0.999, 1e-7)} {
			config := sweep.Config{Model: m, Data: rings(24), BatchSize: 8, StepsPerCall: 3, Optimizer: o, DType: dtypes.Float64}
			replicas := sweep.Grid([]float64{0.01, 0.1}, []int64{1, 2})
			whole := run(t, backend, config, sweep.Run{Replicas: replicas, Start: sweep.Starts(replicas, draw(m)), Steps: 10})
			config.StepsPerCall = 1
			for i, r := range replicas {
				alone := run(t, backend, config, sweep.Run{Replicas: []sweep.Replica{r}, Start: [][]float64{sweep.Draw(m, r.Seed, 1)}, Steps: 10})
				require.InDeltaSlice(t, alone.Final[0], whole.Final[i], 1e-9, o.Name)
			}
		}
	})
}

// The slots of a matrix and a vector stay separate: with the linear loss Σ
// cᵢθᵢ, momentum moves every θᵢ by −η·cᵢ·(1 + 1.5 + 1.75).
func TestSlotsBelongToTheirParameter(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		linear := sweep.Model{Shapes: [][]int{{2, 2}, {2}}, Loss: func(params []*Node, _, _ *Node) *Node {
			g := params[0].Graph()
			matrix := Reshape(ReduceSum(Mul(params[0], Const(g, [][][]float64{{{1, 2}, {3, 4}}})), -1), -1, 2)
			return Add(ReduceSum(matrix, -1), ReduceSum(Mul(params[1], Const(g, [][]float64{{5, 6}})), -1))
		}}
		trace := run(t, backend, sweep.Config{Model: linear, DType: dtypes.Float64, Optimizer: nn.Momentum(0.5), StepsPerCall: 2}, sweep.Run{
			Replicas: []sweep.Replica{{Rate: 0.1}}, Start: [][]float64{make([]float64, 6)}, Steps: 3,
		})
		for i, value := range trace.Final[0] {
			require.InDelta(t, -0.1*float64(i+1)*4.25, value, 1e-12)
		}
	})
}

func TestProjectionHoldsTheParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		falling := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node { return Neg(Reshape(params[0], -1)) }}
		config := sweep.Config{Model: falling, DType: dtypes.Float64, Project: func(params []*Node) []*Node {
			return []*Node{ClipScalar(params[0], -1, 1)}
		}}
		trace := run(t, backend, config, sweep.Run{Replicas: []sweep.Replica{{Rate: 0.4}}, Start: [][]float64{{0}}, Steps: 6})
		require.Equal(t, 1.0, trace.Final[0][0])
	})
}

func TestWatchSeesTheStep(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		half := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node {
			return MulScalar(sweep.SquaredNorm(params[0]), 0.5)
		}}
		for i, watch := range []func(sweep.Step) *Node{sweep.WatchParams, sweep.WatchGradients, sweep.WatchDirections} {
			trace := run(t, backend, sweep.Config{Model: half, DType: dtypes.Float64, Optimizer: nn.Momentum(0.5), Watch: watch}, sweep.Run{
				Replicas: []sweep.Replica{{Rate: 0.5}}, Start: [][]float64{{1}}, Steps: 2,
			})
			// θ is 1, then 0.5; the gradient is θ; v is 1, then 0.5·1 + 0.5.
			require.Equal(t, [][]float64{{1, 0.5}, {1, 0.5}, {1, 1}}[i], []float64{trace.Watched[0][0][0], trace.Watched[1][0][0]})
		}
	})
}

// Each group moves as if its optimizer ran alone, whatever state the others
// keep, and even if they diverge.
func TestTogetherEachMovesItsShare(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		m := small.Model()
		optimizers := []nn.Optimizer{nn.Momentum(0.9), nn.SGD(), nn.Adam(0.9, 0.999, 1e-7)}
		config := sweep.Config{Model: m, Data: rings(24), BatchSize: 8, StepsPerCall: 2, DType: dtypes.Float64}
		own := sweep.Grid([]float64{0.01, 1e200}, []int64{1, 2})
		start := sweep.Starts(own, draw(m))
		var replicas []sweep.Replica
		var starts [][]float64
		for range optimizers {
			replicas, starts = append(replicas, own...), append(starts, start...)
		}
		config.Optimizer = sweep.Together(optimizers...)
		together := run(t, backend, config, sweep.Run{Replicas: replicas, Start: starts, Steps: 7})
		for i, o := range optimizers {
			config.Optimizer = o
			alone := run(t, backend, config, sweep.Run{Replicas: own, Start: start, Steps: 7})
			for j := range 2 { // the others diverge
				require.InDeltaSlice(t, alone.Final[j], together.Final[i*len(own)+j], 1e-9, o.Name)
			}
		}
	})
}

func TestTogetherNamesWhatDoesNotFit(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		half := sweep.Model{Shapes: [][]int{{1}}, Loss: func(params []*Node, _, _ *Node) *Node { return sweep.SquaredNorm(params[0]) }}
		forgets := nn.Optimizer{Name: "forgets", Slots: 1, Direction: func(g *Node, _ []*Node, _ *Node) (*Node, []*Node) { return g, nil }}
		for message, optimizers := range map[string][]nn.Optimizer{
			"3 replicas cannot be shared equally among 2": {nn.SGD(), nn.SGD()},
			`"forgets" returns 0 slots: it has 1`:         {nn.SGD(), nn.SGD(), forgets},
		} {
			program, err := sweep.New(backend, sweep.Config{Model: half, Optimizer: sweep.Together(optimizers...)})
			require.NoError(t, err)
			_, err = program.Run(context.Background(), sweep.Run{
				Replicas: sweep.Grid([]float64{0.1}, []int64{1, 2, 3}), Start: [][]float64{{1}, {1}, {1}}, Steps: 1,
			})
			require.ErrorContains(t, err, message)
			program.Finalize()
		}
	})
}
