package arch

import (
	"math"
	"slices"
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
