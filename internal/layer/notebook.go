package layer

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// notebook is what the cells so far have declared, as GoNB keeps it.
type notebook struct {
	mu    sync.Mutex
	cells map[string]*cell // all that ran, by name
	kept  map[string]kept  // by kind and key
	mains map[string]kept  // what was declared below %%, and is lost
}

type kept struct {
	declaration
	cell *cell
}

func newNotebook() *notebook {
	return &notebook{cells: map[string]*cell{}, kept: map[string]kept{}, mains: map[string]kept{}}
}

// read takes a cell apart, and remembers it, as errors may name it.
func (n *notebook) read(code string, number int) *cell {
	c := readCell(code, number)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cells[c.name] = c
	return c
}

func (n *notebook) cellNamed(name string) *cell {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cells[name]
}

// keep remembers what a cell has declared, once it was built.
func (n *notebook) keep(c *cell) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range c.declared {
		if d.key == "main" {
			continue
		}
		for _, kind := range []string{"func", "type", "var", "const"} {
			delete(n.kept, kind+" "+d.key)
		}
		n.kept[d.kind+" "+d.key] = kept{d, c}
	}
	for _, i := range c.imports {
		n.kept["import "+i.name+" "+i.path] = kept{declaration{kind: "import", key: i.path, line: i.line, text: i.name}, c}
	}
	for name, line := range c.locals {
		n.mains[name] = kept{declaration{line: line}, c}
	}
}

// find looks for a declaration in the cell that runs, and then in those before it.
func (n *notebook) find(c *cell, kind, key string) (kept, bool) {
	for _, d := range c.declared {
		if d.kind == kind && d.key == key {
			return kept{d, c}, true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.kept[kind+" "+key]
	return k, ok
}

// findImport is where a package is imported.
func (n *notebook) findImport(c *cell, path string) (kept, bool) {
	for _, i := range c.imports {
		if i.path == path {
			return kept{declaration{line: i.line}, c}, true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.kept {
		if k.kind == "import" && k.key == path {
			return k, true
		}
	}
	return kept{}, false
}

// replacedBy are names that a cell declares as another kind of thing than before: GoNB
// would keep both.
func (n *notebook) replacedBy(c *cell) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var names []string
	for _, d := range c.declared {
		for _, kind := range []string{"func", "type", "var", "const"} {
			if _, ok := n.kept[kind+" "+d.key]; ok && kind != d.kind && !strings.Contains(d.key, "~") {
				names = append(names, d.key)
			}
		}
	}
	return names
}

// forget follows the commands that have GoNB forget.
func (n *notebook) forget(c *cell) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range c.special {
		switch s.command() {
		case "reset":
			clear(n.kept)
		case "rm", "remove":
			for _, key := range strings.Fields(s.text)[1:] {
				for _, kind := range []string{"func", "type", "var", "const"} {
					delete(n.kept, kind+" "+key)
				}
			}
		}
	}
}

var placeInText = regexp.MustCompile(`(cell-[0-9a-f]{12}):(\d+)`)

// placed names cells in a text as Jupyter does.
func (n *notebook) placed(text string) string {
	if !strings.Contains(text, "cell-") {
		return text
	}
	return placeInText.ReplaceAllStringFunc(text, func(found string) string {
		m := placeInText.FindStringSubmatch(found)
		c := n.cellNamed(m[1])
		if c == nil {
			return found
		}
		line, _ := strconv.Atoi(m[2])
		return c.place(line)
	})
}

// forGoNB is the code that GoNB gets. Where the client cannot be asked for input, a command
// has none.
func (c *cell) forGoNB(canAsk bool) (code string, wrong *fault) {
	if wrong := c.check(); wrong != nil {
		return "", wrong
	}
	lines := slices.Clone(c.lines)
	if !c.isGo {
		command, arguments, _ := strings.Cut(strings.TrimPrefix(lines[0], commentPrefix), " ")
		switch command {
		case "%%script":
			lines[0] = "%%script evident-kernel shell run " + arguments
		case "%%bash", "%%sh":
			if strings.TrimSpace(arguments) == "" {
				lines[0] = "%%script evident-kernel shell run " + command[2:]
			}
		}
		return strings.Join(lines, "\n"), nil
	}
	inputs := false
	for _, s := range c.special {
		if strings.TrimSpace(s.text[1:]) == "" {
			for i := s.first; i <= s.last; i++ {
				lines[i] = "" // GoNB falls over it
			}
			continue
		}
		if s.text[0] == '%' {
			asks := s.command() == "with_inputs" || s.command() == "with_password"
			if asks && !canAsk {
				lines[s.first] = ""
			}
			inputs = inputs || asks && canAsk
			continue
		}
		command := strings.TrimLeft(s.text[1:], " \t")
		star := ""
		if strings.HasPrefix(command, "*") {
			star, command = "*", command[1:]
		}
		how := "bash"
		if inputs {
			how, inputs = "asking", false
		}
		lines[s.first] = "!" + star + "evident-kernel shell " + how + " " + strconv.Itoa(s.first+1) + " " + base64.StdEncoding.EncodeToString([]byte(command))
		for i := s.first + 1; i <= s.last; i++ {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n"), nil
}
