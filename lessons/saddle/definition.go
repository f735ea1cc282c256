package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/sweep"
)

// The surfaces that the definition is tried on. All have a gradient of 0 at the
// origin, and the Hessian of three of them is 0 there too.
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
	surface := func(name string, height func(x, y *Node) *Node) sweep.Surface {
		return sweep.Surface{Name: name, Height: height, Left: -1.5, Right: 1.5, Bottom: -1.5, Top: 1.5}
	}
	return []sweep.Surface{
		surface(plainSaddle, func(x, y *Node) *Node { return Sub(Square(x), Square(y)) }),
		surface(monkeySaddle, func(x, y *Node) *Node { return Mul(x, Sub(Square(x), MulScalar(Square(y), 3))) }),
		surface(flatSaddle, func(x, y *Node) *Node { return Sub(fourth(x), fourth(y)) }),
		surface(plainBowl, func(x, y *Node) *Node { return Add(Square(x), Square(y)) }),
		surface(flatBowl, func(x, y *Node) *Node { return Add(fourth(x), fourth(y)) }),
	}
}

// DefinitionFacts are what the surfaces are like at the origin and around it.
type DefinitionFacts struct{ Places []PlaceFact }

// PlaceFact is one surface at the origin.
type PlaceFact struct {
	Name        string
	Gradient    []float64 // by automatic differentiation
	Eigenvalues []float64 // of the Hessian, by automatic differentiation, the lower first; nil where it is not finite
	Circles     []Circle
}

// Circle is the range of f − f(0, 0) on a circle about the origin.
type Circle struct{ Radius, Lowest, Highest float64 }

// Of finds a surface's facts by its name.
func (f DefinitionFacts) Of(name string) (PlaceFact, bool) {
	for _, p := range f.Places {
		if p.Name == name {
			return p, true
		}
	}
	return PlaceFact{}, false
}

// Stationary reports whether the gradient is 0.
func (p PlaceFact) Stationary() bool {
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

// ByDefinition is what the place is: a saddle where the gradient is 0 and every
// circle holds a higher point as well as a lower one.
func (p PlaceFact) ByDefinition() string {
	if !p.Stationary() {
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
	if !p.Stationary() {
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

// MeasureDefinition examines every surface at the origin.
func MeasureDefinition(ctx context.Context, backend compute.Backend, c Config) (DefinitionFacts, error) {
	var facts DefinitionFacts
	if err := c.checkDefinition(); err != nil {
		return facts, err
	}
	for _, s := range c.Surfaces {
		place, err := c.Definition.examine(ctx, backend, s)
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
	heights, err := s.Heights(backend, points)
	if err != nil {
		return nil, err
	}
	circles := make([]Circle, len(c.Radii))
	for i, radius := range c.Radii {
		own := heights[1+i*c.Points : 1+(i+1)*c.Points]
		circles[i] = Circle{Radius: radius, Lowest: math.Inf(1), Highest: math.Inf(-1)}
		for _, h := range own {
			circles[i].Lowest, circles[i].Highest = min(circles[i].Lowest, h-heights[0]), max(circles[i].Highest, h-heights[0])
		}
	}
	return circles, nil
}
