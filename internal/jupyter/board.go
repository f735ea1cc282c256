package jupyter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"evident/datasets"
	"evident/internal/durations"
	"evident/internal/exit"
	"evident/internal/nbformat"
	"evident/internal/render"
	"evident/internal/terminal"
)

// board tells how far the notebooks are: a line for each that has ended, and on a
// terminal a last line with those that run.
type board struct {
	tell   exit.Teller
	status *terminal.Status
	began  time.Time
	jobs   int

	mu        sync.Mutex
	work      []durations.Work
	notebooks []shown
}

// shown is what the last line says about one notebook.
type shown struct {
	name     string
	content  nbformat.Notebook
	section  string // of the cell that runs
	progress string // of the experiment that runs
}

func newBoard(q Request, took *durations.Book, tell exit.Teller) (b *board, stop func()) {
	b = &board{tell: tell, began: time.Now(), jobs: q.Jobs}
	for _, path := range q.Paths {
		s := shown{name: strings.TrimSuffix(filepath.Base(path), ".ipynb")}
		if content, err := os.ReadFile(path); err == nil {
			s.content, _ = nbformat.Parse(content) // who executes it says what is wrong with it
		}
		b.notebooks = append(b.notebooks, s)
		b.work = append(b.work, durations.Work{Expected: took.Of(key(path), q.Fresh)})
	}
	b.status, stop = terminal.NewStatus(tell.W, func() string { return b.line(time.Now()) })
	return b, stop
}

func (b *board) begin(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.work[i].Began = time.Now()
}

func (b *board) end(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.work[i].Ended = true
}

func (b *board) update(i int, e event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.notebooks[i]
	if e.Cell != nil {
		s.section = s.content.Section(*e.Cell)
	}
	s.progress = e.Progress
}

// done says how long a notebook took, and how many of its experiments were kept from an
// earlier run.
func (b *board) done(i int, took time.Duration, kept, experiments int) {
	line := fmt.Sprintf("%s: %s", b.notebooks[i].name, render.Duration(took))
	if experiments > 0 {
		line += fmt.Sprintf(", %d of %s kept", kept, datasets.Counted(experiments, "experiment"))
	}
	b.status.Above(func() { b.tell.Complain("%s", line) })
}

// kept says that an earlier run has executed a notebook.
func (b *board) kept(i int, when string, took time.Duration) {
	b.status.Above(func() {
		b.tell.Complain("%s: executed %s (%s), kept", b.notebooks[i].name, when, render.Duration(took))
	})
}

// fail reports an error and returns its status.
func (b *board) fail(err error) (status int) {
	b.status.Above(func() { status = b.tell.Status(err) })
	return status
}

// line says what runs, as in "2 of 10 done, about 40 s left: 10-inception, 3 · Strides
// (training, step 3 of 9)".
func (b *board) line(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	ended := 0
	var running []string
	for i, w := range b.work {
		switch {
		case w.Ended:
			ended++
		case !w.Began.IsZero():
			running = append(running, b.notebooks[i].String())
		}
	}
	line := fmt.Sprintf("%d of %d done", ended, len(b.work))
	if left := durations.Left(b.work, b.jobs, now); left > 0 {
		line += fmt.Sprintf(", about %s left", render.Duration(left))
	}
	return line + ": " + strings.Join(running, "; ")
}

func (s shown) String() string {
	text := s.name
	if s.section != "" {
		text += ", " + s.section
	}
	if s.progress != "" {
		text += " (" + s.progress + ")"
	}
	return text
}
