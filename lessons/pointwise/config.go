package pointwise

import (
	"evident/kit/experiment"
	"evident/kit/knob"
)

// Config holds the knobs of the lesson. What is exact needs none.
type Config struct {
	Rank  RankConfig
	Order OrderConfig
	First FirstConfig
	Width WidthConfig
}

// RankConfig reduces pixels of many channels that were mixed from few sources.
type RankConfig struct {
	Channels int     // of the pixels; fixed
	Sources  int     // that were mixed; fixed
	Noise    float64 // standard deviation in every channel; the weakest source has 1, the strongest 4; fixed
	Filters  []int   // of the 1×1 convolution, in rising order; compared

	Train, Test  int     // pixels; fixed
	Steps        int     // each on all training pixels; fixed
	LearningRate float64 // at the start, from where it falls to 0; fixed
	DataSeed     int64   // of sources and noise; fixed
	Seeds        []int64 // of the weights; averaged over
}

// OrderConfig trains nets with and without a 3×3 layer on pictures whose
// classes differ in nothing but the places of the pixels.
type OrderConfig struct {
	PixelFilters int // of each layer of the net of 1×1 layers; fixed
	Filters      int // of each layer of the nets with a larger kernel; fixed

	Train, Test  int     // pictures; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // fixed
	DataSeed     int64   // of the pictures; fixed
	Seeds        []int64 // averaged over
}

// FirstConfig compares a 1×1 with a 3×3 convolution as the first layer.
type FirstConfig struct {
	Filters int // of the 3×3 first layer; the 1×1 layer has as many as give the net no fewer parameters; fixed
	Behind  int // filters of the 3×3 layer behind either of them; fixed

	Train, Test  int     // pictures; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // fixed
	DataSeed     int64   // of the pictures; fixed
	Seeds        []int64 // averaged over
}

// WidthConfig trains 1×1 convolutions of many widths on little data.
type WidthConfig struct {
	Channels int       // of the pixels; fixed
	Filters  []int     // in rising order; compared
	Flipped  []float64 // shares of wrong labels in the training; compared

	Train, Test  int     // pixels, drawn anew for every seed; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // fixed
	Seeds        []int64 // averaged over
}

// Default fits a laptop's CPU in half a minute.
func Default() Config {
	return Config{
		Rank: RankConfig{
			Channels: 32, Sources: 8, Noise: 0.1, Filters: []int{1, 2, 4, 6, 8, 12},
			Train: 512, Test: 1024, Steps: 300, LearningRate: 0.02, DataSeed: 1, Seeds: knob.Seeds(8),
		},
		Order: OrderConfig{
			PixelFilters: 24, Filters: 12,
			Train: 640, Test: 384, Epochs: 12, BatchSize: 32, LearningRate: 0.01, DataSeed: 1, Seeds: knob.Seeds(8),
		},
		First: FirstConfig{
			Filters: 8, Behind: 12,
			Train: 512, Test: 512, Epochs: 8, BatchSize: 32, LearningRate: 0.01, DataSeed: 1, Seeds: knob.Seeds(8),
		},
		Width: WidthConfig{
			Channels: 4, Filters: []int{1, 2, 4, 16, 64, 256, 1024}, Flipped: []float64{0, 0.2},
			Train: 128, Test: 1024, Epochs: 60, BatchSize: 32, LearningRate: 0.01, Seeds: knob.Seeds(8),
		},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	two := knob.Seeds(2)
	c.Rank.Filters, c.Rank.Sources, c.Rank.Channels = []int{1, 3}, 3, 6
	c.Rank.Train, c.Rank.Test, c.Rank.Steps, c.Rank.Seeds = 64, 64, 20, two
	c.Order.PixelFilters, c.Order.Filters, c.Order.Train, c.Order.Test, c.Order.Epochs, c.Order.Seeds = 4, 3, 64, 36, 1, two
	c.First.Filters, c.First.Behind, c.First.Train, c.First.Test, c.First.Epochs, c.First.Seeds = 2, 2, 32, 32, 1, two
	c.Width.Filters, c.Width.Train, c.Width.Test, c.Width.Epochs, c.Width.Seeds = []int{1, 16}, 32, 64, 2, two
	return c
}

// Full has more data, longer trainings and more seeds.
func Full() Config {
	c := Default()
	many := knob.Seeds(16)
	c.Rank.Train, c.Rank.Test, c.Rank.Steps, c.Rank.Seeds = 4096, 4096, 2000, many
	c.Order.Train, c.Order.Test, c.Order.Epochs, c.Order.Seeds = 3072, 1536, 20, many
	c.First.Filters, c.First.Behind = 16, 32
	c.First.Train, c.First.Test, c.First.Epochs, c.First.Seeds = 4096, 2048, 15, many
	c.Width.Filters, c.Width.Epochs, c.Width.Seeds = []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}, 150, many
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	return experiment.At(o.Preset, Smoke, Default, Full).shifted(o.Seed)
}

// shifted moves every seed by the same amount.
func (c Config) shifted(by int64) Config {
	c.Rank.DataSeed += by
	c.Order.DataSeed += by
	c.First.DataSeed += by
	knob.ShiftSeeds(by, &c.Rank.Seeds, &c.Order.Seeds, &c.First.Seeds, &c.Width.Seeds)
	return c
}
