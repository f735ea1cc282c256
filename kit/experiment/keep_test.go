package experiment

import (
	"context"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/kit/fit"
	"evident/kit/keep"
	"evident/kit/nn"
)

type withNet struct {
	Own fit.Own `json:",omitzero" role:"compared" help:"a net"`
}

func (withNet) Input() shapes.Shape { return shapes.Make(dtypes.Float32, 2, 3) }

type withoutInput struct {
	Own fit.Own `json:",omitzero" role:"compared" help:"a net"`
}

// units is a net of so many units, of whose inputs a fraction is dropped while it trains.
func units(n int, dropped float64) fit.Own {
	return fit.Own{Name: "mine", Network: func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope, layers.DropoutStatic(scope, x, dropped), n)
	}}
}

// measuredWith counts how often each of the knobs, one after the other, is measured.
func measuredWith[C any](t *testing.T, all ...C) (counts []int) {
	b, err := backend.PureGo()
	require.NoError(t, err)
	defer b.Finalize()
	store := keep.At(t.TempDir(), time.Time{})
	count := 0
	e := Experiment[C, int]{Name: "Counted", Measure: func(context.Context, compute.Backend, C) (int, error) {
		count++
		return count, nil
	}}
	for _, c := range all {
		_, err := e.Measured(Keeping(t.Context(), store), b, c)
		require.NoError(t, err)
		counts = append(counts, count)
	}
	return counts
}

// A measurement with a net of the reader's own is kept by the program that the net builds, or not at all.
func TestMeasurementIsKeptByTheProgramOfAnOwnNet(t *testing.T) {
	require.Equal(t, []int{1, 1, 2, 2, 3, 4, 4}, measuredWith(t,
		withNet{}, withNet{}, // there is none
		withNet{units(4, 0)}, withNet{units(4, 0)},
		withNet{units(5, 0)},                            // other weights
		withNet{units(5, 0.5)}, withNet{units(5, 0.5)})) // which trains otherwise, and computes the same afterwards
	require.Equal(t, []int{1, 1, 2, 3}, measuredWith(t,
		withoutInput{}, withoutInput{},
		withoutInput{units(4, 0)}, withoutInput{units(4, 0)})) // nobody says what goes into it
}
