package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"evident/internal/badinput"
	"evident/internal/lines"
)

// Status is the last line of a terminal, which says what runs now. Elsewhere nothing is
// drawn.
type Status struct {
	w    io.Writer
	line func() string

	mu    sync.Mutex
	drawn bool
}

// redraw is the pause between two drawings.
const redraw = 250 * time.Millisecond

// NewStatus returns a Status that draws the line again and again, until stop is called.
func NewStatus(w io.Writer, line func() string) (s *Status, stop func()) {
	s = &Status{w: w, line: line}
	if _, is := fileOf(w); !is {
		return s, func() {}
	}
	ended := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(redraw):
				s.draw()
			}
		}
	})
	return s, func() {
		close(ended)
		drawing.Wait()
		s.clear()
	}
}

// Above lets a caller print above the line, one at a time.
func (s *Status) Above(say func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	say()
}

// draw replaces the line, cut to the terminal's width.
func (s *Status) draw() {
	text := strings.Join(strings.Fields(badinput.OneLine(s.line())), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	width := 80
	if file, is := fileOf(s.w); is {
		if now, _, err := term.GetSize(int(file.Fd())); err == nil && now > 1 {
			width = now
		}
	}
	_, _ = fmt.Fprint(s.w, eraseLine+lines.Shorten(text, width-1))
	s.drawn = true
}

func (s *Status) clear() {
	if s.drawn {
		_, _ = fmt.Fprint(s.w, eraseLine)
		s.drawn = false
	}
}

const eraseLine = "\r\x1b[K"
