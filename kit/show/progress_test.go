package show

import (
	"math"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/stretchr/testify/assert"

	"evident/kit/progress"
)

// clock is a time that tests set by hand.
type clock struct{ time time.Time }

func (c *clock) now() time.Time { return c.time }

// watched returns a bar that records its drawings.
func watched() (*bar, *clock, *[]string) {
	c, drawings := &clock{time.Unix(0, 0)}, &[]string{}
	return newBar(c.now, func(html string) { *drawings = append(*drawings, html) }), c, drawings
}

func TestBarIsDrawnAtMostFiveTimesASecond(t *testing.T) {
	bar, clock, drawings := watched()
	for step := range 1000 { // one second
		bar.report(progress.Update{Task: "seed 1", Step: step, Steps: 5000, Loss: 1})
		clock.time = clock.time.Add(time.Millisecond)
	}
	assert.Len(t, *drawings, 5)
}

func TestBarSaysHowFarAndHowLong(t *testing.T) {
	bar, clock, drawings := watched()
	bar.report(progress.Update{Task: "a <b>", Step: 0, Steps: 100, Loss: math.NaN()})
	assert.NotContains(t, (*drawings)[0], "loss", "there is none yet")
	clock.time = clock.time.Add(20 * time.Second)
	bar.report(progress.Update{Task: "a <b>", Step: 25, Steps: 100, Loss: 1.5})
	assert.Contains(t, (*drawings)[1], `<progress value="25" max="100">`)
	assert.Contains(t, (*drawings)[1], "a &lt;b&gt; · step 25 of 100 · loss 1.5000 · 20 s, about 1 m 0 s left")
}

func TestBarEndsAsOneLine(t *testing.T) {
	bar, clock, drawings := watched()
	for _, task := range []string{"seed 1", "seed 2"} {
		bar.report(progress.Update{Task: task, Step: 1, Steps: 10, Loss: 2})
		clock.time = clock.time.Add(3 * time.Second)
		bar.report(progress.Update{Task: task, Step: 10, Steps: 10, Loss: 0.25})
	}
	last := (*drawings)[len(*drawings)-1]
	assert.NotContains(t, last, "<progress")
	assert.Contains(t, last, "✔ seed 2 · 10 steps · loss 0.2500 · 2 runs · 6.0 s")
}

func TestBarOfUnknownLengthStillMoves(t *testing.T) {
	bar, _, drawings := watched()
	bar.report(progress.Update{Task: "bisection", Step: 7, Loss: math.NaN()})
	assert.Contains(t, (*drawings)[0], "<progress></progress> bisection · step 7 · 0.0 s")
}

func TestInterruptedBarSaysWhere(t *testing.T) {
	bar, _, drawings := watched()
	bar.report(progress.Update{Task: "seed 1", Step: 3, Steps: 10, Loss: 2})
	assert.True(t, bar.interrupted())
	bar.report(progress.Update{Task: "seed 1", Step: 4, Steps: 10, Loss: 2})
	assert.Len(t, *drawings, 2, "nothing is drawn after an interrupt")
	assert.Contains(t, (*drawings)[1], "interrupted: seed 1, step 3")
}

func TestABarAtItsEndIsNotInterrupted(t *testing.T) {
	bar, _, _ := watched()
	assert.False(t, bar.interrupted(), "nothing has begun")
	bar, _, drawings := watched()
	bar.report(progress.Update{Task: "seed 1", Step: 10, Steps: 10, Loss: 2})
	assert.False(t, bar.interrupted())
	assert.Len(t, *drawings, 1)
}

// time.Now has a monotonic reading, which an adjusted clock does not affect.
// A clock without one may jump, and the bar must still continue.
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

func TestDrawingHasATextWithoutTags(t *testing.T) {
	bar, _, drawings := watched()
	bar.report(progress.Update{Experiment: "Floor", Task: "a <b>", Step: 3, Steps: 9, Loss: math.NaN()})
	data := drawing("evident-progress-1", (*drawings)[0])
	assert.Equal(t, "evident-progress-1", data.DisplayID)
	assert.Equal(t, "Floor: a <b> · step 3 of 9 · 0.0 s, about 0.0 s left", data.Data[protocol.MIMETextPlain])
	assert.Contains(t, data.Data[protocol.MIMETextHTML], "Floor: a &lt;b&gt;")
}

func TestBarWaitsForTheFirstTask(t *testing.T) {
	bar, _, drawings := watched()
	bar.report(progress.Update{Experiment: "Floor", Loss: math.NaN()})
	assert.Empty(t, *drawings)
}
