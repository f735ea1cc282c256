package layer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

const (
	mostShown   = 1_000_000   // bytes of each stream of a program
	mostSpilled = 100_000_000 // bytes in the file with the rest
	packet      = 4096        // bytes that a pipe keeps together
)

// pump runs a program, and passes on what it prints: whole characters, up to a bound, and
// what a panic says to the layer. Line is that of a command, 0 for the program of a cell.
func pump(cmd *exec.Cmd, line int) (int, error) {
	// The layer interrupts the program by itself, once it runs.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, syscall.SIGINT)
	before, err := ask(call{Begin: &beginCall{}})
	if err == nil && before.Refused {
		return 1, nil
	}
	bound := int64(mostShown)
	if before.All {
		bound = 1 << 62
	}
	runtime.LockOSThread() // the program ends with the thread that has started it
	endsWithParent(cmd)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return 1, err
	}
	if len(interrupts) > 0 {
		return 130, nil
	}
	if err := cmd.Start(); err != nil {
		_, _ = ask(call{End: &endCall{Line: line, Status: 127, Signal: err.Error()}})
		return 127, err
	}
	outputs := []*sink{newSink("stdout", os.Stdout, bound), newSink("stderr", os.Stderr, bound)}
	held := &panicFilter{to: outputs[1], watches: line == 0}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(onlyWriter{outputs[0]}, stdout) })
	both.Go(func() { _, _ = io.Copy(onlyWriter{held}, stderr) })
	both.Wait()
	err = cmd.Wait()

	end := endCall{Line: line, Status: cmd.ProcessState.ExitCode(), Trace: held.end()}
	for _, s := range outputs {
		s.end()
		if s.hidden() {
			end.Spilled = append(end.Spilled, spilled{s.name, s.bytes, s.file.Name()})
		}
	}
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		if how, ok := failed.Sys().(syscall.WaitStatus); ok && how.Signaled() {
			end.Signal, end.Status = how.Signal().String(), 128+int(how.Signal())
		}
	}
	if _, err := ask(call{End: &end}); err != nil && end.Trace != "" {
		fmt.Fprint(os.Stderr, end.Trace)
	}
	return end.Status, nil
}

// onlyWriter hides that a file could read by itself.
type onlyWriter struct{ io.Writer }

// sink is one stream of a program.
type sink struct {
	mu    sync.Mutex
	name  string
	to    *os.File
	bound int64
	bytes int64  // that were printed
	part  []byte // of a character
	head  []byte // what was shown, as long as that is all
	file  *os.File
}

func newSink(name string, to *os.File, bound int64) *sink {
	keepTogether(to)
	return &sink{name: name, to: to, bound: bound}
}

func (s *sink) hidden() bool { return s.file != nil }

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := append(s.part, p...)
	end := wholeCharacters(text)
	s.part = bytes.Clone(text[end:])
	s.pass(text[:end])
	return len(p), nil
}

func (s *sink) pass(text []byte) {
	show := text
	if room := s.bound - s.bytes; int64(len(text)) > room {
		show = text[:max(0, room)]
		show = show[:wholeCharacters(show)]
	}
	s.keep(text, len(show) < len(text))
	s.bytes += int64(len(text))
	for len(show) > 0 {
		n := min(packet, len(show))
		if n < len(show) {
			n = wholeCharacters(show[:n])
		}
		if _, err := s.to.Write(show[:n]); err != nil {
			return
		}
		show = show[n:]
	}
}

// keep has a file with all of the text, once not all is shown.
func (s *sink) keep(text []byte, rest bool) {
	if rest && s.file == nil {
		file, err := os.CreateTemp("", s.name+"-*.txt")
		if err != nil {
			return
		}
		s.file = file
		_, _ = file.Write(s.head)
		s.head = nil
	}
	switch {
	case s.file == nil:
		if s.bytes < mostShown {
			s.head = append(s.head, text...)
		}
	case s.bytes < mostSpilled:
		_, _ = s.file.Write(text)
	}
}

func (s *sink) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass(bytes.ToValidUTF8(s.part, []byte("\uFFFD")))
	s.part = nil
}

// wholeCharacters is the length of a text without the character that is cut at its end.
func wholeCharacters(text []byte) int {
	for back := 1; back <= utf8.UTFMax-1 && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				return at
			}
			return len(text)
		}
	}
	return len(text)
}

// panicFilter holds back what Go prints when a program panics: it becomes the error of the cell.
type panicFilter struct {
	mu      sync.Mutex
	to      *sink
	watches bool
	begun   bool // inside of a line
	trace   []byte
	holds   bool
	timer   *time.Timer
}

const (
	longestTrace = 1_000_000
	// After so long a text that begins like a panic must go on like one.
	untilGoroutines = time.Second
)

// The last is what the package must says before it panics.
var panicStart = regexp.MustCompile(`^(?:panic: |fatal error: |runtime: goroutine stack exceeds|unexpected fault address|(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?Must not error: )`)

func (f *panicFilter) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for rest := p; len(rest) > 0; {
		if f.holds {
			f.trace = append(f.trace, rest...)
			if len(f.trace) > longestTrace {
				f.release()
			}
			break
		}
		if f.watches && !f.begun && panicStart.Match(rest) {
			f.holds = true
			f.timer = time.AfterFunc(untilGoroutines, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				if f.holds && !bytes.Contains(f.trace, []byte("\ngoroutine ")) {
					f.release()
				}
			})
			continue
		}
		n := bytes.IndexByte(rest, '\n') + 1
		f.begun = n == 0
		if n == 0 {
			n = len(rest)
		}
		_, _ = f.to.Write(rest[:n])
		rest = rest[n:]
	}
	return len(p), nil
}

func (f *panicFilter) release() {
	_, _ = f.to.Write(f.trace)
	f.begun = !bytes.HasSuffix(f.trace, []byte("\n"))
	f.trace, f.holds = nil, false
	f.timer.Stop()
}

// end returns the trace of the panic that has ended the program.
func (f *panicFilter) end() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.holds {
		return ""
	}
	if !bytes.Contains(f.trace, []byte("\ngoroutine ")) {
		f.release()
		return ""
	}
	f.timer.Stop()
	return string(f.trace)
}
