package fit

import (
	"context"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/kit/report"
)

type noKnobs struct{}

func (noKnobs) Check() error { return nil }

// The clock was set right while the lesson ran: what it says of the start is off
// by years, forward or back, and the time that the lesson took is not.
func TestJumpOfTheClockDoesNotChangeTheTimeOfARun(t *testing.T) {
	for name, jump := range map[string]time.Duration{"forward": 5 * 365 * 24 * time.Hour, "back": -5 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			report, err := Run(t.Context(), pureGo(t), Lesson[noKnobs, int]{
				Name: "clock", Title: "A clock that jumps",
				Measure: func(context.Context, compute.Backend, noKnobs) (int, error) {
					time.Sleep(20 * time.Millisecond)
					return 0, nil
				},
				Illustrate: func(report *report.Report, _ noKnobs, _ int) error {
					report.Provenance.Started = report.Provenance.Started.Add(-jump)
					return nil
				},
			}, noKnobs{})
			require.NoError(t, err)
			require.GreaterOrEqual(t, report.Provenance.WallSeconds, 0.02)
			require.Less(t, report.Provenance.WallSeconds, 60.0)
		})
	}
}
