package imageclass

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/lessontest"
)

// The rule of q4.2a on real trainings: that pixels from 0 to 255 raise the loss most is
// true of these nets, and that leaving everything as it is does so is planted and false.
func TestPlantedClaims(t *testing.T) {
	c := Smoke()
	c.Unscaled.Convolutions, c.Unscaled.Filters, c.Unscaled.Dense, c.Unscaled.Seeds = []int{1}, []int{4, 8}, []int{32, 16}, []int64{1, 2, 3, 4, 5, 6}
	u, err := UnscaledPixels.Measured(context.Background(), lessontest.PureGo(t), c.UnscaledKnobs())
	require.NoError(t, err)
	verdict := func() claim.Verdict { return lessontest.Judged(t, unscaledRules(), "q4.2", u).Parts[0].Verdict }
	require.Equal(t, claim.Supported, verdict())
	for _, nets := range u.Starts {
		for _, changes := range nets {
			changes[none], changes[pixels] = changes[pixels], changes[none]
		}
	}
	require.Equal(t, claim.Refuted, verdict())
}
