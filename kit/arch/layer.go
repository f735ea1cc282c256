package arch

import (
	"cmp"
	"fmt"
)

// Layer is what a net is made of. A layer knows its own arguments, and derives
// the rest from its inputs.
type Layer interface {
	// Class is the name that Keras has for the layer, as in "Conv2D".
	Class() string
	// Infer derives what the layer makes of its inputs. The error says, without
	// the layer's name, which argument or shape is impossible.
	Infer(inputs []Value) (Facts, error)
}

// Value is what goes from layer to layer.
type Value struct {
	Shape Shape
	Field Field // how much of the net's input it depends on
	// First is the size of the axis in front of the shape where that is not the
	// batch, as of several values that were stacked; 0 stands for the batch, and
	// [NoAxis] for a number without any axis.
	First int
}

// NoAxis is the [Value.First] of a number without any axis.
const NoAxis = -2

// whole is the shape with the axis in front of it; nil where it is not known.
func (v Value) whole(batch int) Shape {
	switch {
	case v.Shape == nil:
		return nil
	case v.First == NoAxis:
		return Shape{}
	}
	return append(Shape{cmp.Or(v.First, batch, Unknown)}, v.Shape...)
}

// wholeValue is the value of a shape with the axis in front of it.
func wholeValue(whole Shape, batch int) Value {
	switch {
	case whole == nil:
		return Value{}
	case len(whole) == 0:
		return Value{Shape: whole, First: NoAxis}
	case whole[0] == Unknown || whole[0] == batch:
		return Value{Shape: whole[1:]}
	}
	return Value{Shape: whole[1:], First: whole[0]}
}

// Facts are what follows from a layer's arguments and its inputs.
type Facts struct {
	Outputs []Value
	Weights []Weight
	// Formula is the number of weights as an expression with its numbers filled
	// in, as in "3·7·16 + 16"; empty for a layer without weights.
	Formula string
	// MultiplyAdds are the multiplications by a weight, each with its addition,
	// for one example; [Unknown] when the sizes are. Biases, pooling and
	// activations are not counted: they are few beside the weights' products.
	MultiplyAdds int
}

// Weight is one tensor of a layer's parameters.
type Weight struct {
	Name   string // as Keras names it, as in "kernel"
	Shape  []int
	Frozen bool // is not changed by the optimizer, as a moving mean is not
	Bytes  int  // of one value; 0 stands for those of the layer, see [Node]
	// Shared names a weight that may stand at several places of a model, and is
	// counted once; "" is one that stands here alone.
	Shared string
}

// Size is the number of values in the weight.
func (w Weight) Size() int { return product(w.Shape...) }

// one returns the only input, which has to have the given number of axes; any
// number from 1 when rank is 0.
func one(inputs []Value, rank int) (Value, error) {
	if len(inputs) != 1 {
		return Value{}, fmt.Errorf("it takes one input, not %d", len(inputs))
	}
	x := inputs[0]
	switch {
	case x.Shape == nil:
		return Value{}, fmt.Errorf("the shape of its input is not known")
	case len(x.Shape) == 0:
		return Value{}, fmt.Errorf("its input has no axes beside the batch")
	case rank != 0 && len(x.Shape) != rank:
		return Value{}, fmt.Errorf("its input %s has %d axes beside the batch, and it takes %d", x.Shape, len(x.Shape), rank)
	}
	return x, nil
}

// channelsOf is the number of channels, which a layer with weights has to know.
func channelsOf(x Value) (int, error) {
	if x.Shape.Channels() == Unknown {
		return 0, fmt.Errorf("the last axis of its input %s has to be known", x.Shape)
	}
	return x.Shape.Channels(), nil
}

// atLeast1 refuses an argument that is not positive.
func atLeast1(name string, values ...int) error {
	for _, v := range values {
		if v < 1 {
			return fmt.Errorf("%s is %d; it has to be 1 or more", name, v)
		}
	}
	return nil
}

// passes are the facts of a layer without weights that has one output.
func passes(shape Shape, field Field) Facts {
	return Facts{Outputs: []Value{{Shape: shape, Field: field}}}
}
