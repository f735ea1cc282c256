package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/lessontest"
)

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson) }

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireKnobs(t, Smoke, map[string]func(c *Config){
		"Lengths.Net.Kernels has 2 values and Filters 3":              func(c *Config) { c.Lengths.Net.Kernels = []int{3, 5} },
		"Lengths.Net.Filters has 0: every value must be at least 1":   func(c *Config) { c.Lengths.Net.Filters = []int{16, 0, 64} },
		"Lengths.Net.Kernels has -1":                                  func(c *Config) { c.Lengths.Net.Kernels = []int{3, 5, -1} },
		"Lengths.Net.Features is 0: it must be at least 1":            func(c *Config) { c.Lengths.Net.Features = 0 },
		"Lengths.Net.Pool is 0":                                       func(c *Config) { c.Lengths.Net.Pool = 0 },
		"Lengths.Net.Units is 0":                                      func(c *Config) { c.Lengths.Net.Units = 0 },
		"Lengths.Net.Classes is 0":                                    func(c *Config) { c.Lengths.Net.Classes = 0 },
		"Lengths.Steps is empty: give at least 1 value":               func(c *Config) { c.Lengths.Steps = nil },
		"Lengths.Steps has 33, which is too short with padding valid": func(c *Config) { c.Lengths.Steps = []int{33} },
		"Lengths.Paddings is empty":                                   func(c *Config) { c.Lengths.Paddings = nil },
		`Lengths.Paddings has "full": give arch.Valid`:                func(c *Config) { c.Lengths.Paddings = []arch.Padding{"full"} },
		"Layers.Channels is 0":                                        func(c *Config) { c.Layers.Channels = 0 },
		"Layers.Filters is 0":                                         func(c *Config) { c.Layers.Filters = 0 },
		"Layers.Kernel is 0":                                          func(c *Config) { c.Layers.Kernel = 0 },
		"Layers.Size is 6: a kernel of 3 with dilation 3 spans 7":     func(c *Config) { c.Layers.Size = 6 },
		"Layers.Strides is empty":                                     func(c *Config) { c.Layers.Strides = nil },
		"Layers.Dilations has 0":                                      func(c *Config) { c.Layers.Dilations = []int{0} },
		"Layers.Groups has 5, which does not divide":                  func(c *Config) { c.Layers.Groups = []int{5} },
		"Layers.Paddings is empty":                                    func(c *Config) { c.Layers.Paddings = nil },
		`Layers.Paddings has "full"`:                                  func(c *Config) { c.Layers.Paddings = []arch.Padding{"full"} },
	})
}

// An experiment of a cell gets the same errors as a whole run.
func TestEveryExperimentChecksItsKnobs(t *testing.T) {
	backend := lessontest.PureGo(t)
	_, err := InputLength.Measured(context.Background(), backend, LengthsConfig{})
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "Lengths.Net.Features is 0")
	_, err = LayerArguments.Measured(context.Background(), backend, LayersConfig{})
	require.ErrorContains(t, err, "Layers.Channels is 0")
}
