package show

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"evident/kit/progress"
)

// time.Now has a monotonic reading, which an adjusted clock does not touch; a
// clock without one may jump, and then the bar goes on.
func TestBarGoesOnWhenTheClockJumps(t *testing.T) {
	for name, jump := range map[string]time.Duration{"an hour forward": time.Hour, "an hour back": -time.Hour, "before 1970": -time.Duration(math.MaxInt64)} {
		t.Run(name, func(t *testing.T) {
			bar, clock, drawings := watched()
			bar.report(progress.Update{Task: "seed 1", Step: 1, Steps: 10, Loss: 2})
			clock.time = clock.time.Add(jump)
			bar.report(progress.Update{Task: "seed 1", Step: 2, Steps: 10, Loss: 2})
			clock.time = clock.time.Add(time.Second)
			bar.report(progress.Update{Task: "seed 1", Step: 3, Steps: 10, Loss: 2})
			bar.report(progress.Update{Task: "seed 1", Step: 10, Steps: 10, Loss: 1})
			assert.Len(t, *drawings, 4)
			for _, drawing := range *drawings {
				assert.NotRegexp(t, `-\d`, drawing, "no time is negative")
			}
		})
	}
}
