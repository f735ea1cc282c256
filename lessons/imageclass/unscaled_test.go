package imageclass

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
)

// The trainings with pixels from 0 to 1 are those of the first measurement; one
// that is trained for the comparison alone begins in the same way.
func TestScaledHalfOfTheComparisonIsTheTrainingOfTheSmallNet(t *testing.T) {
	ctx, backend, c := context.Background(), lessontest.PureGo(t), Smoke()
	c.Unscaled.Seeds = slices.Clone(c.Train.Seeds)
	slices.Reverse(c.Unscaled.Seeds)
	u, err := UnscaledPixels.Measured(ctx, backend, c.UnscaledKnobs())
	require.NoError(t, err)
	for i, seed := range c.Unscaled.Seeds {
		_, net := freshNet(t, backend, c, seed)
		alone, err := c.UnscaledKnobs().start(ctx, net, "alone", seed)
		require.NoError(t, err)
		require.Equal(t, alone, u.Nets[0].Scaled[i])
		require.InEpsilon(t, 255, u.Nets[0].Raw[i].InitialScale/alone.InitialScale, 1e-3, "the same weights")
	}
}
