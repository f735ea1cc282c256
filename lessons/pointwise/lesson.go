package pointwise

import (
	"context"

	"evident/kit/experiment"
	"evident/kit/knob"
)

// Lesson is the lesson on question 6.
var Lesson = experiment.Lesson[Config]{
	Name: "pointwise", Title: "1×1 convolutions", Question: "Q6", Notebook: "09-one-by-one.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Data: func(_ context.Context, c Config) (name, hash string, err error) {
		drawn, err := c.Order.draw(c.Order.Seeds[0])
		return drawn.test.Name + "; mixed sources; XOR of two colours", drawn.test.Hash(), err
	},
	// The exact ones first.
	Experiments: []experiment.Part[Config]{
		experiment.Of(PrintedNet, noKnobs),
		experiment.Of(ChannelMixing, noKnobs),
		experiment.Of(DepthReduction, noKnobs),
		experiment.Of(Linearity, noKnobs),
		experiment.Of(PublishedBlocks, noKnobs),
		experiment.Of(MixedSources, func(c Config) RankConfig { return c.Rank }),
		experiment.Of(ShuffledPixels, func(c Config) OrderConfig { return c.Order }),
		experiment.Of(MapsSideBySide, func(c Config) MapsConfig { return c.Maps }),
		experiment.Of(FirstLayer, func(c Config) FirstConfig { return c.First }),
		experiment.Of(LayerWidth, func(c Config) WidthConfig { return c.Width }),
	},
}

// noKnobs is the configuration of an exact experiment.
func noKnobs(Config) struct{} { return struct{}{} }

// Config holds the knobs of the lesson. What is exact needs none.
type Config struct {
	Rank  RankConfig
	Order OrderConfig
	Maps  MapsConfig
	First FirstConfig
	Width WidthConfig
}

// The days on which the rules were made, and on which some were changed.
const made, revised = "2026-11-24", "2026-11-30"

// Default fits a laptop's CPU in a minute.
func Default() Config {
	textures := TextureTraining{Train: 640, Test: 384, Epochs: 12, BatchSize: 32, LearningRate: 0.01}
	return Config{
		Rank: RankConfig{
			Channels: 32, Sources: 8, Noise: 0.1, Filters: []int{1, 2, 4, 6, 8, 12},
			Train: 512, Test: 4096, Steps: 450, LearningRate: 0.02, Seeds: knob.Seeds(12),
		},
		Order: OrderConfig{PixelFilters: 24, Filters: 12, TextureTraining: textures, Seeds: knob.Seeds(6)},
		Maps:  MapsConfig{TextureTraining: textures, Seed: 1},
		First: FirstConfig{
			Filters: 8, Behind: 12, Seeds: knob.Seeds(8),
			TextureTraining: TextureTraining{Train: 512, Test: 1024, Epochs: 8, BatchSize: 32, LearningRate: 0.01},
		},
		Width: WidthConfig{
			Channels: 4, Filters: []int{1, 4, 16, 64, 256, 1024}, LabelNoise: []float64{0, 0.2},
			Train: 128, Test: 4096, Epochs: 60, BatchSize: 32, LearningRate: 0.01, Seeds: knob.Seeds(16),
		},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	two := knob.Seeds(2)
	c.Rank.Filters, c.Rank.Sources, c.Rank.Channels = []int{1, 2, 3}, 3, 6
	c.Rank.Train, c.Rank.Test, c.Rank.Steps, c.Rank.Seeds = 64, 64, 20, two
	c.Order.PixelFilters, c.Order.Filters, c.Order.Train, c.Order.Test, c.Order.Epochs, c.Order.Seeds = 4, 3, 64, 36, 1, two
	c.Maps.TextureTraining = c.Order.TextureTraining
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
	c.Maps.TextureTraining = c.Order.TextureTraining
	c.First.Filters, c.First.Behind = 16, 32
	c.First.Train, c.First.Test, c.First.Epochs, c.First.Seeds = 4096, 2048, 15, many
	c.Width.Filters, c.Width.Epochs, c.Width.Seeds = []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}, 150, many
	return c
}
