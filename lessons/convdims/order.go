package convdims

import (
	"context"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat/combin"

	"evident/datasets/clips"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/progress"
)

// OrderFact says what a layer with random weights does when the frames of a
// random clip come in another order.
type OrderFact struct {
	Layer string
	Tried int // orders other than the clip's own, over all seeds
	// Moved counts those of Tried in which the outputs of the frames are the
	// outputs of before, in the new order.
	Moved    int
	Furthest float64 // largest difference between an output and the one it should then be
}

// tolerance is what rounding may change in an output of the size of 1.
const tolerance = 1e-5

// MeasureOrder gives a layer the frames of a clip in every order there is.
func MeasureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) ([]OrderFact, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var facts []OrderFact
	for i, l := range []layer{perFrame, throughTime} {
		progress.ReportTask(ctx, "orders of the frames", i+1, 2)
		fact, err := c.measure(ctx, backend, l)
		if err != nil {
			return nil, err
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

func (c OrderConfig) measure(ctx context.Context, backend compute.Backend, l layer) (OrderFact, error) {
	const batchSize = 24
	fact, own := OrderFact{Layer: l.name}, contender{l, 3, 4}
	orders := combin.Permutations(c.Frames, c.Frames)
	data, err := inEveryOrder(orders, c.Frames, 1)
	if err != nil {
		return fact, err
	}
	net, err := fit.NewClassifier(backend, own.classifier, data, batchSize, Training{LearningRate: 1}.adam())
	if err != nil {
		return fact, err
	}
	defer net.Finalize()
	maps, err := net.Program(func(scope *model.Scope, x *Node) *Node { return l.maps(scope, x, own.kernel, own.filters, nn.Same) })
	if err != nil {
		return fact, err
	}
	defer maps.Finalize()
	for _, seed := range c.Seeds {
		if err := net.Reset(seed); err != nil {
			return fact, err
		}
		if data, err = inEveryOrder(orders, c.Frames, seed); err != nil {
			return fact, err
		}
		outputs, err := maps.Run(ctx, data)
		if err != nil {
			return fact, err
		}
		fact.compare(orders, outputs)
	}
	return fact, nil
}

// inEveryOrder is one noisy clip once for every order of its frames.
func inEveryOrder(orders [][]int, frames int, seed int64) (fit.Data, error) {
	clip, err := clips.Generate(1, clips.Scene{Frames: frames, Side: 8, Speed: 1, Noise: 0.3}, seed)
	if err != nil {
		return fit.Data{}, err
	}
	var values []float32
	for _, order := range orders {
		for _, t := range order {
			values = append(values, clip.Frame(0, t)...)
		}
	}
	return fit.NewData(values, clip.Shape(), make([]int32, len(orders))), nil
}

// compare holds the outputs of every order [order][frames·size] against those of
// the clip's own order.
func (f *OrderFact) compare(orders [][]int, outputs [][]float32) {
	own := outputs[slices.IndexFunc(orders, slices.IsSorted)]
	for i, order := range orders {
		if slices.IsSorted(order) {
			continue
		}
		furthest, size := 0.0, len(own)/len(order)
		for t, from := range order {
			for j := range size {
				furthest = max(furthest, math.Abs(float64(outputs[i][t*size+j]-own[from*size+j])))
			}
		}
		f.Tried++
		if furthest <= tolerance {
			f.Moved++
		}
		f.Furthest = max(f.Furthest, furthest)
	}
}
