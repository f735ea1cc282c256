package arch

import (
	"math"
	"slices"
)

// Field is the receptive field of a value: the size of the box in the net's
// input that it depends on, along each spatial axis. It is that of the theory,
// at a position whose box lies inside the input.
type Field struct {
	// Sizes are in positions of the input; nil when they are not known, as
	// where two inputs of different rank were joined.
	Sizes []int
	// Whole says that a value depends on all positions.
	Whole bool
	// span is the distance in the input from the first to the last position
	// that the value depends on, and jump that between neighbours of the
	// value, along each axis. Behind an upsampling they have fractions.
	span, jump []float64
}

// inputField is the field of an input with the given spatial axes.
func inputField(axes int) Field {
	f := Field{span: make([]float64, axes), jump: make([]float64, axes)}
	for i := range axes {
		f.jump[i] = 1
	}
	return f.sized()
}

// sized is the field with the sizes that follow from its spans: 1 + ⌈span⌉,
// the most positions that a box of that span touches.
func (f Field) sized() Field {
	f.Sizes = make([]int, len(f.span))
	for i := range f.span {
		f.span[i], f.jump[i] = min(f.span[i], countable), min(f.jump[i], countable)
		f.Sizes[i] = 1 + int(math.Ceil(f.span[i]-1e-6)) // thirds do not add up to a whole
	}
	return f
}

// window is how a layer looks at its input along one axis.
type window struct {
	size   int // positions from the first to the last that it reads
	stride int
	grow   int // outputs for every input, as in upsampling; 0 stands for 1
}

// through is the field behind a layer with the windows, one for each axis:
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
	next := Field{span: slices.Clone(f.span), jump: slices.Clone(f.jump)}
	for i, w := range windows {
		next.span[i] += float64(w.size-1) * f.jump[i]
		next.jump[i] *= float64(w.stride) / float64(max(w.grow, 1))
	}
	return next.sized()
}

// whole is the field behind a layer that sees all positions.
func (f Field) whole() Field { return Field{Whole: true} }

// scattered is the field of values that do not lie where they lay: that they
// see all positions is what is left to say.
func (f Field) scattered() Field { return Field{Whole: f.Whole} }

// join is the field of several values together: the largest box.
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
	c := Field{span: slices.Clone(a.span), jump: slices.Clone(a.jump)}
	for i := range c.span {
		c.span[i], c.jump[i] = max(a.span[i], b.span[i]), max(a.jump[i], b.jump[i])
	}
	return c.sized()
}

// String is the box as in "7×7", "all", or "–" when it is not known or the
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
