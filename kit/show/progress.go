package show

import (
	"context"
	"fmt"
	"html"
	"math"
	"net"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"evident/internal/render"
	"evident/kit/experiment"
	"evident/kit/keep"
	"evident/kit/progress"
)

// Context returns the context of a notebook cell. An interrupt of the kernel
// cancels it, and a progress bar shows what runs under it. Outside a notebook it is
// a plain context without a bar.
func Context() context.Context {
	if !gonbui.IsNotebook {
		return kept(progress.WithNotices(context.Background(), notice))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	contexts.add(ctx)
	id := "evident-progress-" + gonbui.UniqueId()
	bar := newBar(time.Now, func(html string) { gonbui.SendData(drawing(id, html)) })
	context.AfterFunc(ctx, func() {
		stop() // a second interrupt ends the process at once
		if bar.interrupted() {
			askForTime()
		}
	})
	return kept(progress.WithNotices(progress.With(ctx, bar.report), notice))
}

// contexts are all that the cell has asked for.
var contexts contextList

type contextList struct {
	mu  sync.Mutex
	all []context.Context
}

func (l *contextList) add(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, ctx)
}

// interrupted counts those that an interrupt has ended.
func (l *contextList) interrupted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, ctx := range l.all {
		if ctx.Err() != nil {
			n++
		}
	}
	return n
}

// drawing is the output with a bar. `evident notebooks` reads the text, and knows the output by its id.
func drawing(id, gauge string) *protocol.DisplayData {
	text := strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(gauge, "")))
	return &protocol.DisplayData{DisplayID: id, Data: map[protocol.MIMEType]any{protocol.MIMETextHTML: gauge, protocol.MIMETextPlain: text}}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// kept is a context under which experiments that were measured before are not measured again.
func kept(ctx context.Context) context.Context { return experiment.Keeping(ctx, keep.Open(false)) }

// redraw is the shortest time between two drawings of the bar. Five a second look
// live and cost the kernel nothing.
const redraw = 200 * time.Millisecond

// bar turns progress updates into a progress bar. While a task runs it shows the
// progress; then one line sums up all tasks so far.
type bar struct {
	now  func() time.Time
	draw func(html string)

	mu      sync.Mutex
	began   time.Time // of the first task
	started time.Time // of this task
	drawn   time.Time
	last    progress.Update
	done    int // tasks finished before this one
	stopped bool
}

func newBar(now func() time.Time, draw func(string)) *bar {
	return &bar{now: now, draw: draw}
}

// report draws the progress, at most five times a second. It always draws the end
// of a task.
func (b *bar) report(p progress.Update) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped || p.Task == "" {
		return
	}
	now := b.now()
	switch {
	case b.began.IsZero():
		b.began, b.started = now, now
	case p.Task != b.last.Task || p.Step < b.last.Step:
		b.done++
		b.started = now
	}
	b.last = p
	if since := now.Sub(b.drawn); !finished(p) && since >= 0 && since < redraw {
		return
	}
	b.drawn = now
	if finished(p) {
		b.draw(b.summary(now))
		return
	}
	b.draw(b.live(now))
}

// interrupted replaces the bar of a task that runs by a line that says where it stopped.
func (b *bar) interrupted() (running bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	if b.began.IsZero() || finished(b.last) {
		return false
	}
	b.draw(line("◼ interrupted: %s, step %d", html.EscapeString(b.last.Task), b.last.Step))
	return true
}

// askForTime tells the kernel that the cell ends by itself, once the step that runs is
// done. The kernel ends other cells a moment after the interrupt, whatever they do.
func askForTime() {
	if kernel, err := net.Dial("unix", os.Getenv(kernelVariable)); err == nil {
		_, _ = kernel.Write([]byte(`{"Ending": {}}`))
		_ = kernel.Close()
	}
}

func finished(p progress.Update) bool { return p.Steps > 0 && p.Step >= p.Steps }

// live returns the bar of the running task.
func (b *bar) live(now time.Time) string {
	p, spent := b.last, max(0, now.Sub(b.started))
	gauge, left := "<progress></progress>", ""
	steps := fmt.Sprintf("step %d", p.Step)
	if p.Steps > 0 {
		gauge = fmt.Sprintf(`<progress value="%d" max="%d"></progress>`, p.Step, p.Steps)
		steps = fmt.Sprintf("step %d of %d", p.Step, p.Steps)
		if p.Step > 0 {
			remaining := time.Duration(float64(spent) * float64(p.Steps-p.Step) / float64(p.Step))
			left = ", about " + render.Duration(remaining) + " left"
		}
	}
	task := html.EscapeString(p.Task)
	if p.Experiment != "" {
		task = html.EscapeString(p.Experiment) + ": " + task
	}
	text := fmt.Sprintf("%s · %s%s · %s%s", task, steps, loss(p), render.Duration(spent), left)
	if b.done > 0 {
		text += fmt.Sprintf(" · %d done before", b.done)
	}
	return line("%s %s", gauge, text)
}

// summary returns the line that remains of the bar.
func (b *bar) summary(now time.Time) string {
	text := fmt.Sprintf("✔ %s · %d steps%s", html.EscapeString(b.last.Task), b.last.Step, loss(b.last))
	if b.done > 0 {
		text += fmt.Sprintf(" · %d runs", b.done+1)
	}
	return line("%s · %s", text, render.Duration(max(0, now.Sub(b.began))))
}

func loss(p progress.Update) string {
	if math.IsNaN(p.Loss) {
		return ""
	}
	return fmt.Sprintf(" · loss %.4f", p.Loss)
}

func line(format string, args ...any) string {
	return `<div class="evident-progress" style="font-variant-numeric:tabular-nums">` + fmt.Sprintf(format, args...) + "</div>"
}
