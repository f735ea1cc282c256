package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"evident/internal/badinput"
	"evident/kit/claim"
)

// MIMEType marks a [Report] in a notebook's output, so that it can be read back
// from an executed notebook.
const MIMEType = "application/vnd.evident.report+json"

// Report holds the results of one run of a lesson.
type Report struct {
	Lesson     string          `json:"lesson"` // name in the catalog, as in "inception"
	Title      string          `json:"title"`
	Preset     string          `json:"scale"`  // smoke, default, full or own
	Config     json.RawMessage `json:"config"` // the lesson's Config
	Knobs      []Knob          `json:"knobs,omitempty"`
	Provenance Provenance      `json:"provenance"`
	Claims     []claim.Claim   `json:"claims"`
	Figures
	Experiments []Experiment `json:"experiments,omitempty"` // what each experiment added
}

// Knob describes one field of the lesson's Config for the reader.
type Knob struct {
	Path  string `json:"path"`  // as in "Floor.Rates"
	Role  string `json:"role"`  // compared, averaged over or fixed; a fixed knob limits how far the verdict generalises
	Value string `json:"value"` // in JSON
	Help  string `json:"help"`
}

// Figure is a [Table], a [Chart], a [Diagram], a [Picture] or a [Derivation].
type Figure interface {
	// identity returns the id and the kind within which it must be unique.
	// Charts, diagrams and pictures share one kind, because they become files of
	// one type.
	identity() (kind, id string)
	validate() error
}

func (t Table) identity() (kind, id string)      { return "table", t.ID }
func (c Chart) identity() (kind, id string)      { return "figure", c.ID }
func (d Diagram) identity() (kind, id string)    { return "figure", d.ID }
func (p Picture) identity() (kind, id string)    { return "figure", p.ID }
func (d Derivation) identity() (kind, id string) { return "derivation", d.ID }

// Figures illustrate a measurement.
type Figures struct {
	Tables   []Table   `json:"tables,omitempty"`
	Charts   []Chart   `json:"charts,omitempty"`
	Diagrams []Diagram `json:"diagrams,omitempty"`
	Pictures []Picture `json:"pictures,omitempty"`
	// Derivations show calculations line by line.
	Derivations []Derivation `json:"derivations,omitempty"`
}

// Experiment lists the ids that one experiment added to the report.
type Experiment struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Claims  []string `json:"claims,omitempty"`
	Figures []string `json:"figures,omitempty"`

	Kept     bool      `json:"kept,omitempty"` // it was measured before, with the same knobs, data, code and backend
	Measured time.Time `json:"measured"`       // when
	Commit   string    `json:"commit,omitempty"`
	Seconds  float64   `json:"seconds"` // that the measurement took, then
}

// Origin says when and by which commit the experiment was measured, and whether it was kept
// since then, as in "kept: measured 30 Nov 2026, 14:02 UTC, commit 80ec2fa".
func (e Experiment) Origin() string {
	origin := "measured " + e.Measured.UTC().Format("2 Jan 2006, 15:04 MST")
	if e.Commit != "" {
		origin += ", commit " + e.Commit
	}
	if e.Kept {
		return "kept: " + origin
	}
	return origin
}

// Add appends the results of an experiment.
func (r *Report) Add(e Experiment, claims []claim.Claim, figures Figures) {
	e.Figures = figures.IDs()
	for _, c := range claims {
		e.Claims = append(e.Claims, c.ID)
	}
	r.Claims, r.Experiments = append(r.Claims, claims...), append(r.Experiments, e)
	r.Tables, r.Charts = append(r.Tables, figures.Tables...), append(r.Charts, figures.Charts...)
	r.Diagrams, r.Pictures = append(r.Diagrams, figures.Diagrams...), append(r.Pictures, figures.Pictures...)
	r.Derivations = append(r.Derivations, figures.Derivations...)
}

// Only returns the figures with the given ids.
func (f Figures) Only(ids ...string) Figures {
	return f.where(func(id string) bool { return slices.Contains(ids, id) })
}

// Without returns the figures except those with the given ids.
func (f Figures) Without(ids ...string) Figures {
	return f.where(func(id string) bool { return !slices.Contains(ids, id) })
}

func (f Figures) where(keep func(id string) bool) Figures {
	return Figures{
		Tables:      filter(f.Tables, func(t Table) bool { return keep(t.ID) }),
		Charts:      filter(f.Charts, func(c Chart) bool { return keep(c.ID) }),
		Diagrams:    filter(f.Diagrams, func(d Diagram) bool { return keep(d.ID) }),
		Pictures:    filter(f.Pictures, func(p Picture) bool { return keep(p.ID) }),
		Derivations: filter(f.Derivations, func(d Derivation) bool { return keep(d.ID) }),
	}
}

func filter[T any](all []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !keep(one) })
}

// All returns all figures in one list, grouped by kind.
func (f Figures) All() []Figure {
	return slices.Concat(List(f.Tables), List(f.Charts), List(f.Diagrams), List(f.Pictures), List(f.Derivations))
}

// ID returns the id that identifies a figure in its report and names its file.
func ID(f Figure) string {
	_, id := f.identity()
	return id
}

// List converts a list of one kind of figure.
func List[F Figure](figures []F) []Figure {
	list := make([]Figure, len(figures))
	for i, f := range figures {
		list[i] = f
	}
	return list
}

// IDs returns the ids of all figures, grouped by kind.
func (f Figures) IDs() []string {
	var ids []string
	for _, figure := range f.All() {
		ids = append(ids, ID(figure))
	}
	return ids
}

// Provenance says what produced the numbers.
type Provenance struct {
	Backend     string    `json:"backend"` // name and version, as in "xla: PJRT plugin … v0.112"
	Go          string    `json:"go"`
	GoMLX       string    `json:"gomlx"`
	Commit      string    `json:"commit,omitempty"` // of evident; "+dirty" if files differ from that commit
	Machine     string    `json:"machine"`          // operating system, architecture, processors
	DataSet     string    `json:"data_set,omitempty"`
	DataHash    string    `json:"data_hash,omitempty"` // sha256 of the pixels and labels, or of the words
	Seeds       []int64   `json:"seeds,omitempty"`
	Started     time.Time `json:"started"`
	WallSeconds float64   `json:"wall_seconds"`
}

// Table is rows of text under a header.
type Table struct {
	ID      string     `json:"id"` // identifies the table and names its file
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	// Headline marks a table that belongs beside the verdicts, such as the
	// comparison of the training with the sheet's.
	Headline bool `json:"headline,omitempty"`
}

// Mark says how a chart draws its curves.
type Mark string

// The marks: a line through the points, the points alone, bars over named
// categories, or a path.
//
// A path joins the points in their order, as a descent moves over a plane. Point
// i is the position after i steps. In a notebook, a slider shows all paths of the
// chart up to a step.
const (
	Line   Mark = "line"
	Points Mark = "point"
	Bars   Mark = "bar"
	Path   Mark = "path"
)

// Chart is a set of curves on common axes. All its numbers are finite.
//
// A logarithmic axis cannot show 0 or negative numbers, and no axis can show
// numbers beyond ±1e300. The chart leaves out such points, lines and heatmaps,
// and says so below its title and in its text. A band that reaches such a number
// ends at its curve. If all values of an axis are equal to five digits, the axis
// spans from half that value to one and a half times it, or to twice on a
// logarithmic axis.
type Chart struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Alt    string  `json:"alt"` // text for readers who cannot see the chart
	Mark   Mark    `json:"mark"`
	XLabel string  `json:"x_label"`
	YLabel string  `json:"y_label"`
	LogX   bool    `json:"log_x,omitempty"`
	LogY   bool    `json:"log_y,omitempty"`
	Curves []Curve `json:"curves"`

	// Categories name the positions 0, 1, … on the X axis of a bar chart.
	Categories []string `json:"categories,omitempty"`
	// Rules are horizontal reference lines, such as the sheet's accuracy.
	Rules []Reference `json:"rules,omitempty"`
	// Zones are shaded ranges of the X axis, such as the stable learning rates.
	Zones []Zone `json:"zones,omitempty"`
	// Heatmap lies behind the curves, such as the loss over a plane; nil for
	// none.
	Heatmap *Heatmap `json:"heatmap,omitempty"`
}

// Zone is a named range of a chart's X axis.
type Zone struct {
	Name string  `json:"name"`
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Heatmap samples a function of X and Y on equal rectangles that fill the plane
// from (Left, Bottom) to (Right, Top). It is drawn in shades.
type Heatmap struct {
	Name    string  `json:"name"` // name of the function, as in "loss"
	Left    float64 `json:"left"`
	Right   float64 `json:"right"`
	Bottom  float64 `json:"bottom"`
	Top     float64 `json:"top"`
	Columns int     `json:"columns"`
	// Values are the function at the centre of every rectangle, row by row from
	// the bottom, each row from left to right.
	Values []float64 `json:"values"`
	// Bounds are the values between neighbouring shades, rising; nil for shades of equal area.
	Bounds []float64 `json:"bounds,omitempty"`
}

// Rows returns the number of rows of rectangles.
func (h Heatmap) Rows() int { return len(h.Values) / max(h.Columns, 1) }

// Reference is a named horizontal line in a [Chart].
type Reference struct {
	Name string  `json:"name"`
	Y    float64 `json:"y"`
}

// Picture is an image in the PNG format. It may be animated (APNG); viewers that
// do not support animation show the first frame.
type Picture struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Alt   string `json:"alt"`
	PNG   []byte `json:"png"`
}

// Validate checks what every reader of a report relies on: known verdicts and
// kinds, unique ids that can be file names, rows as wide as their header, and
// finite numbers.
func (r Report) Validate() error {
	if !isFileName(r.Lesson) {
		return fmt.Errorf("report %q: its lesson is no name of a folder", r.Lesson)
	}
	claims := ids{}
	for _, c := range r.Claims {
		if err := cmp.Or(claims.add("claim", c.ID), c.Validate()); err != nil {
			return fmt.Errorf("report %q: %w", r.Lesson, err)
		}
	}
	if err := r.Figures.Validate(); err != nil {
		return fmt.Errorf("report %q: %w", r.Lesson, err)
	}
	return nil
}

// Validate checks the figures as [Report.Validate] does.
func (f Figures) Validate() error { return Validate(f.All()...) }

// Validate checks figures that appear together.
func Validate(figures ...Figure) error {
	seen := map[string]ids{}
	for _, f := range figures {
		kind, id := f.identity()
		if seen[kind] == nil {
			seen[kind] = ids{}
		}
		if err := cmp.Or(seen[kind].add(kind, id), f.validate()); err != nil {
			return err
		}
	}
	return nil
}

// ids are the ids of one kind.
type ids map[string]bool

// add returns an error if an id is empty, taken, or unusable as a file name.
func (seen ids) add(kind, id string) error {
	if id == "" || seen[id] {
		return fmt.Errorf("%s id %q is empty or used twice", kind, id)
	}
	if !isFileName(id) {
		return fmt.Errorf("%s id %q is no name of a file", kind, id)
	}
	seen[id] = true
	return nil
}

func (p Picture) validate() error { return nil }

func (t Table) validate() error {
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("table %q: row %d has %d cells under %d columns", t.ID, i, len(row), len(t.Columns))
		}
	}
	return nil
}

// isFileName reports whether a figure with this name stays inside its folder, and
// whether the name prints on one line.
func isFileName(name string) bool {
	return name != "." && name != ".." && !strings.ContainsAny(name, "/\\:") && badinput.OneLine(name) == name
}

func (c Chart) validate() error {
	for _, zone := range c.Zones {
		if !(zone.From < zone.To) || math.IsInf(zone.To-zone.From, 0) {
			return fmt.Errorf("chart %q: zone %q goes from %v to %v", c.ID, zone.Name, zone.From, zone.To)
		}
	}
	for _, rule := range c.Rules {
		if !isFinite(rule.Y) {
			return fmt.Errorf("chart %q: line %q is at %v", c.ID, rule.Name, rule.Y)
		}
	}
	if c.Heatmap != nil {
		if err := c.Heatmap.validate(); err != nil {
			return fmt.Errorf("chart %q: %w", c.ID, err)
		}
	}
	for _, curve := range c.Curves {
		if len(curve.X) != len(curve.Y) {
			return fmt.Errorf("chart %q: curve %q has %d x and %d y values", c.ID, curve.Name, len(curve.X), len(curve.Y))
		}
		if len(curve.Low) != len(curve.High) || (len(curve.Low) != 0 && len(curve.Low) != len(curve.Y)) {
			return fmt.Errorf("chart %q: the band of curve %q is not as long as the curve", c.ID, curve.Name)
		}
		for _, values := range [][]float64{curve.X, curve.Y, curve.Low, curve.High} {
			for _, v := range values {
				if !isFinite(v) {
					return fmt.Errorf("chart %q: curve %q holds %v", c.ID, curve.Name, v)
				}
			}
		}
		for _, x := range curve.X {
			if c.Mark == Bars && (x != math.Trunc(x) || x < 0 || x >= float64(len(c.Categories))) {
				return fmt.Errorf("chart %q: a bar of %q stands at %v, and there are %d categories from 0 on", c.ID, curve.Name, x, len(c.Categories))
			}
		}
	}
	return nil
}

func (h Heatmap) validate() error {
	if h.Columns < 1 || len(h.Values) == 0 || len(h.Values)%h.Columns != 0 {
		return fmt.Errorf("heatmap %q has %d values in %d columns", h.Name, len(h.Values), h.Columns)
	}
	if !(h.Left < h.Right && h.Bottom < h.Top && isFinite(h.Right-h.Left) && isFinite(h.Top-h.Bottom)) {
		return fmt.Errorf("heatmap %q goes from (%v, %v) to (%v, %v)", h.Name, h.Left, h.Bottom, h.Right, h.Top)
	}
	for _, v := range h.Values {
		if !isFinite(v) {
			return fmt.Errorf("heatmap %q holds %v", h.Name, v)
		}
	}
	return nil
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// ClaimsOf returns the claims of all reports, in order.
func ClaimsOf(reports []Report) []claim.Claim {
	var claims []claim.Claim
	for _, r := range reports {
		claims = append(claims, r.Claims...)
	}
	return claims
}

// Curve is a series of points with finite coordinates. A curve that diverges
// ends at its last finite point.
type Curve struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	// Low and High bound a band around Y (a confidence interval, or the range
	// over seeds). Both are empty or as long as Y.
	Low  []float64 `json:"low,omitempty"`
	High []float64 `json:"high,omitempty"`
	// DivergedAt is the X at which Y stopped being finite, or nil.
	DivergedAt *float64 `json:"diverged_at,omitempty"`
}

// Add appends a point. A y that is not finite ends the curve: Add records its
// x in DivergedAt and drops all later points.
func (c *Curve) Add(x, y float64) {
	switch {
	case c.DivergedAt != nil:
	case math.IsNaN(y) || math.IsInf(y, 0):
		c.DivergedAt = &x
	default:
		c.X, c.Y = append(c.X, x), append(c.Y, y)
	}
}

// AddEstimate appends the mean of one value per seed, with its confidence
// interval as the band if there are at least [claim.MinSamples] seeds. A value
// that is not finite ends the curve.
func (c *Curve) AddEstimate(x float64, values []float64) {
	c.addEstimate(x, values, claim.EstimateMean, func(v float64) float64 { return v })
}

// AddFraction is [Curve.AddEstimate] for fractions of so many trials, such as accuracies on a test set: the
// band is that of [claim.EstimateFraction], and never leaves 0–1.
func (c *Curve) AddFraction(x float64, values []float64, trials int) {
	c.addEstimate(x, values, func(values []float64) claim.Estimate { return claim.EstimateFraction(values, trials) },
		func(v float64) float64 { return v })
}

// AddGeometric appends the geometric mean of positive values, with the
// confidence interval of their logarithms. Use it on a logarithmic axis.
func (c *Curve) AddGeometric(x float64, values []float64) {
	c.addEstimate(x, claim.Logs(values), claim.EstimateMean, func(v float64) float64 { return math.Pow(10, v) })
}

func (c *Curve) addEstimate(x float64, values []float64, estimate func([]float64) claim.Estimate, scale func(float64) float64) {
	if len(claim.Finite(values)) < len(values) || len(values) == 0 {
		c.Add(x, math.NaN())
		return
	}
	e := estimate(values)
	before := len(c.X)
	if c.Add(x, scale(e.Mean)); len(c.X) == before {
		return
	}
	if len(values) < claim.MinSamples && len(c.Low) == 0 {
		return // too few for a band
	}
	if len(values) < claim.MinSamples {
		e.Low, e.High = e.Mean, e.Mean
	}
	if len(c.Low) < before { // the points before had too few
		c.Low, c.High = append(c.Low, c.Y[len(c.Low):before]...), append(c.High, c.Y[len(c.High):before]...)
	}
	// The interval of a few distant seeds can exceed all finite numbers.
	c.Low, c.High = append(c.Low, math.Max(scale(e.Low), -math.MaxFloat64)), append(c.High, math.Min(scale(e.High), math.MaxFloat64))
}
