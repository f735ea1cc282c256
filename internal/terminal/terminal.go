// Package terminal handles what only a terminal shows: colours, progress bars and a line
// that says what runs.
package terminal

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"evident/internal/render"
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
