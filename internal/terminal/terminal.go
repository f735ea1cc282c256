// Package terminal handles what only a terminal shows: colours and progress
// bars.
package terminal

import (
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"evident/internal/render"
	"evident/kit/progress"
)

// fileOf returns the file behind the writer if it is a terminal.
func fileOf(w io.Writer) (*os.File, bool) {
	file, ok := w.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// StyleOf returns the terminal's width, with colour unless $NO_COLOR is set
// (https://no-color.org). Other writers get plain text.
func StyleOf(w io.Writer) render.Style {
	file, ok := fileOf(w)
	if !ok {
		return render.Style{}
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		width = 0
	}
	return render.Style{Width: width, Color: os.Getenv("NO_COLOR") == ""}
}

// NewBar returns a progress bar that draws only on a terminal. It erases itself
// at the end, so that only results stay on screen.
func NewBar(w io.Writer, total int64, task string, more ...progressbar.Option) *progressbar.ProgressBar {
	_, visible := fileOf(w)
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(visible),
		progressbar.OptionSetDescription(task),
		progressbar.OptionThrottle(200 * time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(24),
	}
	return progressbar.NewOptions64(total, append(options, more...)...)
}

// TaskBar draws the progress of lessons, one bar per task.
type TaskBar struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	last progress.Update
}

// NewTaskBar returns a TaskBar that draws only on a terminal.
func NewTaskBar(w io.Writer) *TaskBar { return &TaskBar{w: w} }

// Report draws the task's progress. It ignores errors of the bar, which affect
// nothing else.
func (t *TaskBar) Report(p progress.Update) {
	if t.bar == nil || p.Task != t.last.Task || p.Step < t.last.Step {
		t.Clear()
		total := int64(p.Steps)
		if total == 0 {
			total = -1 // a spinner
		}
		t.bar = NewBar(t.w, total, p.Task, progressbar.OptionShowCount())
	}
	t.last = p
	if !math.IsNaN(p.Loss) {
		t.bar.Describe(p.Task + ", loss " + strconv.FormatFloat(p.Loss, 'f', 4, 64))
	}
	_ = t.bar.Set(p.Step)
}

// Clear erases the bar.
func (t *TaskBar) Clear() {
	if t.bar != nil {
		_ = t.bar.Clear()
		t.bar = nil
	}
}
