package arch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Activation applies a function to every value. Only softmax uses all
// channels of a position.
type Activation struct {
	Function string // as Keras names it, as in "relu"
}

// Infer implements [Layer].
func (Activation) Infer(inputs []Value) (Facts, error) { return unchanged(inputs) }

// Elementwise is any other layer without weights that keeps the shape and the
// receptive field: Dropout, ReLU, Rescaling and the like.
type Elementwise struct {
	Name string // the class name in Keras
}

// Class returns the name in Keras.
func (l Elementwise) Class() string { return l.Name }

// Infer implements [Layer].
func (Elementwise) Infer(inputs []Value) (Facts, error) { return unchanged(inputs) }

func unchanged(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	return passes(x.Shape, x.Field), nil
}

// Flatten puts all values of an example into one row.
type Flatten struct{}

// Infer implements [Layer].
func (Flatten) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	return passes(Shape{x.Shape.Size()}, x.Field), nil
}

// Reshape gives the values of an example another shape.
type Reshape struct {
	Target []int // one size may be −1, which stands for the rest
}

// Infer implements [Layer].
func (l Reshape) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	shape, err := l.shape(x.Shape)
	if err != nil {
		return Facts{}, err
	}
	return passes(shape, x.Field.scattered()), nil
}

func (l Reshape) shape(from Shape) (Shape, error) {
	shape, open, known := make(Shape, len(l.Target)), -1, 1
	for i, size := range l.Target {
		switch {
		case size == -1 && open < 0:
			open = i
		case size < 1:
			return nil, fmt.Errorf("target shape is %v; sizes are 1 or more, and one may be −1", l.Target)
		default:
			known = product(known, size)
		}
		shape[i] = size
	}
	all := from.Size()
	switch {
	case all == Unknown: // then the open size is unknown too
	case open < 0 && all != known, open >= 0 && all%known != 0:
		return nil, fmt.Errorf("the %d values of its input %s do not fill the target shape %v", all, from, l.Target)
	case open >= 0:
		shape[open] = all / known
	}
	return shape, nil
}

// Permute changes the order of the axes.
type Permute struct {
	Order []int // the input's axes, counted from 1 as in Keras
}

// Infer implements [Layer].
func (l Permute) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	sorted := slices.Sorted(slices.Values(l.Order))
	for i, axis := range sorted {
		if axis != i+1 {
			return Facts{}, fmt.Errorf("dims are %v; each of 1 to %d has to be there once", l.Order, len(l.Order))
		}
	}
	if len(l.Order) != len(x.Shape) {
		return Facts{}, fmt.Errorf("dims are %v, and its input %s has %d axes beside the batch", l.Order, x.Shape, len(x.Shape))
	}
	shape := make(Shape, len(l.Order))
	for i, axis := range l.Order {
		shape[i] = x.Shape[axis-1]
	}
	return passes(shape, x.Field.scattered()), nil
}

// RepeatVector repeats one value as a sequence: [channels] becomes [Times,
// channels].
type RepeatVector struct{ Times int }

// Infer implements [Layer].
func (l RepeatVector) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 1)
	if err := cmp.Or(err, atLeast1("n", l.Times)); err != nil {
		return Facts{}, err
	}
	return passes(Shape{l.Times, x.Shape[0]}, x.Field.scattered()), nil
}

// any1 returns the only input, which may be a single number.
func any1(inputs []Value) (Value, error) {
	if len(inputs) == 1 && inputs[0].Shape != nil {
		return inputs[0], nil
	}
	return one(inputs, 0)
}

// Concatenate joins its inputs along an axis.
type Concatenate struct {
	Axis int // of the shape without the batch; −1 means the last. The zero value means the first
}

// Infer implements [Layer].
func (l Concatenate) Infer(inputs []Value) (Facts, error) {
	if err := someKnown(inputs); err != nil {
		return Facts{}, err
	}
	axis, rank := l.Axis, len(inputs[0].Shape)
	if axis < 0 {
		axis += rank
	}
	if axis < 0 || axis >= rank {
		return Facts{}, fmt.Errorf("axis %d is not one of its input %s", l.Axis, inputs[0].Shape)
	}
	shape := slices.Clone(inputs[0].Shape)
	for _, x := range inputs[1:] {
		if !joinable(shape, x.Shape, axis) {
			return Facts{}, fmt.Errorf("its inputs %s and %s differ beside axis %d", inputs[0].Shape, x.Shape, axis)
		}
		shape[axis] = sum(shape[axis], x.Shape[axis])
	}
	return passes(shape, join(inputs)), nil
}

// Dot multiplies its two inputs along one axis of each, example by example.
type Dot struct {
	Axes [2]int // of the shapes without the batch; −1 means the last
}

// Infer implements [Layer]. The output has the remaining axes of the first input,
// then those of the second. If none remain, the output has one value.
func (l Dot) Infer(inputs []Value) (Facts, error) {
	if len(inputs) != 2 {
		return Facts{}, fmt.Errorf("it takes two inputs, not %d", len(inputs))
	}
	if err := someKnown(inputs); err != nil {
		return Facts{}, err
	}
	shape, sizes := Shape{}, [2]int{}
	for i, x := range inputs {
		axis := l.Axes[i]
		if axis < 0 {
			axis += len(x.Shape)
		}
		if axis < 0 || axis >= len(x.Shape) {
			return Facts{}, fmt.Errorf("axis %d is not one of its input %s", l.Axes[i], x.Shape)
		}
		sizes[i] = x.Shape[axis]
		shape = append(shape, slices.Delete(slices.Clone(x.Shape), axis, axis+1)...)
	}
	if !agree(sizes[:1], sizes[1:]) {
		return Facts{}, fmt.Errorf("its inputs %s and %s have %d and %d values along the axes that it multiplies", inputs[0].Shape, inputs[1].Shape, sizes[0], sizes[1])
	}
	if len(shape) == 0 {
		shape = Shape{1}
	}
	return passes(shape, Field{Whole: join(inputs).Whole}), nil
}

// agree reports whether the shapes can be equal.
func agree(a, b Shape) bool { return joinable(a, b, -1) }

// joinable reports whether the shapes agree in all axes except one.
func joinable(a, b Shape, axis int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if i != axis && a[i] != b[i] && a[i] != Unknown && b[i] != Unknown {
			return false
		}
	}
	return true
}

// Merge combines its inputs value by value: Add, Multiply and the like. It
// broadcasts axes of size 1.
type Merge struct {
	Operation string // "Add", "Subtract", "Multiply", "Average", "Maximum" or "Minimum"
	// Function marks a function of keras.ops instead of a layer. It assumes that an
	// unknown size equals the corresponding known one.
	Function bool
}

// Class returns the name in Keras.
func (l Merge) Class() string { return l.Operation }

// Infer implements [Layer].
func (l Merge) Infer(inputs []Value) (Facts, error) {
	if err := someKnown(inputs); err != nil {
		return Facts{}, err
	}
	whole := slices.ContainsFunc(inputs, func(x Value) bool { return x.First != 0 })
	of := func(x Value) Shape {
		if whole {
			return x.whole(Unknown)
		}
		return x.Shape // all shapes include the batch
	}
	shape := slices.Clone(of(inputs[0]))
	for _, x := range inputs[1:] {
		joined, ok := Broadcast(shape, of(x), l.Function)
		if !ok {
			return Facts{}, fmt.Errorf("its inputs %s and %s do not fit", inputs[0].whole(Unknown).tuple(), x.whole(Unknown).tuple())
		}
		shape = joined
	}
	if !whole {
		return passes(shape, join(inputs)), nil
	}
	out := wholeValue(shape, Unknown)
	out.Field = join(inputs)
	return Facts{Outputs: []Value{out}}, nil
}

// someKnown returns an error if there are no inputs, or if one has an unknown
// shape.
func someKnown(inputs []Value) error {
	if len(inputs) < 1 {
		return errors.New("it takes one input or more")
	}
	for _, x := range inputs {
		if x.Shape == nil {
			return errors.New("the shape of an input is not known")
		}
	}
	return nil
}

// Broadcast combines two shapes, axis by axis from the last. If only one size is
// known, the result is that size if take is true, and unknown otherwise.
func Broadcast(a, b Shape, take bool) (Shape, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i := range b {
		axis := len(a) - len(b) + i
		switch known := max(a[axis], b[i]); {
		case a[axis] == b[i] || b[i] == 1:
		case a[axis] == 1:
			out[axis] = b[i]
		case min(a[axis], b[i]) != Unknown:
			return nil, false
		case take:
			out[axis] = known
		default:
			out[axis] = Unknown
		}
	}
	return out, true
}
