package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/lessontest"
)

func TestCheckNamesTheKnob(t *testing.T) {
	lessontest.RequireNamed(t, Smoke, map[string]func(c *Config){
		"Net.Kernels has 2 values and Net.Filters 3": func(c *Config) { c.Net.Kernels = []int{3, 5} },
		"Net.Filters has 0":                          func(c *Config) { c.Net.Filters = []int{16, 0, 64} },
		"Net.Kernels has -1":                         func(c *Config) { c.Net.Kernels = []int{3, 5, -1} },
		"Net.Features is 0":                          func(c *Config) { c.Net.Features = 0 },
		"Net.Pool is 0":                              func(c *Config) { c.Net.Pool = 0 },
		"Net.Units is 0":                             func(c *Config) { c.Net.Units = 0 },
		"Net.Classes is 0":                           func(c *Config) { c.Net.Classes = 0 },
		"Lengths.Steps is empty":                     func(c *Config) { c.Lengths.Steps = nil },
		"Lengths.Steps has 33, which is too short with padding valid": func(c *Config) { c.Lengths.Steps = []int{33} },
		"Lengths.Paddings is empty":                                   func(c *Config) { c.Lengths.Paddings = nil },
		`Lengths.Paddings has "full"`:                                 func(c *Config) { c.Lengths.Paddings = []arch.Padding{"full"} },
		"Layers.Channels is 0":                                        func(c *Config) { c.Layers.Channels = 0 },
		"Layers.Filters is 0":                                         func(c *Config) { c.Layers.Filters = 0 },
		"Layers.Kernel is 0":                                          func(c *Config) { c.Layers.Kernel = 0 },
		"Layers.Size is 6: a kernel of 3 with dilation 3 spans 7":     func(c *Config) { c.Layers.Size = 6 },
		"Layers.Strides is empty":                                     func(c *Config) { c.Layers.Strides = nil },
		"Layers.Dilations has 0":                                      func(c *Config) { c.Layers.Dilations = []int{0} },
		"Layers.Groups has 5, which does not divide":                  func(c *Config) { c.Layers.Groups = []int{5} },
		"Layers.Paddings is empty":                                    func(c *Config) { c.Layers.Paddings = nil },
	})
}

// A cell of the notebook calls one measurement, not Run: a bad knob is named
// there too.
func TestEachMeasurementChecksItsKnobs(t *testing.T) {
	backend := lessontest.PureGo(t)
	_, err := MeasureLengths(context.Background(), backend, Net{}, LengthConfig{})
	require.ErrorIs(t, err, badinput.Err)
	_, err = MeasureLengths(context.Background(), backend, sheetNet(), LengthConfig{})
	require.ErrorContains(t, err, "Lengths.Steps")
	_, err = MeasureVariants(context.Background(), backend, VariantConfig{})
	require.ErrorContains(t, err, "Layers.")
}
