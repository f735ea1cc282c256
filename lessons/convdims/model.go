package convdims

import (
	"fmt"

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
	// maps is the layer's output: [batch, depth, height, width, filters], or
	// [batch, height, width, filters] of a layer that does not keep the depth.
	// Padding valid makes every axis shorter by what the window is larger than 1.
	maps func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) *Node
}

// perFrame convolves each frame, or slice, on its own.
var perFrame = layer{
	name:   "Conv2D, frame by frame",
	window: func(_, kernel int) [3]int { return [3]int{1, kernel, kernel} },
	maps: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) *Node {
		return nn.PerFrame(x, func(frames *Node) *Node {
			return nn.Conv2D{Filters: filters, Kernel: kernel, Padding: padding, Activation: nn.ReLU}.Apply(scope.In("conv"), frames)
		})
	},
}

// stacked takes the frames for the channels of one picture.
var stacked = layer{
	name:   "Conv2D, frames as channels",
	window: func(depth, kernel int) [3]int { return [3]int{depth, kernel, kernel} },
	maps: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) *Node {
		picture := TransposeAllAxes(Squeeze(x, -1), 0, 2, 3, 1) // [batch, height, width, depth]
		return nn.Conv2D{Filters: filters, Kernel: kernel, Padding: padding, Activation: nn.ReLU}.Apply(scope.In("conv"), picture)
	},
}

// throughTime convolves frames, rows and columns alike.
var throughTime = layer{
	name:   "Conv3D",
	window: func(_, kernel int) [3]int { return [3]int{kernel, kernel, kernel} },
	maps: func(scope *model.Scope, x *Node, kernel, filters int, padding nn.Padding) *Node {
		return nn.Conv3D{Filters: filters, Kernel: kernel, Padding: padding, Activation: nn.ReLU}.Apply(scope.In("conv"), x)
	},
}

// layers are all three, in the order of tables and charts.
var layers = []layer{perFrame, stacked, throughTime}

// contender is a layer with its sizes.
type contender struct {
	layer
	kernel, filters int
}

// contenders gives each layer the smallest number of filters with which its net
// has at least the parameters of Conv3D's: no rival is the smaller one.
func contenders(shape []int, t Training, layers ...layer) []contender {
	budget := contender{throughTime, t.Kernel, t.Filters}.cost(shape).Parameters
	all := make([]contender, len(layers))
	for i, l := range layers {
		all[i] = contender{l, t.Kernel, 1}
		for all[i].cost(shape).Parameters < budget {
			all[i].filters++
		}
	}
	return all
}

// cost is what the classifier takes for an input of the shape [depth, height,
// width, 1]: for each filter, the window has as many weights as values, and is
// evaluated wherever it fits.
func (c contender) cost(shape []int) nn.Cost {
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
	maps := c.maps(scope, x, c.kernel, c.filters, nn.Valid)
	features := ReduceMax(Reshape(maps, maps.Shape().Dim(0), -1, c.filters), 1)
	return nn.Dense(scope.In("logits"), features, classes)
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
