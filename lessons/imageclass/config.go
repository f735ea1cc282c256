package imageclass

import (
	"slices"

	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/knob"
)

// Config holds the knobs of the lesson.
type Config struct {
	Data     DataConfig
	Train    TrainConfig    // q4.1 and q4.4
	Unscaled UnscaledConfig // q4.2
	Memory   MemoryConfig   // q4.3
	Leak     LeakConfig     // q4.5
}

// DataConfig says which pictures the lesson uses. Fixed: a caveat of every
// sampled verdict.
type DataConfig struct {
	// Folder holds the reader's own pictures, a folder for each of two classes;
	// "" draws head phantoms.
	Folder            string  `json:"-"`
	Train, Validation int     // heads that are drawn for every seed
	Further           int     // more heads of every seed, for counting which lesions a net misses (q4.4)
	Side              int     // height and width that own pictures are scaled to
	Colour            bool    // whether own pictures keep their colours
	Share             float64 // of own pictures, kept for validation
	Seed              int64   // of the split of own pictures
}

// TrainConfig is the training in the shape of the sheet's: 75 steps with
// batches of 32, 10 times. All parts of the lesson use its net, batches and
// rate.
type TrainConfig struct {
	Net          Net     // fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // of Adam; fixed
	Seeds        []int64 // of heads, weights and order; averaged over, a verdict needs at least 5

	checkpoint fit.Checkpoint // of the net's training, where it is saved
}

// UnscaledConfig compares pixels from 0 to 255 with pixels from 0 to 1, on the
// lesson's net, of which [TrainConfig] trains the latter, and on another one.
type UnscaledConfig struct {
	Other  Net     // compared with Train.Net
	Epochs int     // at most Train.Epochs; fixed; the verdict is on the first
	Seeds  []int64 // some of Train.Seeds; averaged over
}

// MemoryConfig trains on a part of the pictures, and there compares dropout and
// augmentation with neither.
type MemoryConfig struct {
	Few        int     // training pictures; compared with all
	Epochs     int     // on them: as many steps as on all pictures; fixed
	Validation int     // validation pictures, of which there are more; fixed
	Seeds      []int64 // averaged over
	// RemedySeeds are those of dropout and augmentation, on which no verdict
	// rests; averaged over.
	RemedySeeds []int64
}

// LeakConfig puts copies of validation pictures among the few training pictures
// of [MemoryConfig], from its seeds. The nets without the leak are the ones that
// are trained there.
type LeakConfig struct {
	Epochs int     // of both nets, at most Memory.Epochs; fixed
	Share  float64 // of the validation pictures that are copied; fixed
}

// Default takes one to two minutes on two processors, on drawn heads.
func Default() Config {
	return Config{
		Data: DataConfig{Train: 2400, Validation: 600, Further: 2400, Side: 48, Share: 0.2, Seed: 1},
		Train: TrainConfig{
			Net: Net{Filters: []int{8, 16, 32, 32}}, Epochs: 10, BatchSize: 32, LearningRate: 2e-3, Seeds: knob.Seeds(8),
		},
		Unscaled: UnscaledConfig{Other: Net{Filters: []int{16, 32}, Dense: 128}, Epochs: 1, Seeds: knob.Seeds(6)},
		Memory:   MemoryConfig{Few: 320, Epochs: 75, Validation: 300, Seeds: knob.Seeds(6), RemedySeeds: knob.Seeds(2)},
		Leak:     LeakConfig{Epochs: 30, Share: 0.2},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	c.Data.Train, c.Data.Validation, c.Data.Further = 64, 40, 40
	c.Train.Net, c.Train.Epochs, c.Train.BatchSize = Net{Filters: []int{2, 2, 2}, Dense: 4}, 2, 16
	c.Unscaled.Other = Net{Filters: []int{2}, Dense: 4}
	c.Memory.Few, c.Memory.Epochs, c.Leak.Epochs = 32, 2, 2
	for _, seeds := range c.seeds() {
		*seeds = knob.Seeds(2)
	}
	return c
}

// Full has more filters and seeds. The sheet's own scale is the default one.
func Full() Config {
	c := Default()
	c.Train.Net.Filters = []int{16, 32, 64, 64}
	c.Unscaled.Epochs, c.Memory.Epochs, c.Leak.Epochs = c.Train.Epochs, 150, 80
	for _, seeds := range c.seeds() {
		*seeds = knob.Seeds(16)
	}
	return c
}

// For is the configuration of a scale with the caller's options.
func For(o experiment.Options) Config {
	c := experiment.At(o.Preset, Smoke, Default, Full)
	c.Data.Folder = o.Data
	c.Data.Seed += o.Seed
	knob.ShiftSeeds(o.Seed, c.seeds()...)
	return c
}

// seeds are all lists of seeds.
func (c *Config) seeds() []*[]int64 {
	return []*[]int64{&c.Train.Seeds, &c.Unscaled.Seeds, &c.Memory.Seeds, &c.Memory.RemedySeeds}
}

// allSeeds lists every seed once.
func (c Config) allSeeds() []int64 {
	var all []int64
	for _, seeds := range c.seeds() {
		all = append(all, *seeds...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
