package minibatch

import (
	"evident/kit/experiment"
	"evident/kit/knob"
)

// Config holds the knobs of the lesson.
type Config struct {
	Descent DescentConfig
	Noise   NoiseConfig
	Trend   TrendConfig
	Picture PictureConfig
	Time    TimeConfig
	Quiz    QuizConfig // for the reader: no verdict depends on it
}

// DescentConfig descends two convex losses by full batches, in float64.
type DescentConfig struct {
	Rates    []float64 // η·L, the rate in units of 1/curvature, each below 2; compared
	Beyond   float64   // η·λ at the minimum, above 2: the counter-example; fixed
	Examples int       // fixed
	Steps    int       // fixed
}

// NoiseConfig measures the gradients of batches at fixed weights, in float64.
type NoiseConfig struct {
	BatchSizes []int   // compared; at most Examples
	Seeds      []int64 // averaged over: the weights and the draw of the batches
	Examples   int     // fixed
	Hidden     int     // units; fixed
	Draws      int     // batches of each size and kind; fixed
}

// TrendConfig trains one small net by batches of several sizes, all for the
// same number of steps.
type TrendConfig struct {
	BatchSizes []int     // compared, with full batches beside them; below Examples
	Rates      []float64 // compared
	Seeds      []int64   // averaged over: initial weights and order
	HighRate   float64   // at which full batches are run too; fixed
	Examples   int       // fixed
	Hidden     int       // units; fixed
	Steps      int       // fixed
}

// PictureConfig trains nets whose curves a classifier has to tell apart.
type PictureConfig struct {
	Learn      CurveSet // the classifier's threshold is learned on these curves
	Unseen     CurveSet // … and tried on these
	HighRate   float64  // full batches at this rate are shown, not judged; fixed
	NearlyFull int      // … as are batches of this size; fixed
	Examples   int      // fixed
	Hidden     int      // units; fixed
	Steps      int      // fixed
}

// CurveSet is one training for every rate, seed and batch size, and for every
// rate and seed with full batches.
type CurveSet struct {
	Task       Task
	Rates      []float64 // averaged over
	BatchSizes []int     // averaged over; below the number of examples
	Seeds      []int64   // averaged over
}

// TimeConfig trains to a loss by batches of every size, at every rate.
type TimeConfig struct {
	BatchSizes []int     // compared
	Rates      []float64 // the grid in which each batch size has its best; compared
	Seeds      []int64   // averaged over: initial weights and order
	Examples   int       // fixed
	Hidden     int       // units; fixed
	Flipped    float64   // share of wrong labels; fixed
	Target     float64   // loss on all examples (nats) that has to be reached; fixed
	Budget     int       // examples that a training may see; fixed
	LeastSteps int       // … but it may make so many steps; fixed
}

// QuizConfig draws curves without labels.
type QuizConfig struct {
	Seed       int64 // another one is another quiz
	Curves     int   // at most 26
	Tricky     bool  // whether full batches at HighRate may be among them
	Rates      []float64
	HighRate   float64
	BatchSizes []int
	Examples   int
	Hidden     int // units
	Steps      int
}

// learnFrom keeps the seeds that the classifier learns from apart from those
// that it is tried on.
const learnFrom = 1000

// Default fits a laptop's CPU in under a minute.
func Default() Config {
	learn := knob.Seeds(8)
	knob.ShiftSeeds(learnFrom, &learn)
	return Config{
		Descent: DescentConfig{Rates: []float64{0.1, 0.5, 1, 1.5, 1.9}, Beyond: 2.1, Examples: 128, Steps: 400},
		Noise: NoiseConfig{
			BatchSizes: []int{1, 2, 4, 8, 16, 32, 64, 128, 192, 256}, Seeds: knob.Seeds(8), Examples: 256, Hidden: 16, Draws: 2000,
		},
		Trend: TrendConfig{
			BatchSizes: []int{1, 4, 16, 64}, Rates: []float64{0.05, 0.2}, Seeds: knob.Seeds(8), HighRate: 8,
			Examples: 256, Hidden: 16, Steps: 1600,
		},
		Picture: PictureConfig{
			Learn:    CurveSet{Task: Quadrants, Rates: []float64{0.1, 0.4}, BatchSizes: []int{8, 64}, Seeds: learn},
			Unseen:   CurveSet{Task: Spirals, Rates: []float64{0.05, 0.2, 1}, BatchSizes: []int{2, 16, 128}, Seeds: knob.Seeds(8)},
			HighRate: 32, NearlyFull: 255, Examples: 256, Hidden: 16, Steps: 300,
		},
		Time: TimeConfig{
			BatchSizes: []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}, Rates: knob.Logspace(2, -7, 4, 1), Seeds: knob.Seeds(8),
			Examples: 512, Hidden: 16, Flipped: 0.1, Target: 0.5, Budget: 8192, LeastSteps: 400,
		},
		Quiz: QuizConfig{
			Seed: 1, Curves: 6, Rates: []float64{0.1, 0.2, 0.4}, HighRate: 3, BatchSizes: []int{4, 32, 128}, Examples: 256, Hidden: 16, Steps: 200,
		},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	c.Noise.BatchSizes, c.Noise.Seeds, c.Noise.Examples, c.Noise.Draws = []int{4, 32}, knob.Seeds(2), 32, 200
	c.Trend.BatchSizes, c.Trend.Seeds, c.Trend.Examples, c.Trend.Steps = []int{8}, knob.Seeds(2), 64, 100
	learn := &c.Picture.Learn
	learn.Seeds, learn.BatchSizes = learn.Seeds[:2], []int{8}
	c.Picture.Unseen.Seeds, c.Picture.Unseen.BatchSizes = knob.Seeds(2), []int{16}
	c.Picture.NearlyFull, c.Picture.Examples, c.Picture.Steps = 63, 64, 60
	c.Time.BatchSizes, c.Time.Rates, c.Time.Seeds = []int{4, 16, 64}, knob.Logspace(2, -2, 1, 1), knob.Seeds(2)
	c.Time.Examples, c.Time.Target, c.Time.Budget, c.Time.LeastSteps = 64, 0.6, 800, 60
	return c
}

// Full samples more.
func Full() Config {
	c := Default()
	c.Noise.Seeds, c.Noise.Draws = knob.Seeds(32), 4000
	c.Trend.Seeds, c.Trend.Steps = knob.Seeds(32), 4000
	c.Picture.Unseen.Seeds, c.Picture.Steps = knob.Seeds(32), 600
	c.Time.Seeds, c.Time.Budget = knob.Seeds(32), 16384
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	return experiment.At(o.Preset, Smoke, Default, Full).shifted(o.Seed)
}

// shifted moves every seed by the same amount.
func (c Config) shifted(by int64) Config {
	knob.ShiftSeeds(by, &c.Noise.Seeds, &c.Trend.Seeds, &c.Picture.Learn.Seeds, &c.Picture.Unseen.Seeds, &c.Time.Seeds)
	c.Quiz.Seed += by
	return c
}
