package minibatch

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/knob"
	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Descent.Rates is empty: give at least 2 values":               func(c *Config) { c.Descent.Rates = nil },
		"Descent.Rates has 2: every value must be above 0 and below 2": func(c *Config) { c.Descent.Rates = []float64{1, 2} },
		"Descent.Beyond is 1.9: it must be above 2":                    func(c *Config) { c.Descent.Beyond = 1.9 },
		"Descent.Beyond is NaN":                                        func(c *Config) { c.Descent.Beyond = math.NaN() },
		"Descent.Examples is 3: it must be at least 6":                 func(c *Config) { c.Descent.Examples = 3 },
		"Descent.Rates × Examples are":                                 func(c *Config) { c.Descent.Examples = 1 << 27 },
		"Descent.Net.Rate is +Inf":                                     func(c *Config) { c.Descent.Net.Rate = math.Inf(1) },
		"Descent.Net.Seeds × Examples × Hidden are":                    func(c *Config) { c.Descent.Net.Hidden = 1 << 22 },
		"Noise.Seeds is empty: give at least one seed":                 func(c *Config) { c.Noise.Seeds = nil },
		"Noise.BatchSizes is empty: give at least 1 value":             func(c *Config) { c.Noise.BatchSizes = nil },
		"Noise.BatchSizes has 0: every value must be at least 1":       func(c *Config) { c.Noise.BatchSizes = []int{0, 1} },
		"Noise.BatchSizes has 33: the most is 32":                      func(c *Config) { c.Noise.BatchSizes = []int{33} },
		"Noise.BatchSizes has 2 after 4":                               func(c *Config) { c.Noise.BatchSizes = []int{4, 2} },
		"Noise.Draws is 0: it must be at least 1":                      func(c *Config) { c.Noise.Draws = 0 },
		"Noise.Seeds × Examples × Hidden are":                          func(c *Config) { c.Noise.Hidden = 1 << 22 },
		"Trend.Seeds has 1 twice":                                      func(c *Config) { c.Trend.Seeds = []int64{1, 1} },
		"Trend.Rates has NaN":                                          func(c *Config) { c.Trend.Rates = []float64{0.1, math.NaN()} },
		"Trend.Rates has 1 value: give at least 2":                     func(c *Config) { c.Trend.Rates = []float64{0.1} },
		"Trend.BatchSizes has 64: the most is 63":                      func(c *Config) { c.Trend.BatchSizes = []int{64} },
		"Trend.Steps is 9: it must be at least 10":                     func(c *Config) { c.Trend.Steps = 9 },
		"Trend.Rates × Seeds are":                                      func(c *Config) { c.Trend.Hidden = 1 << 22 },
		`Picture.Learn.Task is "moons": use quadrants or spirals`:      func(c *Config) { c.Picture.Learn.Task = "moons" },
		"Picture.Unseen.Rates is empty":                                func(c *Config) { c.Picture.Unseen.Rates = nil },
		"Picture.Learn.Seeds is empty":                                 func(c *Config) { c.Picture.Learn.Seeds = nil },
		"Picture.Unseen.Seeds has 1, as has Learn.Seeds":               func(c *Config) { c.Picture.Learn.Seeds = []int64{7, 1} },
		"Picture.Unseen.BatchSizes has 64: the most is 63":             func(c *Config) { c.Picture.Unseen.BatchSizes = []int{64} },
		"Picture.NearlyFull has 64: the most is 63":                    func(c *Config) { c.Picture.NearlyFull = 64 },
		"Picture.HighRate is -1: it must be above 0":                   func(c *Config) { c.Picture.HighRate = -1 },
		"Picture.Learn.Rates × Seeds are":                              func(c *Config) { c.Picture.Hidden = 1 << 22 },
		"Time.BatchSizes has 2 values: give at least 3":                func(c *Config) { c.Time.BatchSizes = []int{1, 2} },
		"Time.BatchSizes has 65: the most is 64":                       func(c *Config) { c.Time.BatchSizes = []int{1, 2, 65} },
		"Time.Rates has -1: every value must be above 0":               func(c *Config) { c.Time.Rates = []float64{-1, 1} },
		"Time.Seeds is empty":                                          func(c *Config) { c.Time.Seeds = nil },
		"Time.Target is NaN":                                           func(c *Config) { c.Time.Target = math.NaN() },
		"Time.LabelNoise is 0.5: it must be at least 0 and below 0.5":  func(c *Config) { c.Time.LabelNoise = 0.5 },
		"Time.Budget is 0: it must be at least 1":                      func(c *Config) { c.Time.Budget = 0 },
		"Time.Rates × Seeds are":                                       func(c *Config) { c.Time.Hidden = 1 << 22 },
	})
}

// A cell of the notebook runs one experiment, not the lesson: the knob has the
// same name there.
func TestKnobsOfTheNoiseAloneAreNamed(t *testing.T) {
	c := Smoke().NoiseKnobs()
	c.Draws = 0
	require.ErrorContains(t, knob.Check("Noise", c), "Noise.Draws is 0")
	c = Smoke().NoiseKnobs()
	c.Trend.Steps = 9
	_, _, err := GradientNoise.Run(context.Background(), lessontest.PureGo(t), c)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "Noise.Trend.Steps is 9")
}
