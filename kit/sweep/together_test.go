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
