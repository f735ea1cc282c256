package lesson

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// MIMEType marks a [Report] attached to a notebook output as JSON, so that a
// headless run can be read back from the executed notebook.
const MIMEType = "application/vnd.evident.report+json"

// Report is all that one run of a lesson found out.
type Report struct {
	Lesson     string          `json:"lesson"` // name in the catalog, as in "inception"
	Title      string          `json:"title"`
	Scale      Scale           `json:"scale"`
	Config     json.RawMessage `json:"config"` // the lesson's Config
	Provenance Provenance      `json:"provenance"`
	Claims     []Claim         `json:"claims"`
	Tables     []Table         `json:"tables,omitempty"`
	Charts     []Chart         `json:"charts,omitempty"`
	Pictures   []Picture       `json:"pictures,omitempty"`
}

// Provenance says what made the numbers.
type Provenance struct {
	Backend     string    `json:"backend"` // name and version, as in "xla: PJRT plugin … v0.112"
	Go          string    `json:"go"`
	GoMLX       string    `json:"gomlx"`
	Commit      string    `json:"commit,omitempty"` // of evident; "+dirty" when the tree had changes
	Machine     string    `json:"machine"`          // operating system, architecture, processors
	DataSet     string    `json:"data_set,omitempty"`
	DataHash    string    `json:"data_hash,omitempty"` // sha256 of the pixels and labels, or words
	Seeds       []int64   `json:"seeds,omitempty"`
	Started     time.Time `json:"started"`
	WallSeconds float64   `json:"wall_seconds"`
}

// Table is rows of text under a header.
type Table struct {
	ID      string     `json:"id"` // file name of the table, and the key to find it by
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	// Headline marks a table that belongs beside the verdicts, as the training
	// next to the sheet's does.
	Headline bool `json:"headline,omitempty"`
}

// Mark is the way a chart draws its curves.
type Mark string

// The marks: a line through the points, the points alone, or bars over named
// categories.
const (
	Line   Mark = "line"
	Points Mark = "point"
	Bars   Mark = "bar"
)

// Chart is a set of curves over common axes.
type Chart struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Alt    string  `json:"alt"` // what the chart shows, for those who cannot see it
	Mark   Mark    `json:"mark"`
	XLabel string  `json:"x_label"`
	YLabel string  `json:"y_label"`
	LogX   bool    `json:"log_x,omitempty"`
	LogY   bool    `json:"log_y,omitempty"`
	Curves []Curve `json:"curves"`

	// Categories name the positions 0, 1, … of a bar chart's X axis.
	Categories []string `json:"categories,omitempty"`
	// Rules are horizontal reference lines, as in the sheet's accuracy.
	Rules []Reference `json:"rules,omitempty"`
}

// Reference is a named horizontal line in a [Chart].
type Reference struct {
	Name string  `json:"name"`
	Y    float64 `json:"y"`
}

// Curve is a series of points. All its numbers are finite: what diverges ends
// at its last finite point.
type Curve struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	// Low and High bound a band around Y (a confidence interval, or the range
	// over seeds); both empty, or as long as Y.
	Low  []float64 `json:"low,omitempty"`
	High []float64 `json:"high,omitempty"`
	// DivergedAt is the X at which Y stopped being finite, if it did.
	DivergedAt *float64 `json:"diverged_at,omitempty"`
}

// Add appends a point. A y that is not finite ends the curve: it is not
// stored, its x is kept in DivergedAt, and later points are dropped.
func (c *Curve) Add(x, y float64) {
	switch {
	case c.DivergedAt != nil:
	case math.IsNaN(y) || math.IsInf(y, 0):
		c.DivergedAt = &x
	default:
		c.X, c.Y = append(c.X, x), append(c.Y, y)
	}
}

// Picture is an image in the PNG format.
type Picture struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Alt   string `json:"alt"`
	PNG   []byte `json:"png"`
}

// Validate checks what every reader of a report relies on: known verdicts and
// kinds, unique ids, rows as wide as their header, finite numbers.
func (r Report) Validate() error {
	seen := map[string]bool{}
	unique := func(kind, id string) error {
		if id == "" || seen[kind+id] {
			return fmt.Errorf("report %q: %s id %q is empty or used twice", r.Lesson, kind, id)
		}
		seen[kind+id] = true
		return nil
	}
	for _, c := range r.Claims {
		if err := unique("claim", c.ID); err != nil {
			return err
		}
		if err := c.validate(); err != nil {
			return fmt.Errorf("report %q: %w", r.Lesson, err)
		}
	}
	for _, t := range r.Tables {
		if err := unique("table", t.ID); err != nil {
			return err
		}
		for i, row := range t.Rows {
			if len(row) != len(t.Columns) {
				return fmt.Errorf("report %q: table %q: row %d has %d cells under %d columns", r.Lesson, t.ID, i, len(row), len(t.Columns))
			}
		}
	}
	for _, c := range r.Charts {
		if err := unique("figure", c.ID); err != nil {
			return err
		}
		if err := c.validate(); err != nil {
			return fmt.Errorf("report %q: %w", r.Lesson, err)
		}
	}
	for _, p := range r.Pictures {
		if err := unique("figure", p.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c Claim) validate() error {
	for _, verdict := range []Verdict{c.Verdict, c.Recorded} {
		switch verdict {
		case Supported, Refuted, Inconclusive:
		default:
			return fmt.Errorf("claim %q: unknown verdict %q", c.ID, verdict)
		}
	}
	if c.Kind != Exact && c.Kind != Sampled {
		return fmt.Errorf("claim %q: unknown kind %q", c.ID, c.Kind)
	}
	return nil
}

func (c Chart) validate() error {
	for _, curve := range c.Curves {
		if len(curve.X) != len(curve.Y) {
			return fmt.Errorf("chart %q: curve %q has %d x and %d y values", c.ID, curve.Name, len(curve.X), len(curve.Y))
		}
		if len(curve.Low) != len(curve.High) || (len(curve.Low) != 0 && len(curve.Low) != len(curve.Y)) {
			return fmt.Errorf("chart %q: the band of curve %q is not as long as the curve", c.ID, curve.Name)
		}
		for _, values := range [][]float64{curve.X, curve.Y, curve.Low, curve.High} {
			for _, v := range values {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("chart %q: curve %q holds %v", c.ID, curve.Name, v)
				}
			}
		}
	}
	return nil
}
