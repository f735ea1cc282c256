package imageclass

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestBadKnobsAreNamed(t *testing.T) {
	lessontest.RequireNamed(t, Default, map[string]func(*Config){
		"Data.Train is 1":               func(c *Config) { c.Data.Train = 1 },
		"Data.Validation is 0":          func(c *Config) { c.Data.Validation = 0 },
		"Data.Further is 1":             func(c *Config) { c.Data.Further = 1 },
		"Data.Share is 1":               func(c *Config) { c.Data.Folder, c.Data.Share = "scans", 1 },
		"Data.Side is 0":                func(c *Config) { c.Data.Folder, c.Data.Side = "scans", 0 },
		"Train.Net.Filters is empty":    func(c *Config) { c.Train.Net.Filters = nil },
		"Train.Net.Filters has 0":       func(c *Config) { c.Train.Net.Filters = []int{8, 0} },
		"Train.Net.Filters has 6 convo": func(c *Config) { c.Train.Net.Filters = []int{8, 8, 8, 8, 8, 8} },
		"Unscaled.Other.Filters has 6":  func(c *Config) { c.Unscaled.Other.Filters = []int{8, 8, 8, 8, 8, 8} },
		"Unscaled.Other.Dense is -1":    func(c *Config) { c.Unscaled.Other.Dense = -1 },
		"Memory.Epochs is 0":            func(c *Config) { c.Memory.Epochs = 0 },
		"Train.Net.Dense is -1":         func(c *Config) { c.Train.Net.Dense = -1 },
		"Train.Epochs is 0":             func(c *Config) { c.Train.Epochs = 0 },
		"Train.BatchSize is 0":          func(c *Config) { c.Train.BatchSize = 0 },
		"Train.LearningRate is 0":       func(c *Config) { c.Train.LearningRate = 0 },
		"Train.Seeds is empty":          func(c *Config) { c.Train.Seeds = nil },
		"Unscaled.Epochs is 0":          func(c *Config) { c.Unscaled.Epochs = 0 },
		"Unscaled.Epochs is 11":         func(c *Config) { c.Unscaled.Epochs = 11 },
		"Unscaled.Seeds has 9":          func(c *Config) { c.Unscaled.Seeds = []int64{1, 9} },
		"Unscaled.Seeds is empty":       func(c *Config) { c.Unscaled.Seeds = nil },
		"Memory.Few is 0":               func(c *Config) { c.Memory.Few = 0 },
		"Memory.Few (pictures) is 20":   func(c *Config) { c.Memory.Few = 20 },
		"Memory.Validation is 0":        func(c *Config) { c.Memory.Validation = 0 },
		"Memory.Seeds has 3 twice":      func(c *Config) { c.Memory.Seeds = []int64{3, 3} },
		"Leak.Share is 0":               func(c *Config) { c.Leak.Share = 0 },
		"Leak.Epochs is 0":              func(c *Config) { c.Leak.Epochs = 0 },
		"Leak.Epochs is 76":             func(c *Config) { c.Leak.Epochs = 76 },
		"480 copies do not fit":         func(c *Config) { c.Leak.Share = 0.8 },
		"Data.Train (pictures) is 31":   func(c *Config) { c.Data.Train = 31 },
		"Train.Seeds has 1 twice":       func(c *Config) { c.Train.Seeds = []int64{1, 1} },
		"Train.LearningRate is +Inf":    func(c *Config) { c.Train.LearningRate = inf },
		"Memory.Seeds is empty":         func(c *Config) { c.Memory.Seeds = nil },
		"Train.BatchSize is -1":         func(c *Config) { c.Train.BatchSize = -1 },
		"Unscaled.Seeds has 7 twice":    func(c *Config) { c.Unscaled.Seeds = []int64{7, 7} },
		"Train.Net.Filters has -2: eve": func(c *Config) { c.Train.Net.Filters = []int{-2} },
	})
}

func TestFolderAndSeedOfTheCallerAreUsed(t *testing.T) {
	c := For(experiment.Options{Data: "scans", Seed: 100})
	require.Equal(t, "scans", c.Data.Folder)
	require.Equal(t, int64(101), c.Data.Seed)
	require.Equal(t, int64(101), c.Train.Seeds[0])
	require.Equal(t, int64(1), Default().Train.Seeds[0], "the defaults share no list with it")
}

// The sheet: batches of 32, 75 steps, 10 epochs.
func TestDefaultHasTheShapeOfTheSheet(t *testing.T) {
	c := Default()
	require.Equal(t, 75, c.Data.Train/c.Train.BatchSize)
	require.Equal(t, 600, c.Data.Validation)
	for _, values := range [][]float64{sheet.Loss, sheet.Accuracy, sheet.ValidationLoss, sheet.ValidationAccuracy} {
		require.Len(t, values, c.Train.Epochs)
	}
}
