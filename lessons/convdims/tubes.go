package convdims

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/datasets/tubes"
	"evident/kit/fit"
)

// TubeFacts are the outcomes of the question whether a tube is connected. Shares
// of right answers, 0–1; 0.5 is chance. Layers are in the order of Nets.
type TubeFacts struct {
	Nets    Nets
	Noises  []float64
	ByNoise [][][]float64 // [layer][noise][seed]
}

// shape is that of one volume.
func (c VolumeConfig) shape() []int { return []int{c.Depth, c.Side, c.Side, 1} }

// pairs are volumes of the scene, labelled with whether the tube is connected.
func pairs(s tubes.Scene) source {
	return func(n int, seed int64) (fit.Data, error) {
		set, err := tubes.GeneratePairs(n, s, seed)
		return fit.NewData(set.Values, set.Shape(), set.Labels), err
	}
}

// MeasureTubes trains the three nets to tell connected tubes from cut ones, at
// every noise.
func MeasureTubes(ctx context.Context, backend compute.Backend, c VolumeConfig) (TubeFacts, error) {
	facts := TubeFacts{Noises: c.Noises}
	if err := c.check("Tubes"); err != nil {
		return facts, err
	}
	experiments := make([]trial, len(c.Noises))
	for noise := range c.Noises {
		data := pairs(c.scene(noise))
		experiments[noise] = trial{name: fmt.Sprintf("tubes, noise %g", c.Noises[noise]), train: data, tests: []source{data}}
	}
	for _, rival := range contenders(c.shape(), c.Training, layers...) {
		net, shares, err := c.run(ctx, backend, rival, c.shape(), experiments)
		if err != nil {
			return facts, err
		}
		byNoise := make([][]float64, len(shares))
		for noise, ofTests := range shares {
			byNoise[noise] = ofTests[0]
		}
		facts.Nets, facts.ByNoise = append(facts.Nets, net), append(facts.ByNoise, byNoise)
	}
	return facts, nil
}
