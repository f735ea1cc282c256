package convdims

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
)

// Own is a net of the reader's own: clips [batch, frames, height, width, 1] to
// logits [batch, 2].
type Own struct {
	Name    string
	Network fit.Network
}

// MarshalText returns the name, so that a configuration in JSON names its nets.
func (o Own) MarshalText() ([]byte, error) { return []byte(o.Name), nil }

// Program is the text of the net's graph, see [nn.Program].
func (o Own) Program(backend compute.Backend) (string, error) {
	return nn.Program(backend, func(g *Graph) []*Node {
		c := Default().Motion
		clips := Parameter(g, "clips", shapes.Make(dtypes.Float32, append([]int{2}, c.shape()...)...))
		return []*Node{o.Network(model.NewStore().RootScope(), clips)}
	})
}

// OwnConfig puts nets of the reader's own beside those of the moving bar.
type OwnConfig struct {
	Motion MotionConfig
	Nets   []Own `role:"compared" list:"1" help:"your nets"`
}

// Validate checks that every net has a name and a network.
func (c OwnConfig) Validate() error {
	for i, own := range c.Nets {
		if own.Network == nil || own.Name == "" {
			return badinput.Errorf("Nets: net %d of %d needs a Name and a Network", i+1, len(c.Nets))
		}
	}
	return nil
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
