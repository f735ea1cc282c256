package textcnn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
)

// A true claim and a false one, on measurements: windows of two words see that one
// follows the other, and windows of one word, which stand in the place of the net
// that the claim is about, do not.
func TestPlantedClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("trains ten nets")
	}
	c := NgramsConfig{
		Seeds: knob.Seeds(5), Net: Net{Width: 8, Windows: []int{2}, Maps: 8},
		Training: Training{Train: 512, Test: 1024, Epochs: 10, BatchSize: 32, LearningRate: 1e-2},
	}
	for window, want := range map[int]claim.Verdict{2: claim.Supported, 1: claim.Refuted} {
		c.Net.Windows = []int{window}
		measured, err := NgramFilters.Measured(t.Context(), lessontest.Backend(t), c)
		require.NoError(t, err)
		part := claim.Judge(ngramsRules()[0].Parts, measured)[0]
		require.Equal(t, want, part.Verdict, "windows of %d: %s", window, part.Evidence)
	}
}

// Each exact claim holds from 50 base seeds, at the sizes of the default scale.
func TestExactClaimsHoldFromEverySeed(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 50 nets")
	}
	c := Default().Shift
	c.Seeds, c.Phrases = knob.Seeds(50), 3
	for i := range c.Seeds {
		c.Seeds[i] *= 100
	}
	measured, err := MovedPhrases.Measured(t.Context(), lessontest.Backend(t), c)
	require.NoError(t, err)
	require.Equal(t, claim.Supported, lessontest.Judged(t, shiftRules(), "q5.p2", measured).Verdict)
	for _, part := range claim.Judge(robustRules()[0].Parts[:2], RobustMeasurement{Shift: measured}) {
		require.Equal(t, claim.Supported, part.Verdict, part.Evidence)
	}
	// A window in the wrong place would show.
	require.Greater(t, measured.ByStart[0], 100*measured.Tolerance)
}
