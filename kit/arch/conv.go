package arch

import (
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

// Class implements [Layer].
func (l Conv) Class() string { return fmt.Sprintf("Conv%dD", len(l.Kernel)) }

func (l Conv) windows() windows { return windows{l.Kernel, l.Strides, l.Dilation, l.Padding} }

// Infer implements [Layer]. Parameters:
// Π kernel · channels/Groups · Filters + Filters.
func (l Conv) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, len(l.Kernel)+1)
	if err != nil {
		return Facts{}, err
	}
	in, err := l.channelsPerGroup(x)
	if err != nil {
		return Facts{}, err
	}
	positions, field, err := l.windows().slide(x)
	if err != nil {
		return Facts{}, err
	}
	kernel := append(slices.Clone(l.Kernel), in, l.Filters)
	facts := weighted(kernel, l.Filters, !l.NoBias)
	facts.MultiplyAdds = product(positions.Size(), product(kernel...))
	facts.Outputs = []Value{{Shape: append(positions, l.Filters), Field: field}}
	return facts, nil
}

// channelsPerGroup returns how many channels each filter reads.
func (l Conv) channelsPerGroup(x Value) (int, error) {
	if err := atLeast1("filters", l.Filters); err != nil {
		return 0, err
	}
	channels, err := channelsOf(x)
	if err != nil {
		return 0, err
	}
	groups := max(l.Groups, 1)
	if l.Groups < 0 || channels%groups != 0 || l.Filters%groups != 0 {
		return 0, fmt.Errorf("%d groups do not divide its %d channels and %d filters", l.Groups, channels, l.Filters)
	}
	return channels / groups, nil
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

// Class implements [Layer].
func (l DepthwiseConv) Class() string { return fmt.Sprintf("DepthwiseConv%dD", len(l.Kernel)) }

func (l DepthwiseConv) windows() windows {
	return windows{l.Kernel, l.Strides, l.Dilation, l.Padding}
}

// Infer implements [Layer]. Parameters:
// Π kernel · channels · Multiplier + channels·Multiplier.
func (l DepthwiseConv) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, len(l.Kernel)+1)
	if err != nil {
		return Facts{}, err
	}
	channels, err := channelsOf(x)
	if err != nil {
		return Facts{}, err
	}
	if l.Multiplier < 0 {
		return Facts{}, fmt.Errorf("depth multiplier is %d; it has to be 1 or more", l.Multiplier)
	}
	positions, field, err := l.windows().slide(x)
	if err != nil {
		return Facts{}, err
	}
	filters := channels * max(l.Multiplier, 1)
	kernel := append(slices.Clone(l.Kernel), channels, max(l.Multiplier, 1))
	facts := weighted(kernel, filters, !l.NoBias)
	facts.MultiplyAdds = product(positions.Size(), product(kernel...))
	facts.Outputs = []Value{{Shape: append(positions, filters), Field: field}}
	return facts, nil
}
