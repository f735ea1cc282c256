package learningrate

import (
	"context"
	"fmt"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
)

// SurfaceConfig descends a surface over the plane, to be looked at.
type SurfaceConfig struct {
	Surface sweep.Surface `role:"fixed" help:"any function of x and y"`
	Rates   []float64     `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Minimum []float64     `role:"fixed" range:"(-inf, inf)" list:"0" help:"x and y of a minimum to mark; none if it is empty"`
	Start   []float64     `role:"fixed" range:"(-inf, inf)" help:"x and y"`
	Steps   int           `role:"fixed" range:"[1, inf)" help:"steps of each descent"`
}

// Validate checks that there is an area to descend on, and a place to start from.
func (c SurfaceConfig) Validate() error {
	if c.Surface.Objective == nil || !(c.Surface.Left < c.Surface.Right && c.Surface.Bottom < c.Surface.Top) {
		return badinput.Errorf("Surface %q has no objective or no area: set Objective, and Left < Right, Bottom < Top", c.Surface.Name)
	}
	if n := len(c.Minimum); n != 0 && n != 2 {
		return badinput.Errorf("Minimum has %d values: give x and y, or none", n)
	}
	if len(c.Start) != 2 {
		return badinput.Errorf("Start has %d values: give x and y", len(c.Start))
	}
	return nil
}

// SurfaceMeasurement are descents of a surface from one point at several rates.
type SurfaceMeasurement struct {
	Rates   []float64
	Paths   [][][]float64   // [rate][step] of (x, y)
	Heatmap *report.Heatmap // the surface, for the picture
}

// Valley is a narrow valley that bends, with its minimum 0 at (1, 1): the
// function of Rosenbrock (1960) with 10 in place of his 100, so that rates that
// still converge are not too small to be seen.
//
//	f(x, y) = (1 − x)² + 10 (y − x²)²
func Valley() sweep.Surface {
	return sweep.Surface{
		Name: "loss (1 − x)² + 10 (y − x²)²", Left: -1.8, Right: 1.8, Bottom: -0.8, Top: 2.4,
		Objective: func(x, y *Node) *Node {
			return Add(Square(OneMinus(x)), MulScalar(Square(Sub(y, Square(x))), 10))
		},
	}
}

// measureSurface descends the surface at every rate.
func measureSurface(ctx context.Context, backend compute.Backend, c SurfaceConfig) (SurfaceMeasurement, error) {
	facts := SurfaceMeasurement{Rates: c.Rates}
	var err error
	if facts.Paths, err = c.Surface.Descend(ctx, backend, nn.SGD(), c.Rates, c.Start, c.Steps); err != nil {
		return facts, err
	}
	const columns, rows = 40, 32
	facts.Heatmap, err = c.Surface.Heatmap(backend, columns, rows)
	return facts, err
}

// chart shows the paths on the surface.
func (f SurfaceMeasurement) chart(c SurfaceConfig) report.Chart {
	drawn := report.Chart{
		ID: "surface", Title: "Descent from one point at several rates", Mark: report.Path, XLabel: "x", YLabel: "y", Heatmap: f.Heatmap,
		Alt: "Paths from one point over the shaded loss, one for each rate, and a point at the minimum, if it is known.",
	}
	for i, rate := range f.Rates {
		drawn.Curves = append(drawn.Curves, sweep.PathCurve(fmt.Sprintf("η = %g", rate), f.Paths[i]))
	}
	if len(c.Minimum) > 0 {
		drawn.Curves = append(drawn.Curves, sweep.PathCurve("minimum", [][]float64{c.Minimum}))
	}
	return drawn
}

// LossSurface is the experiment. It decides nothing: it is there to be looked at.
var LossSurface = experiment.Experiment[SurfaceConfig, SurfaceMeasurement]{
	Name: "Surface", Title: "Descents of a surface over the plane",
	Measure: measureSurface,
	Figures: func(c SurfaceConfig, f SurfaceMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart(c)}}, nil
	},
}
