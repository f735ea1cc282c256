package imageclass

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

// An experiment that compares with another one's trainings measures those too
// when it runs alone, with the verdict that it has in the whole lesson.
func TestExperimentsRunAlone(t *testing.T) {
	ctx, backend, c := context.Background(), lessontest.PureGo(t), Smoke()
	whole, err := Lesson.Run(ctx, backend, c)
	require.NoError(t, err)
	for _, p := range Lesson.Experiments {
		alone, err := Lesson.Only(p.Command())
		require.NoError(t, err)
		r, err := alone.Run(ctx, backend, c)
		require.NoError(t, err)
		for _, own := range lessontest.WithoutBounds(r.Claims) {
			require.Equal(t, lessontest.Named(t, lessontest.WithoutBounds(whole.Claims), own.ID), own)
		}
	}
}

func TestBadKnobsAreNamed(t *testing.T) {
	lessontest.RequireKnobs(t, Default, map[string]func(*Config){
		"Data.Train is 1":               func(c *Config) { c.Data.Train = 1 },
		"Data.Validation is 0":          func(c *Config) { c.Data.Validation = 0 },
		"Data.Test is 1":                func(c *Config) { c.Data.Test = 1 },
		"Data.Fraction is 1":            func(c *Config) { c.Data.Folder, c.Data.Fraction = "scans", 1 },
		"Data.Side is 0":                func(c *Config) { c.Data.Folder, c.Data.Side = "scans", 0 },
		"Train.Net.Filters is empty":    func(c *Config) { c.Train.Net.Filters = nil },
		"Train.Net.Filters has 0":       func(c *Config) { c.Train.Net.Filters = []int{8, 0} },
		"Train.Net.Filters has 6 convo": func(c *Config) { c.Train.Net.Filters = []int{8, 8, 8, 8, 8, 8} },
		"Unscaled.Convolutions has 6, ": func(c *Config) { c.Unscaled.Convolutions = []int{2, 6} },
		"Unscaled.Filters has 4 twice":  func(c *Config) { c.Unscaled.Filters = []int{4, 4} },
		"Unscaled.Dense has 0":          func(c *Config) { c.Unscaled.Dense = []int{0} },
		"Unscaled.Dense has 2 numbers: it must have one for each of Filters, 3": func(c *Config) { c.Unscaled.Dense = []int{32, 32} },
		"Unscaled.Times is 1":     func(c *Config) { c.Unscaled.Times = 1 },
		"Start.Times is 1":        func(c *Config) { c.Start.Times = 1 },
		"Start.Slope is 1":        func(c *Config) { c.Start.Slope = 1 },
		"Start.Epochs is 0":       func(c *Config) { c.Start.Epochs = 0 },
		"Start.Seeds is empty":    func(c *Config) { c.Start.Seeds = nil },
		"Overfitting.Epochs is 0": func(c *Config) { c.Overfitting.Epochs = 0 },
		"Train.Net.Dense is -1":   func(c *Config) { c.Train.Net.Dense = -1 },
		"Train.Epochs is 0":       func(c *Config) { c.Train.Epochs = 0 },
		"Train.BatchSize is 0":    func(c *Config) { c.Train.BatchSize = 0 },
		"Train.LearningRate is 0": func(c *Config) { c.Train.LearningRate = 0 },
		"Train.Seeds is empty":    func(c *Config) { c.Train.Seeds = nil },
		"Overfitting.More has 96: it must be above Few, 96, and at most Data.Train, 2400": func(c *Config) { c.Overfitting.More = []int{96} },
		"Overfitting.More has 2401: it must":                                              func(c *Config) { c.Overfitting.More = []int{640, 2401} },
		"Overfitting.More has 640 after 800":                                              func(c *Config) { c.Overfitting.More = []int{800, 640} },
		"Overfitting.Net.Filters has 5 convolutions, each with a pooling: that needs pictures of 32×32 pixels, and these have 24×24": func(c *Config) {
			c.Overfitting.Net.Filters = []int{2, 2, 2, 2, 2}
		},
		"Unscaled.BatchSize is 33: it must be at most Train.BatchSize, 32": func(c *Config) { c.Unscaled.BatchSize = 33 },
		"Unscaled.BatchSize is 0":                                                              func(c *Config) { c.Unscaled.BatchSize = 0 },
		"Leak.Seeds has 12: it must be one of Overfitting.Seeds":                               func(c *Config) { c.Leak.Seeds = []int64{1, 12} },
		"Unscaled.Seeds is empty":                                                              func(c *Config) { c.Unscaled.Seeds = nil },
		"Overfitting.Few is 0":                                                                 func(c *Config) { c.Overfitting.Few = 0 },
		"Overfitting.Few is 20: it must be at least Train.BatchSize, 32":                       func(c *Config) { c.Overfitting.Few = 20 },
		"Overfitting.Seeds has 3 twice":                                                        func(c *Config) { c.Overfitting.Seeds = []int64{3, 3} },
		"Leak.Fraction is 0: it must be above 0 and below 1":                                   func(c *Config) { c.Leak.Fraction = 0 },
		"Leak.Epochs is 0":                                                                     func(c *Config) { c.Leak.Epochs = 0 },
		"Leak.Epochs is 181: it must be at most Overfitting.Epochs, 180":                       func(c *Config) { c.Leak.Epochs = 181 },
		"Leak.Fraction is 0.2: 120 copies do not fit among the 96 pictures of Overfitting.Few": func(c *Config) { c.Leak.Fraction = 0.2 },
		"Data.Train is 31: it must be at least Train.BatchSize, 32":                            func(c *Config) { c.Data.Train = 31 },
		"Train.Seeds has 1 twice":                                                              func(c *Config) { c.Train.Seeds = []int64{1, 1} },
		"Train.LearningRate is +Inf":                                                           func(c *Config) { c.Train.LearningRate = inf },
		"Overfitting.Seeds is empty":                                                           func(c *Config) { c.Overfitting.Seeds = nil },
		"Train.BatchSize is -1":                                                                func(c *Config) { c.Train.BatchSize = -1 },
		"Unscaled.PixelSeeds has 3, which Seeds has too":                                       func(c *Config) { c.Unscaled.Seeds, c.Unscaled.PixelSeeds = []int64{1, 3}, []int64{3, 4} },
		"Unscaled.Seeds has 7 twice":                                                           func(c *Config) { c.Unscaled.Seeds = []int64{7, 7} },
		"Train.Net.Filters has -2: eve":                                                        func(c *Config) { c.Train.Net.Filters = []int{-2} },
	})
}

func TestFolderAndSeedOfTheCallerAreUsed(t *testing.T) {
	c := Lesson.Config(experiment.Options{Data: "scans", Seed: 100})
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
