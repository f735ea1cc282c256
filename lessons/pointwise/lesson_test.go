package pointwise

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Rank.Sources is 1: it must be at least 2":                    func(c *Config) { c.Rank.Sources = 1 },
		"Rank.Channels is 2: it must be at least Sources, 3":          func(c *Config) { c.Rank.Channels = 2 },
		"Rank.Noise is 0: it must be above 0":                         func(c *Config) { c.Rank.Noise = 0 },
		"Rank.Filters has 1 value: give at least 2":                   func(c *Config) { c.Rank.Filters = []int{1} },
		"Rank.Filters has 3 twice":                                    func(c *Config) { c.Rank.Filters = []int{3, 3} },
		"Rank.Filters has 7: more than the 6 channels reduce nothing": func(c *Config) { c.Rank.Filters = []int{1, 7} },
		"Rank.Train is 5: it must be at least Channels, 6":            func(c *Config) { c.Rank.Train = 5 },
		"Rank.Test is 5: it must be at least Channels, 6":             func(c *Config) { c.Rank.Test = 5 },
		"Rank.Test is 0":           func(c *Config) { c.Rank.Test = 0 },
		"Rank.Steps is 0":          func(c *Config) { c.Rank.Steps = 0 },
		"Rank.LearningRate is NaN": func(c *Config) { c.Rank.LearningRate = math.NaN() },
		"Rank.Seeds is empty: give at least one seed, and 5 for a verdict": func(c *Config) { c.Rank.Seeds = nil },
		"Order.PixelFilters is 0":                              func(c *Config) { c.Order.PixelFilters = 0 },
		"Order.Filters is -1":                                  func(c *Config) { c.Order.Filters = -1 },
		"Order.Train is 31: it must be at least BatchSize, 32": func(c *Config) { c.Order.Train = 31 },
		"Order.Test is 5: it must be at least 6":               func(c *Config) { c.Order.Test = 5 },
		"Order.Epochs is 0":                                    func(c *Config) { c.Order.Epochs = 0 },
		"Order.Seeds has 1 twice":                              func(c *Config) { c.Order.Seeds = []int64{1, 1} },
		"Maps.Train is 8: it must be at least BatchSize, 32":   func(c *Config) { c.Maps.Train = 8 },
		"First.Filters is 0":                                   func(c *Config) { c.First.Filters = 0 },
		"First.Behind is 0":                                    func(c *Config) { c.First.Behind = 0 },
		"First.Train is 1: it must be at least 6":              func(c *Config) { c.First.Train = 1 },
		"First.LearningRate is -1: it must be above 0":         func(c *Config) { c.First.LearningRate = -1 },
		"Width.Channels is 1: it must be at least 2":           func(c *Config) { c.Width.Channels = 1 },
		"Width.Filters has 0: every value must be at least 1":  func(c *Config) { c.Width.Filters = []int{0, 1} },
		"Width.LabelNoise has 0.5: every value must be":        func(c *Config) { c.Width.LabelNoise = []float64{0.5} },
		"Width.LabelNoise is empty: give at least 1 value":     func(c *Config) { c.Width.LabelNoise = nil },
		"Width.BatchSize is 0":                                 func(c *Config) { c.Width.BatchSize = 0 },
		"Width.Train is 3: it must be at least BatchSize, 32":  func(c *Config) { c.Width.Train = 3 },
	})
}

func TestEveryClaimIsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{
		"q6a.1", "q6a.2", "q6a.3", "q6b.1", "q6b.2", "q6b.3", "q6b.4", "q6c.1", "q6d.1", "q6d.2", "q6e.1", "q6e.2", "q6e.3", "q6e.4", "q6f.1", "q6f.2",
	}, lessontest.IDs(Lesson.Claims()))
}
