package params

import (
	"evident/kit/arch"
	"evident/kit/experiment"
)

// Config holds the knobs of the lesson. There is no seed: counting needs none.
type Config struct {
	Net     Net           // fixed: the sheet's
	Lengths LengthConfig  // how the count depends on the input
	Layers  VariantConfig // how the count of one layer depends on its arguments
}

// Net is blocks of a Conv1D and a max pooling, then two dense layers.
type Net struct {
	Features int   // channels of the input
	Filters  []int // of each convolution
	Kernels  []int // of each convolution, as many
	Pool     int   // window and stride of every pooling
	Units    int   // of the hidden dense layer
	Classes  int   // units of the last layer
}

// LengthConfig builds the net on inputs of several lengths. Compared.
type LengthConfig struct {
	Steps    []int // length of the input
	Paddings []arch.Padding
}

// VariantConfig changes one argument of a single convolution at a time, in one
// and in two dimensions. Compared.
type VariantConfig struct {
	Channels  int // of the input; fixed
	Filters   int // fixed
	Kernel    int // fixed
	Size      int // of the input along each axis; fixed
	Strides   []int
	Dilations []int
	Paddings  []arch.Padding
	Groups    []int // each divides Channels and Filters
}

// sheetNet is the net of the question.
func sheetNet() Net {
	return Net{Features: 7, Filters: []int{16, 32, 64}, Kernels: []int{3, 5, 5}, Pool: 2, Units: 128, Classes: 5}
}

// Default builds every net of the lesson in seconds.
func Default() Config {
	return Config{
		Net: sheetNet(),
		Lengths: LengthConfig{
			Steps:    []int{34, 48, 64, 96, 100, 128, 192, 256, 384, 512},
			Paddings: []arch.Padding{arch.Valid, arch.Same, arch.Causal},
		},
		Layers: VariantConfig{
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

// For is the configuration of a scale. Data and seed change nothing here.
func For(o experiment.Options) Config { return experiment.At(o.Preset, Smoke, Default, Full) }
