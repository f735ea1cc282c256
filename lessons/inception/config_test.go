package inception

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		"Train.Epochs":                  func(c *Config) { c.Train.Epochs = 0 },
		"Compare.Epochs":                func(c *Config) { c.Compare.Epochs = -3 },
		"Train.BatchSize":               func(c *Config) { c.Train.BatchSize = 0 },
		"Data.Train (pictures)":         func(c *Config) { c.Data.Train = 31 },
		"Train.LearningRate":            func(c *Config) { c.Train.LearningRate = 0 },
		"Compare.LearningRate":          func(c *Config) { c.Compare.LearningRate = -1 },
		"Train.Net.Stem":                func(c *Config) { c.Train.Net.Stem = 0 },
		"Train.Net.First.F5x5Reduce":    func(c *Config) { c.Train.Net.First.F5x5Reduce = 0 },
		"Compare.Net.Second.PoolProj":   func(c *Config) { c.Compare.Net.Second.PoolProj = -1 },
		"Compare.Seeds is empty":        func(c *Config) { c.Compare.Seeds = nil },
		"Scales.Seeds has 1 twice":      func(c *Config) { c.Scales.Seeds = []int64{1, 2, 1} },
		"Strides.Strides has 0":         func(c *Config) { c.Strides.Strides = []int{1, 0} },
		"Strides.Sizes is empty":        func(c *Config) { c.Strides.Sizes = nil },
		"Compare.Shifts is empty":       func(c *Config) { c.Compare.Shifts = []int{} },
		"Train.Devices is -1":           func(c *Config) { c.Train.Devices = -1 },
		"Depth.Layers is 0":             func(c *Config) { c.Depth.Layers = 0 },
		"Train.LearningRate is NaN: it": func(c *Config) { c.Train.LearningRate = nan() },
	})
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestSeedMovesEverySeedOnce(t *testing.T) {
	c := For(experiment.Options{Preset: experiment.Smoke, Seed: 100})
	require.Equal(t, []int64{101, 102}, c.Compare.Seeds)
	require.Equal(t, int64(101), c.Train.Seed)
	require.Equal(t, []int64{1, 2}, Smoke().Compare.Seeds, "the lesson's own stay")
}

func TestDataFolderAsksForCIFAR10(t *testing.T) {
	c := For(experiment.Options{Preset: experiment.Smoke, Data: "somewhere"})
	require.True(t, c.Data.CIFAR10)
	require.Equal(t, "somewhere", c.Data.Folder)
	require.False(t, For(experiment.Options{Preset: experiment.Default}).Data.CIFAR10)
	require.True(t, For(experiment.Options{Preset: experiment.Full}).Data.CIFAR10, "the full scale looks in the cache")
}

func TestDevicesAreThoseAskedFor(t *testing.T) {
	require.Equal(t, 4, For(experiment.Options{Devices: 4}).Train.Devices)
	require.Equal(t, 1, For(experiment.Options{}).Train.Devices, "the lesson's own")
}

func TestOnlyTheFullScaleIsTheSheetsOwn(t *testing.T) {
	c := Full()
	require.Equal(t, 10, c.Train.Epochs)
	require.Equal(t, 32, c.Train.BatchSize)
	require.Equal(t, 50_000, c.Data.Train)
	require.InDelta(t, 1e-3, c.Train.LearningRate, 0, "Adam's default rate")
	require.Len(t, sheet.ValidationAccuracy, 10)
}
