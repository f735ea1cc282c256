package layer

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"evident/kit/keep"
)

// The function that keeps a value between cells, and its package.
const (
	keepPackage  = "evident/kit/show"
	keepFunction = "Keep"
)

// sources are the declarations of a program, as far as its calls of show.Keep depend on them.
type sources struct {
	set     *token.FileSet
	texts   map[string]string  // of the files
	names   map[string][]*item // by name; methods by that of their type
	items   []*item
	imports map[string]string // paths, by name
	dots    []string          // paths of imports without a name
}

// item is one declaration.
type item struct {
	node     ast.Node
	text     string // without comments and spaces
	isStart  bool   // it runs before main: a variable, or init
	variable string // its name, of a variable
}

// calls finds the calls of show.Keep in the files of a program, and what they depend on, by the place that a running
// program gives for the call. A problem is a call that cannot be told apart from another one by the source.
func calls(files map[string]string) (map[string]keep.Call, *misplaced) {
	found := map[string]keep.Call{}
	s := &sources{set: token.NewFileSet(), texts: files, names: map[string][]*item{}, imports: map[string]string{}}
	for _, name := range sortedKeys(files) {
		file, err := parser.ParseFile(s.set, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, nil // it was built, so this cannot be
		}
		s.add(file)
	}
	for _, i := range s.items {
		var stack []ast.Node
		var problem *misplaced
		ast.Inspect(i.node, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) < 2 || !s.keeps(call.Fun) {
				return true
			}
			d := s.dependence(stack, call)
			if problem == nil {
				problem = d.problem
			}
			first, last := s.set.Position(call.Pos()), s.set.Position(call.Lparen)
			for line := first.Line; line <= last.Line; line++ {
				place := fmt.Sprintf("%s:%d", filepath.Base(first.Filename), line)
				found[place] = d.call(found[place])
			}
			return true
		})
		if problem != nil {
			return nil, problem
		}
	}
	return found, nil
}

func (s *sources) cut(n ast.Node) string {
	from, to := s.set.PositionFor(n.Pos(), false), s.set.PositionFor(n.End(), false)
	return s.texts[from.Filename][from.Offset:to.Offset]
}

func (s *sources) add(file *ast.File) {
	put := func(name string, i *item) {
		s.names[name] = append(s.names[name], i)
		s.items = append(s.items, i)
	}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			s.dots = append(s.dots, path)
		} else {
			s.imports[importName(name, path)] = path
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if receiver := receiverType(d); receiver != "" {
				name = receiver
			}
			put(name, &item{node: d, text: plainText(s.cut(d)), isStart: d.Recv == nil && d.Name.Name == "init"})
		case *ast.GenDecl:
			repeated := ""
			for at, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					put(spec.Name.Name, &item{node: spec, text: plainText("type " + s.cut(spec))})
				case *ast.ValueSpec:
					text := plainText(d.Tok.String() + " " + s.cut(spec))
					if d.Tok == token.CONST {
						// The value may count its place, and may be that of the constant before.
						if spec.Values != nil {
							repeated = text
						}
						if text += " " + repeated; strings.Contains(repeated, "iota") {
							text += fmt.Sprint(" ", at)
						}
					}
					for _, name := range spec.Names {
						i := &item{node: spec, text: text, isStart: d.Tok == token.VAR && spec.Values != nil}
						if d.Tok == token.VAR {
							i.variable = name.Name
						}
						put(name.Name, i)
					}
				}
			}
		}
	}
}

// plainText is the words of a piece of Go, so that comments and spaces do not count.
func plainText(code string) string {
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", -1, len(code)), []byte(code), func(token.Position, string) {}, 0)
	var words []string
	for {
		_, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return strings.Join(words, " ")
		case kind == token.SEMICOLON || text == "":
			text = kind.String()
		}
		words = append(words, text)
	}
}

// keeps says whether an expression is the function show.Keep.
func (s *sources) keeps(function ast.Expr) bool {
	switch f := function.(type) {
	case *ast.ParenExpr:
		return s.keeps(f.X)
	case *ast.IndexExpr:
		return s.keeps(f.X)
	case *ast.SelectorExpr:
		x, is := f.X.(*ast.Ident)
		return is && f.Sel.Name == keepFunction && s.imports[x.Name] == keepPackage
	case *ast.Ident:
		return f.Name == keepFunction && len(s.names[keepFunction]) == 0 && slices.Contains(s.dots, keepPackage)
	}
	return false
}

// uses collects the names in a piece of code, but for those of fields and methods. A name that is
// local is among them too: at worst the code depends on more than it has to.
func uses(n ast.Node, names map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			uses(n.X, names)
			return false
		case *ast.Field:
			uses(n.Type, names)
			return false
		case *ast.Ident:
			if n.Name != "_" {
				names[n.Name] = true
			}
		}
		return true
	})
}

// usesDots says whether a piece of code has a name that must be from an import without a name.
func (s *sources) usesDots(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = found || s.usesDots(n.X)
			return false
		case *ast.Field:
			found = found || s.usesDots(n.Type)
			return false
		case *ast.KeyValueExpr: // the key is a field, or of no weight
			found = found || s.usesDots(n.Value)
			return false
		case *ast.Ident:
			found = found || n.IsExported() && s.names[n.Name] == nil
		}
		return true
	})
	return found
}

func namesIn(nodes ...ast.Node) map[string]bool {
	names := map[string]bool{}
	for _, n := range nodes {
		uses(n, names)
	}
	return names
}

// reach is all declarations that names lead to.
func (s *sources) reach(names map[string]bool) map[*item]bool {
	found := map[*item]bool{}
	var visit func(name string)
	visit = func(name string) {
		for _, i := range s.names[name] {
			if found[i] || name == "main" || name == "init" {
				continue
			}
			found[i] = true
			for name := range namesIn(i.node) {
				visit(name)
			}
		}
	}
	for name := range names {
		visit(name)
	}
	return found
}

// dependence is what one call depends on.
type dependence struct {
	*sources
	units   []ast.Node        // statements above the call that it depends on, and its arguments
	writers []ast.Node        // what changes variables that it depends on
	names   map[string]bool   // in all of these
	varying map[string]string // local variables that have another value in another run of the call, and what they are
	problem *misplaced
}

// misplaced is a call whose value its name and the source do not determine.
type misplaced struct {
	at      token.Position
	message string
}

// dependence follows the names in a call back: through the statements above it in its function, to the declarations
// of the notebook.
func (s *sources) dependence(stack []ast.Node, call *ast.CallExpr) *dependence {
	d := &dependence{sources: s, varying: map[string]string{}}
	above := d.above(stack, call)
	var arguments []ast.Node
	for _, argument := range call.Args[1:] {
		arguments = append(arguments, argument)
	}
	locals := localsOf(stack[0])
	d.units, d.names = slice(above, locals, arguments)
	_, named := slice(above, locals, []ast.Node{call.Args[0]})
	for _, name := range sortedKeys(d.varying) {
		if d.names[name] && !named[name] {
			d.problem = &misplaced{s.set.Position(call.Pos()), fmt.Sprintf("the kept value depends on %s, %s: write it into the name, as in show.Keep(fmt.Sprint(%s, %s), …)",
				name, d.varying[name], s.cut(call.Args[0]), name)}
			break
		}
	}
	d.addWriters(call)
	return d
}

// call is what the kernel tells the program. Two calls on one line depend on what either does.
func (d *dependence) call(other keep.Call) keep.Call {
	names := map[string]bool{}
	dotted := false
	uses := func(n ast.Node) {
		uses(n, names)
		dotted = dotted || d.usesDots(n)
	}
	texts := []string{other.Source}
	for _, n := range d.units {
		texts = append(texts, plainText(d.cut(n)))
		uses(n)
	}
	declared := map[string]bool{}
	for i := range d.reach(d.names) {
		declared[i.text] = true
		uses(i.node)
	}
	for _, n := range d.writers {
		declared[plainText(d.cut(n))] = true
		uses(n)
	}
	texts = append(texts, sortedKeys(declared)...)
	imports := map[string]bool{keepPackage: true}
	for _, path := range other.Imports {
		imports[path] = true
	}
	for name := range names {
		if path := d.imports[name]; path != "" {
			imports[path] = true
		}
	}
	for _, path := range d.dots {
		if dotted { // it may be of any of them
			imports[path] = true
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(texts, "\n")))
	return keep.Call{Source: fmt.Sprintf("%x", sum), Imports: sortedKeys(imports)}
}

// above lists what is run before the call in its function, as statements, and notes which names have another value each
// time that the call is reached: parameters, and what loops change.
func (d *dependence) above(stack []ast.Node, call *ast.CallExpr) []ast.Node {
	var found []ast.Node
	loops := token.NoPos // the end of the outermost loop around the call
	statements := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			s, is := n.(ast.Stmt)
			_, isFunction := n.(*ast.FuncLit)
			switch {
			case n == nil || n == call:
				return false
			case n.Pos() <= call.Pos() && call.End() <= n.End():
				return true
			case is && (n.End() <= call.Pos() || n.Pos() < loops):
				found = append(found, s)
				return false
			}
			return !isFunction
		})
	}
	for _, n := range stack {
		switch n := n.(type) {
		case *ast.FuncDecl:
			d.vary(n.Recv, n.Type, n.Name.Name)
		case *ast.FuncLit:
			d.vary(nil, n.Type, "a function")
		case *ast.RangeStmt:
			loops = max(loops, n.End())
			if n.Key != nil {
				head := &ast.AssignStmt{Lhs: []ast.Expr{n.Key}, Tok: token.DEFINE, Rhs: []ast.Expr{n.X}}
				if n.Value != nil {
					head.Lhs = append(head.Lhs, n.Value)
				}
				found = append(found, head)
				for name := range namesIn(head.Lhs[0], head.Lhs[len(head.Lhs)-1]) {
					d.varying[name] = "a variable of a loop"
				}
			}
			d.varyAssigned(n)
		case *ast.ForStmt:
			loops = max(loops, n.End())
			if n.Init != nil {
				for name := range localsOf(n.Init) {
					d.varying[name] = "a variable of a loop"
				}
			}
			d.varyAssigned(n)
		}
	}
	statements(stack[0])
	return found
}

func (d *dependence) vary(receiver *ast.FieldList, t *ast.FuncType, function string) {
	for _, list := range []*ast.FieldList{receiver, t.TypeParams, t.Params} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				d.varying[name.Name] = "a parameter of " + function
			}
		}
	}
}

// varyAssigned: what a loop declares is made anew in each turn, of what is known; what it assigns is not.
func (d *dependence) varyAssigned(loop ast.Node) {
	declared := localsOf(loop)
	for name := range writtenIn(loop) {
		if !declared[name] {
			d.varying[name] = "changed in a loop"
		}
	}
}

// slice takes those statements that have a name to do with what is wanted, and all names in them.
func slice(above []ast.Node, locals map[string]bool, wanted []ast.Node) (units []ast.Node, names map[string]bool) {
	names = namesIn(wanted...)
	taken := map[ast.Node]bool{}
	for again := true; again; {
		again = false
		for _, n := range above {
			if taken[n] {
				continue
			}
			own := namesIn(n)
			for name := range own {
				if locals[name] && names[name] {
					taken[n], again = true, true
				}
			}
			if taken[n] {
				for name := range own {
					names[name] = true
				}
			}
		}
	}
	for _, n := range above {
		if taken[n] {
			units = append(units, n)
		}
	}
	return append(units, wanted...), names
}

// localsOf are the names that a piece of code declares for itself.
func localsOf(n ast.Node) map[string]bool {
	found := map[string]bool{}
	add := func(e ast.Node) {
		if name, is := e.(*ast.Ident); is && name != nil {
			found[name.Name] = true
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					add(e)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key)
				add(n.Value)
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				add(name)
			}
		case *ast.TypeSpec:
			add(n.Name)
		case *ast.Field:
			for _, name := range n.Names {
				add(name)
			}
		}
		return true
	})
	delete(found, "_")
	return found
}

// writtenIn are the variables that a piece of code assigns to.
func writtenIn(n ast.Node) map[string]bool {
	found := map[string]bool{}
	add := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.Ident:
				found[x.Name] = true
			case *ast.SelectorExpr:
				e = x.X
				continue
			case *ast.IndexExpr:
				e = x.X
				continue
			case *ast.StarExpr:
				e = x.X
				continue
			case *ast.ParenExpr:
				e = x.X
				continue
			}
			return
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					add(e)
				}
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				add(n.Key)
				add(n.Value)
			}
		}
		return true
	})
	return found
}

// addWriters adds what changes a variable of the notebook that the call depends on, before it or beside it: assignments in
// main, and functions that main, init and variables call.
func (d *dependence) addWriters(call *ast.CallExpr) {
	taken := map[ast.Node]bool{}
	take := func(n ast.Node) (is bool) {
		if !taken[n] {
			taken[n] = true
			d.writers = append(d.writers, n)
			uses(n, d.names)
			return true
		}
		return false
	}
	for again := true; again; {
		again = false
		variables := map[string]bool{}
		reached := d.reach(d.names)
		for i := range reached {
			if i.variable != "" {
				variables[i.variable] = true
			}
		}
		writes := func(n ast.Node) bool {
			for name := range writtenIn(n) {
				if variables[name] {
					return true
				}
			}
			return false
		}
		for _, start := range d.items {
			f, isFunction := start.node.(*ast.FuncDecl)
			isMain := isFunction && f.Recv == nil && f.Name.Name == "main"
			if !start.isStart && !isMain {
				continue
			}
			for i := range d.reach(namesIn(start.node)) {
				if _, is := i.node.(*ast.FuncDecl); is && !reached[i] && writes(i.node) {
					again = take(i.node) || again
				}
			}
			switch {
			case isMain:
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if n == call {
						return false
					}
					switch n.(type) {
					case *ast.AssignStmt, *ast.IncDecStmt:
						if writes(n) {
							again = take(n) || again
						}
					}
					return true
				})
			case !reached[start] && writes(start.node):
				again = take(start.node) || again
			}
		}
	}
}
