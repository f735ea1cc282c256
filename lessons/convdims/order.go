package convdims

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat/combin"

	"evident/datasets/clips"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/progress"
	"evident/kit/report"
)

// OrderConfig permutes the frames of a clip in all ways.
type OrderConfig struct {
	Frames int     `role:"fixed" range:"[2, 6]" help:"of the clip: there are Frames! orders"`
	Seeds  []int64 `role:"averaged" help:"of the clip and the weights"`
}

// LayerOrders says what a layer with random weights does when the frames of a
// random clip come in another order.
type LayerOrders struct {
	Layer string
	Tried int // orders other than the clip's own, over all seeds
	// Moved counts those of Tried in which the outputs of the frames are the
	// outputs of before, in the new order.
	Moved    int
	Furthest float64 // largest difference between an output and the one it should then be
}

// OrderMeasurement holds the outcomes of the layers that keep the frames.
type OrderMeasurement []LayerOrders

// of is the outcome of a layer.
func (m OrderMeasurement) of(l layer) LayerOrders {
	for _, f := range m {
		if f.Layer == l.name {
			return f
		}
	}
	return LayerOrders{}
}

// roundoff is the largest relative error of one operation in float32.
const roundoff = 0x1p-24

// tolerance bounds the difference of two ways to add up the products of a filter,
// with inputs up to the largest, and its bias. Whatever their order, either sum of n
// terms is within n·u/(1 − n·u) times the sum of their sizes of the true value
// (Higham 2002, equation 3.5).
func tolerance(weights, biases []float32, largest float64) float64 {
	filters := len(biases)
	sizes := make([]float64, filters)
	for i, w := range weights {
		sizes[i%filters] += math.Abs(float64(w)) * largest
	}
	for i, b := range biases {
		sizes[i] += math.Abs(float64(b))
	}
	n := float64(len(weights)/filters + 1)
	return 2 * n * roundoff / (1 - n*roundoff) * slices.Max(sizes)
}

// measureOrder gives a layer the frames of a clip in every order there is.
func measureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) (OrderMeasurement, error) {
	var facts OrderMeasurement
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

func (c OrderConfig) measure(ctx context.Context, backend compute.Backend, l layer) (LayerOrders, error) {
	const batchSize = 24
	fact, own := LayerOrders{Layer: l.name}, contender{layer: l, kernel: 3, filters: 4}
	orders := combin.Permutations(c.Frames, c.Frames)
	data, _, err := inEveryOrder(orders, c.Frames, 1)
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
		data, largest, err := inEveryOrder(orders, c.Frames, seed)
		if err != nil {
			return fact, err
		}
		outputs, err := maps.Run(ctx, data)
		if err != nil {
			return fact, err
		}
		weights, err := valuesOf(net, "/conv/weights") // [kernel, …, 1, filters]
		if err != nil {
			return fact, err
		}
		biases, err := valuesOf(net, "/conv/biases")
		if err != nil {
			return fact, err
		}
		fact.compare(orders, outputs, tolerance(weights, biases, largest))
	}
	return fact, nil
}

// inEveryOrder is one noisy clip once for every order of its frames, with the
// largest size of a pixel.
func inEveryOrder(orders [][]int, frames int, seed int64) (data fit.Data, largest float64, err error) {
	clip, err := clips.Generate(1, clips.Scene{Frames: frames, Side: 8, Speed: 1, Noise: 0.3}, seed)
	if err != nil {
		return data, 0, err
	}
	for _, x := range clip.Values {
		largest = max(largest, math.Abs(float64(x)))
	}
	var values []float32
	for _, order := range orders {
		for _, t := range order {
			values = append(values, clip.Frame(0, t)...)
		}
	}
	return fit.NewData(values, clip.Shape(), make([]int32, len(orders))), largest, nil
}

// compare holds the outputs of every order [order][frames·size] against those of
// the clip's own order.
func (f *LayerOrders) compare(orders [][]int, outputs [][]float32, tolerance float64) {
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

// table lists what the layers do with frames in other orders.
func (m OrderMeasurement) table() report.Table {
	table := report.Table{
		ID: "orders", Title: "The frames of a clip in other orders",
		Columns: []string{"layer", "orders tried", "outputs move along, and nothing else changes", "largest difference from that"},
	}
	for _, f := range m {
		table.Rows = append(table.Rows, []string{f.Layer, fmt.Sprint(f.Tried), fmt.Sprint(f.Moved), fmt.Sprintf("%.2g", f.Furthest)})
	}
	return table
}

// FrameOrders is the experiment. Its measurement is judged by [FrameByFrame].
var FrameOrders = experiment.Experiment[OrderConfig, OrderMeasurement]{
	Name: "Order", Title: "The frames of a clip in other orders",
	Measure: measureOrder, PureGo: true,
	Figures: func(_ OrderConfig, facts OrderMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{facts.table()}}, nil
	},
}
