package layer

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"evident/datasets"
)

// endFault is what the end of a cell's program, or of a command, says of the cell; nil
// where it did well.
func (n *notebook) endFault(c *cell, e endCall) *fault {
	switch {
	case e.Trace != "":
		return n.panicFault(e.Trace)
	case e.Status == 0:
		return nil
	case e.Line > 0:
		text := c.source(e.Line)
		how := fmt.Sprintf("ended with exit status %d", e.Status)
		if e.Signal != "" {
			how = "was ended: " + e.Signal
		}
		return newFault("command failed", fmt.Sprintf("%s: %s %s", c.place(e.Line), text, how))
	case e.Signal == "killed":
		return newFault("killed", "signal: killed: where nobody has killed the cell's program, the memory has run out")
	case e.Signal != "":
		return newFault("ended", "signal: "+e.Signal)
	}
	return newFault("exit status", fmt.Sprintf("exit status %d", e.Status))
}

var (
	goroutine = regexp.MustCompile(`^goroutine (\d+) .*\[.*\]:$`)
	frameAt   = regexp.MustCompile(`^\t(.*):(\d+)(?: \+0x[0-9a-f]+)?$`)
	registers = regexp.MustCompile(`(?: (?:gp|m|mp)=\S+)+`)
	inCell    = regexp.MustCompile(`^cell-[0-9a-f]{12}$`)
)

type frame struct {
	function string
	file     string
	line     int
}

// panicFault shows a panic with the lines of the cells, and folds the frames of libraries.
func (n *notebook) panicFault(trace string) *fault {
	said, rest, _ := strings.Cut(trace, "\ngoroutine ")
	// The package must prints an error with the frames that it is from, and panics then.
	var origin []string
	if about, text, ok := cutPanic(said); ok {
		lines, ofReader := n.showFrames(splitGoroutines("goroutine 0 [error]:\n" + about)[0].frames)
		said = text
		if ofReader {
			origin = append([]string{"", "the error is from"}, lines...)
		}
	}
	said, _, _ = strings.Cut(said, "\n\nruntime stack:")
	var head []string
	for _, line := range strings.Split(strings.TrimSpace(said), "\n") {
		if !strings.HasPrefix(line, "[signal ") && !strings.HasPrefix(line, "runtime: ") {
			head = append(head, n.placed(strings.TrimSuffix(line, " [recovered, repanicked]")))
		}
	}
	name, value, _ := strings.Cut(head[0], ": ")
	f := &fault{Name: name, Value: value}
	shown := append(head, origin...)
	others := 0
	for i, g := range splitGoroutines("goroutine " + rest) {
		// The first is the one that has panicked.
		lines, ofReader := n.showFrames(g.frames)
		if i == 0 && origin != nil {
			continue // these frames are among the error's
		}
		if i > 0 && (!ofReader || i > mostGoroutines) {
			others++
			continue
		}
		shown = append(append(shown, "", g.title), lines...)
	}
	if others > 0 {
		shown = append(shown, "", "and "+datasets.Counted(others, "more goroutine"))
	}
	f.Traceback = []string{strings.Join(shown, "\n")}
	return f
}

// What is shown of a trace, at most.
const (
	mostGoroutines = 8
	mostPackages   = 3
)

// cutPanic parts what the package must prints from the panic.
func cutPanic(said string) (about, panicked string, ok bool) {
	at := strings.Index(said, "\npanic: ")
	if at < 0 || !strings.Contains(said[:at], originMark) {
		return "", said, false
	}
	// Where must has said it, the explainer says it once more.
	_, about, _ = strings.Cut(said[:at], originMark)
	about, _, _ = strings.Cut(about, originMark)
	return about, said[at+1:], true
}

type goroutineTrace struct {
	title  string
	frames []frame
}

func splitGoroutines(text string) []goroutineTrace {
	var all []goroutineTrace
	function := ""
	for _, line := range strings.Split(text, "\n") {
		if goroutine.MatchString(line) {
			all = append(all, goroutineTrace{title: strings.TrimSuffix(registers.ReplaceAllString(line, ""), ":")})
			function = ""
			continue
		}
		if len(all) == 0 {
			continue
		}
		last := &all[len(all)-1]
		if m := frameAt.FindStringSubmatch(line); m != nil && function != "" {
			if number, _ := strconv.Atoi(m[2]); !ofRuntime(function) {
				last.frames = append(last.frames, frame{function, m[1], number})
			}
			function = ""
		} else if line != "" && !strings.HasPrefix(line, "\t") {
			function = line
		}
	}
	return all
}

// ofRuntime: frames that say nothing to a reader.
func ofRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "panic(") || function == "main."+explainer+"()"
}

// showFrames names cell and line for each frame of the reader's.
func (n *notebook) showFrames(frames []frame) (lines []string, ofReader bool) {
	folded, packages := 0, []string{}
	fold := func() {
		if folded > 0 {
			if len(packages) > mostPackages {
				packages = append(packages[:mostPackages], "…")
			}
			lines = append(lines, "    … "+datasets.Counted(folded, "frame")+" of "+strings.Join(packages, ", "))
		}
		folded, packages = 0, nil
	}
	// A function that calls itself has the same frame many times.
	again := 0
	repeat := func() {
		if again > 0 && folded == 0 {
			lines = append(lines, fmt.Sprintf("    … and %d more of these", again))
		}
		again = 0
	}
	for i, fr := range frames {
		if i > 0 && fr == frames[i-1] {
			again++
			continue
		}
		repeat()
		name := path.Base(fr.file)
		c := n.cellNamed(name)
		if !inCell.MatchString(name) || c == nil {
			folded++
			if p := packageOf(fr.function); !slices.Contains(packages, p) {
				packages = append(packages, p)
			}
			continue
		}
		ofReader = true
		fold()
		lines = append(lines, fmt.Sprintf("  %s, in %s", c.place(fr.line), functionName(fr.function)))
		if source := strings.TrimSpace(c.source(fr.line)); source != "" {
			lines = append(lines, "      "+source)
		}
	}
	repeat()
	fold()
	return lines, ofReader
}

// packageOf is the package of a function in a trace.
func packageOf(function string) string {
	function = strings.TrimPrefix(function, "created by ")
	slash := strings.LastIndexByte(cutArguments(function), '/') + 1
	name, _, found := strings.Cut(function[slash:], ".")
	if !found {
		return "runtime"
	}
	return function[:slash] + name
}

func functionName(function string) string {
	created := strings.HasPrefix(function, "created by ")
	function, _, _ = strings.Cut(strings.TrimPrefix(function, "created by "), " in goroutine ")
	if !created {
		function = cutArguments(function)
	}
	function = strings.TrimPrefix(function, "main.")
	if created {
		return function + ", which has started it"
	}
	return function
}

// cutArguments takes the last parentheses off.
func cutArguments(function string) string {
	depth := 0
	for i := len(function) - 1; i >= 0; i-- {
		switch function[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 && i > 0 {
				return function[:i]
			}
		}
		if depth == 0 && function[i] != '(' {
			break
		}
	}
	return function
}
