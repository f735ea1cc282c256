package convdims

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/fit"
	"evident/kit/nn"
)

// classes is the number of classes of every task.
const classes = 2

// layer is one way to convolve clips or volumes [batch, depth, height, width, 1].
type layer struct {
	name string
	// window is how many frames, rows and columns one output depends on.
	window func(depth, kernel int) [3]int
	// sums are the layer's outputs before the bias and ReLU, [batch, depth, height,
	// width, filters], or [batch, height, width, filters] of a layer that does not
	// keep the depth. Padding valid makes every axis shorter by what the window is
	// larger than 1. The weights of the last convolution are in the scope own, where
	// the bias belongs.
	sums func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) (sums *Node, own *model.Scope)
	// cost is that of the maps of one input, without padding; nil for a layer
	// whose filters have a weight for every place of their window.
	cost func(shape []int, kernel, filters int) nn.Cost
}

// maps are the layer's outputs.
func (l layer) maps(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) *Node {
	sums, own := l.sums(scope, x, kernel, filters, padding)
	return nn.ReLU(nn.Bias(own, sums))
}

// largest are the maxima of the maps, [batch, filters]. The maximum of the sums
// is that of the outputs, since bias and ReLU keep the order of the values; taken
// first, it leaves a bias and a ReLU on some values in place of some 100,000.
func (l layer) largest(scope *model.Scope, x *Node, kernel, filters int) *Node {
	sums, own := l.sums(scope, x, kernel, filters, nn.Valid)
	return nn.ReLU(nn.Bias(own, ReduceMax(Reshape(sums, x.Shape().Dim(0), -1, filters), 1)))
}

// perFrame convolves each frame, or slice, on its own.
var perFrame = layer{
	name:   "Conv2D, frame by frame",
	window: func(_, kernel int) [3]int { return [3]int{1, kernel, kernel} },
	sums: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) (*Node, *model.Scope) {
		own := scope.In("conv")
		return nn.PerFrame(x, func(frames *Node) *Node {
			return nn.Conv2D{Filters: filters, Kernel: kernel, Padding: padding, NoBias: true}.Apply(own, frames)
		}), own
	},
}

// stacked takes the frames for the channels of one picture.
var stacked = layer{
	name:   "Conv2D, frames as channels",
	window: func(depth, kernel int) [3]int { return [3]int{depth, kernel, kernel} },
	sums: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) (*Node, *model.Scope) {
		own := scope.In("conv")
		picture := TransposeAllAxes(Squeeze(x, -1), 0, 2, 3, 1) // [batch, height, width, depth]
		return nn.Conv2D{Filters: filters, Kernel: kernel, Padding: padding, NoBias: true}.Apply(own, picture), own
	},
}

// throughTime convolves frames, rows and columns alike.
var throughTime = layer{
	name:   "Conv3D",
	window: func(_, kernel int) [3]int { return [3]int{kernel, kernel, kernel} },
	sums: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) (*Node, *model.Scope) {
		own := scope.In("conv")
		return nn.Conv3D{Filters: filters, Kernel: kernel, Padding: padding, NoBias: true}.Apply(own, x), own
	},
}

// layers are all that convolve once, in the order of tables and charts.
var layers = []layer{perFrame, stacked, throughTime}

// The sizes of the two nets that have a head over time. Their last layer gets
// what is left of the parameters.
const (
	pixelFilters = 7 // of the Conv2D before a Conv1D at every pixel
	frameFilters = 3 // of the Conv2D of which a frame's features are made
	features     = 6 // of a frame
	pool         = 3 // side of the squares of which the maximum is taken
)

// overPixels convolves each frame on its own, and then each pixel's values over
// time: a Conv3D in two steps, such as the (2+1)D of Tran et al. (2018).
var overPixels = layer{
	name:   "Conv2D, then Conv1D at every pixel",
	window: func(_, kernel int) [3]int { return [3]int{kernel, kernel, kernel} },
	sums: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) (*Node, *model.Scope) {
		if padding == nn.Same { // empty frames before and behind
			dims := slices.Clone(x.Shape().Dimensions)
			dims[1] = kernel / 2
			around := Zeros(x.Graph(), shapes.Make(x.DType(), dims...))
			x = Concatenate([]*Node{around, x, around}, 1)
		}
		return overTime(scope, perFrame.maps(scope, x, kernel, pixelFilters, padding), kernel, filters)
	},
	cost: func(shape []int, kernel, filters int) nn.Cost {
		places := (shape[1] - kernel + 1) * (shape[2] - kernel + 1)
		return nn.Conv2DCost(kernel, 1, pixelFilters, shape[0]*places).
			Plus(nn.Conv2DCost(1, kernel*pixelFilters, filters, (shape[0]-kernel+1)*places))
	},
}

// overFeatures makes a few features of each frame, as a net for pictures does,
// and convolves them over time.
var overFeatures = layer{
	name: "Conv2D to features, then Conv1D",
	sums: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) (*Node, *model.Scope) {
		vectors := nn.PerFrame(x, func(frames *Node) *Node {
			maps := nn.Conv2D{Filters: frameFilters, Kernel: kernel, Padding: padding, MaxPool: pool, Activation: nn.ReLU}.Apply(scope.In("conv"), frames)
			flat := Reshape(maps, frames.Shape().Dim(0), 1, 1, -1)
			return nn.Conv2D{Filters: features, Kernel: 1}.Apply(scope.In("features"), flat)
		})
		return overTime(scope, vectors, kernel, filters)
	},
	cost: func(shape []int, kernel, filters int) nn.Cost {
		rows, columns := shape[1]-kernel+1, shape[2]-kernel+1
		return nn.Conv2DCost(kernel, 1, frameFilters, shape[0]*rows*columns).
			Plus(nn.Conv2DCost(1, rows/pool*(columns/pool)*frameFilters, features, shape[0])).
			Plus(nn.Conv2DCost(1, kernel*features, filters, shape[0]-kernel+1))
	},
}

// overTime are the sums of a Conv1D over the frames of x [batch, frames, height,
// width, channels], with the same weights at every pixel and without padding.
func overTime(scope *model.Scope, x *Node, kernel, filters int) (sums *Node, own *model.Scope) {
	own = scope.In("time")
	runs := make([]*Node, kernel)
	for i := range runs {
		runs[i] = SliceAxis(x, 1, AxisRange(i, x.Shape().Dim(1)-kernel+1+i))
	}
	return nn.Conv3D{Filters: filters, Kernel: 1, NoBias: true}.Apply(own, Concatenate(runs, -1)), own
}

// rivals are all layers, those with a head over time last.
var rivals = append(slices.Clone(layers), heads...)

// heads see the frames one by one and join over time what they saw.
var heads = []layer{overPixels, overFeatures}

// hasHead reports whether the layer is one of them.
func (l layer) hasHead() bool {
	return slices.ContainsFunc(heads, func(h layer) bool { return h.name == l.name })
}

// contender is a layer with its sizes, or a net of the reader's own.
type contender struct {
	layer
	kernel, filters int
	own             fit.Network
}

// contenders gives each layer the smallest number of filters with which its net
// has at least the parameters of Conv3D's: no rival is the smaller one.
func contenders(shape []int, t Training, layers ...layer) []contender {
	budget := contender{layer: throughTime, kernel: t.Kernel, filters: t.Filters}.cost(shape).Parameters
	all := make([]contender, len(layers))
	for i, l := range layers {
		all[i] = contender{layer: l, kernel: t.Kernel, filters: 1}
		for all[i].cost(shape).Parameters < budget {
			all[i].filters++
		}
	}
	return all
}

// cost is what the classifier takes for an input of the shape [depth, height,
// width, 1].
func (c contender) cost(shape []int) nn.Cost {
	if c.layer.cost != nil {
		return c.layer.cost(shape, c.kernel, c.filters).Plus(nn.DenseCost(c.filters, classes))
	}
	weights, positions := c.filters, 1
	for axis, size := range c.window(shape[0], c.kernel) {
		weights *= size
		positions *= shape[axis] - size + 1
	}
	conv := nn.Cost{Parameters: weights + c.filters, MultiplyAdds: positions * weights}
	return conv.Plus(nn.DenseCost(c.filters, classes))
}

// classifier is the net of a question about the whole input: the layer, the
// maximum of each of its maps, and a dense layer. Only the layer sees an order:
// a maximum is the same in any.
func (c contender) classifier(scope *model.Scope, x *Node) *Node {
	if c.own != nil {
		return c.own(scope, x)
	}
	return nn.Dense(scope.In("logits"), c.largest(scope, x, c.kernel, c.filters), classes)
}

// segmenter is the net of a question about every voxel: the layer, and the same
// dense layer behind it at every voxel, which is a 1×1×1 convolution. It returns
// [batch, depth, height, width, classes].
func (c contender) segmenter(scope *model.Scope, x *Node) *Node {
	maps := c.maps(scope, x, c.kernel, c.filters, nn.Same)
	return nn.Conv3D{Filters: classes, Kernel: 1}.Apply(scope.In("logits"), maps)
}

// ofCentre are the logits [batch, classes] that a segmenter gives the voxel in
// the middle of patches with sides of an odd size.
func ofCentre(segmenter fit.Network) fit.Network {
	return func(scope *model.Scope, patches *Node) *Node {
		middle := AxisElem(patches.Shape().Dim(1) / 2)
		return Reshape(Slice(segmenter(scope, patches), AxisRange(), middle, middle, middle), -1, classes)
	}
}

func times(sizes []int) string {
	text := ""
	for i, size := range sizes {
		if i > 0 {
			text += "×"
		}
		text += fmt.Sprint(size)
	}
	return text
}
