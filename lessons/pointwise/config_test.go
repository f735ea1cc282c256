package pointwise

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		"Rank.Sources is 1":       func(c *Config) { c.Rank.Sources = 1 },
		"Rank.Channels is 2":      func(c *Config) { c.Rank.Channels = 2 },
		"Rank.Noise":              func(c *Config) { c.Rank.Noise = 0 },
		"Rank.Filters has 1 numb": func(c *Config) { c.Rank.Filters = []int{1} },
		"Rank.Filters has 3":      func(c *Config) { c.Rank.Filters = []int{3, 3} },
		"Rank.Filters has 7":      func(c *Config) { c.Rank.Filters = []int{1, 7} },
		"Rank.Train":              func(c *Config) { c.Rank.Train = 5 },
		"Rank.Test":               func(c *Config) { c.Rank.Test = 0 },
		"Rank.Steps":              func(c *Config) { c.Rank.Steps = 0 },
		"Rank.LearningRate":       func(c *Config) { c.Rank.LearningRate = math.NaN() },
		"Rank.Seeds is empty":     func(c *Config) { c.Rank.Seeds = nil },
		"Order.PixelFilters":      func(c *Config) { c.Order.PixelFilters = 0 },
		"Order.Filters":           func(c *Config) { c.Order.Filters = -1 },
		"Order.Train":             func(c *Config) { c.Order.Train = 31 },
		"Order.Test":              func(c *Config) { c.Order.Test = 5 },
		"Order.Epochs":            func(c *Config) { c.Order.Epochs = 0 },
		"Order.Seeds has 1 twice": func(c *Config) { c.Order.Seeds = []int64{1, 1} },
		"First.Filters":           func(c *Config) { c.First.Filters = 0 },
		"First.Behind":            func(c *Config) { c.First.Behind = 0 },
		"First.Train":             func(c *Config) { c.First.Train = 1 },
		"First.LearningRate":      func(c *Config) { c.First.LearningRate = -1 },
		"Width.Channels":          func(c *Config) { c.Width.Channels = 1 },
		"Width.Filters has 0":     func(c *Config) { c.Width.Filters = []int{0, 1} },
		"Width.Flipped has 0.5":   func(c *Config) { c.Width.Flipped = []float64{0.5} },
		"Width.Flipped is empty":  func(c *Config) { c.Width.Flipped = nil },
		"Width.BatchSize":         func(c *Config) { c.Width.BatchSize = 0 },
		"Width.Train":             func(c *Config) { c.Width.Train = 3 },
	})
}

func TestOptionsMoveTheDataToo(t *testing.T) {
	c := For(experiment.Options{Preset: experiment.Smoke, Seed: 100})
	require.Equal(t, []int64{101, 101, 101}, []int64{c.Rank.DataSeed, c.Order.DataSeed, c.First.DataSeed})
	require.Equal(t, []int64{1, 2}, Smoke().Order.Seeds, "the lesson's own stay")
}
