package learningrate

import (
	"math"
	"testing"

	"evident/kit/lessontest"
	"evident/kit/sweep"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Grid.Rates is empty: give at least 2 values":                      func(c *Config) { c.Grid.Rates = nil },
		"Grid.Rates has -1: every value must be above 0":                   func(c *Config) { c.Grid.Rates = []float64{-1, 1} },
		"Floor.Rates has NaN":                                              func(c *Config) { c.Floor.Rates = []float64{0.1, math.NaN()} },
		"Basins.Rates has +Inf":                                            func(c *Config) { c.Basins.Rates = []float64{0.1, math.Inf(1)} },
		"Sharpness.Rates has 0.1 after 0.2":                                func(c *Config) { c.Sharpness.Rates = []float64{0.2, 0.1} },
		"Vanishing.Rates has 1 value: give at least 2":                     func(c *Config) { c.Vanishing.Rates = []float64{1} },
		"Quadratic.Slow has 1.5: every value must be above 0 and below 1":  func(c *Config) { c.Quadratic.Slow = []float64{0.5, 1.5} },
		"Quadratic.Tolerance is 2: it must be above 0 and below 1":         func(c *Config) { c.Quadratic.Tolerance = 2 },
		"Quadratic.Curvature is -1: it must be above 0":                    func(c *Config) { c.Quadratic.Curvature = -1 },
		"Grid.Seeds is empty: give at least one seed, and 5 for a verdict": func(c *Config) { c.Grid.Seeds = nil },
		"Basins.Seeds has 1 twice":                                         func(c *Config) { c.Basins.Seeds = []int64{1, 1} },
		"Grid.LabelNoise is 0.5":                                           func(c *Config) { c.Grid.LabelNoise = 0.5 },
		"Grid.Steps is 3":                                                  func(c *Config) { c.Grid.Steps = 3 },
		"Grid.Train is 8: it must be at least BatchSize, 16":               func(c *Config) { c.Grid.Train = 8 },
		"Grid.TestSteps is empty":                                          func(c *Config) { c.Grid.TestSteps = nil },
		"Surface.Surface \"\" has no objective":                            func(c *Config) { c.Surface.Surface = sweep.Surface{} },
		"Surface.Start has 1 values":                                       func(c *Config) { c.Surface.Start = []float64{1} },
		"Surface.Rates has -0.1":                                           func(c *Config) { c.Surface.Rates = []float64{-0.1, 1} },
		"Floor.Examples is 5: it must be at least 10":                      func(c *Config) { c.Floor.Examples = 5 },
		"Vanishing.Depths has 0: every value must be at least 1":           func(c *Config) { c.Vanishing.Depths = []int{1, 0} },
		"Grid.Rates × Seeds are":                                           func(c *Config) { c.Grid.Hidden = 10_000_000 },
		"Basins.Rates × Seeds × Runs are":                                  func(c *Config) { c.Basins.Runs = 100_000_000 },
		"Sharpness.Rates × Seeds are":                                      func(c *Config) { c.Sharpness.Hidden = 20_000 },
	})
}
