package arch

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
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
