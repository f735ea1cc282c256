package knob_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/knob"
)

func ExampleSeeds() {
	shared := knob.Seeds(3)
	seeds := shared
	knob.ShiftSeeds(100, &seeds)
	fmt.Println(seeds, shared)
	// Output: [101 102 103] [1 2 3]
}

func TestChecksNameTheKnobAndItsValue(t *testing.T) {
	for want, err := range map[string]error{
		"Seeds is empty: give at least one seed, and 5 for a verdict": knob.CheckSeeds("Seeds", nil),
		"Seeds has 2 twice: each seed counts once":                    knob.CheckSeeds("Seeds", []int64{2, 1, 2}),
		"A is 0: it must be at least 1":                               knob.CheckAtLeast(1, map[string]int{"B": -1, "A": 0, "C": 1}),
		"Rate is NaN: it must be above 0 and finite":                  knob.CheckPositive(map[string]float64{"Rate": math.NaN(), "Z": 1}),
		"Rate is +Inf: it must be above 0 and finite":                 knob.CheckPositive(map[string]float64{"Rate": math.Inf(1)}),
	} {
		require.ErrorIs(t, err, badinput.Err)
		require.EqualError(t, err, want)
	}
	require.NoError(t, knob.CheckSeeds("Seeds", knob.Seeds(5)))
	require.NoError(t, knob.CheckAtLeast(1, map[string]int{"A": 1}))
	require.NoError(t, knob.CheckPositive(map[string]float64{"Rate": 1e-9}))
}

func TestPowersAreEvenlySpaced(t *testing.T) {
	require.Equal(t, []float64{0.25, 0.5, 1, 2}, knob.Logspace(2, -2, 1, 1))
	require.InDeltaSlice(t, []float64{0.1, 0.31622776601683794, 1}, knob.Logspace(10, -1, 0, 2), 1e-15)
	require.Len(t, knob.Logspace(10, -3.5, 1.5, 4), 21)
	require.Empty(t, knob.Logspace(10, 1, 0, 1))
}
