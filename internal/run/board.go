package run

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"evident/internal/durations"
	"evident/internal/exit"
	"evident/internal/render"
	"evident/internal/terminal"
	"evident/kit/progress"
)

// board draws the last line of a terminal, which says which unit runs.
type board struct {
	tell   exit.Teller
	status *terminal.Status

	mu   sync.Mutex
	jobs []job
	work []durations.Work
	last progress.Update
}

func newBoard(jobs []job, took *durations.Book, fresh bool, tell exit.Teller) (b *board, stop func()) {
	b = &board{tell: tell, jobs: jobs}
	for _, j := range jobs {
		b.work = append(b.work, durations.Work{Expected: took.Of(j.key(), fresh)})
	}
	b.status, stop = terminal.NewStatus(tell.W, func() string { return b.line(time.Now()) })
	return b, stop
}

// key names a unit among the durations, which do not depend on the seed.
func (j job) key() string {
	return strings.TrimSpace(fmt.Sprintf("run %s %s %s", strings.Join(j.arguments(), " "), j.Scale, j.Data))
}

func (b *board) begin(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.work[i].Began, b.last = time.Now(), progress.Update{}
}

func (b *board) end(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.work[i].Ended = true
}

func (b *board) update(p progress.Update) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = p
}

// notice prints a line above the last one.
func (b *board) notice(line string) {
	b.status.Above(func() { b.tell.Complain("%s", line) })
}

// fail reports an error and returns its status.
func (b *board) fail(err error) (status int) {
	b.status.Above(func() { status = b.tell.Status(err) })
	return status
}

// line is as in "2 of 10 done, about 40 s left: learningrate.floor, seed 3, step 4 of 9,
// loss 0.2500".
func (b *board) line(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	done, running := 0, ""
	for i, w := range b.work {
		switch {
		case w.Ended:
			done++
		case !w.Began.IsZero():
			running = b.jobs[i].Lesson
		}
	}
	line := fmt.Sprintf("%d of %d done", done, len(b.work))
	if left := durations.Left(b.work, 1, now); left > 0 {
		line += fmt.Sprintf(", about %s left", render.Duration(left))
	}
	p := b.last
	if p.Experiment != "" {
		running += "." + strings.ToLower(p.Experiment)
	}
	if p.Task != "" {
		running += ", " + p.Task
	}
	if p.Steps > 0 {
		running += fmt.Sprintf(", step %d of %d", p.Step, p.Steps)
	}
	if p.Task != "" && !math.IsNaN(p.Loss) {
		running += fmt.Sprintf(", loss %.4f", p.Loss)
	}
	return line + ": " + running
}
