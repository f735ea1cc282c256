package show

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"evident/lessons/exercise"
	"evident/lessons/lesson"
)

//go:embed templates
var templateFiles embed.FS

// HTML writes the reports as one page that needs no other file and no network:
// a table of all verdicts, then each lesson with its claims, charts, tables,
// pictures and provenance.
func HTML(w io.Writer, reports []lesson.Report) error {
	for _, report := range reports {
		if err := report.Validate(); err != nil {
			return fmt.Errorf("show: %w", err)
		}
	}
	parsed, err := templates()
	if err != nil {
		return err
	}
	// All of it or nothing: a template that fails halfway leaves no half page.
	var page bytes.Buffer
	if err := parsed.ExecuteTemplate(&page, "page", pageOf(reports)); err != nil {
		return fmt.Errorf("show: HTML report: %w", err)
	}
	_, err = page.WriteTo(w)
	return err
}

// page is what the template of the whole report gets.
type page struct {
	Reports []lesson.Report
	Tally   lesson.Tally
}

func pageOf(reports []lesson.Report) page {
	return page{Reports: reports, Tally: lesson.TallyOf(lesson.ClaimsOf(reports))}
}

// fragment renders one named template with the style sheet of the cards, for
// the output of a notebook cell.
func fragment(name string, data any) (string, error) {
	parsed, err := templates()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	for _, part := range []string{"style", name} {
		if err := parsed.ExecuteTemplate(&out, part, data); err != nil {
			return "", fmt.Errorf("show: %s: %w", name, err)
		}
	}
	return out.String(), nil
}

func templates() (*template.Template, error) {
	parsed, err := template.New("show").Funcs(template.FuncMap{
		"alt":        altText,
		"answerSign": func(v exercise.Verdict) string { return resultSigns[v] },
		"chartSrc":   chartSource,
		"count":      count,
		"date":       func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") },
		"diagramSrc": diagramSource,
		"duration":   func(s float64) string { return short(time.Duration(s * float64(time.Second))) },
		"indented":   indented,
		"mathML":     mathML,
		"numeric":    numeric,
		"pictureSrc": func(p lesson.Picture) template.URL { return dataURI(p.PNG) },
		"seeds":      seeds,
		"sign":       sign,
		"style":      styleSheet,
	}).ParseFS(templateFiles, "templates/*.gohtml")
	if err != nil {
		return nil, fmt.Errorf("show: templates: %w", err)
	}
	return parsed, nil
}

// styleSheet reads one of the embedded style sheets, which are ours and so
// need no escaping.
func styleSheet(name string) (template.CSS, error) {
	sheet, err := templateFiles.ReadFile("templates/" + name)
	return template.CSS(sheet), err
}

func chartSource(c lesson.Chart) (template.URL, error) {
	picture, err := ChartPNG(c)
	if err != nil {
		return "", err
	}
	return dataURI(picture), nil
}

func diagramSource(d lesson.Diagram) (template.URL, error) {
	picture, err := DiagramPNG(d)
	if err != nil {
		return "", err
	}
	return dataURI(picture), nil
}

func dataURI(png []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
}

// indented prints the knobs of a run; what is not JSON is printed as it is.
func indented(config json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Indent(&out, config, "", "  "); err != nil {
		return string(config)
	}
	return out.String()
}

var number = regexp.MustCompile(`^(\?|[−+-]?[\d.,]*\d(e[+-]?\d+)?\s?(%|s|ms|MB|KB|×)?)$`)

// numeric reports whether a cell is a number, or stands for an unknown one;
// numbers are aligned to the right.
func numeric(cell string) bool { return number.MatchString(strings.TrimSpace(cell)) }

// seeds prints what lies behind a verdict.
func seeds(c lesson.Claim) string {
	if c.Kind == lesson.Exact {
		return "exact: one run decides"
	}
	return "sampled over " + count(c.Samples, "seed", "seeds")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
