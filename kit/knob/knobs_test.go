package knob_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/knob"
)

func ExampleSeeds() {
	fmt.Println(knob.Seeds(3), knob.SeedsFrom(1001, 2))
	// Output: [1 2 3] [1001 1002]
}

func TestSeedsAreChecked(t *testing.T) {
	for want, seeds := range map[string][]int64{
		"--seed is empty: give at least one seed, and 5 for a verdict": nil,
		"--seed has 2 twice: each seed counts once":                    {2, 1, 2},
	} {
		err := knob.CheckSeeds("--seed", seeds)
		require.ErrorIs(t, err, badinput.Err)
		require.EqualError(t, err, want)
	}
	require.NoError(t, knob.CheckSeeds("--seed", knob.Seeds(5)))
}

func TestLogspaceIsEvenlySpaced(t *testing.T) {
	require.Equal(t, []float64{0.25, 0.5, 1, 2}, knob.Logspace(2, -2, 1, 1))
	require.InDeltaSlice(t, []float64{0.1, 0.31622776601683794, 1}, knob.Logspace(10, -1, 0, 2), 1e-15)
	require.Len(t, knob.Logspace(10, -3.5, 1.5, 4), 21)
	require.Empty(t, knob.Logspace(10, 1, 0, 1))
}
