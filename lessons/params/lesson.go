package params

import (
	"context"

	"evident/kit/arch"
	"evident/kit/experiment"
)

// Lesson is the lesson on question 3 (a).
var Lesson = experiment.Lesson[Config]{
	Name: "params", Title: "Counting parameters", Question: "Q3 a", Notebook: "05-counting-parameters.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Data: func(context.Context, Config) (name, hash string, err error) {
		return "none: nets are built and counted", "", nil
	},
	Experiments: []experiment.Part[Config]{
		experiment.Of(InputLength, func(c Config) LengthsConfig { return c.Lengths }),
		experiment.Of(LayerArguments, func(c Config) LayersConfig { return c.Layers }),
	},
}

// Config holds the knobs of the lesson. There is no seed: counting needs none.
type Config struct {
	Lengths LengthsConfig
	Layers  LayersConfig
}

// Default builds every net of the lesson in seconds.
func Default() Config {
	return Config{
		Lengths: LengthsConfig{
			Net:      sheetNet(),
			Steps:    []int{34, 48, 64, 96, 100, 128, 192, 256, 384, 512},
			Paddings: []arch.Padding{arch.Valid, arch.Same, arch.Causal},
		},
		Layers: LayersConfig{
			Channels: 24, Filters: 48, Kernel: 3, Size: 17,
			Strides: []int{1, 2, 3, 4}, Dilations: []int{1, 2, 3, 4},
			Paddings: []arch.Padding{arch.Valid, arch.Same, arch.Causal}, Groups: []int{1, 2, 3, 4, 6, 8, 12, 24},
		},
	}
}

// Smoke builds fewer nets.
func Smoke() Config {
	c := Default()
	c.Lengths.Steps = []int{34, 100}
	c.Layers.Strides, c.Layers.Dilations, c.Layers.Groups = []int{1, 2}, []int{1, 3}, []int{1, 2, 24}
	return c
}

// Full is Default with every length from the shortest possible to 300, and a
// few long ones.
func Full() Config {
	c := Default()
	c.Lengths.Steps = nil
	for steps := 34; steps <= 300; steps++ {
		c.Lengths.Steps = append(c.Lengths.Steps, steps)
	}
	c.Lengths.Steps = append(c.Lengths.Steps, 1000, 4096, 10_000)
	return c
}
