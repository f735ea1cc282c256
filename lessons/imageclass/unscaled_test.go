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
func TestScaledHalfOfTheComparisonIsTheTrainingAtHand(t *testing.T) {
	ctx, backend, c := context.Background(), lessontest.PureGo(t), Smoke()
	c.Unscaled.Seeds = slices.Clone(c.Train.Seeds)
	slices.Reverse(c.Unscaled.Seeds)
	from, err := newSource(context.Background(), c)
	require.NoError(t, err)
	trained, err := measureTraining(ctx, backend, c, from)
	require.NoError(t, err)
	u, err := measureUnscaled(ctx, backend, c, from, trained)
	require.NoError(t, err)
	for i, seed := range c.Unscaled.Seeds {
		_, net := freshNet(t, backend, c, from, seed)
		alone, err := c.Unscaled.start(ctx, net, from, "alone", seed)
		require.NoError(t, err)
		require.Equal(t, alone, u.Nets[0].Scaled[i])
		require.InEpsilon(t, 255, u.Nets[0].Raw[i].InitialScale/alone.InitialScale, 1e-3, "the same weights")
	}
}
