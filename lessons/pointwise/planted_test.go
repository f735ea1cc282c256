package pointwise

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
)

// True: one filter underfits where 16 do not. False, with the widths the other
// way round: 16 filters underfit where one does not. Real trainings, judged by
// the lesson's rule.
func TestPlantedClaims(t *testing.T) {
	c := Smoke().Width
	c.Train, c.Test, c.Epochs, c.Seeds = 128, 256, 60, knob.Seeds(6)
	measured, err := measureWidth(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	verdict := func() claim.Claim { return lessontest.Part(t, claim.Judge(widthRules(), measured), "q6e.4a") }
	require.Equal(t, claim.Supported, verdict().Verdict, verdict().Evidence)
	slices.Reverse(measured.Filters)
	slices.Reverse(measured.Sets[0].Train)
	slices.Reverse(measured.Sets[0].Test)
	require.Equal(t, claim.Refuted, verdict().Verdict, verdict().Evidence)
}

// True: as many filters as sources keep the pixels. False: one filter fewer does,
// as if there were a source fewer.
func TestPlantedReductions(t *testing.T) {
	c := Smoke().Rank
	c.Channels, c.Sources, c.Filters = 12, 4, []int{2, 3, 4}
	c.Train, c.Test, c.Steps, c.Seeds = 256, 512, Default().Rank.Steps, knob.Seeds(8)
	measured, err := measureRank(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	verdict := func() claim.Claim { return lessontest.Part(t, claim.Judge(rankRules(), measured), "q6b.2a") }
	require.Equal(t, claim.Supported, verdict().Verdict, verdict().Evidence)
	measured.Sources--
	require.Equal(t, claim.Refuted, verdict().Verdict, verdict().Evidence)
}

// True: 3×3 does better than 1×1 in the first layer, with pooling behind it.
// False, with the two nets the other way round: 1×1 does better.
func TestPlantedFirstLayers(t *testing.T) {
	c := Smoke().First
	c.Filters, c.Behind, c.Train, c.Test, c.Epochs, c.Seeds = 6, 8, 256, 256, 8, knob.Seeds(6)
	measured, err := measureFirst(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	verdict := func() claim.Claim { return lessontest.Part(t, claim.Judge(firstRules(), measured), "q6e.2a") }
	require.Equal(t, claim.Supported, verdict().Verdict, verdict().Evidence)
	nets := &measured.Pooled.Nets
	nets[pointwiseFirst].Test, nets[windowsOnly].Test = nets[windowsOnly].Test, nets[pointwiseFirst].Test
	require.Equal(t, claim.Refuted, verdict().Verdict, verdict().Evidence)
}
