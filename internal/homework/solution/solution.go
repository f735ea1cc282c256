// Package solution holds the functions that the coding exercises ask for, as a
// student may write them. They are the reference for answers, and a solution
// notebook shows their source.
package solution

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

//go:embed functions.go
var functions []byte

// Source returns the text of a function of this package with its comment. It uses
// the name in the notebook, which differs only in capital letters.
func Source(name string) (string, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "functions.go", functions, parser.ParseComments)
	if err != nil {
		return "", err
	}
	for _, d := range parsed.Decls {
		if function, ok := d.(*ast.FuncDecl); ok && strings.EqualFold(function.Name.Name, name) {
			text := functions[set.Position(function.Doc.Pos()).Offset:set.Position(function.End()).Offset]
			return strings.ReplaceAll(string(text), function.Name.Name, name), nil
		}
	}
	return "", fmt.Errorf("package solution has no function %s", name)
}
