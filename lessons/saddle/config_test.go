package saddle

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/lessontest"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		`Optimizers has no "SGD"`:           func(c *Config) { c.Optimizers = c.Optimizers[1:] },
		`Optimizers has no "momentum"`:      func(c *Config) { c.Optimizers = []nn.Optimizer{nn.SGD(), nn.Adam(0.9, 0.999, 1e-8)} },
		`Optimizers has "Adam" twice`:       func(c *Config) { c.Optimizers = append(c.Optimizers, nn.Adam(0, 0.9, 1e-8)) },
		`Optimizers has "idle" at place 6`:  func(c *Config) { c.Optimizers = append(c.Optimizers, nn.Optimizer{Name: "idle"}) },
		`Surfaces has no "x² − y²"`:         func(c *Config) { c.Surfaces = nil },
		`Surfaces has "x² − y²" twice`:      func(c *Config) { c.Surfaces = append(c.Surfaces, c.Surfaces[0]) },
		`Surfaces has "flat" with no`:       func(c *Config) { c.Surfaces = append(c.Surfaces, sweep.Surface{Name: "flat"}) },
		"Definition.Radii has 0":            func(c *Config) { c.Definition.Radii = nil },
		"Definition.Points is 3":            func(c *Config) { c.Definition.Points = 3 },
		"Plane.Start is [1]":                func(c *Config) { c.Plane.Start = []float64{1} },
		"Plane.Rate is NaN":                 func(c *Config) { c.Plane.Rate = math.NaN() },
		"Plane.Beta is 1":                   func(c *Config) { c.Plane.Beta = 1 },
		"Plane.Offsets has 1:":              func(c *Config) { c.Plane.Offsets = []float64{0.1, 1} },
		"Plane.Seeds is empty":              func(c *Config) { c.Plane.Seeds = nil },
		"Deep.Rates has 0 rates":            func(c *Config) { c.Deep.Rates = nil },
		"Deep.Scales has NaN":               func(c *Config) { c.Deep.Scales = []float64{0.1, math.NaN()} },
		"Deep.Noises has -1":                func(c *Config) { c.Deep.Noises = []float64{-1} },
		"Deep.Layers is 1":                  func(c *Config) { c.Deep.Layers = 1 },
		"Deep.Examples is 4":                func(c *Config) { c.Deep.Examples = 4 },
		"Optimizers × Deep.Rates × Seeds ×": func(c *Config) { c.Deep.Features = 3000 },
		"Race.Rates has 1 rates":            func(c *Config) { c.Race.Rates = []float64{1} },
		"Race.Spirals.Features is 3":        func(c *Config) { c.Race.Spirals.Features = 3 },
		"Race.Spirals.Flipped is 0.1":       func(c *Config) { c.Race.Spirals.Flipped = 0.1 },
		"Race.Tuning has 1 twice":           func(c *Config) { c.Race.Tuning = []int64{1, 1} },
		"Race.Seeds is empty":               func(c *Config) { c.Race.Seeds = nil },
		"Race.Target is 1":                  func(c *Config) { c.Race.Target = 1 },
		"Race.Perturbation is 0":            func(c *Config) { c.Race.Perturbation = 0 },
		"Race.Spirals.Steps is 3":           func(c *Config) { c.Race.Spirals.Steps = 3 },
		"Race.Spirals.Hidden is 0":          func(c *Config) { c.Race.Spirals.Hidden = []int{4, 0} },
		"Race.Teacher.Train is 8":           func(c *Config) { c.Race.Teacher.Train = 8 },
		"Race.Teacher.Flipped is 0.5":       func(c *Config) { c.Race.Teacher.Flipped = 0.5 },
		"Race.Teacher.Features is 0":        func(c *Config) { c.Race.Teacher.Features = 0 },
		"Race.Rates × Race.Seeds of Spi":    func(c *Config) { c.Race.Spirals.Hidden = []int{10_000_000} },
		"Noise.Seeds is empty":              func(c *Config) { c.Noise.Seeds = nil },
		"Noise.Watched is 2":                func(c *Config) { c.Noise.Watched = 2 },
		"Optimizers × Noise.Seeds":          func(c *Config) { c.Noise.Watched = 100_000_000 },
		"Theory.Gradient is 2":              func(c *Config) { c.Theory.Gradient = 2 },
		"Theory.Rates has 0.1 after":        func(c *Config) { c.Theory.Rates = []float64{0.5, 0.1} },
		"Theory.Examples is 5":              func(c *Config) { c.Theory.Examples = 5 },
		"Cost.Widths (how many) is 1":       func(c *Config) { c.Cost.Widths = []int{1} },
		"Cost.Rounds is 0":                  func(c *Config) { c.Cost.Rounds = 0 },
	})
}

// In a notebook's cell one experiment is run alone: it names its knobs too.
func TestEveryMeasurementChecksItsKnobs(t *testing.T) {
	var backend compute.Backend // not reached
	ctx := context.Background()
	c := Config{}
	for name, measure := range map[string]func() error{
		"definition": func() error { _, err := MeasureDefinition(ctx, backend, c); return err },
		"plane":      func() error { _, err := MeasurePlane(ctx, backend, c); return err },
		"deep":       func() error { _, err := MeasureDeep(ctx, backend, c); return err },
		"race":       func() error { _, err := MeasureRace(ctx, backend, c); return err },
		"noise":      func() error { _, err := MeasureNoise(ctx, backend, c); return err },
		"theory":     func() error { _, err := MeasureTheory(ctx, backend, c); return err },
		"cost":       func() error { _, err := MeasureCost(ctx, backend, c); return err },
	} {
		require.ErrorIs(t, measure(), badinput.Err, name)
	}
}

// The seeds of the race are none of the tuning's, at every scale and shift.
func TestRaceIsNotTuned(t *testing.T) {
	for _, c := range []Config{Smoke(), Default(), Full(), Default().shifted(200)} {
		for _, seed := range c.Race.Tuning {
			require.NotContains(t, c.Race.Seeds, seed)
		}
	}
}

// What a student adds joins the tables and charts, and changes no one else's
// numbers.
func TestOwnOptimizerAndSurfaceJoin(t *testing.T) {
	c := Smoke()
	backend, ctx := lessontest.PureGo(t), context.Background()
	before, err := MeasurePlane(ctx, backend, c)
	require.NoError(t, err)
	c.Optimizers = append(c.Optimizers, nn.Optimizer{Name: "sign", Direction: func(g *Node, _ []*Node, _ *Node) (*Node, []*Node) { return Sign(g), nil }})
	c.Surfaces = append(c.Surfaces, sweep.Surface{
		Name: "ln", Left: -1, Right: 1, Bottom: -1, Top: 1, // not finite for x ≤ 0
		Height: func(x, y *Node) *Node { return Add(Log(x), y) },
	})
	plane, err := MeasurePlane(ctx, backend, c)
	require.NoError(t, err)
	require.Equal(t, before.Steps, plane.Steps[:len(before.Steps)])
	require.Equal(t, "sign", plane.EscapeChart().Curves[5].Name)
	require.Len(t, plane.PathChart("ln").Curves, 6)
	definition, err := MeasureDefinition(ctx, backend, c)
	require.NoError(t, err)
	shown := report.Figures{Tables: []report.Table{definition.Table()}, Charts: []report.Chart{plane.PathChart("ln")}}
	require.NoError(t, shown.Validate())
	require.Equal(t, "ln", definition.Table().Rows[5][0])
}
