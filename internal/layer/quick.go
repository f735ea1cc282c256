package layer

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// untilQuick is how long a completion waits for gopls. A page shows nothing that comes
// later than a second, so a part of the names at once is better than all of them late.
const untilQuick = 250 * time.Millisecond

// completion are the words that fit at a cursor, and the code points that they replace.
type completion struct {
	matches    []string
	start, end int
}

// complete asks gopls. Where that is not ready, or busy, it answers from the source alone:
// the names of the notebook, and what packages export, but no fields and no methods.
func (k *Kernel) complete(code []rune, cursor int) completion {
	if h := k.readyHelper(); h != nil {
		found := make(chan completion, 1)
		go func() {
			if c, ok := h.complete(k.notes, code, cursor); ok {
				found <- c
			}
		}()
		select {
		case c := <-found:
			return c
		case <-time.After(untilQuick):
		}
	}
	return k.notes.quick(k.exports, code, cursor)
}

// quick completes without types.
func (n *notebook) quick(x *exports, code []rune, cursor int) completion {
	none := completion{[]string{}, cursor, cursor}
	_, line, ok := n.compose(code, cursor)
	if !ok {
		return none
	}
	c := readCell(string(code), 0)
	lines := c.goLines()
	above := strings.Join(lines[:line-1], "\n") + "\n"
	typed, qualifier, ok := atCursor(above + string(lineBefore(code, cursor)))
	if !ok {
		return none
	}
	var names []string
	if qualifier != "" {
		names = x.of(n.pathOf(c, x, qualifier))
	} else {
		names = append(n.names(c, x), otherNames(strings.Join(lines, "\n"), len(above)+len(string(lineBefore(code, cursor))))...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(strings.ToLower(name), strings.ToLower(typed)) })
	if len(names) == 0 {
		return none
	}
	slices.Sort(names)
	return completion{slices.Compact(names), cursor - len([]rune(typed)), cursor}
}

// word is a token of Go code.
type word struct {
	token.Token
	text       string
	start, end int
}

func words(text string) []word {
	var s scanner.Scanner
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	var found []word
	for {
		at, t, literal := s.Scan()
		switch {
		case t == token.EOF:
			return found
		case t == token.SEMICOLON && literal == "\n":
		default:
			if literal == "" {
				literal = t.String()
			}
			start := file.Offset(at)
			found = append(found, word{t, literal, start, start + len(literal)})
		}
	}
}

// atCursor is the beginning of a name at the end of a text, and the name before its dot.
func atCursor(text string) (typed, qualifier string, ok bool) {
	w := words(text)
	last := len(w) - 1
	if last < 0 || w[last].end != len(text) {
		return "", "", false
	}
	switch {
	case w[last].Token == token.IDENT || w[last].IsKeyword():
		typed = w[last].text
		if last == 0 || w[last-1].Token != token.PERIOD {
			return typed, "", true
		}
		last--
	case w[last].Token != token.PERIOD:
		return "", "", false
	}
	if last == 0 || w[last-1].Token != token.IDENT || last > 1 && w[last-2].Token == token.PERIOD {
		return "", "", false
	}
	return typed, w[last-1].text, true
}

// otherNames are the names in a cell, without the one that ends at the cursor.
func otherNames(text string, cursor int) []string {
	var names []string
	for i, w := range words(text) {
		if w.Token == token.IDENT && (w.end < cursor || w.start >= cursor) && (i == 0 || text[w.start-1] != '.') {
			names = append(names, w.text)
		}
	}
	return names
}

// names are those that a cell can use without a package before them, but for its own.
func (n *notebook) names(c *cell, x *exports) []string {
	names := slices.Clone(types.Universe.Names())
	for t := token.BREAK; t <= token.VAR; t++ {
		names = append(names, t.String())
	}
	imports := slices.Clone(c.imports)
	n.mu.Lock()
	for _, k := range n.kept {
		switch {
		case k.kind == "import":
			imports = append(imports, imported{name: k.text, path: k.key})
		case !strings.Contains(k.key, "~"):
			names = append(names, k.key)
		}
	}
	n.mu.Unlock()
	for _, i := range imports {
		if i.name == "." {
			names = append(names, x.of(i.path)...)
		} else {
			names = append(names, importName(i.name, i.path))
		}
	}
	return names
}

// pathOf is the package that a name means.
func (n *notebook) pathOf(c *cell, x *exports, name string) string {
	for _, i := range c.imports {
		if importName(i.name, i.path) == name {
			return i.path
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.kept {
		if k.kind == "import" && importName(k.text, k.key) == name {
			return k.key
		}
	}
	// It is not imported yet.
	for _, path := range []string{name, "evident/kit/" + name} {
		if x.folder(path) != "" {
			return path
		}
	}
	return ""
}

// exports knows what packages export.
type exports struct {
	goroot, home, modules string
	required              map[string]string // the folders of modules

	mu   sync.Mutex
	read map[string][]string // by package
}

var requirement = regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) (v\S+)`)

// newExports reads which modules the checkout in home has.
func newExports(goTool, home string) *exports {
	x := &exports{home: home, modules: os.Getenv("GOMODCACHE"), required: map[string]string{}, read: map[string][]string{}}
	if program, err := filepath.EvalSymlinks(goTool); err == nil {
		x.goroot = filepath.Dir(filepath.Dir(program))
	}
	if x.modules == "" {
		paths := append(filepath.SplitList(os.Getenv("GOPATH")), filepath.Join(os.Getenv("HOME"), "go"))
		x.modules = filepath.Join(paths[0], "pkg", "mod")
	}
	text, _ := os.ReadFile(filepath.Join(home, "go.mod"))
	for _, m := range requirement.FindAllStringSubmatch(string(text), -1) {
		x.required[m[1]] = filepath.Join(x.modules, escape(m[1])+"@"+escape(m[2]))
	}
	return x
}

var capital = regexp.MustCompile(`[A-Z]`)

// escape is a path as the cache of modules has it.
func escape(path string) string {
	return capital.ReplaceAllStringFunc(path, func(c string) string { return "!" + strings.ToLower(c) })
}

// folder is where the source of a package is, or "".
func (x *exports) folder(path string) string {
	candidates := []string{filepath.Join(x.goroot, "src", path)}
	if rest, ok := strings.CutPrefix(path, "evident/"); ok {
		candidates = append(candidates, filepath.Join(x.home, rest))
	}
	for module := path; strings.Contains(module, "/"); module = module[:strings.LastIndexByte(module, '/')] {
		if folder, ok := x.required[module]; ok {
			candidates = append(candidates, filepath.Join(folder, strings.TrimPrefix(path, module)))
		}
	}
	for _, folder := range candidates {
		if info, err := os.Stat(folder); path != "" && err == nil && info.IsDir() {
			return folder
		}
	}
	return ""
}

// of are the names that a package exports.
func (x *exports) of(path string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if names, ok := x.read[path]; ok {
		return slices.Clone(names)
	}
	folder := x.folder(path)
	if folder == "" {
		return nil
	}
	p, _ := build.ImportDir(folder, 0)
	var names []string
	for _, file := range slices.Concat(p.GoFiles, p.CgoFiles) {
		if f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, file), nil, parser.SkipObjectResolution); err == nil {
			names = append(names, exportedNames(f)...)
		}
	}
	x.read[path] = names
	return slices.Clone(names)
}

func exportedNames(f *ast.File) []string {
	var names []string
	add := func(name *ast.Ident) {
		if name.IsExported() {
			names = append(names, name.Name)
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						add(name)
					}
				}
			}
		}
	}
	return names
}
