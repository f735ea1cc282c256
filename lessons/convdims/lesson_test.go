package convdims

import (
	"context"
	"math"
	"testing"

	"evident/kit/lessontest"

	"github.com/stretchr/testify/require"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Grid.Kernels is empty: give at least 1 value":          func(c *Config) { c.Grid.Kernels = nil },
		"Grid.Kernels has 6: the clip of the grid has 5 frames": func(c *Config) { c.Grid.Kernels = []int{1, 6} },
		"Grid.Strides has 0: every value must be at least 1":    func(c *Config) { c.Grid.Strides = []int{1, 0} },
		"Grid.Channels has -1":                                  func(c *Config) { c.Grid.Channels = []int{-1} },
		"Order.Frames is 7: it must be":                         func(c *Config) { c.Order.Frames = 7 },
		"Order.Frames is 1":                                     func(c *Config) { c.Order.Frames = 1 },
		"Order.Seeds is empty":                                  func(c *Config) { c.Order.Seeds = nil },
		"Motion.Kernel is 2: use an odd number":                 func(c *Config) { c.Motion.Kernel = 2 },
		"Motion.Kernel is 0":                                    func(c *Config) { c.Motion.Kernel = 0 },
		"Motion.Kernel is 5: there is room for 4":               func(c *Config) { c.Motion.Kernel = 5 }, // in half of 8 frames
		"Motion.Filters is 0":                                   func(c *Config) { c.Motion.Filters = 0 },
		"Motion.Train is 31: it must be at least BatchSize, 32": func(c *Config) { c.Motion.Train = 31 },
		"Motion.LearningRate is NaN":                            func(c *Config) { c.Motion.LearningRate = math.NaN() },
		"Motion.Seeds has 1 twice":                              func(c *Config) { c.Motion.Seeds = []int64{1, 1} },
		"Motion.Speeds is empty":                                func(c *Config) { c.Motion.Speeds = nil },
		"Motion.Speeds has 12 pixels a frame: use 1 to 11":      func(c *Config) { c.Motion.Speeds = []int{1, 12} },
		"Motion.Noises is empty":                                func(c *Config) { c.Motion.Noises = []float64{} },
		"Motion.Noises has -1":                                  func(c *Config) { c.Motion.Noises = []float64{0, -1} },
		"Motion.Control is -1":                                  func(c *Config) { c.Motion.Control = -1 },
		"Tubes.Control is NaN":                                  func(c *Config) { c.Tubes.Control = math.NaN() },
		"Motion.Noises has NaN":                                 func(c *Config) { c.Motion.Noises = []float64{math.NaN()} },
		"Motion.Side is 4 pixels: it must be above":             func(c *Config) { c.Motion.Side = 4 },
		"Tubes.Epochs is 0":                                     func(c *Config) { c.Tubes.Epochs = 0 },
		"Tubes.Train is 31: it must be at least BatchSize, 32":  func(c *Config) { c.Tubes.Train = 31 },
		"Tubes.Side is 9 voxels":                                func(c *Config) { c.Tubes.Side = 9 },
		"Tubes.Kernel is 9: there is room for 8":                func(c *Config) { c.Tubes.Kernel = 9 },
		"Vessels.Depth is 3 slices":                             func(c *Config) { c.Vessels.Depth = 3 },
		"Vessels.Test is 0":                                     func(c *Config) { c.Vessels.Test = 0 },
		"Vessels.BatchSize is -1":                               func(c *Config) { c.Vessels.BatchSize = -1 },
		"Vessels.Noises has +Inf":                               func(c *Config) { c.Vessels.Noises = []float64{math.Inf(1)} },
		"Vessels.Kernel is 4: use an odd number":                func(c *Config) { c.Vessels.Kernel = 4 },
	})
}

// The notebook draws these before it measures.
func TestPicturesCheckTheirKnobs(t *testing.T) {
	_, err := ClipsPicture(MotionConfig{})
	require.ErrorContains(t, err, "Motion.Kernel is 0")
	_, err = TubesPicture(TubesConfig{})
	require.ErrorContains(t, err, "Tubes.Kernel is 0")
}

func TestEveryClaimIsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{"q3b.1", "q3b.2", "q3b.3", "q3b.4", "q3b.t"}, lessontest.IDs(Lesson.Claims()))
}

func TestProvenanceNamesTheData(t *testing.T) {
	name, _, err := Lesson.Data(context.Background(), Smoke())
	require.NoError(t, err)
	require.Contains(t, name, "clips of 8 frames of 12×12")
	require.Contains(t, name, "vessels, volumes of 8 slices of 16×16")
}
