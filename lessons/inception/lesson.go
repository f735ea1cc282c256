package inception

import (
	"context"
	"math/rand/v2"
	"sync"

	"evident/datasets"
	"evident/datasets/cifar10"
	"evident/datasets/shapes"
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/steer"
)

// Lesson is the lesson on question 7.
var Lesson = experiment.Lesson[Config]{
	Name: "inception", Title: "Inception on CIFAR-10", Question: "Q7", Notebook: "10-inception.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Accepts: "a folder of CIFAR-10", TakesDevices: true, Adapt: adapt, Data: dataOf,
	// The cheap ones first.
	Experiments: []experiment.Part[Config]{
		experiment.Of(ModuleFormula, func(Config) struct{} { return struct{}{} }),
		experiment.Of(StrideArithmetic, func(c Config) StridesConfig { return c.Strides }),
		experiment.Of(DeepGradients, Config.DepthKnobs),
		experiment.Of(TwoScales, func(c Config) ScalesConfig { return c.Scales }),
		experiment.Of(EqualBudget, Config.BudgetKnobs),
		experiment.Of(OneChange, Config.CompareKnobs),
		experiment.Of(MainNet, Config.TrainKnobs),
	},
	Training: steer.Of(steered),
}

// Config holds the knobs of the lesson.
type Config struct {
	Data    DataConfig
	Train   TrainConfig
	Compare CompareConfig
	Budget  BudgetConfig
	Scales  ScalesConfig
	Strides StridesConfig
	Depth   DepthConfig
}

// Validate checks that there are pictures enough for every experiment.
func (c Config) Validate() error {
	return c.Data.checkBatch(max(c.Train.BatchSize, c.Compare.BatchSize, c.Budget.BatchSize, depthBatch))
}

// DataConfig says which pictures the lesson uses.
type DataConfig struct {
	CIFAR10 bool   `role:"fixed" help:"the real pictures; otherwise the generated shapes"`
	Folder  string `json:"-" role:"fixed" help:"folder of CIFAR-10; empty looks in the cache"`
	Train   int    `role:"fixed" range:"[1, inf)" help:"training pictures, of CIFAR-10 at most 50,000"`
	Test    int    `role:"fixed" range:"[1, inf)" help:"test pictures, of CIFAR-10 at most 10,000"`
	Seed    int64  `role:"fixed" help:"of the generated shapes"`
}

// DataHash is the checksum of CIFAR-10; "" for the generated pictures.
func (c DataConfig) DataHash(ctx context.Context) (string, error) {
	if !c.CIFAR10 {
		return "", nil
	}
	p, err := c.load(ctx)
	if err != nil {
		return "", err
	}
	return p.trainHash() + p.testHash(), nil
}

// name is that of the pictures that each seed draws anew.
func (c DataConfig) name() string {
	if c.CIFAR10 {
		return "CIFAR-10"
	}
	return "shapes"
}

// checkBatch returns an error when the pictures do not fill a batch.
func (c DataConfig) checkBatch(size int) error {
	if c.Train < size {
		return badinput.Errorf("Data.Train is %d: it must be at least %d, the pictures of a batch", c.Train, size)
	}
	return nil
}

// Default fits a laptop's CPU in under two minutes, on generated pictures.
func Default() Config {
	return Config{
		Data: DataConfig{Train: 2048, Test: 1000, Seed: 1},
		Train: TrainConfig{
			Net:    Net{Stem: 16, First: Module{16, 16, 24, 8, 16, 16}, Second: Module{16, 24, 32, 8, 16, 16}},
			Epochs: 10, BatchSize: 32, LearningRate: 1e-3, Seed: 1, Devices: 1,
		},
		Compare: CompareConfig{
			Net: Net{Stem: 8, First: Module{6, 6, 8, 3, 6, 6}, Second: Module{8, 8, 12, 3, 6, 6}}, Seeds: knob.Seeds(12),
			Side: 16, Train: 256, Test: 600, Epochs: 40, BatchSize: 16, LearningRate: 1e-2, Shifts: []int{1, 2},
		},
		Budget: BudgetConfig{
			Net: Net{Stem: 4, First: Module{3, 3, 4, 2, 3, 3}, Second: Module{4, 4, 6, 2, 3, 3}}, Widths: []int{1, 3},
			Rates: []float64{2.5e-3, 5e-3, 1e-2}, TuningSeeds: knob.SeedsFrom(501, 2), Seeds: knob.Seeds(8),
			Side: 16, Train: 512, Test: 600, Epochs: 20, BatchSize: 16,
		},
		Scales:  ScalesConfig{Seeds: knob.Seeds(11), Train: 512, Test: 512, Epochs: 12, BatchSize: 16, LearningRate: 4e-3},
		Strides: StridesConfig{Sizes: span(1, 32), Kernels: span(1, 7), Strides: span(1, 4), Seed: 1},
		Depth:   DepthConfig{Layers: 10, Seeds: knob.Seeds(8)},
	}
}

// Smoke runs the same code in seconds; most sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	tiny := Net{Stem: 4, First: Module{4, 4, 4, 2, 4, 4}, Second: Module{4, 4, 4, 2, 4, 4}}
	c.Data.Train, c.Data.Test = 128, 64
	c.Train.Net, c.Train.Epochs = tiny, 2
	c.Compare.Net, c.Compare.Seeds, c.Compare.Train, c.Compare.Test, c.Compare.Epochs = tiny, knob.Seeds(2), 64, 32, 1
	c.Budget.Widths, c.Budget.Rates, c.Budget.TuningSeeds, c.Budget.Seeds = []int{1, 2}, []float64{5e-3, 1e-2}, knob.SeedsFrom(501, 1), knob.Seeds(2)
	c.Budget.Train, c.Budget.Test, c.Budget.Epochs = 64, 32, 1
	c.Scales.Seeds, c.Scales.Train, c.Scales.Test, c.Scales.Epochs = knob.Seeds(2), 128, 64, 2
	c.Strides.Sizes = span(1, 8)
	c.Depth.Seeds = knob.Seeds(2)
	return c
}

// Full is the sheet's own scale: CIFAR-10, ten epochs of 1,562 steps (the sheet's
// 1,563rd has 16 pictures, see [TrainMeasurement]), and the comparisons on CIFAR-10 too,
// in under an hour on two processors.
func Full() Config {
	c := Default()
	c.Data = DataConfig{CIFAR10: true, Train: 50_000, Test: 10_000}
	c.Train.Net = Net{Stem: 64, First: inception3a, Second: inception3b}
	c.Compare.Net = Net{Stem: 24, First: Module{16, 16, 24, 8, 16, 16}, Second: Module{24, 24, 32, 8, 16, 16}}
	c.Compare.Side, c.Budget.Side, c.Compare.Shifts = 32, 32, []int{1, 2, 3}
	c.Compare.Seeds, c.Compare.Train, c.Compare.Test, c.Compare.Epochs, c.Compare.BatchSize, c.Compare.LearningRate = knob.Seeds(8), 256, 2_000, 120, 32, 5e-3
	c.Budget.Widths, c.Budget.Rates = []int{1, 2, 4}, []float64{1e-3, 2e-3, 4e-3}
	c.Budget.TuningSeeds, c.Budget.Seeds = knob.SeedsFrom(501, 1), knob.Seeds(6)
	c.Budget.Train, c.Budget.Test, c.Budget.Epochs, c.Budget.BatchSize = 8_000, 4_000, 20, 64
	return c
}

// drawer draws the pictures of each seed: from those of CIFAR-10, or from none where
// each seed generates its own.
type drawer struct {
	train, test datasets.Images
	side        int // pixels that a picture is shrunk to
}

// testSeeds lie far from every seed that is counted up from 1.
const testSeeds = 1_000_000

// source reads CIFAR-10 where the configuration asks for it.
func source(ctx context.Context, c DataConfig, side int) (drawer, error) {
	if !c.CIFAR10 {
		return drawer{side: side}, nil
	}
	p, err := c.load(ctx)
	return drawer{p.train, p.test, side}, err
}

// draw returns a seed's own pictures, to train with and to test.
func (p drawer) draw(seed int64, train, test int) (forTraining, forTest datasets.Images, err error) {
	if p.train.Len() > 0 {
		random := fit.Rand(seed, 79)
		forTraining, forTest = someOf(p.train, random, train), someOf(p.test, random, test)
	} else if forTraining, err = shapes.Generate(train, seed); err == nil {
		forTest, err = shapes.Generate(test, seed+testSeeds)
	}
	return shrunk(forTraining, p.side), shrunk(forTest, p.side), err
}

// shrunk makes the pictures smaller: each pixel is the mean of a square of them.
func shrunk(set datasets.Images, side int) datasets.Images {
	factor := set.Height / max(side, 1)
	if factor <= 1 {
		return set
	}
	return set.Shrunk(side, side, factor)
}

// checkTrain returns an error for training pictures that do not fill a batch.
func checkTrain(train, batchSize int) error {
	if train < batchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", train, batchSize)
	}
	return nil
}

// checkSide returns an error for pictures that a net cannot halve twice.
func checkSide(side int) error {
	if 32%side != 0 {
		return badinput.Errorf("Side is %d: it must be 4, 8, 16 or 32", side)
	}
	return nil
}

// someOf draws n pictures of a set without replacement, all if there are fewer.
func someOf(set datasets.Images, random *rand.Rand, n int) datasets.Images {
	some, size := set, set.PictureSize()
	some.Pixels, some.Labels = nil, nil
	for _, i := range random.Perm(set.Len())[:min(n, set.Len())] {
		some.Pixels, some.Labels = append(some.Pixels, set.Pixels[i*size:][:size]...), append(some.Labels, set.Labels[i])
	}
	return some
}

// span is from, from+1, …, to.
func span(from, to int) []int {
	all := make([]int, 0, to-from+1)
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

// adapt applies the caller's data and devices.
func adapt(c Config, o experiment.Options) Config {
	if o.Data != "" {
		c.Data.CIFAR10, c.Data.Folder = true, o.Data
	}
	if o.Devices != 0 {
		c.Train.Devices = o.Devices
	}
	return c
}

// dataOf names the pictures that are trained on.
func dataOf(ctx context.Context, c Config) (name, hash string, err error) {
	p, err := c.Data.load(ctx)
	if err != nil {
		return "", "", err
	}
	return p.train.Name, p.trainHash(), nil
}

// pictures of a run, which all experiments share.
type pictures struct {
	train, test         datasets.Images
	trainHash, testHash func() string
}

// load reads or generates the pictures, once in a run of the lesson: CIFAR-10 where the configuration asks for it, the
// shapes otherwise.
func (c DataConfig) load(ctx context.Context) (pictures, error) {
	return experiment.Once(ctx, c, func() (pictures, error) {
		train, test, err := c.read()
		return pictures{train, test, sync.OnceValue(train.Hash), sync.OnceValue(test.Hash)}, err
	})
}

func (c DataConfig) read() (train, test datasets.Images, err error) {
	if !c.CIFAR10 {
		if train, err = shapes.Generate(c.Train, c.Seed); err != nil {
			return train, test, err
		}
		test, err = shapes.Generate(c.Test, c.Seed+testSeeds)
		return train, test, err
	}
	folder, found, err := cifar10.Find(c.Folder)
	if err != nil {
		return train, test, err
	}
	if !found {
		return train, test, badinput.Errorf("CIFAR-10 is not in the cache: name its folder with --data, or fetch it with `go run ./cmd/evident fetch cifar10`")
	}
	if train, test, err = cifar10.Load(folder); err != nil {
		return train, test, err
	}
	return train.Take(c.Train), test.Take(c.Test), nil
}
