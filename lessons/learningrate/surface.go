package learningrate

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// SurfaceFacts are descents of a surface from one point at several rates.
type SurfaceFacts struct {
	Rates  []float64
	Paths  [][][]float64  // [rate][step] of (x, y)
	Ground *report.Ground // the surface, for the picture
}

// Valley is a narrow valley that bends, with its minimum 0 at (1, 1): the
// function of Rosenbrock (1960) with 10 in place of his 100, so that rates that
// still converge are not too small to be seen.
//
//	f(x, y) = (1 − x)² + 10 (y − x²)²
func Valley() sweep.Surface {
	return sweep.Surface{
		Name: "loss (1 − x)² + 10 (y − x²)²", Left: -1.8, Right: 1.8, Bottom: -0.8, Top: 2.4,
		Height: func(x, y *Node) *Node {
			return Add(Square(OneMinus(x)), MulScalar(Square(Sub(y, Square(x))), 10))
		},
	}
}

// MeasureSurface descends the surface at every rate.
func MeasureSurface(ctx context.Context, backend compute.Backend, c SurfaceConfig) (SurfaceFacts, error) {
	facts := SurfaceFacts{Rates: c.Rates}
	if err := c.check(); err != nil {
		return facts, err
	}
	var err error
	if facts.Paths, err = c.Surface.Descend(ctx, backend, nn.SGD(), c.Rates, c.Start, c.Steps); err != nil {
		return facts, err
	}
	const columns, rows = 40, 32
	facts.Ground, err = c.Surface.Ground(backend, columns, rows)
	return facts, err
}

// Chart shows the paths on the surface.
func (f SurfaceFacts) Chart() report.Chart {
	chart := report.Chart{
		ID: "surface", Title: "Descent from one point at several rates", Mark: report.Path, XLabel: "x", YLabel: "y", Ground: f.Ground,
		Alt: "Paths from one point over the shaded loss, one for each rate.",
	}
	for i, rate := range f.Rates {
		chart.Curves = append(chart.Curves, sweep.PathCurve(fmt.Sprintf("η = %g", rate), f.Paths[i]))
	}
	return chart
}
