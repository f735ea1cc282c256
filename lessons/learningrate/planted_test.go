package learningrate

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/sweep"
)

// The rule of the range test supports a finder that knows the best rate of each
// seed, and refutes one that recommends the lowest rate of the grid.
func TestPlantedRangeTests(t *testing.T) {
	ctx, c := context.Background(), Default().Grid
	c.Rates, c.Seeds, c.Steps, c.Test, c.TestSteps = []float64{0.001, 0.1, 0.3, 1}, knob.Seeds(6), 400, 50, []int{20, 40}
	facts, err := RateGrid.Measured(ctx, lessontest.Backend(t), c)
	require.NoError(t, err)
	study, err := newGrid(lessontest.Backend(t), c)
	require.NoError(t, err)
	defer study.Finalize()
	plant := func(rate func(seed int) float64) []RangeTest {
		tests, replicas := make([]RangeTest, len(c.Seeds)), make([]sweep.Replica, len(c.Seeds))
		for i, seed := range c.Seeds {
			tests[i].Found = rate(i)
			replicas[i] = sweep.Replica{Rate: tests[i].Found, Seed: seed}
		}
		runs, err := c.run(ctx, study, replicas)
		require.NoError(t, err)
		for i := range tests {
			tests[i].Run = runs[i]
		}
		return tests
	}
	facts.Ranges = [][]RangeTest{
		plant(func(int) float64 { return c.Rates[0] }),
		plant(func(seed int) float64 { return c.Rates[facts.Best(seed)] }),
	}
	judged := lessontest.Judged(t, gridRules(), "q1.lr", facts)
	require.Equal(t, claim.Mixed, judged.Verdict, judged.Evidence)
	require.Equal(t, claim.Refuted, judged.Parts[0].Verdict, judged.Evidence)
	require.Equal(t, claim.Supported, judged.Parts[1].Verdict, judged.Evidence)
}

// That a high rate ends farther from the minimum is supported, and that a low
// one does is refuted.
func TestPlantedDirectionOfTheFloor(t *testing.T) {
	c := Default().Floor
	c.Rates, c.Seeds, c.Steps, c.DecaySteps = c.Rates[2:], knob.Seeds(6), 600, 1
	facts, err := NoiseFloor.Measured(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	require.Equal(t, claim.Supported, lessontest.Judged(t, floorRules(), "q1a.5", facts).Parts[0].Verdict)
	slices.Reverse(facts.Distance)
	require.Equal(t, claim.Refuted, lessontest.Judged(t, floorRules(), "q1a.5", facts).Parts[0].Verdict)
}

// That the curvature settles at 2/η is supported, and that it settles at 2/η for
// a rate half as high again is refuted.
func TestPlantedEdge(t *testing.T) {
	c := Default().Sharpness
	c.Rates, c.Seeds, c.Steps, c.Measures = []float64{0.2, 0.24}, knob.Seeds(8), 3200, 24
	facts, err := EdgeOfStability.Measured(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	judged := lessontest.Judged(t, sharpnessRules(), "q1.eos", facts)
	require.Equal(t, claim.Supported, judged.Verdict, judged.Evidence)
	facts.Rates = claim.Scaled(facts.Rates, 1.5)
	judged = lessontest.Judged(t, sharpnessRules(), "q1.eos", facts)
	require.Equal(t, claim.Refuted, judged.Verdict, judged.Evidence)
}
