package arch

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/kit/nn"
)

// builder is a layer that GoMLX can build. Its variables in the scope are
// "weights" and "biases". Like GoMLX, it panics on impossible shapes.
type builder interface {
	build(scope *model.Scope, inputs []*graph.Node) *graph.Node
}

// Built is what GoMLX built from a model, node by node.
type Built struct {
	Parameters []int   // trained values of each node
	Outputs    []Shape // of each node's first call
}

// Total is the number of trained values.
func (b Built) Total() int { return sum(b.Parameters...) }

// Build compiles the model in GoMLX, without running it, and counts its
// parameters. All input sizes must be known.
func (m Model) Build(backend compute.Backend) (Built, error) {
	var inputs []shapes.Shape
	for _, in := range m.Inputs {
		shape := m.Nodes[in.Node].Layer.(Input).Shape
		if shape.Size() == Unknown {
			return Built{}, nodeError(m.Nodes[in.Node], fmt.Errorf("its shape %s has to be known to build the net", shape))
		}
		inputs = append(inputs, shapes.Make(dtypes.Float32, append([]int{1}, shape...)...))
	}
	store, built := model.NewStore(), Built{}
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		b := m.assemble(scope, inputs)
		built.Outputs = b.shapes()
		return b.outputs()
	})
	if err != nil {
		return Built{}, buildError(m, err)
	}
	defer exec.Finalize()
	if _, err := exec.Compile(inputs...); err != nil {
		return Built{}, buildError(m, err)
	}
	for _, node := range m.Nodes {
		built.Parameters = append(built.Parameters, trainedIn(store, node.Name))
	}
	return built, nil
}

// buildError extracts the layer's own error from GoMLX's message.
func buildError(m Model, err error) error {
	if inner := (*LayerError)(nil); errors.As(err, &inner) {
		err = inner
	}
	return fmt.Errorf("building model %q: %w", m.Name, err)
}

// trainedIn returns the number of trained values in a layer's scope.
func trainedIn(store *model.Store, layer string) int {
	count := 0
	for v := range store.RootScope().In("%s", layer).IterVariables() {
		if v.Trainable {
			count += v.Shape().Size()
		}
	}
	return count
}

// Graph builds the model on inputs [batch, shape...] and returns its outputs.
// The variables of each layer are in the scope with its name. A layer that acts
// only in training, such as Dropout, passes its input through. Graph panics on
// a layer that package arch can count but not build.
func (m Model) Graph(scope *model.Scope, inputs ...*graph.Node) []*graph.Node {
	return m.assemble(scope, inputs).outputs()
}

// assembly is a model that is being built into a graph.
type assembly struct {
	model  Model
	scope  *model.Scope
	inputs []*graph.Node
	nodes  map[Ref]*graph.Node // of every call
}

func (m Model) assemble(scope *model.Scope, inputs []*graph.Node) *assembly {
	b := &assembly{model: m, scope: scope, inputs: inputs, nodes: map[Ref]*graph.Node{}}
	for i, node := range m.Nodes {
		for call := range node.Calls {
			b.at(Ref{Node: i, Call: call})
		}
	}
	return b
}

// at returns the graph's node for a call, and builds the calls that it reads
// first.
func (b *assembly) at(call Ref) *graph.Node {
	if node, ok := b.nodes[call]; ok {
		return node
	}
	var inputs []*graph.Node
	for _, from := range b.model.Nodes[call.Node].Calls[call.Call] {
		inputs = append(inputs, b.at(from))
	}
	b.nodes[call] = b.build(call, inputs)
	return b.nodes[call]
}

func (b *assembly) build(call Ref, inputs []*graph.Node) *graph.Node {
	for i, input := range b.model.Inputs {
		if input == call {
			return b.inputs[i]
		}
	}
	node := b.model.Nodes[call.Node]
	layer, ok := node.Layer.(builder)
	if !ok {
		panic(nodeError(node, fmt.Errorf("layers of this class are counted, not built")))
	}
	var out *graph.Node
	err := exceptions.TryCatch[error](func() { out = layer.build(b.scopeOf(call), inputs) })
	if err != nil {
		panic(nodeError(node, err))
	}
	return out
}

// scopeOf returns the scope of a layer's weights, which all its calls share.
func (b *assembly) scopeOf(call Ref) *model.Scope {
	name := b.model.Nodes[call.Node].Name
	if call.Call == 0 {
		return b.scope.In("%s", name)
	}
	b.at(Ref{Node: call.Node}) // the first call makes the scope
	return b.scope.Shared("%s", name)
}

func (b *assembly) outputs() []*graph.Node {
	var outputs []*graph.Node
	for _, out := range b.model.Outputs {
		outputs = append(outputs, b.at(out))
	}
	return outputs
}

// shapes returns the shapes of every node's first call.
func (b *assembly) shapes() []Shape {
	var all []Shape
	for i := range b.model.Nodes {
		all = append(all, Shape(b.at(Ref{Node: i}).Shape().Dimensions[1:]))
	}
	return all
}

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
