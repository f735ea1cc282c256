package imageclass

import (
	"context"

	"github.com/gomlx/compute"

	"evident/datasets/phantom"
	"evident/kit/steer"
)

// openHeads trains the net of the experiment on overfitting on heads of half the size.
func openHeads(ctx context.Context, backend compute.Backend, k steer.PictureKnobs) (steer.Run[steer.PictureKnobs], error) {
	const train, test, shown, every, seed = 512, 64, 10, 10, 1
	all, err := phantom.Generate(train+test, seed)
	if err != nil {
		return nil, err
	}
	all = halved(all)
	own := TrainConfig{Net: Default().Overfitting.Net, BatchSize: 16, LearningRate: k.Rate}
	net, err := own.classifier(backend, own.Net.Network(), all)
	if err != nil {
		return nil, err
	}
	return steer.NewPictures(ctx, net, all.Take(train), from(all, train), seed, shown, every)
}

// steered is what the lesson's page lets its reader train.
var steered = steer.Training[steer.PictureKnobs]{
	Title: "A small net on drawn heads, steered by you",
	Help:  "Which heads does it get right first? Raise the rate tenfold when it has learned something, and see how fast that is lost.",
	Knobs: steer.PictureKnobs{Rate: 3e-3}, Pace: 4, Open: openHeads,
}
