package arch

import (
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

// Class implements [Layer].
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

// Class implements [Layer].
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
