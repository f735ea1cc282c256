package arch

import (
	"fmt"
	"slices"
)

// Reshape gives the values of an example another shape.
type Reshape struct {
	Target []int // one size may be −1, which stands for the rest
}

// Class implements [Layer].
func (Reshape) Class() string { return "Reshape" }

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

// Class implements [Layer].
func (Permute) Class() string { return "Permute" }

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

// Class implements [Layer].
func (RepeatVector) Class() string { return "RepeatVector" }

// Infer implements [Layer].
func (l RepeatVector) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 1)
	if err != nil {
		return Facts{}, err
	}
	if err := atLeast1("n", l.Times); err != nil {
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
