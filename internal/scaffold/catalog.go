package scaffold

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"slices"

	"evident/internal/badinput"
)

// catalogFile is lessons/catalog.go as text, with the places for a new lesson.
type catalogFile struct {
	text    []byte
	names   []string // identifiers in the file
	imports int      // offset of its last import
	end     int      // offset of the brace after the last lesson
}

// readCatalog finds the places. The error is [badinput.Err] if the file does not
// have the expected form.
func readCatalog(path string) (catalogFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return catalogFile{}, badinput.Errorf("%w: check the file out again", err)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		return catalogFile{}, badinput.Errorf("%w: fix the catalog first", err)
	}
	list := returned(parsed, "All")
	if list == nil || len(parsed.Imports) == 0 {
		return catalogFile{}, badinput.Errorf("%s has no imports or no func All that returns the list of lessons: check the file out again", path)
	}
	offset := func(at token.Pos) int { return set.Position(at).Offset }
	c := catalogFile{text: text, imports: offset(parsed.Imports[len(parsed.Imports)-1].Pos()), end: offset(list.Rbrace)}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if name, is := node.(*ast.Ident); is {
			c.names = append(c.names, name.Name)
		}
		return true
	})
	return c, nil
}

// returned returns the list that a function of the file returns, or nil if there
// is no such function.
func returned(parsed *ast.File, name string) *ast.CompositeLit {
	for _, declared := range parsed.Decls {
		function, is := declared.(*ast.FuncDecl)
		if !is || function.Name.Name != name || len(function.Body.List) == 0 {
			continue
		}
		last, is := function.Body.List[len(function.Body.List)-1].(*ast.ReturnStmt)
		if is && len(last.Results) == 1 {
			list, _ := last.Results[0].(*ast.CompositeLit)
			return list
		}
	}
	return nil
}

// uses reports whether the catalog uses the name, which an import of that name
// would hide.
func (c catalogFile) uses(name string) bool { return slices.Contains(c.names, name) }

// with returns the catalog with one more lesson at its end.
func (c catalogFile) with(l newLesson) ([]byte, error) {
	entry := fmt.Sprintf("of(%s.Lesson),\n", l.Name)
	text := slices.Concat(
		c.text[:c.imports], fmt.Appendf(nil, "%q\n", "evident/lessons/"+l.Name),
		c.text[c.imports:c.end], []byte(entry), c.text[c.end:],
	)
	formatted, err := format.Source(text) // also sorts the imports
	if err != nil {
		return nil, badinput.Errorf("lessons/catalog.go cannot take a line by itself (%w): write one lesson a line in func All", err)
	}
	return formatted, nil
}
