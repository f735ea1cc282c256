// Package terminal draws what only a terminal shows: colours and progress bars.
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

// fileOf is the file behind the writer when it is a terminal.
func fileOf(w io.Writer) (*os.File, bool) {
	file, ok := w.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// StyleOf is the width of the terminal, and colour unless $NO_COLOR is set
// (https://no-color.org); elsewhere a plain text.
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

// NewBar is a progress bar on a terminal and nothing elsewhere. It erases
// itself when it is done, so that only results stay on screen.
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

// TaskBar draws the progress of lessons, one bar a task.
type TaskBar struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	last progress.Update
}

// NewTaskBar draws on the writer when that is a terminal.
func NewTaskBar(w io.Writer) *TaskBar { return &TaskBar{w: w} }

// Report draws how far the task is. It drops the errors of the bar: they cost
// nothing but a drawing.
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
