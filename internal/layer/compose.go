package layer

import (
	"fmt"
	"strings"
	"unicode"
)

func isLetter(r rune) bool { return unicode.IsLetter(r) }

// compose is a program for gopls: the cell as it is typed, each line with its columns, and
// behind it what the cells before have declared. Line is the cursor's, counted from 0.
func (n *notebook) compose(code []rune, cursor int) (text string, line int, ok bool) {
	c := readCell(string(code), 0)
	if !c.isGo {
		return "", 0, false
	}
	line = strings.Count(string(code[:cursor]), "\n")
	for _, s := range c.special {
		if s.first <= line && line <= s.last {
			return "", 0, false
		}
	}
	declared := map[string]bool{}
	for _, d := range c.declared {
		declared[d.key] = true
	}
	imports := map[string]bool{}
	for _, i := range c.imports {
		imports[importName(i.name, i.path)] = true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var head, tail strings.Builder
	head.WriteString("package main; ")
	for _, key := range sortedKeys(n.kept) {
		k := n.kept[key]
		switch {
		case k.kind == "import":
			if !imports[importName(k.text, k.key)] {
				imports[importName(k.text, k.key)] = true
				fmt.Fprintf(&head, "import %s %q; ", k.text, k.key)
			}
		case !declared[k.key] && !k.generic:
			declared[k.key] = true
			// A specification with several names stands once.
			if !declared[k.cell.name+k.text] {
				declared[k.cell.name+k.text] = true
				tail.WriteString(k.text + "\n")
			}
		}
	}
	lines := c.goLines()
	body := strings.Join(lines, "\n")
	if c.mainAt < 0 {
		body += "\n"
	}
	return head.String() + "\n" + body + "\n" + tail.String(), line + 1, true
}
