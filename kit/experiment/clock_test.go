package experiment_test

import (
	"context"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
)

// The machine's clock, and with it Provenance.Started, may jump; the measured duration must not depend
// on it.
func TestTheTimeOfARunIsThatOfItsExperiments(t *testing.T) {
	nap := experiment.Experiment[noKnobs, int]{Name: "Nap", Title: "A nap", Measure: func(context.Context, compute.Backend, noKnobs) (int, error) {
		time.Sleep(20 * time.Millisecond)
		return 0, nil
	}}
	none := func() noKnobs { return noKnobs{} }
	l := experiment.Lesson[noKnobs]{Name: "nap", Title: "A nap", Smoke: none, Default: none, Full: none, Experiments: []experiment.Part[noKnobs]{
		experiment.Of(nap, func(c noKnobs) noKnobs { return c }),
	}}
	r, err := l.Run(t.Context(), pure(t), noKnobs{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, r.Experiments[0].Seconds, 0.02)
	require.GreaterOrEqual(t, r.Provenance.WallSeconds, r.Experiments[0].Seconds)
}
