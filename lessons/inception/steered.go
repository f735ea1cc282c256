package inception

import (
	"context"

	"github.com/gomlx/compute"

	"evident/kit/fit"
	"evident/kit/steer"
)

// openFigures trains the net of the comparisons on shapes of half the size.
func openFigures(ctx context.Context, backend compute.Backend, k steer.PictureKnobs) (steer.Run[steer.PictureKnobs], error) {
	const shown, every = 10, 10
	c := Default().Compare
	c.Test = 60
	train, test, err := drawer{side: c.Side}.draw(c.Seeds[0], c.Train, c.Test)
	if err != nil {
		return nil, err
	}
	nets, err := compiling([]fit.Network{c.Net.Network()}, fit.ImageData(train), c.BatchSize, k.Rate)(backend)
	if err != nil {
		return nil, err
	}
	return steer.NewPictures(ctx, nets[0], train, test, c.Seeds[0], shown, every)
}

// steered is what the lesson's page lets its reader train.
var steered = steer.Training[steer.PictureKnobs]{
	Title: "Inception on shapes, steered by you",
	Help:  "Ten classes, so that a guess is right once in ten times. Find the rate at which the loss falls fastest, then lower it.",
	Knobs: steer.PictureKnobs{Rate: 1e-2}, Pace: 4, Open: openFigures,
}
