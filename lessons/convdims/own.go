package convdims

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// OwnConfig puts nets of the reader's own beside those of the moving bar.
type OwnConfig struct {
	Motion MotionConfig
	Nets   []fit.Own `role:"compared" list:"1" help:"your nets: clips [batch, frames, height, width, 1] to logits [batch, 2]"`
}

// Input is the shape of a batch of clips.
func (c OwnConfig) Input() shapes.Shape {
	return shapes.Make(dtypes.Float32, append([]int{2}, c.Motion.shape()...)...)
}

// measureOwn trains the nets on the first speed and noise, and adds them to the
// measurement of the lesson's.
func measureOwn(ctx context.Context, backend compute.Backend, c OwnConfig) (MotionMeasurement, error) {
	m, err := MovingBar.Measured(ctx, backend, c.Motion)
	for _, own := range c.Nets {
		if err != nil {
			return m, err
		}
		err = m.measure(ctx, backend, c.Motion, contender{layer: layer{name: own.Name}, own: own.Network})
	}
	return m, err
}

// OwnNets is an experiment outside of the lesson's, since only the reader has nets
// for it.
var OwnNets = experiment.Experiment[OwnConfig, MotionMeasurement]{
	Name: "OwnNets", Title: "The direction of a moving bar, with nets of your own",
	Measure: measureOwn,
	Figures: func(c OwnConfig, m MotionMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{m.netTable(c.Motion)}, Charts: []report.Chart{m.chart()}}, nil
	},
}
