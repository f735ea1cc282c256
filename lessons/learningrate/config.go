package learningrate

import (
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/sweep"
)

// Config holds the knobs of the lesson.
type Config struct {
	Quadratic QuadraticConfig
	Surface   SurfaceConfig
	Floor     FloorConfig
	Basins    BasinConfig
	Grid      GridConfig
	Vanishing VanishingConfig
	Sharpness SharpnessConfig
}

// QuadraticConfig descends a parabola, a logistic regression and, along one
// direction, a small net.
type QuadraticConfig struct {
	Rates     []float64 // η·λ, the rate in units of 1/curvature; compared
	Slow      []float64 // η·λ of the descents whose steps are counted; compared
	Curvature float64   // λ of the parabola; fixed
	Steps     int       // of each descent over Rates; fixed
	Tolerance float64   // share of the first distance at which a slow descent has arrived; fixed
}

// SurfaceConfig descends a surface over the plane, to be looked at.
type SurfaceConfig struct {
	Surface sweep.Surface // any function of x and y; fixed
	Rates   []float64     // compared
	Start   []float64     // x and y; fixed
	Steps   int           // fixed
}

// FloorConfig fits least squares by mini-batches, past the point where the
// loss stops falling.
type FloorConfig struct {
	Rates      []float64 // compared; all of them stable
	Seeds      []int64   // averaged over
	Examples   int       // fixed
	Features   int       // fixed
	BatchSize  int       // fixed
	Noise      float64   // deviation of the targets; fixed
	Steps      int       // at each rate; fixed
	DecaySteps int       // then, at the lowest rate; fixed
}

// BasinConfig descends landscapes with a deep and a shallow basin.
type BasinConfig struct {
	Rates         []float64 // compared
	Seeds         []int64   // averaged over
	Runs          int       // from each seed, with noise of their own; their share is one sample
	Noise         float64   // deviation of the gradient's noise; fixed
	Steps         int       // at each rate; fixed
	ReturnRate    float64   // the small rate to continue with; fixed
	ReturnSteps   int       // … and for how long; fixed
	PlateauRates  []float64 // on the saturated sigmoid; compared
	PlateauSteps  int       // fixed
	PlateauHeight float64   // start of the sigmoid's argument; fixed
}

// GridConfig trains a small classifier over a grid of rates.
type GridConfig struct {
	Rates     []float64 // compared
	Seeds     []int64   // averaged over: initial weights and order
	Train     int       // examples; fixed
	Test      int       // examples; fixed
	Flipped   float64   // share of wrong training labels, so that there is something to overfit; fixed
	Hidden    int       // units; fixed
	BatchSize int       // fixed
	Steps     int       // fixed
	TestSteps []int     // of the learning-rate range test; compared, the first decides
}

// VanishingConfig looks at the gradients of deep nets.
type VanishingConfig struct {
	Rates    []float64 // compared
	Seeds    []int64   // averaged over
	Depths   []int     // hidden layers; compared
	Width    int       // fixed
	Examples int       // fixed
	TinyRate float64   // the rate at which the gradient is followed; fixed
	Steps    int       // … and for how long; fixed
}

// SharpnessConfig follows the top Hessian eigenvalue of a net that is trained
// on full batches.
type SharpnessConfig struct {
	Rates    []float64 // compared
	Seeds    []int64   // averaged over
	Points   int       // of the polynomial that is fitted; fixed
	Degree   int       // of the polynomial; fixed
	Hidden   int       // units of each of two layers; fixed
	Steps    int       // fixed
	Measures int       // of the eigenvalue along the training; fixed
}

// Default fits a laptop's CPU in under two minutes.
func Default() Config {
	return Config{
		Quadratic: QuadraticConfig{
			Rates: []float64{0.1, 0.5, 0.9, 1.1, 1.5, 1.9, 2.1, 2.5}, Slow: knob.Logspace(2, -8, -1, 1),
			Curvature: 4, Steps: 20, Tolerance: 1e-3,
		},
		Surface: SurfaceConfig{Surface: Valley(), Rates: []float64{0.002, 0.01, 0.025, 0.05, 0.08}, Start: []float64{-1.2, 1}, Steps: 150},
		Floor: FloorConfig{
			Rates: []float64{0.005, 0.01, 0.02, 0.04, 0.08, 0.16}, Seeds: knob.Seeds(8), Examples: 256, Features: 8,
			BatchSize: 4, Noise: 0.5, Steps: 2000, DecaySteps: 2000,
		},
		Basins: BasinConfig{
			Rates: knob.Logspace(2, -7, 3, 1), Seeds: knob.Seeds(8), Runs: 32, Noise: 1, Steps: 400,
			ReturnRate: 0.01, ReturnSteps: 2000,
			PlateauRates: knob.Logspace(10, -1, 2, 1), PlateauSteps: 1000, PlateauHeight: 8,
		},
		Grid: GridConfig{
			Rates: knob.Logspace(10, -4, 2, 2), Seeds: knob.Seeds(24), Train: 128, Test: 1000, Flipped: 0.1,
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

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	return experiment.At(o.Preset, Smoke, Default, Full).shifted(o.Seed)
}

// shifted moves every seed by the same amount.
func (c Config) shifted(by int64) Config {
	knob.ShiftSeeds(by, &c.Floor.Seeds, &c.Basins.Seeds, &c.Grid.Seeds, &c.Vanishing.Seeds, &c.Sharpness.Seeds)
	return c
}
