// Package parameters reads what the parameters cell of a notebook declares, so that a
// value from outside can be written with the type that the cell gives it.
package parameters

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"strings"
)

// Variable is one that a cell declares.
type Variable struct {
	Name string `json:"name"`
	// Type is the variable's in Go, as in "float64", or empty where only an import
	// would tell.
	Type string `json:"type"`
	// Kind is the type behind a type that has a name of its own.
	Kind    string `json:"kind"`
	Default string `json:"default"` // the value in Go, or empty
	Help    string `json:"help"`    // the comment behind it
}

// Declared are the variables that a cell declares, in their order. What cannot be read
// is passed over: the kernel will say what is wrong with it.
func Declared(cell string) []Variable {
	files := token.NewFileSet()
	// A file with errors is read as far as it goes.
	file, _ := parser.ParseFile(files, "", "package p\n"+declarations(cell), parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil
	}
	info := types.Info{Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}, Importer: nothing{}}
	_, _ = config.Check("p", files, []*ast.File{file}, &info)
	found := []Variable{}
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, name := range spec.Names {
				v := Variable{Name: name.Name, Help: strings.TrimSpace(spec.Comment.Text())}
				if len(spec.Values) == len(spec.Names) {
					v.Default = source(files, spec.Values[i])
				}
				v.Type, v.Kind = typeOf(files, spec, info.Defs[name])
				found = append(found, v)
			}
		}
	}
	return found
}

// declarations are a cell without the lines that are the kernel's own, up to those of
// its program.
func declarations(cell string) string {
	var kept []string
	for line := range strings.Lines(cell) {
		if strings.HasPrefix(line, "%%") || strings.HasPrefix(line, "%main") {
			break
		}
		if !strings.HasPrefix(line, "%") && !strings.HasPrefix(line, "!") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// nothing imports no package: only the cell itself is looked at.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) { return types.NewPackage(path, ""), nil }

// typeOf is the type of a variable and the kind behind it. A type of another package is
// known by the name that the cell gives it.
func typeOf(files *token.FileSet, spec *ast.ValueSpec, of types.Object) (name, kind string) {
	if of == nil || strings.Contains(types.TypeString(of.Type(), nil), "invalid type") {
		if spec.Type == nil {
			return "", ""
		}
		written := source(files, spec.Type)
		return written, written
	}
	local := func(*types.Package) string { return "" }
	return types.TypeString(of.Type(), local), types.TypeString(of.Type().Underlying(), local)
}

func source(files *token.FileSet, node ast.Node) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, files, node); err != nil {
		return ""
	}
	return out.String()
}
