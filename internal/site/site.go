package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize/english"

	"evident/internal/badinput"
	"evident/internal/render"
	"evident/kit/claim"
)

//go:embed templates
var templateFiles embed.FS

// Site maps the paths of its files, with slashes, to their content.
type Site map[string][]byte

// Lesson is one lesson of the course with its executed notebook.
type Lesson struct {
	Name     string // of the package
	Title    string
	Question string
	Notebook string // file name
	// Body is the notebook as nbconvert's template "basic" renders it.
	Body []byte
	// Claims are judged, or as declared if the notebook has not been executed
	// yet.
	Claims []claim.Claim
}

// Build makes the site of the lessons, in order, and of the packages in the
// checkout.
func Build(checkout string, lessons []Lesson) (Site, error) {
	packages, err := readPackages(checkout)
	if err != nil {
		return nil, err
	}
	templates, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	b := builder{site: Site{}, templates: templates, packages: packages, symbols: symbolsOf(packages)}
	for _, add := range []func() error{
		func() error { return b.addAssets(checkout) },
		func() error { return b.addLessons(lessons) },
		b.addPackages,
	} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	return b.site, nil
}

type builder struct {
	site      Site
	templates *template.Template
	packages  []*apiPackage
	symbols   symbols
}

// frame is the data that every page has around its content.
type frame struct {
	Title   string
	Section string // in the navigation: "lessons" or "api"
	Root    string // the path up to the index, as in "../"
}

func frameOf(file, title, section string) frame {
	return frame{Title: title, Section: section, Root: strings.Repeat("../", strings.Count(file, "/"))}
}

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
