package arch

import (
	"fmt"
	"math"
	"slices"

	"evident/kit/nn"
)

// Field is the receptive field of a value: the size of the box in the net's
// input that the value depends on, along each spatial axis. It is the
// theoretical size, at a position whose box lies inside the input.
type Field struct {
	// Sizes are in positions of the input. They are nil if unknown, for
	// example after joining two inputs of different rank.
	Sizes []int
	// Whole means that a value depends on all positions.
	Whole bool
	// Along each axis, Span is the distance in the input between the first and
	// the last position that the value depends on, and Jump is the distance
	// between neighbouring values. After upsampling they have fractions.
	Span, Jump []float64
}

// inputField returns the field of an input with the given spatial axes.
func inputField(axes int) Field {
	f := Field{Span: make([]float64, axes), Jump: make([]float64, axes)}
	for i := range axes {
		f.Jump[i] = 1
	}
	return f.sized()
}

// sized sets the sizes from the spans: 1 + ⌈span⌉, the largest number of
// positions that a box of that span can touch.
func (f Field) sized() Field {
	f.Sizes = make([]int, len(f.Span))
	for i := range f.Span {
		f.Span[i], f.Jump[i] = min(f.Span[i], countable), min(f.Jump[i], countable)
		f.Sizes[i] = 1 + int(math.Ceil(f.Span[i]-1e-6)) // sums of thirds are inexact
	}
	return f
}

// window describes how a layer reads its input along one axis.
type window struct {
	size   int // number of positions from the first to the last that it reads
	stride int
	grow   int // outputs per input, as in upsampling; 0 means 1
}

// through returns the field after a layer with the given windows, one per
// axis:
//
//	span ← span + (window − 1)·jump,  jump ← jump·stride / grow
//
// (Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional
// Neural Networks", equations 1 and 2.)
func (f Field) through(windows []window) Field {
	if f.Whole || f.Sizes == nil {
		return f
	}
	if len(windows) != len(f.Sizes) {
		return Field{}
	}
	next := Field{Span: slices.Clone(f.Span), Jump: slices.Clone(f.Jump)}
	for i, w := range windows {
		next.Span[i] += float64(w.size-1) * f.Jump[i]
		next.Jump[i] *= float64(w.stride) / float64(max(w.grow, 1))
	}
	return next.sized()
}

// whole returns the field after a layer that reads all positions.
func (f Field) whole() Field { return Field{Whole: true} }

// scattered returns the field of values that a layer has moved to other
// positions. Only the flag Whole remains meaningful.
func (f Field) scattered() Field { return Field{Whole: f.Whole} }

// join returns the field of several values together: the largest box.
func join(values []Value) Field {
	all := values[0].Field
	for _, v := range values[1:] {
		f := v.Field
		switch {
		case all.Whole || f.Whole:
			all = all.whole()
		case len(all.Sizes) != len(f.Sizes) || all.Sizes == nil:
			all = Field{}
		default:
			all = largest(all, f)
		}
	}
	return all
}

func largest(a, b Field) Field {
	c := Field{Span: slices.Clone(a.Span), Jump: slices.Clone(a.Jump)}
	for i := range c.Span {
		c.Span[i], c.Jump[i] = max(a.Span[i], b.Span[i]), max(a.Jump[i], b.Jump[i])
	}
	return c.sized()
}

// String formats the box as in "7×7", "all", or "–" if it is unknown or the
// input has no spatial axes.
func (f Field) String() string {
	if f.Whole {
		return "all"
	}
	if len(f.Sizes) == 0 {
		return "–"
	}
	return Shape(f.Sizes).Times()
}

// Padding says how a window treats the edge of its input.
type Padding string

// The paddings of Keras. Valid uses only windows that lie inside the input. Same
// pads so that stride 1 keeps the size. Causal pads only in front, so that no
// output reads later positions. An empty padding means Valid.
const (
	Valid  Padding = "valid"
	Same   Padding = "same"
	Causal Padding = "causal"
)

// windows holds the sizes of a window along each axis. Strides and dilations
// with one value apply to all axes; nil means 1.
type windows struct {
	size, strides, dilations []int
	padding                  Padding
}

// perAxis expands the sizes to all axes.
func perAxis(sizes []int, axes int) []int {
	all := make([]int, axes)
	for i := range all {
		switch len(sizes) {
		case 0:
			all[i] = 1
		case 1:
			all[i] = sizes[0]
		default:
			all[i] = sizes[i]
		}
	}
	return all
}

// check returns an error for impossible arguments.
func (w windows) check(axes int) error {
	for _, named := range []struct {
		name  string
		sizes []int
	}{{"the window", w.size}, {"stride", w.strides}, {"dilation", w.dilations}} {
		if n := len(named.sizes); n > 1 && n != axes {
			return fmt.Errorf("%s is given for %d axes; it has %d", named.name, n, axes)
		}
		if err := atLeast1(named.name, named.sizes...); err != nil {
			return err
		}
	}
	switch w.padding {
	case "", Valid, Same, Causal:
		return nil
	}
	return fmt.Errorf("unknown padding %q", w.padding)
}

// slide moves the window over the input. It returns the output's spatial sizes
// and its receptive field.
func (w windows) slide(x Value) (Shape, Field, error) {
	spatial := x.Shape.Spatial()
	if err := w.check(len(spatial)); err != nil {
		return nil, Field{}, err
	}
	out, seen := make(Shape, len(spatial)), make([]window, len(spatial))
	for i, size := range spatial {
		reach := w.reach(i, len(spatial))
		stride := perAxis(w.strides, len(spatial))[i]
		seen[i] = window{size: reach, stride: stride}
		if out[i] = w.positions(size, reach, stride); out[i] == 0 {
			return nil, Field{}, fmt.Errorf("its window of %d does not fit into the %d positions of its input %s", reach, size, x.Shape)
		}
	}
	return out, x.Field.through(seen), nil
}

// reach returns how many positions a window spans, including its dilation.
func (w windows) reach(axis, axes int) int {
	return product(perAxis(w.size, axes)[axis]-1, perAxis(w.dilations, axes)[axis]) + 1
}

func (w windows) positions(size, reach, stride int) int {
	switch {
	case size == Unknown:
		return Unknown
	case w.padding == "" || w.padding == Valid:
		return nn.OutputSize(size, reach, stride, nn.Valid)
	}
	return nn.OutputSize(size, reach, stride, nn.Same)
}
