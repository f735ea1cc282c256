package byhand

import (
	"context"

	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/nn"
)

// Lesson is the lesson on question 2.
var Lesson = experiment.Lesson[Config]{
	Name: "byhand", Title: "One training step by hand", Question: "Q2", Notebook: "04-by-hand.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Data: func(context.Context, Config) (name, hash string, err error) {
		return "round numbers drawn from seeds", "", nil
	},
	Experiments: []experiment.Part[Config]{
		experiment.Of(NetStep, func(c Config) NetConfig { return c.Net }),
		experiment.Of(ImageStep, func(c Config) ImageConfig { return c.Image }),
	},
}

// source of all claims: the sheet's answer to question 2 is lost, so they are
// the lesson's own.
const source = "Q2, added"

// Config holds the knobs of the lesson.
type Config struct {
	Net   NetConfig
	Image ImageConfig
}

// Default takes seconds.
func Default() Config { return problems(100) }

// Smoke runs the same code on fewer problems.
func Smoke() Config { return problems(10) }

// Full tries more problems.
func Full() Config { return problems(1000) }

// problems is the configuration with so many problems of each kind.
func problems(n int) Config {
	seeds, rates := knob.Seeds(n), knob.Logspace(2, -7, 6, 2)
	return Config{
		Net:   NetConfig{Seed: 1, Activation: SigmoidUnits, LearningRate: 0.5, Seeds: seeds, Rates: rates},
		Image: ImageConfig{Seed: 1, Padding: nn.Valid, LearningRate: 0.1, Seeds: seeds, Rates: rates},
	}
}
