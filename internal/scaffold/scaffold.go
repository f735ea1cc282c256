// Package scaffold writes a new lesson: its package, tests, notebook and line in the
// catalog.
package scaffold

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"evident/internal/badinput"
	"evident/internal/files"
	"evident/internal/jupyter"
	"evident/internal/nbformat"
)

// OwnQuestion marks a lesson that answers no question of the homework.
const OwnQuestion = "own"

// newLesson is the data for the templates.
type newLesson struct {
	Name, Title, Notebook string
}

func (newLesson) Question() string { return OwnQuestion }

//go:embed templates/lesson
var lessonTemplates embed.FS

// Lesson writes a new lesson into the checkout, and returns the paths of its files
// relative to the checkout. It checks everything that can be checked before it writes
// the first file.
func Lesson(root, name, title string) (written []string, err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if title, err = checkedTitle(title, name); err != nil {
		return nil, err
	}
	catalog := filepath.Join(root, "lessons", "catalog.go")
	present, err := readCatalog(catalog)
	if err != nil {
		return nil, err
	}
	if err := checkFree(root, name, present); err != nil {
		return nil, err
	}
	notebook, err := nextNotebook(root, name)
	if err != nil {
		return nil, err
	}
	l := newLesson{name, title, notebook}
	fresh, err := l.files(root)
	if err != nil {
		return nil, err
	}
	extended, err := present.with(l)
	if err != nil {
		return nil, err
	}
	all := append(fresh, files.File{Path: catalog, Content: extended})
	if err := saveNew(filepath.Join(root, "lessons", name), all); err != nil {
		return nil, err
	}
	for _, f := range all {
		path, err := filepath.Rel(root, f.Path)
		if err != nil {
			return nil, err
		}
		written = append(written, path)
	}
	return written, nil
}

// lessonName matches valid names of lesson packages.
var lessonName = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)

// reserved lists names to which Go, the go command or the lesson's own files give
// another meaning.
var reserved = []string{"main", "init", "internal", "vendor", "testdata", "fmt", "must", "show", "config"}

func checkName(name string) error {
	if !lessonName.MatchString(name) {
		return badinput.Errorf("%q cannot name a lesson: use 2 to 31 lower-case letters and digits, a letter first", name)
	}
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil || slices.Contains(reserved, name) {
		return badinput.Errorf("%q means something else in Go or in a lesson's files: choose another name", name)
	}
	return nil
}

// checkedTitle returns the title, or the name if there is none.
func checkedTitle(title, name string) (string, error) {
	if title = strings.TrimSpace(title); title == "" {
		return strings.ToUpper(name[:1]) + name[1:], nil
	}
	if utf8.RuneCountInString(title) > 80 || !utf8.ValidString(title) || strings.ContainsFunc(title, unicode.IsControl) {
		return "", badinput.Errorf("--title %q: give one line of at most 80 characters", title)
	}
	return title, nil
}

// checkFree returns an error if the name is taken or a folder is not writable.
func checkFree(root, name string, present catalogFile) error {
	if _, err := os.Lstat(filepath.Join(root, "lessons", name)); err == nil {
		return badinput.Errorf("lessons/%s is there already: choose another name", name)
	}
	if present.uses(name) {
		return badinput.Errorf("lessons/catalog.go uses the name %q: choose another one", name)
	}
	for _, folder := range []string{"lessons", "notebooks"} {
		if err := files.CheckFolder(filepath.Join(root, folder)); err != nil {
			return badinput.Errorf("cannot write into %s: %w: change its permissions, or make room", filepath.Join(root, folder), err)
		}
	}
	return nil
}

// nextNotebook returns the file name of the lesson's notebook, numbered after all
// others.
func nextNotebook(root, name string) (string, error) {
	all, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil {
		return "", err
	}
	last := 0
	for _, path := range all {
		notebook := filepath.Base(path)
		if jupyter.Number.ReplaceAllString(notebook, "") == name+".ipynb" {
			return "", badinput.Errorf("notebooks/%s is there already: choose another name", notebook)
		}
		if number, err := strconv.Atoi(strings.TrimSuffix(jupyter.Number.FindString(notebook), "-")); err == nil {
			last = max(last, number)
		}
	}
	return fmt.Sprintf("%02d-%s.ipynb", last+1, name), nil
}

// files returns the files of the lesson's package, and its notebook.
func (l newLesson) files(root string) ([]files.File, error) {
	templates, err := template.ParseFS(lessonTemplates, "templates/lesson/*.tmpl")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(lessonTemplates, "templates/lesson/*.go.tmpl")
	if err != nil {
		return nil, err
	}
	var all []files.File
	for _, name := range names {
		source, err := l.filled(templates, path.Base(name))
		if err != nil {
			return nil, err
		}
		// The length of the name changes gofmt's alignment.
		if source, err = format.Source(source); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, files.File{Path: filepath.Join(root, "lessons", l.Name, strings.TrimSuffix(path.Base(name), ".tmpl")), Content: source})
	}
	text, err := l.filled(templates, "notebook.md.tmpl")
	if err != nil {
		return nil, err
	}
	notebook, err := nbformat.Write(nbformat.CellsOf(string(text)), nil)
	return append(all, files.File{Path: filepath.Join(root, "notebooks", l.Notebook), Content: notebook}), err
}

func (l newLesson) filled(templates *template.Template, name string) ([]byte, error) {
	var out bytes.Buffer
	err := templates.ExecuteTemplate(&out, name, l)
	return out.Bytes(), err
}

// saveNew writes the new files and then replaces the last one. If that fails, it
// removes all of them and the package's folder.
func saveNew(folder string, all []files.File) (err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, f := range all[:len(all)-1] {
			_ = os.Remove(f.Path) // the first error is more informative
		}
		_ = os.Remove(folder)
	}()
	for _, f := range all {
		if err := files.Save(f.Path, f.Content); err != nil {
			return err
		}
	}
	return nil
}

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
