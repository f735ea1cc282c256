// Package site builds the static site of the lessons: an index with the table
// of all verdicts, a page for each executed notebook, and the documentation of
// the packages that notebooks import.
//
// The pages load nothing from a network, so they work from a folder. Formulas are
// MathML; pictures are files beside the pages, each with alternative text.
// [Site.Check] enforces this on every page. With [Live], the pages also run the
// experiments in the reader's browser; they can be read without that script.
package site

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"evident/internal/badinput"
	"evident/internal/files"
	"evident/internal/homework"
	"evident/internal/jupyter"
	"evident/internal/live"
	"evident/internal/nbformat"
	"evident/internal/render"
	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/steer"
	"evident/lessons"
)

//go:embed templates
var templateFiles embed.FS

//go:embed live/*.js
var liveScripts embed.FS

// Site maps the paths of its files, with slashes, to their content.
type Site map[string][]byte

// Lesson is one lesson of the course with its executed notebook, or the tutorial.
type Lesson struct {
	Name     string // of the package; empty for the tutorial
	Title    string
	Question string
	Notebook string // file name
	// Body is the notebook as nbconvert's template "basic" renders it.
	Body []byte
	// Claims are judged, or as declared if the notebook has not been executed
	// yet.
	Claims []claim.Claim
	// Experiments are those that the live page runs.
	Experiments []lessons.Experiment
	// Questions are those of the exercises.
	Questions []exercise.Question
	// Training is what the live page lets its reader steer; nil for none.
	Training *steer.Part
}

// Build makes the site of the lessons, in order, and of the packages in the
// checkout. Its pages run nothing if live is nil.
func Build(checkout string, lessons []Lesson, live *Live) (Site, error) {
	packages, err := readPackages(checkout)
	if err != nil {
		return nil, err
	}
	templates, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	b := builder{checkout: checkout, site: Site{}, templates: templates, packages: packages, symbols: symbolsOf(packages)}
	for _, add := range []func() error{
		func() error { return b.addAssets(checkout) },
		func() error { return b.addLive(live) },
		func() error { return b.addLessons(lessons) },
		func() error { return b.addPackages() },
	} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	b.finishOffline()
	return b.site, nil
}

type builder struct {
	checkout  string
	site      Site
	templates *template.Template
	packages  []*apiPackage
	symbols   symbols
	live      *liveFiles // nil if the pages run nothing
}

// frame is the data that every page has around its content.
type frame struct {
	Title   string
	Section string // in the navigation: "lessons" or "api"
	Root    string // the path up to the index, as in "../"
	Live    *liveFiles
	Scripts []string // of this page, beside those of all live pages
}

func (b builder) frameOf(file, title, section string) frame {
	return frame{Title: title, Section: section, Root: strings.Repeat("../", strings.Count(file, "/")), Live: b.live}
}

// ProgramSize says how large the program is that live pages load.
func (f frame) ProgramSize() string { return humanize.Bytes(uint64(f.Live.size)) }

// addPage renders one page.
func (b builder) addPage(file, template string, data any) error {
	var page bytes.Buffer
	if err := b.templates.ExecuteTemplate(&page, template, data); err != nil {
		return fmt.Errorf("site: %s: %w", file, err)
	}
	b.site[file] = page.Bytes()
	return nil
}

// addAssets adds the style sheet, and the kernel's logo.
func (b builder) addAssets(checkout string) error {
	style, err := templateFiles.ReadFile("templates/style.css")
	if err != nil {
		return fmt.Errorf("site: %w", err)
	}
	logo, err := os.ReadFile(filepath.Join(checkout, "kernel", "logo-svg.svg"))
	if err != nil {
		return badinput.Errorf("no logo for the site: %w: check the files out again", err)
	}
	b.site["style.css"], b.site["logo.svg"] = style, logo
	return nil
}

func parseTemplates() (*template.Template, error) {
	parsed, err := template.New("site").Funcs(template.FuncMap{
		"count":    english.Plural,
		"sign":     render.Sign,
		"verdicts": claim.Verdicts,
	}).ParseFS(templateFiles, "templates/*.gohtml")
	if err != nil {
		return nil, fmt.Errorf("site: templates: %w", err)
	}
	return parsed, nil
}

// pageOf returns the page of a notebook.
func (l Lesson) pageOf() string {
	return path.Join("notebooks", strings.TrimSuffix(l.Notebook, ".ipynb")+".html")
}

// entry is a lesson in the index and in the navigation.
type entry struct {
	Lesson
	Number int // 0 for the tutorial
	Page   string
	API    string // the page of its package; empty if there is none
	Tally  claim.Tally
	Cover  picture // the first chart of its report; without a file if there is none
}

// lessonPage is the data for the template of a notebook's page.
type lessonPage struct {
	frame
	entry
	Contents       []heading
	Body           template.HTML
	Previous, Next *entry
	Forms          []form
	Training       *dials // nil for none
}

// indexPage is the data for the template of the index.
type indexPage struct {
	frame
	Lessons []entry
	Tally   claim.Tally
	Errors  string // see [claim.Errors]
}

// addLessons makes the notebooks' pages and the index.
func (b builder) addLessons(lessons []Lesson) error {
	entries := make([]entry, len(lessons))
	contents := make([]notebook, len(lessons))
	var claims []claim.Claim
	number := 0
	for i, l := range lessons {
		if l.Name != "" {
			number++
		}
		read, err := b.readNotebook(l)
		if err != nil {
			return fmt.Errorf("site: %s: %w", l.Notebook, err)
		}
		contents[i] = read
		entries[i] = entry{Lesson: l, Number: number, Page: l.pageOf(), Tally: claim.TallyOf(l.Claims), Cover: read.cover, API: b.pageOfPackage(l.Name)}
		claims = append(claims, l.Claims...)
	}
	for i, e := range entries {
		page := lessonPage{frame: b.frameOf(e.Page, e.Title, "lessons"), entry: e, Contents: contents[i].contents, Body: contents[i].body}
		if b.live != nil {
			page.Forms, page.Training = formsOf(e.Name, e.Experiments), dialsOf(e.Name, e.Training)
			if slices.ContainsFunc(page.Forms, func(f form) bool { return f.Own != live.NoData }) {
				page.Scripts = append(page.Scripts, ownScript)
			}
			if page.Training != nil {
				page.Scripts = append(page.Scripts, trainScript)
			}
		}
		if i > 0 {
			page.Previous = &entries[i-1]
		}
		if i+1 < len(entries) {
			page.Next = &entries[i+1]
		}
		if err := b.addPage(e.Page, "lesson", page); err != nil {
			return err
		}
	}
	if err := b.addExercises(entries); err != nil {
		return err
	}
	return b.addPage("index.html", "index", indexPage{b.frameOf("index.html", "evident", "index"), entries, claim.TallyOf(claims), claim.Errors(claims)})
}

// pageOfPackage returns the page of a lesson's package.
func (b builder) pageOfPackage(name string) string {
	for _, p := range b.packages {
		if p.ImportPath == "evident/lessons/"+name {
			return p.Page
		}
	}
	return ""
}

// FromNotebooks builds the site of the notebooks in a checkout as they are
// committed, with their outputs; it executes nothing. Its pages run nothing if live
// is nil. It returns an error if a page has faults.
func FromNotebooks(ctx context.Context, j jupyter.Jupyter, checkout string, catalog []lessons.Lesson, live *Live) (Site, error) {
	pages, err := readLessons(ctx, j, filepath.Join(checkout, "notebooks"), catalog)
	if err != nil {
		return nil, err
	}
	made, err := Build(checkout, pages, live)
	if err != nil {
		return nil, err
	}
	return made, sound(made)
}

// Save writes the files of the site into a folder.
func (s Site) Save(folder string) error {
	for _, file := range slices.Sorted(maps.Keys(s)) {
		if err := files.Save(filepath.Join(folder, filepath.FromSlash(file)), s[file]); err != nil {
			return err
		}
	}
	return nil
}

// sound returns one error that lists all faults of the pages.
func sound(made Site) error {
	problems, err := made.Check()
	if err != nil || len(problems) == 0 {
		return err
	}
	return errors.New("the site has faults: " + strings.Join(problems, "; "))
}

// readLessons renders the tutorial and the notebooks of the lessons, and reads the
// verdicts from their outputs.
func readLessons(ctx context.Context, j jupyter.Jupyter, dir string, catalog []lessons.Lesson) ([]Lesson, error) {
	paths := []string{filepath.Join(dir, lessons.Tutorial)}
	for _, l := range catalog {
		paths = append(paths, filepath.Join(dir, l.Notebook))
	}
	bodies, err := j.Bodies(ctx, paths)
	if err != nil {
		return nil, err
	}
	read := []Lesson{{Title: lessons.TutorialTitle, Notebook: lessons.Tutorial, Body: bodies[0]}}
	for i, l := range catalog {
		claims, err := judgedClaims(l, paths[i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Notebook, err)
		}
		var exercises exercise.Set // none for a lesson of the reader's own
		if homework.Has(l.Name) {
			if exercises, err = homework.Sheet(l.Name); err != nil {
				return nil, err
			}
		}
		read = append(read, Lesson{Name: l.Name, Title: l.Title, Question: l.Question, Notebook: l.Notebook, Body: bodies[i+1], Claims: claims, Experiments: l.Experiments, Training: l.Training, Questions: exercises.Questions})
	}
	return read, nil
}

// judgedClaims returns the claims of a notebook's report, or the lesson's declared
// claims if the notebook holds no report.
func judgedClaims(l lessons.Lesson, path string) ([]claim.Claim, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := nbformat.Parse(content)
	if err != nil {
		return nil, err
	}
	reports, err := n.Reports()
	if err != nil {
		return nil, err
	}
	for _, report := range reports {
		if report.Lesson == l.Name {
			return report.Claims, nil
		}
	}
	return l.Claims, nil
}
