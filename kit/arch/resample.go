package arch

import (
	"cmp"
	"fmt"
)

// Pooling says how the values in a window are combined.
type Pooling string

// The two poolings of Keras.
const (
	Max     Pooling = "Max"
	Average Pooling = "Average"
)

// Pool combines each window of each channel into one value: MaxPooling1D,
// AveragePooling2D and the like. [spatial..., channels] becomes
// [positions..., channels].
type Pool struct {
	Pooling Pooling
	Size    []int // of the window, along each spatial axis
	Strides []int // nil means the size, so that windows do not overlap
	Padding Padding
}

// Class returns the name in Keras.
func (l Pool) Class() string { return fmt.Sprintf("%sPooling%dD", l.Pooling, len(l.Size)) }

func (l Pool) windows() windows {
	strides := l.Strides
	if strides == nil {
		strides = l.Size
	}
	return windows{size: l.Size, strides: strides, padding: l.Padding}
}

// Infer implements [Layer].
func (l Pool) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, len(l.Size)+1)
	if err != nil {
		return Facts{}, err
	}
	positions, field, err := l.windows().slide(x)
	if err != nil {
		return Facts{}, err
	}
	return passes(append(positions, x.Shape.Channels()), field), nil
}

// GlobalPool combines all positions of each channel into one value:
// GlobalAveragePooling2D and the like. [spatial..., channels] becomes
// [channels].
type GlobalPool struct {
	Pooling  Pooling
	Axes     int  // spatial axes
	KeepAxes bool // keeps the spatial axes with size 1: [1..., channels]
}

// Class returns the name in Keras.
func (l GlobalPool) Class() string { return fmt.Sprintf("Global%sPooling%dD", l.Pooling, l.Axes) }

// Infer implements [Layer].
func (l GlobalPool) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, l.Axes+1)
	if err != nil {
		return Facts{}, err
	}
	shape := Shape{x.Shape.Channels()}
	if l.KeepAxes {
		shape = make(Shape, l.Axes+1)
		for i := range l.Axes {
			shape[i] = 1
		}
		shape[l.Axes] = x.Shape.Channels()
	}
	return passes(shape, x.Field.whole()), nil
}

// ZeroPad adds zeros around its input: ZeroPadding1D, ZeroPadding2D or
// ZeroPadding3D. [spatial..., channels] becomes [positions..., channels].
type ZeroPad struct {
	Cells [][2]int // before and after, along each spatial axis
}

// Class returns the name in Keras.
func (l ZeroPad) Class() string { return fmt.Sprintf("ZeroPadding%dD", len(l.Cells)) }

// Infer implements [Layer].
func (l ZeroPad) Infer(inputs []Value) (Facts, error) {
	return resized(inputs, len(l.Cells), func(axis, size int) int { return size + l.Cells[axis][0] + l.Cells[axis][1] }, nil)
}

// Crop removes cells from the edges of its input: Cropping1D, Cropping2D or
// Cropping3D. [spatial..., channels] becomes [positions..., channels].
type Crop struct {
	Cells [][2]int // before and after, along each spatial axis
}

// Class returns the name in Keras.
func (l Crop) Class() string { return fmt.Sprintf("Cropping%dD", len(l.Cells)) }

// Infer implements [Layer].
func (l Crop) Infer(inputs []Value) (Facts, error) {
	return resized(inputs, len(l.Cells), func(axis, size int) int { return size - l.Cells[axis][0] - l.Cells[axis][1] }, nil)
}

// UpSample repeats the values of its input: UpSampling1D, UpSampling2D or
// UpSampling3D. [spatial..., channels] becomes [positions..., channels]. The
// receptive field assumes repetition; bilinear interpolation reads one more
// neighbour.
type UpSample struct {
	Times []int // along each spatial axis
}

// Class returns the name in Keras.
func (l UpSample) Class() string { return fmt.Sprintf("UpSampling%dD", len(l.Times)) }

// Infer implements [Layer].
func (l UpSample) Infer(inputs []Value) (Facts, error) {
	if err := atLeast1("size", l.Times...); err != nil {
		return Facts{}, err
	}
	seen := make([]window, len(l.Times))
	for i, times := range l.Times {
		seen[i] = window{size: 1, stride: 1, grow: times}
	}
	return resized(inputs, len(l.Times), func(axis, size int) int { return product(size, l.Times[axis]) }, seen)
}

// resized returns the facts of a layer that changes only the spatial sizes.
// The windows in seen are nil if every output copies one input.
func resized(inputs []Value, axes int, size func(axis, size int) int, seen []window) (Facts, error) {
	x, err := one(inputs, axes+1)
	if err != nil {
		return Facts{}, err
	}
	shape, field := append(Shape(nil), x.Shape...), x.Field
	for i := range axes {
		if shape[i] == Unknown {
			continue
		}
		if shape[i] = size(i, shape[i]); shape[i] < 1 {
			return Facts{}, fmt.Errorf("nothing is left of the %d positions of its input %s", x.Shape[i], x.Shape)
		}
	}
	if seen != nil {
		field = field.through(seen)
	}
	return passes(shape, field), nil
}

// Resize changes the spatial sizes of its input, as Resizing and
// AdaptiveAveragePooling2D do. [spatial..., channels] becomes [To...,
// channels].
type Resize struct {
	Name string // its class
	To   []int
}

// Class returns the name in Keras.
func (l Resize) Class() string { return l.Name }

// Infer implements [Layer].
func (l Resize) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, len(l.To)+1)
	if err := cmp.Or(err, atLeast1("size", l.To...)); err != nil {
		return Facts{}, err
	}
	return passes(append(append(Shape(nil), l.To...), x.Shape.Channels()), x.Field.scattered()), nil
}
