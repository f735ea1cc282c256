// Package solution holds the functions that the coding exercises ask for, as a
// student may write them. Their source is what a solution notebook shows.
package solution

import (
	"bytes"
	"embed"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"sync"
)

//go:embed *.go
var files embed.FS

// Source is the text of a function of this package, under the name that a
// notebook gives it: with a small first letter. It panics when there is none,
// which a test finds.
func Source(name string) string {
	exported := strings.ToUpper(name[:1]) + name[1:]
	text, found := sources()[exported]
	if !found {
		panic("no solution " + name)
	}
	return strings.ReplaceAll(text, exported, name)
}

// sources are the texts of all functions, by their names here.
var sources = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		content, err := files.ReadFile(entry.Name())
		if err != nil {
			panic(err)
		}
		for name, text := range functions(entry.Name(), content) {
			all[name] = text
		}
	}
	return all
})

// functions are the texts of the functions in a file, with their comments.
func functions(file string, content []byte) map[string]string {
	all := map[string]string{}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, content, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	for _, d := range parsed.Decls {
		function, ok := d.(*ast.FuncDecl)
		if !ok || function.Doc == nil {
			continue
		}
		text := content[set.Position(function.Doc.Pos()).Offset:set.Position(function.End()).Offset]
		if text, err = format.Source(bytes.TrimSpace(text)); err != nil {
			panic(err)
		}
		all[function.Name.Name] = string(text)
	}
	return all
}
