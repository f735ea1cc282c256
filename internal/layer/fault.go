package layer

import (
	"regexp"
	"strings"
)

// fault is an error as Jupyter shows it.
type fault struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

func newFault(name string, lines ...string) *fault {
	return &fault{Name: name, Value: lines[0], Traceback: []string{strings.Join(lines, "\n")}}
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// ofGoNB is an error that the layer did not foresee, each line once.
func (f fault) ofGoNB() *fault {
	lines := strings.Split(strings.TrimSpace(colours.ReplaceAllString(strings.Join(f.Traceback, "\n"), "")), "\n")
	value, _, _ := strings.Cut(strings.TrimSpace(f.Value), "\n")
	if lines[0] == "" {
		lines[0] = value
	}
	return &fault{Name: "error", Value: value, Traceback: []string{strings.Join(lines, "\n")}}
}
