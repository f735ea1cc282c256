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
