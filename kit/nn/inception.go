package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Inception is the module of GoogLeNet (Szegedy et al. 2015, figure 2b): four
// towers on one input, joined along the channels.
//
//	1: 1×1                  f1x1 filters
//	2: 1×1 reduce → 3×3     f3x3Reduce, f3x3
//	3: 1×1 reduce → 5×5     f5x5Reduce, f5x5
//	4: 3×3 max pool → 1×1   poolProj
//
// All convolutions keep the size and end in ReLU, so [batch, height, width,
// channels] becomes [batch, height, width, f1x1+f3x3+f5x5+poolProj]. The scope
// holds the variables, as everywhere in GoMLX; the other arguments are the
// module's seven.
func Inception(scope *model.Scope, input *Node, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj int) *Node {
	return ReLU(Bias(scope, InceptionLinear(scope, input, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj)))
}

// InceptionLinear is [Inception] without the last biases and ReLU of its
// towers. They treat every channel alike and are monotone, so the caller may
// apply them after the towers are joined, and even after a max pooling.
func InceptionLinear(scope *model.Scope, input *Node, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj int) *Node {
	// The three 1×1 convolutions of the input run as one matrix product.
	tower1, reduced := sharedPointwise(input,
		layer{scope.In("1x1"), f1x1}, layer{scope.In("3x3_reduce"), f3x3Reduce}, layer{scope.In("5x5_reduce"), f5x5Reduce})
	tower2 := Conv2D{Filters: f3x3, Kernel: 3, NoBias: true}.Apply(scope.In("3x3"), reduced[0])
	tower3 := Conv2D{Filters: f5x5, Kernel: 5, NoBias: true}.Apply(scope.In("5x5"), reduced[1])
	tower4 := Conv2D{Filters: poolProj, Kernel: 1, NoBias: true}.Apply(scope.In("pool_proj"), MaxPool2DSame(input, 3))
	return Concatenate([]*Node{tower1, tower2, tower3, tower4}, -1)
}

// layer is a 1×1 convolution with its own variables.
type layer struct {
	scope   *model.Scope
	filters int
}

// sharedPointwise applies several 1×1 convolutions to the same x: the first
// without bias and activation, the others with bias and ReLU.
func sharedPointwise(x *Node, first layer, others ...layer) (linear *Node, activated []*Node) {
	if isPureGo(x) { // splitting the product would cost more than it saves
		for _, l := range others {
			activated = append(activated, Conv2D{Filters: l.filters, Kernel: 1, Activation: ReLU}.Apply(l.scope, x))
		}
		return Conv2D{Filters: first.filters, Kernel: 1, NoBias: true}.Apply(first.scope, x), activated
	}
	kernels := []*Node{kernelVariable(first.scope, x, 1, first.filters)}
	var biases []*Node
	for _, l := range others {
		kernels = append(kernels, kernelVariable(l.scope, x, 1, l.filters))
		biases = append(biases, biasVariable(l.scope, x, l.filters))
	}
	joined := pointwise(x, Concatenate(kernels, -1), 1)
	linear = SliceAxis(joined, -1, AxisRange(0, first.filters))
	rest := ReLU(addBias(SliceAxis(joined, -1, AxisRangeToEnd(first.filters)), Concatenate(biases, -1)))
	start := 0
	for _, l := range others {
		activated = append(activated, SliceAxis(rest, -1, AxisRange(start, start+l.filters)))
		start += l.filters
	}
	return linear, activated
}
