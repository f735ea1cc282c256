package nn

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
)

// Optimizer is the update rule of an optimizer for one parameter tensor at a
// time:
//
//	θ ← θ − η·d
//
// with the learning rate η and a direction d. [Optimizer.GoMLX] trains a GoMLX
// model with it, and package sweep any number of replicas at once.
type Optimizer struct {
	Name string
	// Slots is the number of values that the optimizer keeps for every parameter
	// between steps. They start at 0.
	Slots int
	// Direction returns d and the next value of every slot. All have the
	// gradient's shape. The step is a scalar that counts from 1.
	Direction func(gradient *Node, slots []*Node, step *Node) (direction *Node, next []*Node)
}

// MarshalText returns the name, so that a configuration in JSON names its
// optimizers.
func (o Optimizer) MarshalText() ([]byte, error) { return []byte(o.Name), nil }

// SGD is gradient descent: d = g.
func SGD() Optimizer {
	return Optimizer{Name: "SGD", Direction: func(g *Node, _ []*Node, _ *Node) (*Node, []*Node) { return g, nil }}
}

// Momentum is the heavy ball of Polyak (1964) in the form of Sutskever et al.
// (2013), with η outside: v ← βv + g, d = v. The decay β is at least 0 and below
// 1.
func Momentum(beta float64) Optimizer {
	return Optimizer{
		Name: "momentum", Slots: 1,
		Direction: func(g *Node, slots []*Node, _ *Node) (*Node, []*Node) {
			v := Add(MulScalar(slots[0], beta), g)
			return v, []*Node{v}
		},
	}
}

// Nesterov is the accelerated gradient of Nesterov (1983) with a fixed decay, in
// the form of Bengio et al. (2013), where θ is the point at which the gradient is
// taken: v ← βv + g, d = g + βv.
func Nesterov(beta float64) Optimizer {
	return Optimizer{
		Name: "Nesterov", Slots: 1,
		Direction: func(g *Node, slots []*Node, _ *Node) (*Node, []*Node) {
			v := Add(MulScalar(slots[0], beta), g)
			return Add(g, MulScalar(v, beta)), []*Node{v}
		},
	}
}

// RMSProp divides the gradient by the root of the running mean of its squares
// (Tieleman and Hinton 2012): v ← βv + (1−β)g², d = g/(√v + ε).
func RMSProp(beta, epsilon float64) Optimizer {
	return Optimizer{
		Name: "RMSProp", Slots: 1,
		Direction: func(g *Node, slots []*Node, _ *Node) (*Node, []*Node) {
			v := runningMean(slots[0], Square(g), beta)
			return Div(g, AddScalar(Sqrt(v), epsilon)), []*Node{v}
		},
	}
}

// Adam is algorithm 1 of Kingma and Ba (2015):
//
//	m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², d = m̂/(√v̂ + ε)
//
// where m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ) correct the bias from starting at 0.
func Adam(beta1, beta2, epsilon float64) Optimizer {
	return Optimizer{
		Name: "Adam", Slots: 2,
		Direction: func(g *Node, slots []*Node, step *Node) (*Node, []*Node) {
			m, v := runningMean(slots[0], g, beta1), runningMean(slots[1], Square(g), beta2)
			d := Div(unbiased(m, beta1, step), AddScalar(Sqrt(unbiased(v, beta2, step)), epsilon))
			return d, []*Node{m, v}
		},
	}
}

// AMSGrad is algorithm 2 of Reddi et al. (2018): Adam without bias correction,
// divided by the root of the largest v so far.
func AMSGrad(beta1, beta2, epsilon float64) Optimizer {
	return Optimizer{
		Name: "AMSGrad", Slots: 3,
		Direction: func(g *Node, slots []*Node, _ *Node) (*Node, []*Node) {
			m, v := runningMean(slots[0], g, beta1), runningMean(slots[1], Square(g), beta2)
			largest := Max(slots[2], v)
			return Div(m, AddScalar(Sqrt(largest), epsilon)), []*Node{m, v, largest}
		},
	}
}

// runningMean returns β·mean + (1−β)·x.
func runningMean(mean, x *Node, beta float64) *Node {
	return Add(MulScalar(mean, beta), MulScalar(x, 1-beta))
}

// unbiased divides a running mean that started at 0 by 1 − βᵗ.
func unbiased(mean *Node, beta float64, step *Node) *Node {
	if beta == 0 {
		return mean
	}
	return Div(mean, OneMinus(Pow(Scalar(mean.Graph(), step.DType(), beta), step)))
}

// slotScope is the scope of the optimizer's slots and step in a model.
const slotScope = "optimizer_slots"

// GoMLX returns the optimizer with a learning rate, for GoMLX's trainer. Its
// slots and its step are untrained variables of the model.
func (o Optimizer) GoMLX(learningRate float64) optimizer.Interface {
	return trained{o, learningRate}
}

type trained struct {
	Optimizer
	rate float64
}

// UpdateGraph implements [optimizer.Interface]. The loss is a scalar.
func (t trained) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	rate := optimizer.LearningRateVar(scope, loss.DType(), t.rate).NodeValue(g)
	optimizer.IncrementGlobalStep(g, loss.DType())
	step := optimizer.IncrementCounter(scope.At("%s", slotScope), g, "step", loss.DType())
	for v := range scope.IterVariables() {
		if !v.Trainable || !v.InUseByGraph(g) {
			continue
		}
		t.update(scope, v, gradients[0], rate, step)
		gradients = gradients[1:]
	}
}

// update moves one variable and updates its slots.
func (t trained) update(scope *model.Scope, v *model.Variable, gradient, rate, step *Node) {
	g := gradient.Graph()
	own := scope.Store().Scope(path.Join("/", slotScope, v.Scope())).WithInitializer(initializer.Zero)
	variables, slots := make([]*model.Variable, t.Slots), make([]*Node, t.Slots)
	for i := range slots {
		variables[i] = own.VariableWithShape(fmt.Sprintf("%s_slot%d", v.Name(), i), v.Shape()).SetTrainable(false)
		slots[i] = variables[i].NodeValue(g)
	}
	direction, next := t.Direction(gradient, slots, step)
	for i := range next {
		variables[i].SetNodeValue(next[i])
	}
	v.SetNodeValue(Sub(v.NodeValue(g), Mul(rate, direction)))
}

// Clear implements [optimizer.Interface]: it deletes the slots and the step.
func (t trained) Clear(scope *model.Scope) error {
	return scope.Store().Scope(path.Join("/", slotScope)).DeleteVariablesInScope()
}

// Program is the text of the graph that a function builds. Functions with the same text compute the same, whatever
// their closures hold. The error is that of the function, or says that the text would leave a large constant out.
func Program(backend compute.Backend, build func(g *Graph) []*Node) (text string, err error) {
	failed := exceptions.TryCatch[error](func() {
		g := NewGraph(backend, "program")
		defer g.Finalize()
		outputs := build(g)
		isLarge := func(n *Node) bool { return n.Type() == NodeTypeConstant && n.ConstantValue() == nil }
		if slices.ContainsFunc(g.Nodes(), isLarge) {
			err = errors.New("a large constant is not in the text of its graph")
			return
		}
		_, nodes, _ := strings.Cut(g.String(), "\n") // the first line has a number that counts up
		ids := make([]int, len(outputs))
		for i, output := range outputs {
			ids[i] = int(output.Id())
		}
		text = fmt.Sprint(nodes, ids)
	})
	if failed != nil {
		return "", errors.New(badinput.FirstLine(failed))
	}
	return text, err
}

// Program is the text of the optimizer's arithmetic, see [Program].
func (o Optimizer) Program(backend compute.Backend) (string, error) {
	return Program(backend, func(g *Graph) []*Node {
		like := shapes.Make(dtypes.Float32, 2, 3)
		slots := make([]*Node, o.Slots)
		for i := range slots {
			slots[i] = Parameter(g, fmt.Sprintf("slot%d", i), like)
		}
		direction, next := o.Direction(Parameter(g, "gradient", like), slots, Parameter(g, "step", shapes.Make(dtypes.Float32)))
		return append([]*Node{direction}, next...)
	})
}
