package convdims

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		"Grid.Kernels is empty":          func(c *Config) { c.Grid.Kernels = nil },
		"Grid.Kernels has 6":             func(c *Config) { c.Grid.Kernels = []int{1, 6} },
		"Grid.Strides has 0":             func(c *Config) { c.Grid.Strides = []int{1, 0} },
		"Grid.Channels has -1":           func(c *Config) { c.Grid.Channels = []int{-1} },
		"Order.Frames is 7":              func(c *Config) { c.Order.Frames = 7 },
		"Order.Frames is 1":              func(c *Config) { c.Order.Frames = 1 },
		"Order.Seeds is empty":           func(c *Config) { c.Order.Seeds = nil },
		"Motion.Kernel is 2":             func(c *Config) { c.Motion.Kernel = 2 },
		"Motion.Kernel is 0":             func(c *Config) { c.Motion.Kernel = 0 },
		"Motion.Kernel is 5":             func(c *Config) { c.Motion.Kernel = 5 }, // in half of 8 frames
		"Motion.Filters is 0":            func(c *Config) { c.Motion.Filters = 0 },
		"Motion.Train is 31":             func(c *Config) { c.Motion.Train = 31 },
		"Motion.LearningRate is NaN":     func(c *Config) { c.Motion.LearningRate = math.NaN() },
		"Motion.Seeds has 1 twice":       func(c *Config) { c.Motion.Seeds = []int64{1, 1} },
		"Motion.Speeds is empty":         func(c *Config) { c.Motion.Speeds = nil },
		"Motion.Speed is 12 pixels":      func(c *Config) { c.Motion.Speeds = []int{1, 12} },
		"Motion.Noises is empty":         func(c *Config) { c.Motion.Noises = []float64{} },
		"Motion.Noises has -1":           func(c *Config) { c.Motion.Noises = []float64{0, -1} },
		"Motion.Noises has NaN":          func(c *Config) { c.Motion.Noises = []float64{math.NaN()} },
		"Motion.Side is 4":               func(c *Config) { c.Motion.Side = 4 },
		"Tubes.Epochs is 0":              func(c *Config) { c.Tubes.Epochs = 0 },
		"Tubes.Train is 31":              func(c *Config) { c.Tubes.Train = 31 },
		"Tubes.Side is 9 voxels":         func(c *Config) { c.Tubes.Side = 9 },
		"Tubes.Kernel is 9: there is":    func(c *Config) { c.Tubes.Kernel = 9 },
		"Vessels.Depth is 3 slices":      func(c *Config) { c.Vessels.Depth = 3 },
		"Vessels.Test is 0":              func(c *Config) { c.Vessels.Test = 0 },
		"Vessels.BatchSize is -1":        func(c *Config) { c.Vessels.BatchSize = -1 },
		"Vessels.Noises has +Inf":        func(c *Config) { c.Vessels.Noises = []float64{math.Inf(1)} },
		"Vessels.Kernel is 4: use an od": func(c *Config) { c.Vessels.Kernel = 4 },
	})
}

// Every experiment that a notebook calls by itself checks its own knobs.
func TestMeasurementsCheckTheirKnobs(t *testing.T) {
	ctx, backend := context.Background(), lessontest.PureGo(t)
	for name, measure := range map[string]func() error{
		"grid":     func() error { _, err := MeasureGrid(ctx, backend, GridConfig{}); return err },
		"order":    func() error { _, err := MeasureOrder(ctx, backend, OrderConfig{}); return err },
		"motion":   func() error { _, err := MeasureMotion(ctx, backend, MotionConfig{}); return err },
		"transfer": func() error { _, err := MeasureTransfer(ctx, backend, MotionConfig{}); return err },
		"tubes":    func() error { _, err := MeasureTubes(ctx, backend, VolumeConfig{}); return err },
		"clips":    func() error { _, err := ClipsPicture(MotionConfig{}); return err },
		"volumes":  func() error { _, err := TubesPicture(VolumeConfig{}); return err },
		"vessels":  func() error { _, err := MeasureVessels(ctx, backend, VolumeConfig{}); return err },
	} {
		require.ErrorIs(t, measure(), badinput.Err, name)
	}
}

func TestScalesDoNotShareTheirLists(t *testing.T) {
	For(experiment.Options{Preset: experiment.Smoke, Seed: 7})
	require.Equal(t, int64(1), Default().Motion.Seeds[0])
}
