package layer

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// problem is one message of the compiler.
type problem struct {
	cell    *cell
	line    int
	column  int
	message string
}

// compileFault shows problems with the lines that they are in.
func compileFault(problems []problem) *fault {
	f := &fault{Name: "does not compile"}
	for i, p := range problems {
		if i == 0 {
			f.Value = p.title()
		}
		f.Traceback = append(f.Traceback, p.show())
	}
	return f
}

func (p problem) title() string {
	if p.cell == nil {
		return p.message
	}
	return p.cell.place(p.line) + ": " + p.message
}

func (p problem) show() string {
	if p.cell == nil {
		return p.message
	}
	source := p.cell.source(p.line)
	if strings.TrimSpace(source) == "" {
		return p.title()
	}
	shown := p.title() + "\n    " + strings.ReplaceAll(source, "\t", "    ")
	if p.column > 0 && p.column <= len(source)+1 {
		before := strings.ReplaceAll(source[:p.column-1], "\t", "    ")
		shown += "\n    " + strings.Repeat(" ", len([]rune(before))) + "^"
	}
	return shown
}

// hint adds a line that says what to do.
func (f *fault) hint(text string) {
	if last := len(f.Traceback) - 1; last >= 0 {
		f.Traceback[last] += "\n  hint: " + text
	}
}

var (
	located    = regexp.MustCompile(`^(?:vet: )?(?:\S*/)?(cell-[0-9a-f]{12}|main(?:_test)?\.go|methods\.go):(\d+)(?::(\d+))?: (.*)$`)
	undefined  = regexp.MustCompile(`^undefined: (\S+)$`)
	unused     = regexp.MustCompile(`^declared and not used: (\S+)$`)
	noPackage  = regexp.MustCompile(`(?:no required module provides package|cannot find module providing package|package) ([\w.\-~/]+)(?:;| is not in std|: | provided|$)`)
	ignoredMsg = regexp.MustCompile(`^(?:# .*|\s*)$`)
)

// buildFault reads what the command go has said about a cell.
func (n *notebook) buildFault(c *cell, output string) *fault {
	var problems []problem
	for _, line := range strings.Split(output, "\n") {
		if ignoredMsg.MatchString(line) {
			continue
		}
		m := located.FindStringSubmatch(line)
		switch {
		case m != nil:
			p := problem{cell: n.cellNamed(m[1]), message: m[4]}
			p.line, _ = strconv.Atoi(m[2])
			p.column, _ = strconv.Atoi(m[3])
			problems = append(problems, p)
		case strings.HasPrefix(line, "\t") && len(problems) > 0:
			problems[len(problems)-1].message += "\n" + line
		default:
			problems = append(problems, problem{message: line})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return n.faultOf(c, problems)
}

func (n *notebook) faultOf(c *cell, problems []problem) *fault {
	f := &fault{Name: "does not compile"}
	said := map[string]bool{}
	for _, p := range problems {
		hint := n.hintFor(c, &p)
		shown := p.show()
		if said[shown] {
			continue
		}
		said[shown] = true
		if hint != "" && !said[hint] {
			said[hint] = true
			shown += "\n  hint: " + hint
		}
		if f.Value == "" {
			f.Value, _, _ = strings.Cut(p.title(), "\n")
		}
		f.Traceback = append(f.Traceback, shown)
	}
	return f
}

// hintFor knows what to do about some problems.
func (n *notebook) hintFor(c *cell, p *problem) string {
	if m := noPackage.FindStringSubmatch(p.message); m != nil && !strings.HasPrefix(p.message, "package ") || m != nil && strings.Contains(p.message, "is not in std") {
		p.message = fmt.Sprintf("the workspace has no package %s", m[1])
		if strings.Contains(strings.Split(m[1], "/")[0], ".") {
			return fmt.Sprintf("`!*go get %s` brings it, where there is a network", m[1])
		}
		return "the standard library has none of this name"
	}
	if m := undefined.FindStringSubmatch(p.message); m != nil {
		return n.undefinedHint(c, m[1])
	}
	if m := unused.FindStringSubmatch(p.message); m != nil {
		return fmt.Sprintf("use %s, or write `_ = %s`", m[1], m[1])
	}
	return ""
}

// undefinedHint: a value of another cell, or a package that was not imported.
func (n *notebook) undefinedHint(c *cell, name string) string {
	n.mu.Lock()
	lost, wasLocal := n.mains[name]
	n.mu.Unlock()
	switch {
	case wasLocal && lost.cell != c:
		return fmt.Sprintf("%s declares %s below %%%%, and what stands there ends with its cell: declare it above %%%%, as `var %s = …`, which each cell makes anew, or as a function that calls show.Keep, which makes it once", lost.cell.place(lost.line), name, name)
	case usedAsPackage(c, name):
		return fmt.Sprintf("import the package %s: `import \"…/%s\"`", name, name)
	}
	return ""
}

func usedAsPackage(c *cell, name string) bool {
	file, _ := parser.ParseFile(token.NewFileSet(), "", above+strings.Join(c.goLines(), "\n")+"\n", parser.SkipObjectResolution)
	found := false
	if file != nil {
		ast.Inspect(file, func(node ast.Node) bool {
			if s, ok := node.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == name && ast.IsExported(s.Sel.Name) {
					found = true
				}
			}
			return true
		})
	}
	return found
}
