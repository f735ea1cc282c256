package arch

import (
	"fmt"
	"slices"
)

// ConvTranspose is a convolution that enlarges its input: Conv1DTranspose,
// Conv2DTranspose or Conv3DTranspose. Every position of the input adds a
// weighted kernel to the output. The kernels of neighbouring positions lie
// Strides apart. [spatial..., channels] becomes [positions..., Filters].
type ConvTranspose struct {
	Filters  int
	Kernel   []int
	Strides  []int
	Dilation []int
	Padding  Padding // Valid or Same
	// OutputPadding is added to the output's size along each axis; nil lets the
	// padding decide.
	OutputPadding []int
	NoBias        bool
	Activation    string
}

// Class implements [Layer].
func (l ConvTranspose) Class() string { return fmt.Sprintf("Conv%dDTranspose", len(l.Kernel)) }

// Infer implements [Layer]. Parameters:
// Π kernel · Filters · channels + Filters.
func (l ConvTranspose) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, len(l.Kernel)+1)
	if err != nil {
		return Facts{}, err
	}
	channels, err := channelsOf(x)
	if err != nil {
		return Facts{}, err
	}
	positions, field, err := l.spread(x)
	if err != nil {
		return Facts{}, err
	}
	kernel := append(slices.Clone(l.Kernel), l.Filters, channels)
	facts := weighted(kernel, l.Filters, !l.NoBias)
	facts.MultiplyAdds = product(product(x.Shape.Spatial()...), product(kernel...))
	facts.Outputs = []Value{{Shape: append(positions, l.Filters), Field: field}}
	return facts, nil
}

// spread returns the output's spatial sizes and its receptive field: an output
// reads ⌈reach/stride⌉ neighbours of the input.
func (l ConvTranspose) spread(x Value) (Shape, Field, error) {
	axes := len(l.Kernel)
	w := windows{l.Kernel, l.Strides, l.Dilation, l.Padding}
	if err := l.check(w); err != nil {
		return nil, Field{}, err
	}
	positions, seen := make(Shape, axes), make([]window, axes)
	for i := range axes {
		reach, stride := w.reach(i, axes), perAxis(l.Strides, axes)[i]
		if positions[i] = l.positions(i, x.Shape[i], reach, stride); positions[i] < 1 && positions[i] != Unknown {
			return nil, Field{}, fmt.Errorf("its output would have no positions along axis %d", i)
		}
		seen[i] = window{size: (reach + stride - 1) / stride, stride: 1, grow: stride}
	}
	return positions, x.Field.through(seen), nil
}

func (l ConvTranspose) check(w windows) error {
	if err := atLeast1("filters", l.Filters); err != nil {
		return err
	}
	if err := w.check(len(l.Kernel)); err != nil {
		return err
	}
	if n := len(l.OutputPadding); n > 1 && n != len(l.Kernel) {
		return fmt.Errorf("output padding is given for %d axes; it has %d", n, len(l.Kernel))
	}
	if slices.ContainsFunc(l.OutputPadding, func(n int) bool { return n < 0 }) {
		return fmt.Errorf("output padding is %v; it has to be 0 or more", l.OutputPadding)
	}
	if l.Padding == Causal {
		return fmt.Errorf("padding is causal; it has to be valid or same")
	}
	return nil
}

// positions returns the output's size along an axis, as in Keras.
func (l ConvTranspose) positions(axis, size, reach, stride int) int {
	switch {
	case size == Unknown:
		return Unknown
	case l.OutputPadding == nil && l.Padding == Same:
		return product(size, stride)
	case l.OutputPadding == nil:
		return product(size-1, stride) + max(reach, stride)
	case l.Padding == Same:
		reach %= 2
	}
	return product(size-1, stride) + reach + perAxis(l.OutputPadding, len(l.Kernel))[axis]
}
