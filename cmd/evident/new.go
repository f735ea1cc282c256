package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
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

	"github.com/spf13/cobra"

	"evident/internal/badinput"
)

const newHelp = `Write a lesson of your own, as a start that runs: a package in the anatomy that
all lessons have, its tests, its notebook and its line in the catalog.

NAME is that of the package: lower-case letters and digits. The experiment in
it is a small one, on gradient descent; replace it by yours. docs/own-lesson.md
goes through it step by step.`

func (a app) newCommand() *cobra.Command {
	var title string
	cmd := &cobra.Command{
		Use:     "new NAME",
		Short:   "Write a lesson of your own: package, tests, notebook, line in the catalog",
		Long:    newHelp,
		Example: `  evident new averaging --title "The mean of noisy gradients"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badinput.Errorf("`evident new` takes the name of one lesson, but got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.writeLesson(args[0], title) },
	}
	cmd.Flags().StringVar(&title, "title", "", "of the lesson, one line (default: its name)")
	return cmd
}

// ownQuestion stands in the catalog where a lesson of the course names the
// question of the homework.
const ownQuestion = "own"

// newLesson is what the templates are filled with.
type newLesson struct {
	Name, Title, Notebook string
}

//go:embed templates/lesson
var lessonTemplates embed.FS

// writeLesson checks all that can be checked before it writes the first file.
func (a app) writeLesson(name, title string) error {
	root, err := checkout()
	if err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	if title, err = checkedTitle(title, name); err != nil {
		return err
	}
	catalog := filepath.Join(root, "lessons", "catalog.go")
	present, err := readCatalog(catalog)
	if err != nil {
		return err
	}
	if err := checkFree(root, name, present); err != nil {
		return err
	}
	notebook, err := nextNotebook(root, name)
	if err != nil {
		return err
	}
	l := newLesson{name, title, notebook}
	files, err := l.files(root)
	if err != nil {
		return err
	}
	extended, err := present.with(l)
	if err != nil {
		return err
	}
	if err := saveNew(filepath.Join(root, "lessons", name), files, file{catalog, extended}); err != nil {
		return err
	}
	return a.tellWritten(root, name, append(files, file{path: catalog}))
}

// lessonName is what a package of lessons may be called.
var lessonName = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)

// reserved are names that Go, the go command or the lesson's own files give
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

// checkedTitle is the title, or the name where there is none.
func checkedTitle(title, name string) (string, error) {
	if title = strings.TrimSpace(title); title == "" {
		return strings.ToUpper(name[:1]) + name[1:], nil
	}
	if utf8.RuneCountInString(title) > 80 || !utf8.ValidString(title) || strings.ContainsFunc(title, unicode.IsControl) {
		return "", badinput.Errorf("--title %q: give one line of at most 80 characters", title)
	}
	return title, nil
}

// checkFree refuses a name that is taken, and folders that cannot be written.
func checkFree(root, name string, present catalogFile) error {
	if _, err := os.Lstat(filepath.Join(root, "lessons", name)); err == nil {
		return badinput.Errorf("lessons/%s is there already: choose another name", name)
	}
	if present.uses(name) {
		return badinput.Errorf("lessons/catalog.go uses the name %q: choose another one", name)
	}
	for _, folder := range []string{"lessons", "notebooks"} {
		if err := checkWritable(filepath.Join(root, folder)); err != nil {
			return badinput.Errorf("cannot write into %s: %w: change its permissions, or make room", filepath.Join(root, folder), err)
		}
	}
	return nil
}

// nextNotebook is the file name of the lesson's notebook, behind all others.
func nextNotebook(root, name string) (string, error) {
	all, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil {
		return "", err
	}
	last := 0
	for _, notebook := range baseNames(all) {
		if leadingNumber.ReplaceAllString(notebook, "") == name+".ipynb" {
			return "", badinput.Errorf("notebooks/%s is there already: choose another name", notebook)
		}
		if number, err := strconv.Atoi(strings.TrimSuffix(leadingNumber.FindString(notebook), "-")); err == nil {
			last = max(last, number)
		}
	}
	return fmt.Sprintf("%02d-%s.ipynb", last+1, name), nil
}

// files are those of the lesson's package, and its notebook.
func (l newLesson) files(root string) ([]file, error) {
	templates, err := template.ParseFS(lessonTemplates, "templates/lesson/*.tmpl")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(lessonTemplates, "templates/lesson/*.go.tmpl")
	if err != nil {
		return nil, err
	}
	var files []file
	for _, name := range names {
		source, err := l.filled(templates, path.Base(name))
		if err != nil {
			return nil, err
		}
		// The width of the name moves what gofmt aligns.
		if source, err = format.Source(source); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, file{filepath.Join(root, "lessons", l.Name, strings.TrimSuffix(path.Base(name), ".tmpl")), source})
	}
	text, err := l.filled(templates, "notebook.md.tmpl")
	if err != nil {
		return nil, err
	}
	notebook, err := notebookOf(string(text))
	return append(files, file{filepath.Join(root, "notebooks", l.Notebook), notebook}), err
}

func (l newLesson) filled(templates *template.Template, name string) ([]byte, error) {
	var out bytes.Buffer
	err := templates.ExecuteTemplate(&out, name, l)
	return out.Bytes(), err
}

// saveNew writes files that are new and then replaces the last one; or none of
// them, and no folder of the package either.
func saveNew(folder string, files []file, last file) (err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, f := range files {
			_ = os.Remove(f.path) // the error before it says more
		}
		_ = os.Remove(folder)
	}()
	for _, f := range append(slices.Clone(files), last) {
		if err := saveFile(f.path, f.content); err != nil {
			return err
		}
	}
	return nil
}

// tellWritten lists the files, below the checkout, and what to do with them.
func (a app) tellWritten(root, name string, files []file) error {
	for _, f := range files {
		relative, err := filepath.Rel(root, f.path)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(a.stdout, relative); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.stdout, "Next: go run ./cmd/evident run %s, then docs/own-lesson.md.\n", name)
	return err
}
