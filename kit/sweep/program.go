// Package sweep trains many replicas of a small model as one program. Every
// parameter has a leading axis [replicas, …] for all learning rates and seeds, so
// a whole grid costs little more than one training.
//
// Make a [Program] with [New] and train with [Program.Run], or use a [Study] to
// score the replicas along the way. All replicas share their data, or each seed
// draws its own ([Config.Draw]). They share nothing else: divergence in one
// replica cannot affect the others. The step θ ← θ − η·d is written out in
// the graph. The direction d comes from an [nn.Optimizer], and η holds one rate
// per replica.
//
// The package also measures curvature: [Curvature] computes Hessian-vector
// products by automatic differentiation, and the largest eigenvalue by power
// iteration.
package sweep

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/nn"
)

// Config describes a training program.
type Config struct {
	Model Model
	Data  Data // of all replicas
	// Draw returns the data of a seed, instead of Data: replicas with the same
	// seed share them. The data of all seeds have the same shape.
	Draw      func(seed int64) Data
	BatchSize int // 0 means full batches
	Order     Order
	// Optimizer moves the parameters; the default is gradient descent.
	Optimizer nn.Optimizer
	// Project maps the parameters back into their permitted range after each
	// step; nil if they are unconstrained.
	Project func(params []*Node) []*Node
	DType   dtypes.DType // of the parameters; the default is float32
	// StepsPerCall is the number of steps that the program unrolls; 0 means 1.
	// More steps take longer to compile but make every call faster.
	StepsPerCall int
	// Watch returns values of each step to record: [replicas, k]; nil for none.
	Watch func(s Step) *Node
}

// Step holds one step of all replicas, with one tensor per parameter.
type Step struct {
	Params     []*Node // before the step
	Gradients  []*Node
	Directions []*Node // from the optimizer; the parameters move by −η times these
}

// WatchParams records all parameters: [replicas, parameters].
func WatchParams(s Step) *Node { return flat(s.Params) }

// WatchGradients records the gradient: [replicas, parameters].
func WatchGradients(s Step) *Node { return flat(s.Gradients) }

// WatchDirections records the optimizer's direction: [replicas, parameters].
func WatchDirections(s Step) *Node { return flat(s.Directions) }

func flat(tensors []*Node) *Node {
	rows := make([]*Node, len(tensors))
	for i, t := range tensors {
		rows[i] = Reshape(t, t.Shape().Dim(0), -1)
	}
	return Concatenate(rows, -1)
}

// Order says how a replica draws its batches.
type Order int

// The orders. Shuffled cuts an epoch's batches from a fresh permutation of the
// examples. WithReplacement draws each example of a batch from all examples.
// InOrder takes the examples as they are, again and again.
const (
	Shuffled Order = iota
	WithReplacement
	InOrder
)

// Program is a compiled training of any number of replicas.
type Program struct {
	config Config
	exec   *Exec
	data   *source
}

// New prepares the program. It is compiled at its first run, and again for
// another number of replicas.
func New(backend compute.Backend, c Config) (*Program, error) {
	if c.DType == dtypes.InvalidDType {
		c.DType = dtypes.Float32
	}
	if c.Optimizer.Direction == nil {
		c.Optimizer = nn.SGD()
	}
	c.StepsPerCall = max(c.StepsPerCall, 1)
	if c.Draw != nil && c.Data.Len() > 0 {
		return nil, fmt.Errorf("the configuration has both Data and Draw: give one of them")
	}
	if c.Draw == nil {
		if err := checkBatch(c.BatchSize, c.Data.Len()); err != nil {
			return nil, err
		}
	}
	p := &Program{config: c, data: c.source()}
	var err error
	if p.exec, err = NewExec(backend, p.config.graph); err != nil {
		return nil, fmt.Errorf("building the sweep: %w", err)
	}
	return p, nil
}

// Finalize frees the compiled program.
func (p *Program) Finalize() { p.exec.Finalize() }

// slots returns the number of tensors that the optimizer keeps.
func (c Config) slots() int { return len(c.Model.Shapes) * c.Optimizer.Slots }

// graph gets the parameters, the optimizer's slots, the rates [steps, replicas],
// the step numbers [steps], and, if there are data, the data and the batch
// indices [steps, replicas, batch]. It returns the new parameters and slots,
// then for each step the losses, the squared norms of the gradient, and the
// watched values.
func (c Config) graph(inputs []*Node) []*Node {
	n, kept := len(c.Model.Shapes), c.slots()
	params, slots, rest := inputs[:n:n], inputs[n:n+kept:n+kept], inputs[n+kept:]
	rates, numbers, rest := rest[0], rest[1], rest[2:]
	var x, y *Node
	if c.Data.Len() > 0 || c.Draw != nil {
		x, y, rest = rest[0], rest[1], rest[2:]
	}
	var losses, norms, watched []*Node
	for step := range c.StepsPerCall {
		batchX, batchY := x, y
		if c.BatchSize > 0 {
			indices := InsertAxes(at(rest[0], step), -1)
			batchX, batchY = Gather(x, indices), Gather(y, indices)
		}
		loss := c.Model.loss(params, batchX, batchY)
		// The replicas are independent, so the gradient of the sum holds each
		// replica's own gradient. A diverged neighbour does not affect it.
		gradients := Gradient(ReduceAllSum(loss), params...)
		losses, norms = append(losses, loss), append(norms, squaredNorm(gradients))
		directions, next := c.directions(gradients, slots, at(numbers, step))
		if c.Watch != nil {
			watched = append(watched, c.Watch(Step{params, gradients, directions}))
		}
		params, slots = descend(params, directions, at(rates, step)), next
		if c.Project != nil {
			params = c.Project(params)
		}
	}
	outputs := append(append(params, slots...), Stack(losses, 0), Stack(norms, 0))
	if c.Watch != nil {
		outputs = append(outputs, Stack(watched, 0))
	}
	return outputs
}

// directions applies the optimizer to every parameter.
func (c Config) directions(gradients, slots []*Node, number *Node) (directions, next []*Node) {
	for i, gradient := range gradients {
		own := slots[i*c.Optimizer.Slots : (i+1)*c.Optimizer.Slots]
		direction, after := directionOf(c.Optimizer, gradient, own, number)
		directions, next = append(directions, direction), append(next, after...)
	}
	return directions, next
}

// directionOf applies an optimizer, which may be a reader's, to one parameter.
func directionOf(o nn.Optimizer, gradient *Node, slots []*Node, number *Node) (direction *Node, next []*Node) {
	fit.Reading(func() {
		direction, next = o.Direction(gradient, slots, number)
		if len(next) != o.Slots {
			panic(badinput.Errorf("the optimizer %q returns %d slots: it has %d", o.Name, len(next), o.Slots))
		}
		for _, result := range append([]*Node{direction}, next...) {
			if want := gradient.Shape(); !hasShape(result, want) {
				panic(badinput.Errorf("the optimizer %q returns %s for a gradient of %s: the direction and every slot have the gradient's shape", o.Name, shapeText(result), want))
			}
		}
	})
	return direction, next
}

// at returns x[i], without the first axis.
func at(x *Node, i int) *Node {
	return Reshape(Slice(x, AxisElem(i)), x.Shape().Dimensions[1:]...)
}

// descend returns θ − η·d with one rate η per replica.
func descend(params, directions []*Node, rates *Node) []*Node {
	moved := make([]*Node, len(params))
	for i, parameter := range params {
		moved[i] = Sub(parameter, Mul(asRank(rates, parameter.Rank()), directions[i]))
	}
	return moved
}

// asRank appends axes of size 1 to a vector [replicas].
func asRank(x *Node, rank int) *Node {
	for x.Rank() < rank {
		x = InsertAxes(x, -1)
	}
	return x
}

// squaredNorm returns Σ g² over all parameters of each replica: [replicas].
func squaredNorm(gradients []*Node) *Node {
	var total *Node
	for _, g := range gradients {
		own := SquaredNorm(g)
		if total == nil {
			total = own
		} else {
			total = Add(total, own)
		}
	}
	return total
}

// SquaredNorm returns Σ x² of each replica: [replicas].
func SquaredNorm(x *Node) *Node {
	return ReduceSum(Reshape(Square(x), x.Shape().Dim(0), -1), -1)
}

// Together combines several optimizers into one. It splits the replicas, in
// order, into equal groups and moves each group by its own optimizer. A
// comparison of optimizers is then one program, which is compiled once.
func Together(optimizers ...nn.Optimizer) nn.Optimizer {
	joint := nn.Optimizer{}
	names := make([]string, len(optimizers))
	for i, o := range optimizers {
		names[i], joint.Slots = o.Name, max(joint.Slots, o.Slots)
	}
	joint.Name = strings.Join(names, " + ")
	joint.Direction = func(gradient *Node, slots []*Node, step *Node) (*Node, []*Node) {
		share := gradient.Shape().Dim(0) / len(optimizers)
		if share*len(optimizers) != gradient.Shape().Dim(0) {
			exceptions.Panicf("%d replicas cannot be shared equally among %d optimizers", gradient.Shape().Dim(0), len(optimizers))
		}
		directions, next := make([]*Node, len(optimizers)), make([][]*Node, len(slots))
		for i, o := range optimizers {
			of := func(x *Node) *Node { return Slice(x, AxisRange(i*share, (i+1)*share)) }
			own := make([]*Node, len(slots))
			for j := range slots {
				own[j] = of(slots[j])
			}
			direction, after := directionOf(o, of(gradient), own[:o.Slots], step)
			directions[i] = direction
			for j := range slots {
				if j < o.Slots {
					own[j] = after[j]
				}
				next[j] = append(next[j], own[j])
			}
		}
		joined := make([]*Node, len(slots))
		for j := range joined {
			joined[j] = Concatenate(next[j], 0)
		}
		return Concatenate(directions, 0), joined
	}
	return joint
}
