package minibatch

import (
	"context"

	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/steer"
)

// Lesson is the lesson on question 1 (d).
var Lesson = experiment.Lesson[Config]{
	Name: "minibatch", Title: "Full batches and mini-batches", Question: "Q1 d", Notebook: "03-mini-batches.ipynb",
	Smoke: Smoke, Live: Live, Default: Default, Full: Full,
	Data: func(context.Context, Config) (name, hash string, err error) {
		return "generated: a linear regression, two Gaussians, quadrants of the plane, spirals", "", nil
	},
	Experiments: []experiment.Part[Config]{
		experiment.Of(FullBatchDescent, func(c Config) DescentConfig { return c.Descent }),
		experiment.Of(GradientNoise, Config.NoiseKnobs),
		experiment.Of(TrendByBatchSize, func(c Config) TrendConfig { return c.Trend }),
		experiment.Of(TwoPictures, func(c Config) PictureConfig { return c.Picture }),
		experiment.Of(StepsToLoss, func(c Config) TimeConfig { return c.Time }),
	},
	Training: steer.Of(steered),
}

// Config holds the knobs of the lesson.
type Config struct {
	Descent DescentConfig
	Noise   NoiseConfig
	Trend   TrendConfig
	Picture PictureConfig
	Time    TimeConfig
}

// NoiseKnobs are those of the experiment on noise, which looks at the trend's
// curves too.
func (c Config) NoiseKnobs() NoiseKnobs { return NoiseKnobs{c.Noise, c.Trend} }

// learnFrom keeps the seeds that the classifier learns from apart from those
// that it is tried on.
const learnFrom = 1000

// Default fits a laptop's CPU in under a minute.
func Default() Config {
	learn := knob.SeedsFrom(learnFrom+1, 8)
	return Config{
		Descent: DescentConfig{
			Rates: []float64{0.1, 0.5, 1, 1.5, 1.9}, Beyond: 2.1, Examples: 128, Seed: 3, Steps: 400,
			Net: NetConfig{Rate: 8, Seeds: knob.Seeds(8), Examples: 256, Hidden: 16, Steps: 1600},
		},
		Noise: NoiseConfig{
			BatchSizes: []int{1, 2, 4, 8, 16, 32, 64, 128, 192, 256}, Seeds: knob.Seeds(8), Examples: 256, Hidden: 16, Draws: 1000,
		},
		Trend: TrendConfig{
			BatchSizes: []int{1, 4, 16, 64}, Rates: []float64{0.05, 0.2}, Seeds: knob.Seeds(16),
			Examples: 256, Hidden: 16, Steps: 1600,
		},
		Picture: PictureConfig{
			Learn:    CurveSet{Task: Quadrants, Rates: []float64{0.1, 0.4}, BatchSizes: []int{8, 64}, Seeds: learn},
			Unseen:   CurveSet{Task: Spirals, Rates: []float64{0.05, 0.2, 1}, BatchSizes: []int{2, 16, 128}, Seeds: knob.Seeds(8)},
			HighRate: 32, NearlyFull: 255, Examples: 256, Hidden: 16, Steps: 300,
		},
		Time: TimeConfig{
			BatchSizes: []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}, Rates: knob.Logspace(2, -7, 4, 1), Seeds: knob.Seeds(8),
			Examples: 512, Hidden: 16, LabelNoise: 0.1, Target: 0.5, Budget: 8192, LeastSteps: 400,
		},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	c.Descent.Net.Seeds, c.Descent.Net.Examples, c.Descent.Net.Steps = knob.Seeds(2), 64, 100
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

// Live answers within seconds in a browser: enough seeds for a verdict, and fewer sizes of a batch.
func Live() Config {
	c := Default()
	six := knob.Seeds(6)
	c.Descent.Net.Seeds, c.Descent.Net.Steps = six, 400
	c.Noise.BatchSizes, c.Noise.Seeds, c.Noise.Draws = []int{1, 4, 16, 64, 256}, six, 200
	c.Trend.BatchSizes, c.Trend.Seeds, c.Trend.Steps = []int{1, 8, 64}, six, 400
	c.Picture.Learn.Seeds, c.Picture.Unseen.Seeds = c.Picture.Learn.Seeds[:6], six
	c.Time.BatchSizes, c.Time.Rates, c.Time.Seeds = []int{4, 16, 64, 256}, knob.Logspace(2, -3, 3, 1), six
	c.Time.Examples, c.Time.Budget = 256, 2048
	return c
}

// Full samples more.
func Full() Config {
	c := Default()
	c.Descent.Net.Seeds, c.Descent.Net.Steps = knob.Seeds(32), 4000
	c.Noise.Seeds, c.Noise.Draws = knob.Seeds(32), 4000
	c.Trend.Seeds, c.Trend.Steps = knob.Seeds(32), 4000
	c.Picture.Unseen.Seeds, c.Picture.Steps = knob.Seeds(32), 600
	c.Time.Seeds, c.Time.Budget = knob.Seeds(32), 16384
	return c
}

// revised is the day on which the rules were changed after measurements.
const revised = "2026-11-30"
