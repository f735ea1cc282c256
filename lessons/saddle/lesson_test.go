package saddle

import (
	"context"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/nn"
	"evident/kit/sweep"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		`Plane.Optimizers has no "SGD"`:                                     func(c *Config) { c.Plane.Optimizers = c.Plane.Optimizers[1:] },
		`Deep.Optimizers has no "momentum"`:                                 func(c *Config) { c.Deep.Optimizers = []nn.Optimizer{nn.SGD(), nn.Adam(0.9, 0.999, 1e-8)} },
		`Noise.Optimizers has "Adam" twice`:                                 func(c *Config) { c.Noise.Optimizers = append(c.Noise.Optimizers, nn.Adam(0, 0.9, 1e-8)) },
		`Cost.Optimizers has "idle" at place 5`:                             func(c *Config) { c.Cost.Optimizers = append(c.Cost.Optimizers, nn.Optimizer{Name: "idle"}) },
		`Comparison.Optimizers has no "SGD"`:                                func(c *Config) { c.Comparison.Optimizers = nil },
		`Definition.Surfaces has no "x² − y²"`:                              func(c *Config) { c.Definition.Surfaces = nil },
		`Definition.Surfaces has "x² − y²" twice`:                           func(c *Config) { c.Definition.Surfaces = append(c.Definition.Surfaces, c.Definition.Surfaces[0]) },
		`Plane.Surfaces has "flat" with no objective`:                       func(c *Config) { c.Plane.Surfaces = append(c.Plane.Surfaces, sweep.Surface{Name: "flat"}) },
		"Definition.Radii is empty":                                         func(c *Config) { c.Definition.Radii = nil },
		"Definition.Points is 3":                                            func(c *Config) { c.Definition.Points = 3 },
		"Plane.Start has 1 values":                                          func(c *Config) { c.Plane.Start = []float64{1} },
		"Plane.Start has NaN":                                               func(c *Config) { c.Plane.Start = []float64{1, math.NaN()} },
		"Plane.Rate is NaN":                                                 func(c *Config) { c.Plane.Rate = math.NaN() },
		"Plane.Beta is 1: it must be at least 0 and below 1":                func(c *Config) { c.Plane.Beta = 1 },
		"Plane.Offsets has 1: every value must be above 0 and below 1":      func(c *Config) { c.Plane.Offsets = []float64{0.1, 1} },
		"Plane.Seeds is empty":                                              func(c *Config) { c.Plane.Seeds = nil },
		"Deep.Rates is empty":                                               func(c *Config) { c.Deep.Rates = nil },
		"Deep.Scales has NaN":                                               func(c *Config) { c.Deep.Scales = []float64{0.1, math.NaN()} },
		"Deep.Noises has -1":                                                func(c *Config) { c.Deep.Noises = []float64{-1} },
		"Deep.Layers is 1":                                                  func(c *Config) { c.Deep.Layers = 1 },
		"Deep.Examples is 4: it must be at least BatchSize, 8":              func(c *Config) { c.Deep.Examples = 4 },
		"Deep.Optimizers × Rates × Seeds × Scales × Noises are":             func(c *Config) { c.Deep.Features = 3000 },
		"Comparison.Rates has 1 value: give at least 2":                     func(c *Config) { c.Comparison.Rates = []float64{1} },
		"Comparison.Tuning has 1 twice":                                     func(c *Config) { c.Comparison.Tuning = []int64{1, 1} },
		"Comparison.Seeds is empty":                                         func(c *Config) { c.Comparison.Seeds = nil },
		"Comparison.Target is 1":                                            func(c *Config) { c.Comparison.Target = 1 },
		"Comparison.Spirals.Steps is 3: it must be at least 4 times Every,": func(c *Config) { c.Comparison.Spirals.Steps = 3 },
		"Comparison.Spirals.Hidden has 0":                                   func(c *Config) { c.Comparison.Spirals.Hidden = []int{4, 0} },
		"Comparison.Teacher.Train is 8":                                     func(c *Config) { c.Comparison.Teacher.Train = 8 },
		"Comparison.Teacher.LabelNoise is 0.5":                              func(c *Config) { c.Comparison.Teacher.LabelNoise = 0.5 },
		"Comparison.Teacher.Features is 0":                                  func(c *Config) { c.Comparison.Teacher.Features = 0 },
		"Comparison.Optimizers × Rates × Seeds of Spirals are":              func(c *Config) { c.Comparison.Spirals.Hidden = []int{10_000_000} },
		"Comparison.Regression.Train is 8: it must be at least BatchSize":   func(c *Config) { c.Comparison.Regression.Train = 8 },
		"Comparison.Regression.Condition is 0.5":                            func(c *Config) { c.Comparison.Regression.Condition = 0.5 },
		`Flatness.Optimizers has no "SGD"`:                                  func(c *Config) { c.Flatness.Optimizers = c.Flatness.Optimizers[1:] },
		"Flatness.Sparse.Positive is 0.5":                                   func(c *Config) { c.Flatness.Sparse.Positive = 0.5 },
		"Flatness.Optimizers × Rates × Seeds of the two spirals are":        func(c *Config) { c.Flatness.Spirals.Hidden = []int{10_000_000} },
		"Noise.Seeds is empty":                                              func(c *Config) { c.Noise.Seeds = nil },
		"Noise.Watched is 2":                                                func(c *Config) { c.Noise.Watched = 2 },
		"Noise.Train is 1: it must be at least BatchSize, 8":                func(c *Config) { c.Noise.Train = 1 },
		"Noise.Optimizers × Seeds × Watched are":                            func(c *Config) { c.Noise.Watched = 100_000_000 },
		"Theory.Gradient is 2: it must be above 2":                          func(c *Config) { c.Theory.Gradient = 2 },
		"Theory.Rates has 0.1 after":                                        func(c *Config) { c.Theory.Rates = []float64{0.5, 0.1} },
		"Theory.Examples is 5: it must be at least 10":                      func(c *Config) { c.Theory.Examples = 5 },
		"Cost.Widths has 1 value: give at least 2":                          func(c *Config) { c.Cost.Widths = []int{1} },
		"Cost.Rounds is 0":                                                  func(c *Config) { c.Cost.Rounds = 0 },
	})
}

// An experiment of a cell gets the same errors as a whole run, and one that asks
// others for their measurements names their knobs.
func TestEveryExperimentChecksItsKnobs(t *testing.T) {
	ctx, b := context.Background(), lessontest.PureGo(t)
	for want, run := range map[string]func() error{
		"Definition.Radii is empty":       func() error { _, err := Origin.Measured(ctx, b, DefinitionConfig{}); return err },
		"Plane.Rate is 0":                 func() error { _, err := SaddleInThePlane.Measured(ctx, b, PlaneConfig{}); return err },
		"Escape.Plane.Rate is 0":          func() error { _, err := WaysPast.Measured(ctx, b, EscapeKnobs{}); return err },
		"Comparison.Rates is empty":       func() error { _, err := OptimizerComparison.Measured(ctx, b, ComparisonConfig{}); return err },
		"Speed.Comparison.Rates is empty": func() error { _, err := Speed.Measured(ctx, b, SpeedKnobs{}); return err },
		"Flatness.Rates is empty":         func() error { _, err := Flatness.Measured(ctx, b, FlatnessConfig{}); return err },
		"Variance.Noise.Seeds is empty":   func() error { _, err := TwoVariances.Measured(ctx, b, VarianceKnobs{}); return err },
	} {
		err := run()
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, want)
	}
}

// The seeds of the comparison are none of the tuning's, at every preset and shift.
func TestComparisonIsNotTuned(t *testing.T) {
	for _, c := range []Config{Smoke(), Default(), Full(), Lesson.Config(experiment.Options{Seed: 200})} {
		for _, seed := range c.Comparison.Tuning {
			require.NotContains(t, c.Comparison.Seeds, seed)
		}
	}
}

// What a student adds joins the tables and charts, and changes no one else's
// numbers.
func TestOwnOptimizerAndSurfaceJoin(t *testing.T) {
	c := Smoke().Plane
	backend, ctx := lessontest.PureGo(t), context.Background()
	before, err := SaddleInThePlane.Measured(ctx, backend, c)
	require.NoError(t, err)
	c.Optimizers = append(c.Optimizers, nn.Optimizer{Name: "sign", Direction: func(g *Node, _ []*Node, _ *Node) (*Node, []*Node) { return Sign(g), nil }})
	ln := sweep.Surface{
		Name: "ln", Left: -1, Right: 1, Bottom: -1, Top: 1, // not finite for x ≤ 0
		Objective: func(x, y *Node) *Node { return Add(Log(x), y) },
	}
	c.Surfaces = append(c.Surfaces, ln)
	plane, result, err := SaddleInThePlane.Run(ctx, backend, c)
	require.NoError(t, err)
	require.NoError(t, result.Figures.Validate())
	own := len(Optimizers())
	require.Equal(t, before.Steps[:own], plane.Steps[:own])
	require.Equal(t, "sign", plane.escapeChart().Curves[own].Name)
	require.Equal(t, []string{"escapes", "escape", "paths", "paths-2"}, result.Figures.IDs())
	require.Len(t, plane.pathChart(1).Curves, own+2)
	d := Smoke().Definition
	d.Surfaces = append(d.Surfaces, ln)
	definition, result, err := Origin.Run(ctx, backend, d)
	require.NoError(t, err)
	require.NoError(t, result.Figures.Validate())
	require.Equal(t, "ln", definition.table().Rows[5][0])
}
