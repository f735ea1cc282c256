package learningrate

import (
	"context"

	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/report"
)

// Lesson is the lesson on question 1 (a) and (b).
var Lesson = experiment.Lesson[Config]{
	Name: "learningrate", Title: "The learning rate", Question: "Q1 a, b", Notebook: "01-learning-rate.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Data: func(context.Context, Config) (name, hash string, err error) {
		return "generated: quadrants of the plane, a linear regression, a Chebyshev polynomial", "", nil
	},
	// The cheap ones first.
	Experiments: []experiment.Part[Config]{
		experiment.Of(KnownCurvature, func(c Config) QuadraticConfig { return c.Quadratic }),
		experiment.Of(LossSurface, func(c Config) SurfaceConfig { return c.Surface }),
		experiment.Of(VanishingGradients, func(c Config) VanishingConfig { return c.Vanishing }),
		experiment.Of(TwoBasins, func(c Config) BasinsConfig { return c.Basins }),
		experiment.Of(NoiseFloor, func(c Config) FloorConfig { return c.Floor }),
		experiment.Of(RateGrid, func(c Config) GridConfig { return c.Grid }),
		experiment.Of(EdgeOfStability, func(c Config) SharpnessConfig { return c.Sharpness }),
	},
}

// Config holds the knobs of the lesson.
type Config struct {
	Quadratic QuadraticConfig
	Surface   SurfaceConfig
	Floor     FloorConfig
	Basins    BasinsConfig
	Grid      GridConfig
	Vanishing VanishingConfig
	Sharpness SharpnessConfig
}

// Default fits a laptop's CPU in under two minutes.
func Default() Config {
	return Config{
		Quadratic: QuadraticConfig{
			Rates: []float64{0.1, 0.5, 0.9, 1.1, 1.5, 1.9, 2.1, 2.5}, Slow: knob.Logspace(2, -8, -1, 1),
			Curvature: 4, Steps: 20, Tolerance: 1e-3, Examples: 128, LabelNoise: 0.1,
		},
		Surface: SurfaceConfig{Surface: Valley(), Rates: []float64{0.002, 0.01, 0.025, 0.05, 0.08}, Start: []float64{-1.2, 1}, Steps: 150},
		Floor: FloorConfig{
			Rates: []float64{0.005, 0.01, 0.02, 0.04, 0.08, 0.16}, Seeds: knob.Seeds(8), Examples: 256, Features: 8,
			BatchSize: 4, Noise: 0.5, Steps: 2000, DecaySteps: 2000,
		},
		Basins: BasinsConfig{
			Rates: knob.Logspace(2, -7, 3, 1), Seeds: knob.Seeds(8), Runs: 32, Noise: 1, Steps: 400,
			ReturnRate: 0.01, ReturnSteps: 2000,
			PlateauRates: knob.Logspace(10, -1, 2, 1), PlateauSteps: 1000, PlateauHeight: 8,
		},
		Grid: GridConfig{
			Rates: knob.Logspace(10, -4, 2, 2), Seeds: knob.Seeds(24), Train: 128, Test: 1000, LabelNoise: 0.1,
			Hidden: 32, BatchSize: 16, Steps: 2000, TestSteps: []int{200, 2000},
		},
		Vanishing: VanishingConfig{
			Rates: knob.Logspace(10, -8, 0, 1), Seeds: knob.Seeds(8), Depths: []int{2, 4, 8, 16}, Width: 16, Examples: 64,
			TinyRate: 1e-6, Steps: 200,
		},
		Sharpness: SharpnessConfig{
			Rates: []float64{0.02, 0.04, 0.08, 0.12, 0.16, 0.24}, Seeds: knob.Seeds(5), Points: 20, Degree: 5, Hidden: 32,
			Steps: 8000, Measures: 60,
		},
	}
}

// Smoke runs the same code in seconds; most sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	c.Floor.Seeds, c.Floor.Steps, c.Floor.DecaySteps = knob.Seeds(2), 200, 100
	c.Basins.Seeds, c.Basins.Runs, c.Basins.Rates, c.Basins.Steps, c.Basins.ReturnSteps = knob.Seeds(2), 8, knob.Logspace(2, -6, 2, 1), 100, 200
	c.Grid.Rates, c.Grid.Seeds, c.Grid.Steps, c.Grid.Test, c.Grid.TestSteps = knob.Logspace(10, -4, 2, 1), knob.Seeds(2), 200, 200, []int{50, 100}
	c.Vanishing.Seeds, c.Vanishing.Depths, c.Vanishing.Steps = knob.Seeds(2), []int{2, 8}, 20
	c.Sharpness.Seeds, c.Sharpness.Hidden, c.Sharpness.Steps, c.Sharpness.Measures = knob.Seeds(2), 8, 400, 8
	return c
}

// Full samples more and trains longer.
func Full() Config {
	c := Default()
	c.Floor.Seeds, c.Basins.Seeds, c.Grid.Seeds, c.Vanishing.Seeds, c.Sharpness.Seeds = knob.Seeds(32), knob.Seeds(32), knob.Seeds(32), knob.Seeds(32), knob.Seeds(10)
	c.Grid.Steps, c.Grid.Test = 8000, 4000
	c.Sharpness.Steps = 20_000
	return c
}

// The seeds of the generated data. All seeds of a comparison see the same
// examples: a caveat of its verdict.
const (
	trainingDraw = 1
	testDraw     = 2
	noiseDraw    = 3
	regression   = 4
)

// curveOver is one line over the rates, of values above 0 by rate and seed.
func curveOver(rates []float64, name string, values [][]float64) report.Curve {
	curve := report.Curve{Name: name}
	for i, rate := range rates {
		curve.AddGeometric(rate, values[i])
	}
	return curve
}
