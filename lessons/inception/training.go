package inception

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/datasets/cifar10"
	"evident/datasets/shapes"
	"evident/internal/badinput"
	"evident/kit/fit"
)

// Load reads or generates the pictures: CIFAR-10 where the configuration asks
// for it, the shapes otherwise.
func Load(c DataConfig) (train, test datasets.Images, err error) {
	if !c.CIFAR10 {
		if train, err = shapes.Generate(c.Train, c.Seed); err != nil {
			return train, test, err
		}
		// Far from every seed that is counted up from 1.
		test, err = shapes.Generate(c.Test, c.Seed+1_000_000)
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

// Trained is the main net after its training.
type Trained struct {
	Net        Net
	DataSet    string
	CIFAR10    bool
	Parameters int
	Pictures   int // trained on
	BatchSize  int
	History    fit.History
	ShownMaps  []StageMaps // what the stages make of one test picture
}

// Train trains the main net as the configuration says and scores it after
// every epoch on the test pictures, which the sheet calls validation.
func Train(ctx context.Context, backend compute.Backend, c Config) (Trained, error) {
	if err := c.Check(); err != nil {
		return Trained{}, err
	}
	train, test, err := Load(c.Data)
	if err != nil {
		return Trained{}, err
	}
	return trainOn(ctx, backend, c, train, test)
}

func trainOn(ctx context.Context, backend compute.Backend, c Config, train, test datasets.Images) (Trained, error) {
	trained := Trained{
		Net: c.Train.Net, DataSet: train.Name, CIFAR10: c.Data.CIFAR10, Pictures: train.Len(), BatchSize: c.Train.BatchSize,
	}
	data, validation := fit.ImageData(train), fit.ImageData(test)
	adam := optimizer.Adam().LearningRate(c.Train.LearningRate).Done()
	net, err := fit.NewParallelClassifier(backend, c.Train.Devices, c.Train.Net.Network(), data, c.Train.BatchSize, adam)
	if err != nil {
		return trained, err
	}
	defer net.Finalize()
	trained.Parameters = net.Parameters()
	trained.History, err = net.Train(ctx, data, fit.Training{
		Task: "training on " + train.Name, Seed: c.Train.Seed, Epochs: c.Train.Epochs, Validation: &validation,
	})
	if err != nil {
		return trained, err
	}
	trained.ShownMaps, err = stageMaps(ctx, net, c.Train.Net, test.Take(1))
	return trained, err
}

// whole reports whether the training was as large as the sheet's: ten epochs
// of all 50,000 pictures in batches of 32, but for the last one of 16.
func (t Trained) whole() bool {
	epochs := t.History.Epochs
	return t.CIFAR10 && len(epochs) >= len(sheet.ValidationAccuracy) && epochs[0].Steps >= sheetSteps-1
}
