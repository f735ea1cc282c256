package site

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// apiPackage is a package that notebooks can import.
type apiPackage struct {
	ImportPath string
	Name       string
	Page       string

	doc   *doc.Package
	files *token.FileSet
}

// publicFolders contain the packages that notebooks import.
var publicFolders = []string{"lessons", "kit", "datasets"}

// readPackages reads the packages of the checkout with their examples.
func readPackages(checkout string) ([]*apiPackage, error) {
	var packages []*apiPackage
	for _, folder := range publicFolders {
		err := filepath.WalkDir(filepath.Join(checkout, folder), func(dir string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil || !entry.IsDir():
				return err
			case entry.Name() == "testdata":
				return filepath.SkipDir
			}
			read, err := readPackage(checkout, dir)
			if errors.As(err, new(*build.NoGoError)) {
				return nil
			}
			packages = append(packages, read)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("site: packages: %w", err)
		}
	}
	return packages, nil
}

// readPackage reads the package in a folder.
func readPackage(checkout, dir string) (*apiPackage, error) {
	found, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	relative, err := filepath.Rel(checkout, dir)
	if err != nil {
		return nil, err
	}
	p := &apiPackage{
		ImportPath: path.Join("evident", filepath.ToSlash(relative)),
		Name:       found.Name,
		Page:       path.Join("api", filepath.ToSlash(relative)+".html"),
		files:      token.NewFileSet(),
	}
	var files []*ast.File
	for _, name := range slices.Concat(found.GoFiles, found.CgoFiles, found.TestGoFiles, found.XTestGoFiles) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(p.files, name, content, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	p.doc, err = doc.NewFromFiles(p.files, files, p.ImportPath)
	return p, err
}

// symbols maps the documented names, by package and then "Name" or
// "Type.Method", to their address from the top of the site.
type symbols struct {
	byPath map[string]map[string]string
	byName map[string]string // import paths by package name
}

func symbolsOf(packages []*apiPackage) symbols {
	all := symbols{map[string]map[string]string{}, map[string]string{}}
	for _, p := range packages {
		all.byName[p.Name] = p.ImportPath
		names := map[string]string{"": p.Page}
		for _, name := range p.names() {
			names[name] = p.Page + "#" + name
		}
		all.byPath[p.ImportPath] = names
	}
	return all
}

// names returns the exported names of the package.
func (p *apiPackage) names() []string {
	var names []string
	values := func(groups ...[]*doc.Value) {
		for _, value := range slices.Concat(groups...) {
			names = append(names, value.Names...)
		}
	}
	functions := func(receiver string, list []*doc.Func) {
		for _, function := range list {
			names = append(names, receiver+function.Name)
		}
	}
	values(p.doc.Consts, p.doc.Vars)
	functions("", p.doc.Funcs)
	for _, t := range p.doc.Types {
		names = append(names, t.Name)
		values(t.Consts, t.Vars)
		functions("", t.Funcs)
		functions(t.Name+".", t.Methods)
	}
	return slices.DeleteFunc(names, func(name string) bool { return !ast.IsExported(name) })
}

// qualified finds pkg.Name in the code of a notebook. root is the path from
// the page to the top of the site.
func (s symbols) qualified(root string) linker {
	return func(qualifier, name string) string {
		if address, known := s.byPath[s.byName[qualifier]][name]; known && qualifier != "" && name != "" {
			return root + address
		}
		return ""
	}
}

// within finds names in the code of a package, including its own types.
func (s symbols) within(p *apiPackage, root string) linker {
	types := map[string]bool{}
	for _, t := range p.doc.Types {
		types[t.Name] = true
	}
	qualified := s.qualified(root)
	return func(qualifier, name string) string {
		if qualifier == "" && types[name] && ast.IsExported(name) {
			return "#" + name
		}
		return qualified(qualifier, name)
	}
}
