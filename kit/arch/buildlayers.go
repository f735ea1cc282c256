package arch

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/nn"
)

// linear applies no activation. GoMLX's Identity would do, but it has no
// gradient.
func linear(x *graph.Node) *graph.Node { return x }

// activations maps the names of Keras to the functions that can be built.
var activations = map[string]nn.Activation{
	"": linear, "linear": linear, "relu": nn.ReLU, "sigmoid": graph.Sigmoid, "tanh": graph.Tanh,
	"softmax": func(x *graph.Node) *graph.Node { return graph.Softmax(x) },
}

func activate(function string, x *graph.Node) *graph.Node {
	f, ok := activations[function]
	if !ok {
		panic(fmt.Errorf("the activation %q is counted, not built", function))
	}
	return f(x)
}

func (l Activation) build(_ *model.Scope, inputs []*graph.Node) *graph.Node {
	return activate(l.Function, inputs[0])
}

func (l Elementwise) build(_ *model.Scope, inputs []*graph.Node) *graph.Node { return inputs[0] }

func (l Dense) build(scope *model.Scope, inputs []*graph.Node) *graph.Node {
	x := inputs[0]
	dims := slices.Clone(x.Shape().Dimensions)
	y := graph.MatMul(graph.Reshape(x, -1, x.Shape().Dim(-1)), weights(scope, x, x.Shape().Dim(-1), l.Units))
	dims[len(dims)-1] = l.Units
	return finish(scope, graph.Reshape(y, dims...), l.NoBias, l.Activation)
}

func (l Conv) build(scope *model.Scope, inputs []*graph.Node) *graph.Node {
	x, groups := inputs[0], max(l.Groups, 1)
	kernel := weights(scope, x, append(slices.Clone(l.Kernel), x.Shape().Dim(-1)/groups, l.Filters)...)
	return finish(scope, convolve(x, kernel, l.windows(), groups), l.NoBias, l.Activation)
}

// A depthwise convolution is a grouped one with one group per channel.
func (l DepthwiseConv) build(scope *model.Scope, inputs []*graph.Node) *graph.Node {
	x := inputs[0]
	channels, multiplier := x.Shape().Dim(-1), max(l.Multiplier, 1)
	kernel := weights(scope, x, append(slices.Clone(l.Kernel), 1, channels*multiplier)...)
	return finish(scope, convolve(x, kernel, l.windows(), channels), l.NoBias, l.Activation)
}

// weights returns the variable "weights" with the given sizes.
func weights(scope *model.Scope, x *graph.Node, sizes ...int) *graph.Node {
	return scope.VariableWithShape("weights", shapes.Make(x.DType(), sizes...)).NodeValue(x.Graph())
}

// finish adds the bias and applies the activation.
func finish(scope *model.Scope, x *graph.Node, noBias bool, activation string) *graph.Node {
	if !noBias {
		x = nn.Bias(scope, x)
	}
	return activate(activation, x)
}

// convolve uses the faster convolution of package nn where it applies, and the
// backend's own otherwise.
func convolve(x, kernel *graph.Node, w windows, groups int) *graph.Node {
	axes := x.Rank() - 2
	size, strides, dilations := perAxis(w.size, axes), perAxis(w.strides, axes), perAxis(w.dilations, axes)
	if axes == 2 && groups == 1 && size[0] == size[1] && strides[0] == strides[1] && slices.Max(dilations) == 1 && w.padding != Causal {
		return nn.Convolve2D(x, kernel, strides[0], plain(w.padding))
	}
	return graph.Convolve(x, kernel).StridePerAxis(strides...).DilationPerAxis(dilations...).
		ChannelGroupCount(groups).PaddingPerDim(w.paddings(x)).Done()
}

func plain(p Padding) nn.Padding {
	if p == Same {
		return nn.Same
	}
	return nn.Valid
}

// paddings returns the number of cells before and after each spatial axis of x
// [batch, spatial..., channels].
func (w windows) paddings(x *graph.Node) [][2]int {
	axes := x.Rank() - 2
	strides, all := perAxis(w.strides, axes), make([][2]int, axes)
	for i := range all {
		reach := w.reach(i, axes)
		switch w.padding {
		case Same:
			all[i] = nn.WindowPadding(x.Shape().Dim(i+1), reach, strides[i], nn.Same)
		case Causal:
			all[i] = [2]int{reach - 1, 0}
		}
	}
	return all
}

func (l Pool) build(_ *model.Scope, inputs []*graph.Node) *graph.Node {
	x, w := inputs[0], l.windows()
	pool := graph.MeanPool(x)
	if l.Pooling == Max {
		pool = graph.MaxPool(x)
	}
	axes := x.Rank() - 2
	return pool.WindowPerAxis(perAxis(w.size, axes)...).StridePerAxis(perAxis(w.strides, axes)...).PaddingPerDim(w.paddings(x)).Done()
}

func (l GlobalPool) build(_ *model.Scope, inputs []*graph.Node) *graph.Node {
	x := inputs[0]
	axes := make([]int, l.Axes)
	for i := range axes {
		axes[i] = i + 1
	}
	reduce := graph.ReduceMean
	if l.Pooling == Max {
		reduce = graph.ReduceMax
	}
	y := reduce(x, axes...)
	if l.KeepAxes {
		y = graph.ExpandAxes(y, axes...)
	}
	return y
}

func (Flatten) build(_ *model.Scope, inputs []*graph.Node) *graph.Node {
	return graph.Reshape(inputs[0], inputs[0].Shape().Dim(0), -1)
}

func (l Concatenate) build(_ *model.Scope, inputs []*graph.Node) *graph.Node {
	axis := l.Axis
	if axis >= 0 {
		axis++ // the batch
	}
	return graph.Concatenate(inputs, axis)
}

func (l Merge) build(_ *model.Scope, inputs []*graph.Node) *graph.Node {
	combine, ok := map[string]func(a, b *graph.Node) *graph.Node{"Add": graph.Add, "Subtract": graph.Sub, "Multiply": graph.Mul, "Maximum": graph.Max, "Minimum": graph.Min}[l.Operation]
	if !ok {
		panic(fmt.Errorf("the operation %q is counted, not built", l.Operation))
	}
	y := inputs[0]
	for _, x := range inputs[1:] {
		y = combine(y, x)
	}
	return y
}
