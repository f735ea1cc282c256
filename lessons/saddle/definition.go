package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"
)

// DefinitionConfig looks at surfaces at the origin and around it.
type DefinitionConfig struct {
	Surfaces []sweep.Surface `role:"compared" help:"three saddles and two bowls, which the claim needs; others may join"`
	Radii    []float64       `role:"compared" range:"(0, inf)" list:"2 rising" help:"radii of circles about the origin"`
	Points   int             `role:"fixed" range:"[8, inf)" help:"points of every circle"`
}

// Validate checks that the surfaces of the claim are there.
func (c DefinitionConfig) Validate() error {
	for _, s := range Surfaces() {
		if !slices.ContainsFunc(c.Surfaces, func(own sweep.Surface) bool { return own.Name == s.Name }) {
			return badinput.Errorf("Surfaces has no %q: the claim is about it, append to saddle.Surfaces()", s.Name)
		}
	}
	return checkSurfaces(c.Surfaces)
}

// checkSurfaces returns an error for a surface without an objective or an area,
// and for two of one name.
func checkSurfaces(surfaces []sweep.Surface) error {
	seen := map[string]bool{}
	for _, s := range surfaces {
		if s.Objective == nil || !(s.Left < s.Right && s.Bottom < s.Top) {
			return badinput.Errorf("Surfaces has %q with no objective or no area: set Objective, and Left < Right, Bottom < Top", s.Name)
		}
		if s.Name == "" || seen[s.Name] {
			return badinput.Errorf("Surfaces has %q twice or without a name: give each a name of its own", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

// DefinitionMeasurement says what the surfaces are like at the origin and around it.
type DefinitionMeasurement struct{ Places []PlaceFact }

// PlaceFact is one surface at the origin.
type PlaceFact struct {
	Name        string
	Gradient    []float64 // by automatic differentiation
	Eigenvalues []float64 // of the Hessian, by automatic differentiation, the lower first; nil where it is not finite
	Circles     []Circle
}

// Circle is the range of f − f(0, 0) on a circle about the origin.
type Circle struct{ Radius, Lowest, Highest float64 }

// The surfaces of the claim. All have a gradient of 0 at the origin, and the
// Hessian of three of them is 0 there too.
const (
	plainSaddle  = "x² − y²"
	monkeySaddle = "x³ − 3xy²"
	flatSaddle   = "x⁴ − y⁴"
	plainBowl    = "x² + y²"
	flatBowl     = "x⁴ + y⁴"
)

// Surfaces are three saddles and two bowls.
func Surfaces() []sweep.Surface {
	fourth := func(x *Node) *Node { return Square(Square(x)) }
	surface := func(name string, objective func(x, y *Node) *Node) sweep.Surface {
		return sweep.Surface{Name: name, Objective: objective, Left: -1.5, Right: 1.5, Bottom: -1.5, Top: 1.5}
	}
	return []sweep.Surface{
		surface(plainSaddle, func(x, y *Node) *Node { return Sub(Square(x), Square(y)) }),
		surface(monkeySaddle, func(x, y *Node) *Node { return Mul(x, Sub(Square(x), MulScalar(Square(y), 3))) }),
		surface(flatSaddle, func(x, y *Node) *Node { return Sub(fourth(x), fourth(y)) }),
		surface(plainBowl, func(x, y *Node) *Node { return Add(Square(x), Square(y)) }),
		surface(flatBowl, func(x, y *Node) *Node { return Add(fourth(x), fourth(y)) }),
	}
}

// of finds a surface's facts by its name.
func (f DefinitionMeasurement) of(name string) (PlaceFact, bool) {
	for _, p := range f.Places {
		if p.Name == name {
			return p, true
		}
	}
	return PlaceFact{}, false
}

// stationary reports whether the gradient is 0.
func (p PlaceFact) stationary() bool {
	for _, g := range p.Gradient {
		if g != 0 {
			return false
		}
	}
	return len(p.Gradient) > 0
}

// The kinds of places.
const (
	noKind  = "not decided"
	slope   = "no stationary point"
	saddle  = "saddle"
	minimum = "minimum"
	maximum = "maximum"
)

// byDefinition is what the place is: a saddle where the gradient is 0 and every
// circle holds a higher point as well as a lower one.
func (p PlaceFact) byDefinition() string {
	if !p.stationary() {
		return slope
	}
	higher, lower := 0, 0
	for _, c := range p.Circles {
		if c.Highest > 0 {
			higher++
		}
		if c.Lowest < 0 {
			lower++
		}
	}
	switch n := len(p.Circles); {
	case higher == n && lower == n:
		return saddle
	case higher == n && lower == 0:
		return minimum
	case lower == n && higher == 0:
		return maximum
	}
	return noKind
}

// ByHessian is what the signs of the eigenvalues say. Where one is 0 and the
// other is not of both signs, they say nothing.
func (p PlaceFact) ByHessian() string {
	if !p.stationary() {
		return slope
	}
	if len(p.Eigenvalues) < 2 {
		return noKind
	}
	low, high := p.Eigenvalues[0], p.Eigenvalues[1]
	switch {
	case low < 0 && high > 0:
		return saddle
	case low > 0:
		return minimum
	case high < 0:
		return maximum
	}
	return noKind
}

// measureDefinition examines every surface at the origin.
func measureDefinition(ctx context.Context, backend compute.Backend, c DefinitionConfig) (DefinitionMeasurement, error) {
	var facts DefinitionMeasurement
	for _, s := range c.Surfaces {
		place, err := c.examine(ctx, backend, s)
		if err != nil {
			return facts, err
		}
		facts.Places = append(facts.Places, place)
	}
	return facts, nil
}

func (c DefinitionConfig) examine(ctx context.Context, backend compute.Backend, s sweep.Surface) (PlaceFact, error) {
	place := PlaceFact{Name: s.Name}
	var err error
	if place.Gradient, err = gradientAtOrigin(ctx, backend, s); err != nil {
		return place, err
	}
	if place.Eigenvalues, err = eigenvaluesAtOrigin(backend, s); err != nil {
		return place, err
	}
	place.Circles, err = c.circles(backend, s)
	return place, err
}

func gradientAtOrigin(ctx context.Context, backend compute.Backend, s sweep.Surface) ([]float64, error) {
	program, err := sweep.New(backend, sweep.Config{Model: s.Model(), DType: dtypes.Float64, Watch: sweep.WatchGradients})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{Task: "gradient of " + s.Name, Replicas: make([]sweep.Replica, 1), Start: [][]float64{{0, 0}}, Steps: 1})
	if err != nil {
		return nil, err
	}
	return trace.Watched[0][0], nil
}

// eigenvaluesAtOrigin multiplies the Hessian with both unit vectors, which is
// all of it.
func eigenvaluesAtOrigin(backend compute.Backend, s sweep.Surface) ([]float64, error) {
	curvature, err := sweep.NewCurvature(backend, s.Model(), sweep.Data{}, dtypes.Float64)
	if err != nil {
		return nil, err
	}
	defer curvature.Finalize()
	columns, err := curvature.Times([][]float64{{0, 0}, {0, 0}}, [][]float64{{1, 0}, {0, 1}})
	if err != nil {
		return nil, err
	}
	return sweep.Eigenvalues(columns), nil
}

func (c DefinitionConfig) circles(backend compute.Backend, s sweep.Surface) ([]Circle, error) {
	points := [][]float64{{0, 0}}
	for _, radius := range c.Radii {
		for i := range c.Points {
			angle := 2 * math.Pi * float64(i) / float64(c.Points)
			points = append(points, []float64{radius * math.Cos(angle), radius * math.Sin(angle)})
		}
	}
	values, err := s.Values(backend, points)
	if err != nil {
		return nil, err
	}
	circles := make([]Circle, len(c.Radii))
	for i, radius := range c.Radii {
		own := values[1+i*c.Points : 1+(i+1)*c.Points]
		circles[i] = Circle{Radius: radius, Lowest: math.Inf(1), Highest: math.Inf(-1)}
		for _, v := range own {
			circles[i].Lowest, circles[i].Highest = min(circles[i].Lowest, v-values[0]), max(circles[i].Highest, v-values[0])
		}
	}
	return circles, nil
}

func judgeDefinition(f DefinitionMeasurement) claim.Finding {
	right := true
	var shown []string
	for name, is := range map[string]string{plainSaddle: saddle, monkeySaddle: saddle, flatSaddle: saddle, plainBowl: minimum, flatBowl: minimum} {
		place, found := f.of(name)
		byHessian := place.ByHessian()
		right = right && found && place.byDefinition() == is && (byHessian == is || byHessian == noKind)
	}
	for _, place := range f.Places {
		shown = append(shown, fmt.Sprintf("%s: %s (by the Hessian: %s)", place.Name, place.byDefinition(), place.ByHessian()))
	}
	return claim.Finding{
		Decision: claim.Holds(right), Samples: 1,
		Evidence: "At the origin, " + strings.Join(shown, "; ") + ".",
	}
}

func definitionRules() []claim.Rule[DefinitionMeasurement] {
	return []claim.Rule[DefinitionMeasurement]{
		claim.ExactRule("q1c.0", "Q1 (c) definition",
			"A saddle point has a gradient of zero and is no local extremum.",
			"at the origin of x² − y², the monkey saddle x³ − 3xy² and x⁴ − y⁴ the gradient is 0 and every circle holds higher and lower points; for x² + y² and x⁴ + y⁴ none holds a lower one; where both eigenvalues of the Hessian are not 0, their signs say the same",
			claim.Supported, judgeDefinition).From("2026-11-24"),
	}
}

// table says what every surface is like at the origin.
func (f DefinitionMeasurement) table() report.Table {
	rows := report.Table{
		ID: "definition", Title: "At the origin", Columns: []string{"f(x, y)", "gradient", "eigenvalues of the Hessian", "by the Hessian", "lowest and highest f − f(0, 0) on circles", "by definition"},
	}
	for _, p := range f.Places {
		eigenvalues := "–"
		if len(p.Eigenvalues) == 2 {
			eigenvalues = fmt.Sprintf("%.3g, %.3g", p.Eigenvalues[0], p.Eigenvalues[1])
		}
		circles := ""
		for _, c := range p.Circles {
			circles += fmt.Sprintf("r = %g: %.2g, %.2g; ", c.Radius, c.Lowest, c.Highest)
		}
		rows.Rows = append(rows.Rows, []string{
			p.Name, fmt.Sprintf("%.3g, %.3g", p.Gradient[0], p.Gradient[1]), eigenvalues, p.ByHessian(), circles[:max(len(circles)-2, 0)], p.byDefinition(),
		})
	}
	return rows
}

// Origin is the experiment.
var Origin = experiment.Experiment[DefinitionConfig, DefinitionMeasurement]{
	Name: "Definition", Title: "Three saddles and two bowls at the origin",
	Measure: measureDefinition, Rules: definitionRules(),
	Figures: func(_ DefinitionConfig, f DefinitionMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}}, nil
	},
}
