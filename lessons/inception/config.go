package inception

import (
	"evident/kit/experiment"
	"evident/kit/knob"
)

// Config holds the knobs of the lesson.
type Config struct {
	Data    DataConfig
	Train   TrainConfig
	Compare CompareConfig
	Scales  ScalesConfig
	Strides StrideConfig
	Depth   DepthConfig
}

// DataConfig says which pictures the lesson uses. Fixed: a caveat of every
// sampled verdict.
type DataConfig struct {
	CIFAR10     bool   // the real pictures; otherwise the generated shapes
	Folder      string `json:"-"` // of CIFAR-10; "" looks in the cache
	Train, Test int    // number of pictures, for CIFAR-10 at most 50,000 and 10,000
	Seed        int64  // of the generated shapes
}

// TrainConfig is the training of the lesson's main net, in the shape of the
// sheet's: batches of 32, 10 epochs, Adam at its default rate. Fixed.
type TrainConfig struct {
	Net          Net
	Epochs       int
	BatchSize    int
	LearningRate float64
	Seed         int64
	Devices      int // that share every batch
}

// CompareConfig trains variants of one small net that differ in one thing.
type CompareConfig struct {
	Net          Net     // fixed
	Seeds        []int64 // averaged over; a verdict needs at least 5
	Train        int     // training pictures; fixed
	Test         int     // test pictures; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // fixed
	Shifts       []int   // in pixels; compared
}

// ScalesConfig trains one module on a task with a fine and a coarse feature.
type ScalesConfig struct {
	Seeds        []int64 // averaged over
	Train, Test  int     // pictures; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // fixed
}

// StrideConfig is the grid on which the arithmetic of strides is checked.
// Compared.
type StrideConfig struct {
	Sizes   []int // of the input, along one axis
	Kernels []int
	Strides []int
}

// DepthConfig stacks convolutions to see what becomes of the gradient.
type DepthConfig struct {
	Layers int     // fixed
	Seeds  []int64 // averaged over
}

// Net is a convolution and two Inception modules, with pooling after the first
// two of the three.
type Net struct {
	Stem          int    // filters of the first 3×3 convolution
	First, Second Module // the two modules
}

// Module is the number of filters of an Inception module.
type Module struct {
	F1x1, F3x3Reduce, F3x3, F5x5Reduce, F5x5, PoolProj int
}

// Filters is the number of channels that come out of the module.
func (m Module) Filters() int { return m.F1x1 + m.F3x3 + m.F5x5 + m.PoolProj }

// The first modules of GoogLeNet (Szegedy et al. 2015, table 1).
var (
	inception3a = Module{64, 96, 128, 16, 32, 32}
	inception3b = Module{128, 128, 192, 32, 96, 64}
)

// Default fits a laptop's CPU in under two minutes, on generated pictures.
func Default() Config {
	small := Net{Stem: 12, First: Module{8, 8, 12, 4, 8, 8}, Second: Module{12, 12, 16, 4, 8, 8}}
	return Config{
		Data: DataConfig{Train: 2048, Test: 1000, Seed: 1},
		Train: TrainConfig{
			Net:    Net{Stem: 16, First: Module{16, 16, 24, 8, 16, 16}, Second: Module{16, 24, 32, 8, 16, 16}},
			Epochs: 10, BatchSize: 32, LearningRate: 1e-3, Seed: 1, Devices: 1,
		},
		Compare: CompareConfig{
			Net: small, Seeds: knob.Seeds(8), Train: 1024, Test: 600,
			Epochs: 8, BatchSize: 32, LearningRate: 5e-3, Shifts: []int{1, 2, 3},
		},
		Scales:  ScalesConfig{Seeds: knob.Seeds(8), Train: 1024, Test: 512, Epochs: 10, BatchSize: 32, LearningRate: 1e-2},
		Strides: StrideConfig{Sizes: span(1, 32), Kernels: span(1, 7), Strides: span(1, 4)},
		Depth:   DepthConfig{Layers: 10, Seeds: knob.Seeds(5)},
	}
}

// Smoke runs the same code in seconds; most sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	tiny := Net{Stem: 4, First: Module{4, 4, 4, 2, 4, 4}, Second: Module{4, 4, 4, 2, 4, 4}}
	c.Data.Train, c.Data.Test = 128, 64
	c.Train.Net, c.Train.Epochs = tiny, 2
	c.Compare.Net, c.Compare.Seeds, c.Compare.Train, c.Compare.Test, c.Compare.Epochs = tiny, knob.Seeds(2), 64, 32, 1
	c.Scales.Seeds, c.Scales.Train, c.Scales.Test, c.Scales.Epochs = knob.Seeds(2), 128, 64, 2
	c.Strides.Sizes = span(1, 8)
	c.Depth.Seeds = knob.Seeds(2)
	return c
}

// Full is the sheet's own scale: CIFAR-10, ten epochs of 1,562 steps (the sheet's
// 1,563rd has 16 pictures, see [Trained.Table]), and the comparisons on CIFAR-10 too.
func Full() Config {
	c := Default()
	c.Data = DataConfig{CIFAR10: true, Train: 50_000, Test: 10_000}
	c.Train.Net = Net{Stem: 64, First: inception3a, Second: inception3b}
	c.Compare.Net = Net{Stem: 24, First: Module{16, 16, 24, 8, 16, 16}, Second: Module{24, 24, 32, 8, 16, 16}}
	c.Compare.Train, c.Compare.Test, c.Compare.Epochs, c.Compare.LearningRate = 10_000, 2_000, 5, 1e-3
	c.Compare.Seeds, c.Scales.Seeds = knob.Seeds(5), knob.Seeds(5)
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	c := experiment.At(o.Preset, Smoke, Default, Full)
	if o.Data != "" {
		c.Data.CIFAR10, c.Data.Folder = true, o.Data
	}
	if o.Devices != 0 {
		c.Train.Devices = o.Devices
	}
	return c.shifted(o.Seed)
}

// shifted moves every seed by the same amount.
func (c Config) shifted(by int64) Config {
	c.Data.Seed += by
	c.Train.Seed += by
	knob.ShiftSeeds(by, &c.Compare.Seeds, &c.Scales.Seeds, &c.Depth.Seeds)
	return c
}

// span is from, from+1, …, to.
func span(from, to int) []int {
	all := make([]int, 0, to-from+1)
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}
