package arch

import (
	"fmt"
	"slices"
)

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

// Class implements [Layer].
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
