package byhand

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/kit/nn"
)

// machine is a model in GoMLX, in float64, whose gradients come from automatic
// differentiation and whose step is that of GoMLX's optimizer.
type machine struct {
	layout layout
	store  *model.Store
	exec   *model.Exec
}

// layout says how the numbers of a machine are called by hand.
type layout struct {
	x         []int      // shape of the input
	variables []variable // what is trained
	forward   []string   // names of the results of network, in their order
	inner     []string   // names of the inner results that have a gradient
	network   network
}

// variable is a trained tensor with the names of its numbers.
type variable struct {
	path  string
	shape []int
	names []string
}

// network returns all results of the forward pass, the loss last, and those
// inner results whose gradients are wanted.
type network func(scope *model.Scope, x, y *Node) (results, inner []*Node)

// newMachine builds the model and its step of gradient descent.
func newMachine(backend compute.Backend, l layout, rate float64) (*machine, error) {
	m := &machine{layout: l, store: model.NewStore()}
	sgd := optimizer.StochasticGradientDescent().WithDecay(false).WithLearningRate(rate)
	var err error
	m.exec, err = model.NewExec(backend, m.store, func(scope *model.Scope, x, y *Node) []*Node {
		results, inner := l.network(scope, x, y)
		last := results[len(results)-1]
		for _, v := range l.variables {
			inner = append(inner, m.store.GetVariable(v.path).NodeValue(x.Graph()))
		}
		slopes := Gradient(last, inner...)
		sgd.UpdateGraph(scope, x.Graph(), last)
		return []*Node{joined(results), joined(slopes)}
	})
	if err != nil {
		return nil, fmt.Errorf("building the model: %w", err)
	}
	if _, err := m.exec.Compile(shapes.Make(dtypes.Float64, l.x...), shapes.Make(dtypes.Float64, 1, 1)); err != nil {
		return nil, fmt.Errorf("building the model: %w", err)
	}
	return m, nil
}

// joined is all values of the nodes in a row.
func joined(nodes []*Node) *Node {
	flat := make([]*Node, len(nodes))
	for i, node := range nodes {
		flat[i] = Reshape(node, -1)
	}
	return Concatenate(flat, 0)
}

func (m *machine) finalize() {
	m.exec.Finalize()
	m.store.Finalize()
}

// step trains once and returns every number under its name by hand: those of
// the forward pass, the gradients, the moved parameters and the new loss L'.
func (m *machine) step(x []float64, y float64, parameters map[string]float64) (map[string]float64, error) {
	for _, v := range m.layout.variables {
		values := make([]float64, len(v.names))
		for i, name := range v.names {
			values[i] = parameters[name]
		}
		if err := m.store.GetVariable(v.path).SetValue(tensors.FromFlatDataAndDimensions(values, v.shape...)); err != nil {
			return nil, err
		}
	}
	results, slopes, err := m.call(x, y)
	if err != nil {
		return nil, err
	}
	named := map[string]float64{}
	for i, name := range m.layout.forward {
		named[name] = results[i]
	}
	for i, name := range m.layout.slopes() {
		named["dL/d"+name] = slopes[i]
	}
	for _, v := range m.layout.variables {
		value, err := m.store.GetVariable(v.path).Value()
		if err != nil {
			return nil, err
		}
		for i, moved := range tensors.MustCopyFlatData[float64](value) {
			named[v.names[i]+"'"] = moved
		}
	}
	again, _, err := m.call(x, y)
	if err != nil {
		return nil, err
	}
	named["L'"] = again[len(again)-1]
	return named, nil
}

func (m *machine) call(x []float64, y float64) (results, slopes []float64, err error) {
	input := tensors.FromFlatDataAndDimensions(x, m.layout.x...)
	outputs, err := m.exec.Call(input, tensors.FromFlatDataAndDimensions([]float64{y}, 1, 1))
	if err != nil {
		return nil, nil, fmt.Errorf("running the model: %w", err)
	}
	return tensors.MustCopyFlatData[float64](outputs[0]), tensors.MustCopyFlatData[float64](outputs[1]), nil
}

// slopes are the names of what the loss is differentiated by.
func (l layout) slopes() []string {
	names := append([]string(nil), l.inner...)
	for _, v := range l.variables {
		names = append(names, v.names...)
	}
	return names
}

// netLayout is [Net] of GoMLX's layers. Their weights are [inputs, units].
func netLayout(activation Activation) layout {
	return layout{
		x: []int{1, 2},
		variables: []variable{
			{"/hidden/weights", []int{2, 2}, []string{"w11", "w21", "w12", "w22"}},
			{"/hidden/biases", []int{2}, []string{"b1", "b2"}},
			{"/output/weights", []int{2, 1}, []string{"v1", "v2"}},
			{"/output/biases", []int{1}, []string{"c"}},
		},
		forward: []string{"z1", "z2", "a1", "a2", "z3", "yhat", "L"},
		inner:   []string{"z1", "z2", "a1", "a2", "z3", "yhat"},
		network: func(scope *model.Scope, x, y *Node) (results, inner []*Node) {
			hidden := nn.Dense(scope.In("hidden"), x, 2)
			active := map[Activation]nn.Activation{SigmoidUnits: Sigmoid, TanhUnits: Tanh}[activation](hidden)
			output := nn.Dense(scope.In("output"), active, 1)
			guess := Sigmoid(output)
			inner = []*Node{hidden, active, output, guess}
			return append(inner, MulScalar(ReduceAllSum(Square(Sub(guess, y))), 0.5)), inner
		},
	}
}

// imageLayout is [Image] of the project's convolution and pooling.
func imageLayout(p Image) layout {
	pooled := p.sumSide() / poolSide
	t := p.terms()
	dense := variable{path: "/dense/weights", shape: []int{pooled * pooled, 1}}
	kernel := variable{path: "/convolution/weights", shape: []int{kernelSide, kernelSide, 1, 1}, names: cellNames("k", kernelSide)}
	var after []string
	for i := range pooled {
		for j := range pooled {
			index, _ := t.indices(i, j)
			dense.names, after = append(dense.names, "v"+index), append(after, "m"+index)
		}
	}
	sums := cellNames("s", p.sumSide())
	return layout{
		x:         []int{1, imageSide, imageSide, 1},
		variables: []variable{kernel, {"/convolution/biases", []int{1}, []string{"b"}}, dense, {"/dense/biases", []int{1}, []string{"c"}}},
		forward:   append(append(append(append([]string(nil), sums...), cellNames("r", p.sumSide())...), after...), "z", "yhat", "L"),
		inner:     append(append(append([]string(nil), sums...), after...), "z"),
		network: func(scope *model.Scope, x, y *Node) (results, inner []*Node) {
			summed := nn.Conv2D{Filters: 1, Kernel: kernelSide, Padding: p.Padding}.Apply(scope.In("convolution"), x)
			open := nn.ReLU(summed)
			largest := nn.MaxPool2D(open, poolSide)
			output := nn.Dense(scope.In("dense"), Reshape(largest, 1, -1), 1)
			guess := Sigmoid(output)
			crossEntropy := ReduceAllSum(loss.BinaryCrossentropyLogits([]*Node{y}, []*Node{output}))
			return []*Node{summed, open, largest, output, guess, crossEntropy}, []*Node{summed, largest, output}
		},
	}
}

// cellNames are the names of the numbers in a square matrix, row by row.
func cellNames(name string, side int) []string {
	var names []string
	for i := range side {
		for j := range side {
			names = append(names, cellName(name, i, j))
		}
	}
	return names
}
