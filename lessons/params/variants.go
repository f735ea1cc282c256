package params

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/progress"
)

// VariantFacts are convolutions that differ in one argument from a plain one.
type VariantFacts struct {
	Plain    []Variant // in one and in two dimensions
	Variants []Variant
}

// Variant is one convolution.
type Variant struct {
	Axes     int
	Argument string // that is changed, as in "stride"; "" for the plain one
	Value    string
	Groups   int        // 1 where the layer has none
	Row      arch.Row   // by formula
	Built    int        // parameters that GoMLX created
	Output   arch.Shape // that GoMLX reports
}

// MeasureVariants builds a convolution with each of the arguments changed in
// turn.
func MeasureVariants(ctx context.Context, backend compute.Backend, c VariantConfig) (VariantFacts, error) {
	var facts VariantFacts
	if err := c.check(); err != nil {
		return facts, err
	}
	for axes := 1; axes <= 2; axes++ {
		plain, err := c.build(backend, axes, change{"", "", 1, c.plain(axes)})
		if err != nil {
			return facts, err
		}
		facts.Plain = append(facts.Plain, plain)
		changes := c.changes(axes)
		for i, change := range changes {
			progress.ReportTask(ctx, fmt.Sprintf("convolutions along %d axes", axes), i, len(changes))
			if err := ctx.Err(); err != nil {
				return facts, err
			}
			variant, err := c.build(backend, axes, change)
			if err != nil {
				return facts, err
			}
			facts.Variants = append(facts.Variants, variant)
		}
	}
	return facts, nil
}

// plain is the convolution that the others are compared with.
func (c VariantConfig) plain(axes int) arch.Conv {
	return arch.Conv{Filters: c.Filters, Kernel: repeat(c.Kernel, axes)}
}

// change is a convolution with one argument changed.
type change struct {
	argument, value string
	groups          int
	layer           arch.Layer
}

func (c VariantConfig) changes(axes int) []change {
	var all []change
	with := func(argument string, value any, edit func(*arch.Conv)) {
		layer := c.plain(axes)
		edit(&layer)
		all = append(all, change{argument, fmt.Sprint(value), max(layer.Groups, 1), layer})
	}
	for _, stride := range c.Strides {
		with("stride", stride, func(l *arch.Conv) { l.Strides = []int{stride} })
	}
	for _, padding := range c.Paddings {
		if padding == arch.Causal && axes > 1 {
			continue // only a sequence has a before and an after
		}
		with("padding", padding, func(l *arch.Conv) { l.Padding = padding })
	}
	for _, dilation := range c.Dilations {
		with("dilation", dilation, func(l *arch.Conv) { l.Dilation = []int{dilation} })
	}
	with("bias", "none", func(l *arch.Conv) { l.NoBias = true })
	for _, groups := range c.Groups {
		with("groups", groups, func(l *arch.Conv) { l.Groups = groups })
	}
	return append(all, change{"depthwise", "1 kernel a channel", 1, arch.DepthwiseConv{Kernel: repeat(c.Kernel, axes)}})
}

func (c VariantConfig) build(backend compute.Backend, axes int, own change) (Variant, error) {
	input := arch.Input{Shape: append(repeat(c.Size, axes), c.Channels)}
	facts, err := count(backend, arch.Sequential("variant", input, own.layer))
	if err != nil {
		return Variant{}, err
	}
	return Variant{
		Axes: axes, Argument: own.argument, Value: own.value, Groups: own.groups,
		Row: facts.Summary.Rows[1], Built: facts.Built.Parameters[1], Output: facts.Built.Outputs[1],
	}, nil
}

// repeat is the value so many times.
func repeat(value, times int) []int {
	all := make([]int, times)
	for i := range all {
		all[i] = value
	}
	return all
}

// plainFor is the plain convolution along as many axes.
func (f VariantFacts) plainFor(axes int) Variant {
	for _, plain := range f.Plain {
		if plain.Axes == axes {
			return plain
		}
	}
	return Variant{}
}
