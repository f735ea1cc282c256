package saddle

import (
	"context"

	"evident/kit/experiment"
	"evident/kit/knob"
)

// Lesson is the lesson on question 1 (c). Intervals are of Student's t at 95 %,
// over the seeds and paired by seed, and a sign test has to agree with them (see
// [claim.Estimate.Above]). A claim that is tried on both tasks has to come out
// the same on both, else it is inconclusive.
var Lesson = experiment.Lesson[Config]{
	Name: "saddle", Title: "Saddle points, SGD and Adam", Question: "Q1 c", Notebook: "02-saddle-points.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Data: func(context.Context, Config) (name, hash string, err error) {
		return "generated: two spirals, a noisy teacher, quadrants of the plane, linear regressions", "", nil
	},
	// The cheap ones first.
	Experiments: []experiment.Part[Config]{
		experiment.Of(Origin, func(c Config) DefinitionConfig { return c.Definition }),
		experiment.Of(SaddleInThePlane, func(c Config) PlaneConfig { return c.Plane }),
		experiment.Of(Theorems, func(c Config) TheoryConfig { return c.Theory }),
		experiment.Of(StepCost, func(c Config) CostConfig { return c.Cost }),
		experiment.Of(DirectionNoise, func(c Config) NoiseConfig { return c.Noise }),
		experiment.Of(SaddleOfADeepNet, func(c Config) DeepConfig { return c.Deep }),
		experiment.Of(WaysPast, func(c Config) EscapeKnobs { return EscapeKnobs{c.Plane, c.Deep} }),
		experiment.Of(OptimizerComparison, func(c Config) ComparisonConfig { return c.Comparison }),
		experiment.Of(Speed, func(c Config) SpeedKnobs { return SpeedKnobs{c.Comparison, c.Cost} }),
		experiment.Of(Flatness, func(c Config) FlatnessKnobs { return FlatnessKnobs{c.Comparison, c.Flatness} }),
		experiment.Of(TwoVariances, func(c Config) VarianceKnobs { return VarianceKnobs{c.Noise, c.Comparison} }),
	},
}

// Config holds the knobs of the lesson.
type Config struct {
	Definition DefinitionConfig
	Plane      PlaneConfig
	Theory     TheoryConfig
	Cost       CostConfig
	Noise      NoiseConfig
	Deep       DeepConfig
	Comparison ComparisonConfig
	Flatness   FlatnessConfig
}

// Default fits a laptop's CPU in under two minutes.
func Default() Config {
	return Config{
		Definition: DefinitionConfig{Surfaces: Surfaces(), Radii: []float64{1e-3, 1e-2, 1e-1, 1}, Points: 360},
		Plane: PlaneConfig{
			Optimizers: Optimizers(), Surfaces: Surfaces()[:1],
			Rate: 0.05, Beta: momentumBeta, Start: []float64{1, 1e-3}, PathSteps: 80,
			Offsets: knob.Logspace(10, -12, -1, 1), Steps: 600, Noise: 1e-3, Seeds: knob.Seeds(8),
		},
		Deep: DeepConfig{
			Optimizers: Optimizers(),
			Rates:      knob.Logspace(10, -3, 0, 2), Seeds: knob.Seeds(8), Layers: 3, Features: 4, Examples: 64, BatchSize: 8,
			Scales: []float64{0.01, 0.03, 0.1, 0.3}, Noises: []float64{0.1}, Steps: 1200,
		},
		Comparison: ComparisonConfig{
			Optimizers: Optimizers(),
			Rates:      knob.Logspace(10, -3.5, 1.5, 4), Tuning: knob.Seeds(8), Seeds: comparisonSeeds(48), Target: 0.3, Every: 40,
			Spirals: TaskConfig{Train: 256, Test: 500, Hidden: []int{16, 16}, BatchSize: 32, Steps: 2000},
			Teacher: TeacherConfig{TaskConfig: TaskConfig{Train: 256, Test: 500, Hidden: []int{32}, BatchSize: 32, Steps: 1000}, Features: 20, LabelNoise: 0.1},
		},
		Flatness: FlatnessConfig{Perturbation: 0.1, Perturbations: 8},
		Noise: NoiseConfig{
			Optimizers: Optimizers(),
			Seeds:      knob.Seeds(8), Hidden: []int{16}, Train: 256, BatchSize: 8, Rate: 0.1, Steps: 500, Warmup: 500, Watched: 1000,
		},
		Theory: TheoryConfig{
			Rates: []float64{0.1, 0.5, 1, 2.2}, Steps: 500, Examples: 64, Features: 8, Gradient: 3, Alpha: 0.5, Rounds: 6000, Follows: 200,
		},
		Cost: CostConfig{Optimizers: Optimizers(), Widths: []int{64, 512, 512, 2}, BatchSize: 16, Rounds: 5, Steps: 20},
	}
}

// Smoke runs the same code in seconds; most sampled claims stay inconclusive. Its
// comparison has as many replicas as its tuning, so that their program is compiled
// once.
func Smoke() Config {
	c := Default()
	c.Plane.Seeds, c.Deep.Seeds, c.Comparison.Seeds, c.Noise.Seeds = knob.Seeds(2), knob.Seeds(2), comparisonSeeds(4), knob.Seeds(2)
	c.Deep.Rates, c.Deep.Scales, c.Deep.Noises, c.Deep.Steps = knob.Logspace(10, -2, 0, 2), []float64{0.03, 0.3}, []float64{0.1}, 100
	c.Comparison.Tuning, c.Comparison.Rates, c.Comparison.Every = knob.Seeds(2), []float64{1e-3, 1e-2, 0.1, 1}, 8
	c.Flatness.Perturbations = 2
	for _, task := range []*TaskConfig{&c.Comparison.Spirals, &c.Comparison.Teacher.TaskConfig} {
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
	c.Comparison.Tuning, c.Comparison.Seeds = knob.Seeds(16), comparisonSeeds(96)
	c.Comparison.Spirals.Steps, c.Comparison.Teacher.Steps, c.Comparison.Spirals.Test, c.Comparison.Teacher.Test = 10_000, 6000, 2000, 2000
	c.Deep.Steps = 5000
	return c
}

// comparisonSeeds are n seeds that are none of the tuning's.
func comparisonSeeds(n int) []int64 { return knob.Seeds(1000 + n)[1000:] }

// The seeds of the generated data. All seeds of a comparison see the same
// examples: a caveat of its verdict.
const (
	trainingDraw = 1
	testDraw     = 2
	noiseDraw    = 3
	teacherDraw  = 4
)

// forNoise and forPerturbations keep these draws apart from others of the same seed.
const (
	forNoise         = 31
	forPerturbations = 32
)

// mostRuns is the fraction of runs that q1c.4 (comparison.go) and q1c.10
// (escape.go) ask for. The thresholds of a single claim stand beside its rule.
// All were fixed before the measurements: they are the smallest effects that
// would make a difference to a reader.
const mostRuns = 0.9
