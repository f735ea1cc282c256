package layer

import (
	"fmt"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
)

// between is the least time between two messages of text.
const between = 100 * time.Millisecond

// output gathers the text of a cell to a few messages a second: a page that gets
// thousands of them freezes.
type output struct {
	mu      sync.Mutex
	publish func(name, text string)
	pieces  []piece
	last    time.Time
	timer   *time.Timer
}

type piece struct{ name, text string }

func newOutput(publish func(name, text string)) *output { return &output{publish: publish} }

func (o *output) add(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if last := len(o.pieces) - 1; last >= 0 && o.pieces[last].name == name {
		o.pieces[last].text += text
	} else {
		o.pieces = append(o.pieces, piece{name, text})
	}
	switch wait := between - time.Since(o.last); {
	case o.timer != nil:
	case wait <= 0:
		o.flushLocked()
	default:
		o.timer = time.AfterFunc(wait, o.flush)
	}
}

func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked()
}

func (o *output) flushLocked() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	for _, p := range o.pieces {
		o.publish(p.name, p.text)
	}
	if len(o.pieces) > 0 {
		o.pieces, o.last = nil, time.Now()
	}
}

// spilled is text of a cell that was not shown.
type spilled struct {
	Name  string // stdout or stderr
	Bytes int64  // that were printed in all
	File  string // has all of it, or its beginning
}

// close shows what waits, and says where the rest is.
func (o *output) close(rest []spilled) {
	for _, r := range rest {
		o.add("stderr", fmt.Sprintf("\n[%s: the first %s of %s are shown; %s has the text, until the kernel ends or has more such files]\n",
			r.Name, humanize.Bytes(mostShown), humanize.Bytes(uint64(r.Bytes)), r.File))
	}
	o.flush()
}
