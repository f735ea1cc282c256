package layer

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"evident/kit/keep"
)

// explain has a program print the frames that an error is from, which a panic does not.
const explain = `package main

import (
	"fmt"
	"os"
)

func ` + explainer + `() {
	if e := recover(); e != nil {
		if f, ok := e.(fmt.Formatter); ok {
			fmt.Fprintf(os.Stderr, "` + originMark + `%+v\n", f)
		}
		panic(e)
	}
}
`

const (
	explainer  = "evidentExplain"
	originMark = "Must not error: " // as the package must has it
)

// build builds the program of a cell, with a directive before each declaration that names
// the cell and the line that it is from.
func (k *Kernel) build(r *run, b buildCall) callReply {
	program := target(b.Arguments)
	for _, name := range []string{"main.go", "main_test.go"} {
		file := filepath.Join(b.Folder, name)
		source, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		annotated, methods := k.notes.annotate(r.cell, name, string(source))
		if err := os.WriteFile(file, []byte(annotated), 0o600); err != nil {
			return callReply{Status: 1, Output: err.Error()}
		}
		for other, text := range map[string]string{"methods.go": methods, "explain.go": explain} {
			if err := writeOrRemove(filepath.Join(b.Folder, other), text); err != nil {
				return callReply{Status: 1, Output: err.Error()}
			}
		}
	}
	b.Arguments = slices.Clone(b.Arguments)
	b.Arguments[slices.Index(b.Arguments, "-o")+1] = program + programEnding
	reply := k.buildProgram(r, b)
	if reply.Status != 0 && forgetUnused(b.Folder, reply.Output) {
		reply = k.buildProgram(r, b)
	}
	if reply.Status != 0 {
		if f := k.notes.buildFault(r.cell, reply.Output); f != nil {
			r.fail(f)
		}
		return reply
	}
	if f, err := k.writeCalls(b.Folder, program+programEnding); f != nil || err != nil {
		if err != nil {
			return callReply{Status: 1, Output: err.Error()}
		}
		r.fail(f)
		return callReply{Status: 1}
	}
	k.notes.keep(r.cell)
	// A failed build leaves an older program, which would then run for the newer.
	_ = os.Remove(program)
	own, err := os.Executable()
	if err == nil {
		err = os.Symlink(own, program)
	}
	if err != nil {
		return callReply{Status: 1, Output: err.Error()}
	}
	return reply
}

// writeCalls leaves beside a program what the values that it keeps depend on.
func (k *Kernel) writeCalls(folder, program string) (*fault, error) {
	files, keeps := map[string]string{}, false
	for _, name := range []string{"main.go", "main_test.go", "methods.go"} {
		if source, err := os.ReadFile(filepath.Join(folder, name)); err == nil {
			files[name] = string(source)
			keeps = keeps || strings.Contains(files[name], keepFunction)
		}
	}
	if !keeps {
		return nil, keep.WriteCalls(program, nil)
	}
	found, wrong := calls(files)
	if wrong != nil {
		cell := k.notes.cellNamed(filepath.Base(wrong.at.Filename))
		f := compileFault([]problem{{cell, wrong.at.Line, wrong.at.Column, wrong.message}})
		f.Name = "cannot be kept"
		return f, nil
	}
	return nil, keep.WriteCalls(program, found)
}

var unusedImport = regexp.MustCompile(`: "([^"]+)" imported (?:as \S+ )?and not used`)

// forgetUnused takes the names of imports away that a cell does not use. GoNB keeps those
// of `import . "…"` in all cells.
func forgetUnused(folder, output string) (changed bool) {
	file := filepath.Join(folder, "main.go")
	source, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	text := string(source)
	for _, m := range unusedImport.FindAllStringSubmatch(output, -1) {
		spec := regexp.MustCompile(`(?m)^\t(?:\S+ )?` + regexp.QuoteMeta(strconv.Quote(m[1])) + `$`)
		text = spec.ReplaceAllLiteralString(text, "\t_ "+strconv.Quote(m[1]))
	}
	return text != string(source) && os.WriteFile(file, []byte(text), 0o600) == nil
}

func writeOrRemove(file, text string) error {
	if text == "" {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	return os.WriteFile(file, []byte(text), 0o600)
}

// runGo runs the command go, or one that go gives. An interrupt of the cell ends it.
func runGo(program string, b buildCall, r *run) callReply {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if r != nil {
		r.mu.Lock()
		r.stop = cancel
		r.mu.Unlock()
		defer func() {
			r.mu.Lock()
			r.stop = nil
			r.mu.Unlock()
		}()
		if r.interrupted.Load() {
			return callReply{Status: 1, Output: "interrupted"}
		}
	}
	cmd := exec.CommandContext(ctx, program, b.Arguments...)
	cmd.Dir, cmd.Env = b.Folder, b.Environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	reply := callReply{Output: string(output)}
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		reply.Status = max(1, failed.ExitCode())
	} else if err != nil {
		reply = callReply{Status: 1, Output: err.Error()}
	}
	return reply
}

// annotate adds the directives to a program that GoNB has composed, and takes the methods
// of generic types out of it: GoNB confuses those of two types. They are in a file of their own.
func (n *notebook) annotate(c *cell, name, source string) (annotated, methods string) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", source, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return source, ""
	}
	lines := strings.Split(source, "\n")
	before := map[int]string{} // directives, by the line that they stand before
	line := func(p token.Pos) int { return set.PositionFor(p, false).Line }
	mark := func(p token.Pos, kind, key, text string) {
		directive := fmt.Sprintf("//line %s:%d:1", name, line(p))
		k, ok := n.find(c, kind, key)
		if kind == "import" {
			k, ok = n.findImport(c, key)
		}
		if !ok && key == "init" {
			k, ok = n.findInit(c, text)
		}
		if ok {
			directive = fmt.Sprintf("//line %s:%d:1", k.cell.name, k.line)
		}
		before[line(p)] = directive
	}
	text := func(node ast.Node) string {
		return source[set.PositionFor(node.Pos(), false).Offset:set.PositionFor(node.End(), false).Offset]
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case d.Recv == nil && d.Name.Name == "main" && c.mainAt >= 0:
				c.markMain(lines, line(d.Pos()), line(d.End()), before)
			case isGeneric(d):
				for i := line(d.Pos()); i <= line(d.End()); i++ {
					lines[i-1] = ""
				}
			default:
				mark(d.Pos(), "func", functionKey(d), text(d))
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ImportSpec:
					path, _ := strconv.Unquote(s.Path.Value)
					mark(s.Pos(), "import", path, "")
				case *ast.TypeSpec:
					mark(s.Pos(), "type", s.Name.Name, "")
				case *ast.ValueSpec:
					mark(s.Pos(), d.Tok.String(), s.Names[0].Name, "")
				}
			}
		}
	}
	for _, s := range onlyOfMethods(file) {
		// An import that only those methods use.
		lines[line(s.Path.Pos())-1] = "\t_ " + s.Path.Value
	}
	var b strings.Builder
	for i, l := range lines {
		if directive, ok := before[i+1]; ok {
			b.WriteString(directive + "\n")
		}
		b.WriteString(l + "\n")
	}
	return b.String(), n.methods(c, file)
}

// onlyOfMethods are imports that nothing but methods of generic types use.
func onlyOfMethods(file *ast.File) []*ast.ImportSpec {
	inMethods, elsewhere := map[string]bool{}, map[string]bool{}
	for _, d := range file.Decls {
		used := elsewhere
		if f, ok := d.(*ast.FuncDecl); ok && isGeneric(f) {
			used = inMethods
		}
		ast.Inspect(d, func(node ast.Node) bool {
			if s, ok := node.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					used[x.Name] = true
				}
			}
			return true
		})
	}
	var found []*ast.ImportSpec
	for _, s := range file.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		name := ""
		if s.Name != nil {
			name = s.Name.Name
		}
		if name = importName(name, path); inMethods[name] && !elsewhere[name] {
			found = append(found, s)
		}
	}
	return found
}

// markMain numbers the statements below %%. GoNB has taken the commands out from between them.
func (c *cell) markMain(lines []string, first, last int, before map[int]string) {
	before[first] = fmt.Sprintf("//line %s:%d:1", c.name, c.mainAt+1)
	skipped := map[int]bool{}
	for _, s := range c.special {
		skipped[s.first] = true
		for i := s.first; i <= s.last && s.text[0] == '%'; i++ {
			skipped[i] = true
		}
	}
	lines[first] += "; defer " + explainer + "()" // behind flag.Parse()
	at := first + 2                               // behind `func main() {` and `flag.Parse()`
	follows := false
	for i := c.mainAt + 1; i < len(c.lines) && at <= last; i++ {
		if skipped[i] || strings.HasPrefix(c.lines[i], "package") {
			follows = false
			continue
		}
		if !follows {
			before[at] = fmt.Sprintf("//line %s:%d:1", c.name, i+1)
		}
		follows = true
		at++
	}
}

// findInit: GoNB renames a function init_x to init.
func (n *notebook) findInit(c *cell, text string) (kept, bool) {
	_, body, _ := strings.Cut(text, "(")
	matches := func(d declaration) bool {
		_, its, _ := strings.Cut(d.text, "(")
		return d.kind == "func" && strings.HasPrefix(d.key, "init") && its == body
	}
	for _, d := range c.declared {
		if matches(d) {
			return kept{d, c}, true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.kept {
		if matches(k.declaration) {
			return k, true
		}
	}
	return kept{}, false
}

// methods is a file with the methods of the generic types that a program has.
func (n *notebook) methods(c *cell, program *ast.File) string {
	types := map[string]bool{}
	used := map[string]string{} // imports, by the name that they are used by
	for _, d := range program.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, s := range g.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					types[s.Name.Name] = s.TypeParams != nil
				case *ast.ImportSpec:
					addImport(used, s)
				}
			}
		}
	}
	all := map[string]kept{}
	n.mu.Lock()
	for _, k := range n.kept {
		if k.generic {
			all[k.key] = k
		}
		if k.kind == "import" {
			used[importName(k.text, k.key)] = strings.TrimSpace(k.text + " " + strconv.Quote(k.key))
		}
	}
	n.mu.Unlock()
	for _, d := range c.declared {
		if d.generic {
			all[d.key] = kept{d, c}
		}
	}
	for _, i := range c.imports {
		used[importName(i.name, i.path)] = strings.TrimSpace(i.name + " " + strconv.Quote(i.path))
	}
	var b strings.Builder
	for _, key := range sortedKeys(all) {
		k := all[key]
		if owner, _, _ := strings.Cut(key, "~"); types[owner] {
			fmt.Fprintf(&b, "//line %s:%d:1\n%s\n\n", k.cell.name, k.line, k.text)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "package main\n" + importsOf(b.String(), used) + b.String()
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func addImport(used map[string]string, s *ast.ImportSpec) {
	path, _ := strconv.Unquote(s.Path.Value)
	name := ""
	if s.Name != nil {
		name = s.Name.Name
	}
	used[importName(name, path)] = strings.TrimSpace(name + " " + s.Path.Value)
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// importName is the name that a package is used by, as far as its path tells.
func importName(name, path string) string {
	if name != "" {
		return name
	}
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && version.MatchString(last) {
		last = parts[len(parts)-2]
	}
	return last
}

// importsOf are the imports that a text uses.
func importsOf(text string, known map[string]string) string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", "package main\n"+text, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	found := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if s, ok := node.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				if known[x.Name] != "" {
					found[known[x.Name]] = true
				}
			}
		}
		return true
	})
	var b strings.Builder
	for _, i := range sortedKeys(found) {
		b.WriteString("import " + i + "\n")
	}
	return b.String()
}
