package homework

import (
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"

	"evident/kit/arch"
	"evident/lessons/pointwise"

	"evident/internal/homework/solution"
)

// square returns a convolution that keeps height and width.
func square(side, filters int) arch.Conv {
	return arch.Conv{Filters: filters, Kernel: []int{side, side}, Padding: arch.Same}
}

func pointwiseCount(d draw) question {
	n := struct{ Channels, Filters, Side int }{32 * d.between(8, 3, 12), 8 * d.between(8, 3, 10), d.int(28, 14, 28, 56)}
	right := convolutions(arch.Shape{n.Side, n.Side, n.Channels}, square(1, n.Filters)).Total()
	return question{
		form: count("parameters"), points: 1, numbers: n,
		right: right,
		mistakes: []mistake{
			{"no biases", right - n.Filters},
			{"every pixel", right * n.Side * n.Side},
			{"no channels", 2 * n.Filters},
			{"biases of channels", right - n.Filters + n.Channels},
		},
	}
}

func pointwiseSaving(d draw) question {
	n := struct{ Side, Channels, Filters, Between int }{
		d.int(28, 14, 28, 56), 32 * d.between(8, 4, 12), 32 * d.between(8, 4, 12), 8 * d.between(8, 4, 10),
	}
	flops := func(layers ...arch.Conv) float64 {
		return float64(convolutions(arch.Shape{n.Side, n.Side, n.Channels}, layers...).FLOPs())
	}
	reduction := square(1, n.Between)
	alone, both, front := flops(square(3, n.Filters)), flops(reduction, square(3, n.Filters)), flops(reduction)
	return question{
		form: number(0.005), points: 2, numbers: n,
		right: alone / both,
		mistakes: []mistake{
			{"no reduction", alone / (both - front)},
			{"reduction alone", alone / front},
			{"upside down", both / alone},
			{"three places", 3 * float64(n.Channels*n.Filters) / float64(n.Channels*n.Between+3*n.Between*n.Filters)},
		},
	}
}

func pointwiseFire(d draw) question {
	n := struct {
		Channels, Squeeze, Expand1x1, Expand3x3 int
		Layers                                  []int // parameters, in this order
	}{
		Channels: 16 * d.between(6, 4, 16), Squeeze: 4 * d.between(4, 3, 8),
		Expand1x1: 16 * d.between(4, 2, 6), Expand3x3: 16 * d.between(4, 2, 6),
	}
	const side = 55
	s := counted(pointwise.Fire(side, n.Channels, n.Squeeze, n.Expand1x1, n.Expand3x3))
	for _, name := range []string{"squeeze", "expand1x1", "expand3x3"} {
		n.Layers = append(n.Layers, s.Find(name).Parameters)
	}
	parameters := func(layers ...arch.Conv) int {
		return convolutions(arch.Shape{side, side, n.Channels}, layers...).Total()
	}
	squeeze, one, three := square(1, n.Squeeze), square(1, n.Expand1x1), square(3, n.Expand3x3)
	return question{
		form: count("parameters"), points: 2, numbers: n,
		right: s.Total(),
		mistakes: []mistake{
			{"no biases", s.Total() - n.Squeeze - n.Expand1x1 - n.Expand3x3},
			{"input", parameters(squeeze) + parameters(one) + parameters(three)},
			{"stacked", parameters(squeeze, one, three)},
			{"no squeezing", s.Total() - parameters(squeeze)},
		},
	}
}

// printedNet returns the net that the sheet prints, with other sizes; see
// [pointwise.SheetNet].
func printedNet(side, first, second int) arch.Model {
	return arch.Sequential("sequential_1", arch.Input{Shape: arch.Shape{side, side, 3}},
		square(1, first), square(1, second), arch.Flatten{}, arch.Dense{Units: 2, Activation: "sigmoid"})
}

func pointwisePrinted(d draw) question {
	n := struct{ Side, First, Second, Conv1, Conv2 int }{
		Side: 16 * d.between(16, 6, 20), First: d.between(8, 4, 12), Second: 4 * d.between(4, 4, 8),
	}
	s := counted(printedNet(n.Side, n.First, n.Second))
	n.Conv1, n.Conv2 = s.Find("conv2d").Parameters, s.Find("conv2d_1").Parameters
	dense := s.Find("dense").Parameters
	fromPixels := convolutions(arch.Shape{n.Side, n.Side, 3}, square(1, n.Second)).Total()
	return question{
		form: count("parameters"), points: 2, numbers: n,
		right: s.Total(),
		mistakes: []mistake{
			{"no biases", s.Total() - n.First - n.Second - 2},
			{"picture", s.Total() - n.Conv2 + fromPixels},
			{"mean", s.Total() - dense + 2*n.Second + 2},
			{"no dense layer", s.Total() - dense},
		},
	}
}

// What one input value can affect.
const (
	onePixelOneMap    = "one pixel of one map"
	onePixelAllMaps   = "one pixel of all maps"
	neighboursOneMap  = "several pixels of one map"
	neighboursAllMaps = "several pixels of all maps"
)

// touches returns which of these applies. The receptive field shows whether
// pixels are mixed, and any layer except a depthwise one mixes the maps.
func touches(layers []arch.Layer) string {
	all := append([]arch.Layer{arch.Input{Shape: arch.Shape{9, 9, 8}}}, layers...)
	rows := counted(arch.Sequential("net", all...)).Rows
	onePixel, oneMap := rows[len(rows)-1].Field.Sizes[0] == 1, true
	for _, layer := range layers {
		_, depthwise := layer.(arch.DepthwiseConv)
		oneMap = oneMap && depthwise
	}
	switch {
	case onePixel && oneMap:
		return onePixelOneMap
	case onePixel:
		return onePixelAllMaps
	case oneMap:
		return neighboursOneMap
	}
	return neighboursAllMaps
}

func pointwiseTouch(d draw) question {
	n := struct {
		Channels, Filters int
		Net               string
	}{d.int(4, 4, 6, 8), d.int(16, 12, 16, 24), d.word("1×1", "1×1", "two 1×1", "depthwise 1×1", "depthwise 3×3", "3×3", "separable")}
	one, depthwise := square(1, n.Filters), arch.DepthwiseConv{Kernel: []int{3, 3}, Padding: arch.Same}
	layers := map[string][]arch.Layer{
		"1×1":           {one},
		"two 1×1":       {one, one},
		"depthwise 1×1": {arch.DepthwiseConv{Kernel: []int{1, 1}, Padding: arch.Same}},
		"depthwise 3×3": {depthwise},
		"3×3":           {square(3, n.Filters)},
		"separable":     {depthwise, one},
	}
	return question{
		form: choice(onePixelOneMap, onePixelAllMaps, neighboursOneMap, neighboursAllMaps), points: 1, numbers: n,
		right: touches(layers[n.Net]),
	}
}

func pointwiseFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.Pointwise,
		mistakes: []mistake{
			{"no biases", func(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
				return solution.Pointwise(image, weights, make([]float64, len(biases)))
			}},
			{"many biases", func(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
				floats.Scale(float64(len(weights)), biases)
				return solution.Pointwise(image, weights, biases)
			}},
			{"depthwise", func(image [][][]float64, weights [][]float64, biases []float64) [][][]float64 {
				for c, row := range weights { // each filter keeps the weight of the channel with its own number
					for f := range row {
						if f != c {
							row[f] = 0
						}
					}
				}
				return solution.Pointwise(image, weights, biases)
			}},
		},
		code: code{"pointwise", pointwiseInputs},
	}
}

// pointwiseInputs draws pixels, weights and biases without zeros.
func pointwiseInputs(random *rand.Rand) []any {
	height, width, channels, filters := 2+random.IntN(2), 2+random.IntN(2), 2+random.IntN(3), 2+random.IntN(3)
	image := make([][][]float64, height)
	for i := range image {
		image[i] = nonzero(random, width, channels)
	}
	return []any{image, nonzero(random, channels, filters), nonzero(random, 1, filters)[0]}
}

// nonzero draws a matrix of whole numbers from −4 to 4 without 0.
func nonzero(random *rand.Rand, rows, columns int) [][]float64 {
	return matrixOf(rows, columns, func() float64 { return float64((1 + random.IntN(4)) * (1 - 2*random.IntN(2))) })
}

func pointwiseExcite(draw) question {
	right := solution.Excite
	// A map of one pixel is its own mean: so the right answer gets another number for
	// the mean of each map.
	on := func(means func(maps *Node) *Node) func(maps, reduce, restore *Node) *Node {
		return func(maps, reduce, restore *Node) *Node {
			one := means(maps)
			return Mul(maps, Div(right(one, reduce, restore), one))
		}
	}
	return question{
		form: coding, points: 3, right: right,
		mistakes: []mistake{
			{"sum", on(func(maps *Node) *Node { return ExpandAxes(ReduceSum(maps, 0, 1), 0, 1) })},
			{"largest", on(func(maps *Node) *Node { return ExpandAxes(ReduceMax(maps, 0, 1), 0, 1) })},
			{"no ReLU", func(maps, reduce, restore *Node) *Node {
				hidden := Einsum("c,ch->h", ReduceMean(maps, 0, 1), reduce)
				return Mul(maps, Reshape(Sigmoid(Einsum("h,hc->c", hidden, restore)), 1, 1, -1))
			}},
			{"no sigmoid", func(maps, reduce, restore *Node) *Node {
				hidden := Einsum("c,ch->h", ReduceMean(maps, 0, 1), reduce)
				hidden = Max(hidden, ScalarZero(maps.Graph(), maps.DType()))
				return Mul(maps, Reshape(Einsum("h,hc->c", hidden, restore), 1, 1, -1))
			}},
			{"added", func(maps, reduce, restore *Node) *Node { return Add(maps, Div(right(maps, reduce, restore), maps)) }},
			{"stopped", func(maps, reduce, restore *Node) *Node {
				return Mul(maps, StopGradient(Div(right(maps, reduce, restore), maps)))
			}},
		},
		code: code{"excite", exciteInputs},
	}
}

// exciteInputs draws maps above 0, and two hidden units with opposite weights: one
// of them is cut off by ReLU.
func exciteInputs(random *rand.Rand) []any {
	height, width, channels := 2+random.IntN(2), 2+random.IntN(2), 2+random.IntN(3)
	maps := make([][][]float32, height)
	for i := range maps {
		maps[i] = matrixOf(width, channels, func() float32 { return float32(1+random.IntN(200)) / 100 })
	}
	weight := func() float32 { return float32(1+random.IntN(100)) / 100 * float32(1-2*random.IntN(2)) }
	reduce, restore := matrixOf(channels, 2, weight), matrixOf(2, channels, weight)
	for _, row := range reduce {
		row[1] = -row[0]
	}
	return []any{maps, reduce, restore}
}
