package byhand

import (
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/nn"
)

// Config holds the knobs of the lesson.
type Config struct {
	Seed  int64 // of the two problems that are worked out line by line: another seed, other numbers
	Net   NetConfig
	Image ImageConfig
	// Seeds are the problems that the verdicts rest on, one of each kind a seed;
	// averaged over.
	Seeds []int64
	// Rates are those of the charts; compared.
	Rates []float64
}

// NetConfig is the 2-2-1 net. The verdicts rest on both activations, whichever
// is shown.
type NetConfig struct {
	LearningRate float64    // fixed
	Activation   Activation // of the problem that is worked out
}

// ImageConfig is the convolutional net. The verdicts rest on both paddings,
// whichever is shown.
type ImageConfig struct {
	LearningRate float64    // fixed
	Padding      nn.Padding // of the problem that is worked out
}

// Default takes seconds.
func Default() Config {
	return Config{
		Seed:  1,
		Net:   NetConfig{LearningRate: 0.5, Activation: SigmoidUnits},
		Image: ImageConfig{LearningRate: 0.1, Padding: nn.Valid},
		Seeds: knob.Seeds(100),
		Rates: knob.Logspace(2, -7, 6, 2),
	}
}

// Smoke runs the same code on fewer problems.
func Smoke() Config {
	c := Default()
	c.Seeds = knob.Seeds(10)
	return c
}

// Full tries more problems.
func Full() Config {
	c := Default()
	c.Seeds = knob.Seeds(1000)
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	c := experiment.At(o.Preset, Smoke, Default, Full)
	knob.ShiftSeeds(o.Seed, &c.Seeds)
	c.Seed += o.Seed
	return c
}

// NetProblem is the net that is worked out.
func (c Config) NetProblem() Net { return DrawNet(c.Seed, c.Net.Activation, c.Net.LearningRate) }

// ImageProblem is the convolutional net that is worked out.
func (c Config) ImageProblem() Image {
	return DrawImage(c.Seed, c.Image.Padding, c.Image.LearningRate)
}

// Check returns an error that names the first knob out of its range.
func (c Config) Check() error {
	return knob.FirstOf(
		knob.CheckSeeds("Seeds", c.Seeds),
		knob.CheckRates("Rates", c.Rates),
		c.Net.check(), c.Image.check(),
	)
}

func (c NetConfig) check() error {
	if c.Activation != SigmoidUnits && c.Activation != TanhUnits {
		return badinput.Errorf("Net.Activation is %q: use %q or %q", c.Activation, SigmoidUnits, TanhUnits)
	}
	return checkRate("Net.LearningRate", c.LearningRate)
}

func (c ImageConfig) check() error {
	if c.Padding != nn.Valid && c.Padding != nn.Same {
		return badinput.Errorf("Image.Padding is %v: use nn.Valid or nn.Same", c.Padding)
	}
	return checkRate("Image.LearningRate", c.LearningRate)
}

// checkRate holds a rate between what paper can show and what float64 can hold
// after the step.
func checkRate(name string, rate float64) error {
	if !(rate >= 1e-3 && rate <= 10) {
		return badinput.Errorf("%s is %g: it must be from 0.001 to 10", name, rate)
	}
	return nil
}
