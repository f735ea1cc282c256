package layer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cell is the code of one cell as GoNB understands it.
type cell struct {
	number  int
	name    string // names the cell's lines in the program that it is built to
	lines   []string
	special []special
	isGo    bool
	mainAt  int // line of %%, counted from 0, or -1
	capture bool

	file     *ast.File
	set      *token.FileSet
	syntax   error
	declared []declaration
	imports  []imported
	locals   map[string]int // names declared below %%, with their lines
}

// special is a command, as %env or !ls, and takes one line or more.
type special struct {
	first, last int // lines, counted from 0
	text        string
}

// declaration is one name that outlives its cell.
type declaration struct {
	kind, key string
	line      int // counted from 1, in its cell
	text      string
	generic   bool // a method of a generic type
}

type imported struct {
	name, path string
	line       int
}

// Commands of GoNB.
var (
	cellCommands = []string{"%%writefile", "%%script", "%%bash", "%%sh", "%%gx"}
	commands     = []string{
		"%", "main", "args", "test", "exec", "wasm", "widgets", "widgets_hb", "env", "cd", "goflags", "autoget", "noautoget", "help",
		"version", "reset", "ls", "list", "rm", "remove", "with_inputs", "with_password", "track", "untrack", "goworkfix", "capture",
	}
)

const commentPrefix = "//gonb:"

// readCell takes a cell apart.
func readCell(code string, number int) *cell {
	sum := sha256.Sum256([]byte(code))
	c := &cell{number: number, name: "cell-" + hex.EncodeToString(sum[:6]), lines: strings.Split(code, "\n"), mainAt: -1, isGo: true}
	if first, _, _ := strings.Cut(strings.TrimPrefix(c.lines[0], commentPrefix), " "); slices.Contains(cellCommands, first) {
		c.isGo = false
		return c
	}
	c.readSpecial()
	c.parse()
	return c
}

func (c *cell) readSpecial() {
	for i := 0; i < len(c.lines); i++ {
		line := strings.TrimPrefix(c.lines[i], commentPrefix)
		if len(line) < 2 || line[0] != '%' && line[0] != '!' {
			continue
		}
		s := special{first: i, last: i, text: line}
		for strings.HasSuffix(s.text, `\`) && s.last+1 < len(c.lines) {
			s.last++
			s.text = strings.TrimSuffix(s.text, `\`) + " " + strings.TrimPrefix(c.lines[s.last], commentPrefix)
		}
		if c.mainAt < 0 && s.startsMain() {
			c.mainAt = i
		}
		c.capture = c.capture || s.command() == "capture"
		c.special = append(c.special, s)
		i = s.last
	}
}

func (s special) startsMain() bool {
	return strings.HasPrefix(s.text, "%main") || s.text == "%%" || strings.HasPrefix(s.text, "%% ") || strings.HasPrefix(s.text, "%%\t")
}

// command is the name of a command that begins with %.
func (s special) command() string {
	if s.text[0] != '%' {
		return ""
	}
	fields := strings.Fields(s.text[1:])
	if len(fields) == 0 {
		return "%"
	}
	return fields[0]
}

// goLines are the lines of the cell as Go code: each stands where it stood.
func (c *cell) goLines() []string {
	lines := slices.Clone(c.lines)
	for _, s := range c.special {
		for i := s.first; i <= s.last; i++ {
			lines[i] = ""
		}
	}
	for i, line := range lines {
		if strings.HasPrefix(line, "package") {
			lines[i] = ""
		}
	}
	if c.mainAt >= 0 {
		lines[c.mainAt] = "func main() {"
		lines = append(lines, "}")
	}
	return lines
}

// above is what stands before the first line of a cell when it is parsed.
const above = "package main\n"

func (c *cell) parse() {
	c.set = token.NewFileSet()
	c.file, c.syntax = parser.ParseFile(c.set, "", above+strings.Join(c.goLines(), "\n")+"\n", parser.ParseComments|parser.SkipObjectResolution)
	if c.file == nil {
		return
	}
	for _, d := range c.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.addFunction(d)
		case *ast.GenDecl:
			c.addGeneral(d)
		}
	}
}

// position does not listen to directives //line.
func (c *cell) position(p token.Pos) token.Position { return c.set.PositionFor(p, false) }

func (c *cell) line(p token.Pos) int { return c.position(p).Line - 1 }

func (c *cell) text(n ast.Node) string {
	lines := c.goLines()
	source := above + strings.Join(lines, "\n") + "\n"
	from, to := c.position(n.Pos()).Offset, c.position(n.End()).Offset
	if from > to || to > len(source) {
		return "" // it is not finished
	}
	return source[from:to]
}

func (c *cell) addFunction(d *ast.FuncDecl) {
	key := functionKey(d)
	if key == "main" {
		if d.Body != nil {
			c.locals = locals(d.Body, c.line)
		}
		if c.line(d.Pos()) == c.mainAt+1 {
			return // it is %%
		}
	}
	c.declared = append(c.declared, declaration{kind: "func", key: key, line: c.line(d.Pos()), text: c.text(d), generic: isGeneric(d)})
}

func (c *cell) addGeneral(d *ast.GenDecl) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.ImportSpec:
			path, _ := strconv.Unquote(s.Path.Value)
			i := imported{path: path, line: c.line(s.Pos())}
			if s.Name != nil {
				i.name = s.Name.Name
			}
			c.imports = append(c.imports, i)
		case *ast.TypeSpec:
			c.declared = append(c.declared, declaration{kind: "type", key: s.Name.Name, line: c.line(s.Pos()), text: "type " + c.text(s)})
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.Name != "_" {
					c.declared = append(c.declared, declaration{kind: d.Tok.String(), key: name.Name, line: c.line(s.Pos()), text: d.Tok.String() + " " + c.text(s)})
				}
			}
		}
	}
}

// functionKey is the same for two functions of which one replaces the other.
func functionKey(d *ast.FuncDecl) string {
	if receiver := receiverType(d); receiver != "" {
		return receiver + "~" + d.Name.Name
	}
	return d.Name.Name
}

func receiverType(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

func isGeneric(d *ast.FuncDecl) bool {
	generic := false
	if d.Recv != nil {
		ast.Inspect(d.Recv, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.IndexExpr, *ast.IndexListExpr:
				generic = true
			}
			return true
		})
	}
	return generic
}

// locals are the names that statements declare.
func locals(body *ast.BlockStmt, line func(token.Pos) int) map[string]int {
	found := map[string]int{}
	add := func(e ast.Expr) {
		if name, ok := e.(*ast.Ident); ok && name.Name != "_" {
			if _, ok := found[name.Name]; !ok {
				found[name.Name] = line(name.Pos())
			}
		}
	}
	for _, s := range body.List {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, e := range s.Lhs {
					add(e)
				}
			}
		case *ast.DeclStmt:
			if d, ok := s.Decl.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						for _, name := range v.Names {
							add(name)
						}
					}
				}
			}
		}
	}
	return found
}

// place names a line of the cell, counted from 1.
func (c *cell) place(line int) string { return fmt.Sprintf("cell [%d], line %d", c.number, line) }

func (c *cell) source(line int) string {
	if line < 1 || line > len(c.lines) {
		return ""
	}
	return c.lines[line-1]
}

var embed = regexp.MustCompile(`^\s*//go:embed\b`)

// check finds what GoNB would pass over, or say less well.
func (c *cell) check() *fault {
	if !c.isGo {
		return nil
	}
	for _, s := range c.special {
		name := s.command()
		if name == "" || slices.Contains(commands, name) || s.startsMain() {
			continue
		}
		if slices.Contains(cellCommands, "%"+name) {
			return newFault("bad command", fmt.Sprintf("%s: %%%s stands on the first line of a cell, or not at all", c.place(s.first+1), name))
		}
		return newFault("bad command", fmt.Sprintf("%s: there is no command %%%s: %%help lists those that there are", c.place(s.first+1), name))
	}
	for i, line := range c.lines {
		if embed.MatchString(line) {
			return newFault("cannot embed", fmt.Sprintf("%s: a cell has no folder that //go:embed could look into: read the file with os.ReadFile", c.place(i+1)))
		}
	}
	if second := c.secondMain(); second > 0 {
		return newFault("two programs", fmt.Sprintf("%s: a cell has one `%%%%`, or one function main: put this into a cell of its own", c.place(second)))
	}
	return c.syntaxFault()
}

// secondMain is the line where a cell begins a second program, or 0.
func (c *cell) secondMain() int {
	var mains []int
	for _, s := range c.special {
		if s.startsMain() || s.command() == "exec" {
			mains = append(mains, s.first+1)
		}
	}
	for _, d := range c.declared {
		if d.kind == "func" && d.key == "main" {
			mains = append(mains, d.line)
		}
	}
	if len(mains) < 2 {
		return 0
	}
	slices.Sort(mains)
	return mains[1]
}

func (c *cell) syntaxFault() *fault {
	var list scanner.ErrorList
	if c.syntax == nil {
		return nil
	}
	var problems []problem
	if ok := asErrorList(c.syntax, &list); !ok {
		return newFault("does not compile", c.syntax.Error())
	}
	for _, e := range list {
		problems = append(problems, problem{c, e.Pos.Line - 1, e.Pos.Column, e.Msg})
	}
	f := compileFault(problems[:1])
	if c.mainAt < 0 && c.parsesAsStatements() {
		f.hint("statements stand below a line `%%`; declarations above it")
	}
	return f
}

func asErrorList(err error, list *scanner.ErrorList) bool {
	l, ok := err.(scanner.ErrorList) //nolint:errorlint // the parser returns it as it is
	*list = l
	return ok && len(l) > 0
}

// parsesAsStatements: would the cell be right below a line `%%`?
func (c *cell) parsesAsStatements() bool {
	lines := c.goLines()
	start := 0
	// Imports and other declarations may stand before the statements.
	for ; start < len(lines); start++ {
		text := above + strings.Join(lines[:start], "\n") + "\nfunc main() {\n" + strings.Join(lines[start:], "\n") + "\n}\n"
		if _, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution); err == nil {
			return true
		}
	}
	return false
}

// isComplete says whether a console may run what was typed.
func isComplete(code string) dict {
	c := readCell(code, 0)
	var list scanner.ErrorList
	if !c.isGo || !asErrorList(c.syntax, &list) {
		return dict{"status": "complete"}
	}
	if first := list[0]; first.Pos.Line-1 > len(c.lines) || strings.Contains(first.Msg, "EOF") || strings.Contains(first.Msg, "not terminated") {
		return dict{"status": "incomplete", "indent": "\t"}
	}
	return dict{"status": "invalid"}
}
