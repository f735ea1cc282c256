package minibatch

import (
	"cmp"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/internal/badinput"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// Own is what the reader puts in the place of the lesson's net, loss or optimizer. What is not set is the lesson's.
type Own struct {
	Name      string // in tables and charts; that of the optimizer unless given
	Net       Net
	Optimizer nn.Optimizer // in the place of gradient descent
}

// Net is a net for the plane: Widths from 2 inputs to 2 outputs, an Activation between its layers, and a Loss, from
// outputs [replicas, batch, 2] and targets of the same shape, 1 at the class, to [replicas].
type Net = sweep.Net

func (o Own) name() string { return cmp.Or(o.Name, o.Optimizer.Name) }

// isSet reports whether there is anything of the reader's.
func (o Own) isSet() bool { return o.name() != "" }

// net is the lesson's with what is set.
func (o Own) net(hidden int) sweep.Net {
	n := smallNet(hidden)
	if o.Net.Widths != nil {
		n.Widths = o.Net.Widths
	}
	if o.Net.Activation != nil {
		n.Activation = o.Net.Activation
	}
	if o.Net.Loss != nil {
		n.Loss = o.Net.Loss
	}
	return n
}

// MarshalText returns the name, so that a configuration in JSON names it.
func (o Own) MarshalText() ([]byte, error) { return []byte(o.name()), nil }

// Validate returns an error where there is no name, or nothing else.
func (o Own) Validate() error {
	n := o.Net
	switch {
	case !o.isSet():
		return badinput.Errorf("what is your own needs a Name")
	case o.Optimizer.Direction == nil && o.Optimizer.Name != "" || o.Optimizer.Slots < 0:
		return badinput.Errorf("the optimizer %q has no direction or slots below 0: set Name, Direction and Slots", o.Optimizer.Name)
	case n.Widths == nil && n.Activation == nil && n.Loss == nil && o.Optimizer.Direction == nil:
		return badinput.Errorf("%s has neither a Net nor an Optimizer: give it one, as in minibatch.Own{Optimizer: nn.Momentum(0.9)}", o.name())
	case n.Widths != nil && (len(n.Widths) < 2 || n.Widths[0] != 2 || n.Widths[len(n.Widths)-1] != 2 || slices.Min(n.Widths) < 1):
		return badinput.Errorf("Net.Widths is %v: it must begin with 2, the coordinates, and end with 2, the classes", n.Widths)
	}
	return nil
}

// Program is the text of a step, see [nn.Program].
func (o Own) Program(backend compute.Backend) (string, error) {
	m := o.net(1).Model()
	text, err := nn.Program(backend, func(g *Graph) []*Node {
		var params []*Node
		for _, shape := range m.Shapes {
			params = append(params, Parameter(g, "", shapes.Make(dtypes.Float32, append([]int{1}, shape...)...)))
		}
		batch := shapes.Make(dtypes.Float32, 1, 3, 2)
		return []*Node{m.Loss(params, Parameter(g, "x", batch), Parameter(g, "y", batch))}
	})
	if err != nil || o.Optimizer.Direction == nil {
		return text, err
	}
	moves, err := o.Optimizer.Program(backend)
	return text + moves, err
}

// checkFits returns an error where the trainings, the lesson's or the reader's, do not fit into memory.
func checkFits(knobs string, replicas int, own Own, hidden, examples int) error {
	fits := func(own Own) error {
		return sweep.CheckFits(knobs, replicas, sweep.Config{Model: own.net(hidden).Model(), Optimizer: own.Optimizer, BatchSize: examples})
	}
	return cmp.Or(fits(Own{}), fits(own))
}

// by appends the name of what is the reader's, where there is one.
func by(text, name string) string {
	if name == "" {
		return text
	}
	return text + ", " + name
}
