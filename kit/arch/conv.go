package arch

import (
	"cmp"
	"fmt"
	"slices"
)

// Conv is a convolution along the axes of its kernel: Conv1D, Conv2D or Conv3D.
// [spatial..., channels] becomes [positions..., Filters].
type Conv struct {
	Filters    int
	Kernel     []int   // its size along each spatial axis
	Strides    []int   // nil means 1; one value applies to all axes
	Dilation   []int   // as for Strides
	Padding    Padding // "" means Valid, as in Keras
	Groups     int     // 0 means 1
	NoBias     bool
	Activation string // as Keras names it; "" and "linear" are the identity
}

// Class returns the name in Keras.
func (l Conv) Class() string { return fmt.Sprintf("Conv%dD", len(l.Kernel)) }

func (l Conv) windows() windows { return windows{l.Kernel, l.Strides, l.Dilation, l.Padding} }

// Infer implements [Layer]. Parameters:
// Π kernel · channels/Groups · Filters + Filters.
func (l Conv) Infer(inputs []Value) (Facts, error) {
	x, channels, err := withChannels(inputs, len(l.Kernel)+1)
	if err := cmp.Or(err, atLeast1("filters", l.Filters)); err != nil {
		return Facts{}, err
	}
	groups := max(l.Groups, 1)
	if l.Groups < 0 || channels%groups != 0 || l.Filters%groups != 0 {
		return Facts{}, fmt.Errorf("%d groups do not divide its %d channels and %d filters", l.Groups, channels, l.Filters)
	}
	return slid(x, l.windows(), append(slices.Clone(l.Kernel), channels/groups, l.Filters), l.Filters, !l.NoBias)
}

// slid returns the facts of a layer whose kernel slides over the input and gives so many filters.
func slid(x Value, w windows, kernel []int, filters int, bias bool) (Facts, error) {
	positions, field, err := w.slide(x)
	if err != nil {
		return Facts{}, err
	}
	facts := weighted(kernel, filters, bias)
	facts.MultiplyAdds = product(positions.Size(), product(kernel...))
	facts.Outputs = []Value{{Shape: append(positions, filters), Field: field}}
	return facts, nil
}

// DepthwiseConv convolves every channel with its own kernels: DepthwiseConv1D
// or DepthwiseConv2D. [spatial..., channels] becomes [positions...,
// channels·Multiplier].
type DepthwiseConv struct {
	Multiplier int // kernels per channel; 0 means 1
	Kernel     []int
	Strides    []int
	Dilation   []int
	Padding    Padding
	NoBias     bool
	Activation string
}

// Class returns the name in Keras.
func (l DepthwiseConv) Class() string { return fmt.Sprintf("DepthwiseConv%dD", len(l.Kernel)) }

func (l DepthwiseConv) windows() windows {
	return windows{l.Kernel, l.Strides, l.Dilation, l.Padding}
}

// Infer implements [Layer]. Parameters:
// Π kernel · channels · Multiplier + channels·Multiplier.
func (l DepthwiseConv) Infer(inputs []Value) (Facts, error) {
	x, channels, err := withChannels(inputs, len(l.Kernel)+1)
	if err != nil {
		return Facts{}, err
	}
	if l.Multiplier < 0 {
		return Facts{}, fmt.Errorf("depth multiplier is %d; it has to be 1 or more", l.Multiplier)
	}
	multiplier := max(l.Multiplier, 1)
	return slid(x, l.windows(), append(slices.Clone(l.Kernel), channels, multiplier), channels*multiplier, !l.NoBias)
}

// SeparableConv is a depthwise convolution followed by a pointwise one
// (kernel size 1): SeparableConv1D or SeparableConv2D. [spatial..., channels]
// becomes [positions..., Filters].
type SeparableConv struct {
	Filters    int
	Multiplier int // kernels per channel in the depthwise step; 0 means 1
	Kernel     []int
	Strides    []int
	Dilation   []int
	Padding    Padding
	NoBias     bool
	Activation string
}

// Class returns the name in Keras.
func (l SeparableConv) Class() string { return fmt.Sprintf("SeparableConv%dD", len(l.Kernel)) }

// Infer implements [Layer]. Parameters:
// Π kernel · channels · Multiplier + channels·Multiplier · Filters + Filters.
func (l SeparableConv) Infer(inputs []Value) (Facts, error) {
	if err := atLeast1("filters", l.Filters); err != nil {
		return Facts{}, err
	}
	depthwise := DepthwiseConv{Multiplier: l.Multiplier, Kernel: l.Kernel, Strides: l.Strides, Dilation: l.Dilation, Padding: l.Padding, NoBias: true}
	facts, err := depthwise.Infer(inputs)
	if err != nil {
		return Facts{}, err
	}
	between := facts.Outputs[0]
	pointwise := slices.Repeat([]int{1}, len(l.Kernel))
	second := weighted(append(pointwise, between.Shape.Channels(), l.Filters), l.Filters, !l.NoBias)
	facts.Weights[0].Name, second.Weights[0].Name = "depthwise_kernel", "pointwise_kernel"
	facts.Weights = append(facts.Weights, second.Weights...)
	facts.Formula += " + " + added(factors(between.Shape.Channels(), l.Filters), l.Filters, !l.NoBias)
	facts.MultiplyAdds = sum(facts.MultiplyAdds, product(between.Shape.Size(), l.Filters))
	facts.Outputs = []Value{{Shape: between.Shape.with(l.Filters), Field: between.Field}}
	return facts, nil
}

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

// Class returns the name in Keras.
func (l ConvTranspose) Class() string { return fmt.Sprintf("Conv%dDTranspose", len(l.Kernel)) }

// Infer implements [Layer]. Parameters:
// Π kernel · Filters · channels + Filters.
func (l ConvTranspose) Infer(inputs []Value) (Facts, error) {
	x, channels, err := withChannels(inputs, len(l.Kernel)+1)
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
	if err := cmp.Or(atLeast1("filters", l.Filters), w.check(len(l.Kernel))); err != nil {
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
