package saddle

import (
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// Config holds the knobs of the lesson.
type Config struct {
	// Optimizers are compared, in all experiments but those of the theorems. The
	// claims need one each of SGD, momentum, RMSProp and Adam; others may join.
	Optimizers []nn.Optimizer
	// Surfaces are examined at the origin, and descended; compared. The claims
	// need those of [Surfaces]; others may join.
	Surfaces []sweep.Surface

	Definition DefinitionConfig
	Plane      PlaneConfig
	Deep       DeepConfig
	Race       RaceConfig
	Noise      NoiseConfig
	Theory     TheoryConfig
	Cost       CostConfig
}

// DefinitionConfig looks at the surfaces around the origin.
type DefinitionConfig struct {
	Radii  []float64 // of circles about the origin; compared
	Points int       // of every circle; fixed
}

// PlaneConfig descends surfaces, and leaves the saddle of x² − y².
type PlaneConfig struct {
	Rate      float64   // the same for all optimizers; fixed
	Beta      float64   // β of the optimizer named momentum, for its formula; fixed
	Start     []float64 // (x, y) of the paths over the surfaces; fixed
	PathSteps int       // of the paths; fixed
	Offsets   []float64 // ε of the starts (1, ε); compared
	Steps     int       // of the escapes at most; fixed
	Noise     float64   // deviation of what is added to the gradient at (1, 0); fixed
	Seeds     []int64   // of that noise; averaged over
}

// DeepConfig trains a deep linear net from beside the saddle at 0.
type DeepConfig struct {
	Rates     []float64 // compared; each optimizer is judged at its own best
	Seeds     []int64   // averaged over
	Layers    int       // fixed
	Features  int       // of the inputs, and units of every layer but the last; fixed
	Examples  int       // fixed
	BatchSize int       // fixed
	Scales    []float64 // factors on the initial weights; compared, and 0 besides
	Noises    []float64 // deviations of what is added to the gradient; compared, and 0 besides
	Steps     int       // at most; fixed
}

// RaceConfig trains two small nets by every optimizer at every rate, and then by
// each at its own best rates from other seeds.
type RaceConfig struct {
	Rates        []float64 // compared; the same grid for all optimizers
	Tuning       []int64   // seeds of the grid, on which the best rates are chosen; averaged over
	Seeds        []int64   // of the race at the best rates: initial weights and order; averaged over
	Spirals      TaskConfig
	Teacher      TaskConfig
	Target       float64 // training loss to reach, as a share of ln 2, that of guessing; fixed
	Every        int     // steps between two looks at the loss, at most; early on they are closer; fixed
	Perturbation float64 // relative deviation of the weights that are shaken; fixed
	Shakes       int     // draws of it, each in both directions; averaged over
}

// TaskConfig is one task of the race.
type TaskConfig struct {
	Train     int     // examples; fixed
	Test      int     // examples; fixed
	Hidden    []int   // units of the hidden layers; fixed
	Features  int     // of the teacher's inputs; 0 for the spirals; fixed
	Flipped   float64 // share of wrong training labels; 0 for the spirals; fixed
	BatchSize int     // fixed
	Steps     int     // fixed
}

// NoiseConfig watches the directions of a training that stands still.
type NoiseConfig struct {
	Seeds     []int64 // averaged over
	Hidden    []int   // units of the hidden layers; fixed
	Train     int     // examples; fixed
	BatchSize int     // fixed
	Rate      float64 // of the training that leads to the second point; fixed
	Steps     int     // … and its length; fixed
	Warmup    int     // steps that are not counted; fixed
	Watched   int     // steps that are; fixed
}

// TheoryConfig checks the theorems.
type TheoryConfig struct {
	Rates    []float64 // η·L of convex descents, with L the largest curvature; compared, the bound is promised up to 1
	Steps    int       // of them; fixed
	Examples int       // of the least squares; fixed
	Features int       // fixed
	Gradient float64   // C of the counter-example; fixed
	Alpha    float64   // α of its rate α/√t; fixed
	Rounds   int       // steps of the counter-example; fixed
	Follows  int       // steps along which Adam is compared with its parts; fixed
}

// CostConfig trains a larger net for a few steps.
type CostConfig struct {
	Widths    []int // of the inputs, the hidden layers and the outputs; fixed
	BatchSize int   // fixed
	Rounds    int   // that alternate between the optimizers; fixed
	Steps     int   // of each round; fixed
}

// Optimizers are those that the lesson compares. Their decays are those of the
// papers and libraries; RMSProp's mean is the shorter of the usual ones.
func Optimizers() []nn.Optimizer {
	return []nn.Optimizer{nn.SGD(), nn.Momentum(0.9), nn.Nesterov(0.9), nn.RMSProp(0.99, 1e-8), nn.Adam(0.9, 0.999, 1e-8)}
}

// Default fits a laptop's CPU in under two minutes.
func Default() Config {
	return Config{
		Optimizers: Optimizers(), Surfaces: Surfaces(),
		Definition: DefinitionConfig{Radii: []float64{1e-3, 1e-2, 1e-1, 1}, Points: 360},
		Plane: PlaneConfig{
			Rate: 0.05, Beta: 0.9, Start: []float64{1, 1e-3}, PathSteps: 80,
			Offsets: knob.Logspace(10, -12, -1, 1), Steps: 600, Noise: 1e-3, Seeds: knob.Seeds(8),
		},
		Deep: DeepConfig{
			Rates: knob.Logspace(10, -3, 0, 2), Seeds: knob.Seeds(8), Layers: 3, Features: 4, Examples: 64, BatchSize: 8,
			Scales: []float64{0.01, 0.03, 0.1, 0.3}, Noises: []float64{0.1}, Steps: 1200,
		},
		Race: RaceConfig{
			Rates: knob.Logspace(10, -3.5, 1.5, 4), Tuning: knob.Seeds(8), Seeds: raceSeeds(48), Target: 0.3, Every: 40, Perturbation: 0.1, Shakes: 8,
			Spirals: TaskConfig{Train: 256, Test: 500, Hidden: []int{16, 16}, BatchSize: 32, Steps: 2000},
			Teacher: TaskConfig{Train: 256, Test: 500, Hidden: []int{32}, Features: 20, Flipped: 0.1, BatchSize: 32, Steps: 1000},
		},
		Noise: NoiseConfig{
			Seeds: knob.Seeds(8), Hidden: []int{16}, Train: 256, BatchSize: 8, Rate: 0.1, Steps: 500, Warmup: 500, Watched: 1000,
		},
		Theory: TheoryConfig{
			Rates: []float64{0.1, 0.5, 1, 2.2}, Steps: 500, Examples: 64, Features: 8, Gradient: 3, Alpha: 0.5, Rounds: 6000, Follows: 200,
		},
		Cost: CostConfig{Widths: []int{64, 512, 512, 2}, BatchSize: 16, Rounds: 5, Steps: 20},
	}
}

// Smoke runs the same code in seconds; most sampled claims stay inconclusive. Its
// race has as many replicas as its tuning, so that their program is compiled once.
func Smoke() Config {
	c := Default()
	c.Plane.Seeds, c.Deep.Seeds, c.Race.Seeds, c.Noise.Seeds = knob.Seeds(2), knob.Seeds(2), raceSeeds(4), knob.Seeds(2)
	c.Deep.Rates, c.Deep.Scales, c.Deep.Noises, c.Deep.Steps = knob.Logspace(10, -2, 0, 2), []float64{0.03, 0.3}, []float64{0.1}, 100
	c.Race.Tuning, c.Race.Rates, c.Race.Shakes, c.Race.Every = knob.Seeds(2), []float64{1e-3, 1e-2, 0.1, 1}, 2, 8
	for _, task := range []*TaskConfig{&c.Race.Spirals, &c.Race.Teacher} {
		task.Hidden, task.Steps, task.Train, task.Test = []int{8}, 100, 64, 100
	}
	c.Noise.Hidden, c.Noise.Steps, c.Noise.Warmup, c.Noise.Watched = []int{8}, 100, 50, 100
	c.Theory.Follows = 40
	c.Cost.Widths, c.Cost.Rounds, c.Cost.Steps = []int{8, 16, 2}, 2, 2
	return c
}

// Full samples more and trains longer.
func Full() Config {
	c := Default()
	c.Plane.Seeds, c.Deep.Seeds, c.Noise.Seeds = knob.Seeds(24), knob.Seeds(24), knob.Seeds(24)
	c.Race.Tuning, c.Race.Seeds = knob.Seeds(16), raceSeeds(96)
	c.Race.Spirals.Steps, c.Race.Teacher.Steps, c.Race.Spirals.Test, c.Race.Teacher.Test = 10_000, 6000, 2000, 2000
	c.Deep.Steps = 5000
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	return experiment.At(o.Preset, Smoke, Default, Full).shifted(o.Seed)
}

// shifted moves every seed by the same amount.
func (c Config) shifted(by int64) Config {
	knob.ShiftSeeds(by, &c.Plane.Seeds, &c.Deep.Seeds, &c.Race.Tuning, &c.Race.Seeds, &c.Noise.Seeds)
	return c
}

// raceSeeds are n seeds that are none of the tuning's.
func raceSeeds(n int) []int64 {
	seeds := knob.Seeds(n)
	knob.ShiftSeeds(1000, &seeds)
	return seeds
}
