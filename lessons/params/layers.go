package params

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/progress"
	"evident/kit/report"
)

// LayersConfig changes one argument of a single convolution at a time, in one
// and in two dimensions.
type LayersConfig struct {
	Channels  int            `role:"fixed" range:"[1, inf)" help:"channels of the input"`
	Filters   int            `role:"fixed" range:"[1, inf)" help:"filters of the convolution"`
	Kernel    int            `role:"fixed" range:"[1, inf)" help:"of the convolution, along each axis"`
	Size      int            `role:"fixed" range:"[1, inf)" help:"of the input, along each axis"`
	Strides   []int          `role:"compared" range:"[1, inf)" list:"1" help:"strides"`
	Dilations []int          `role:"compared" range:"[1, inf)" list:"1" help:"dilations"`
	Paddings  []arch.Padding `role:"compared" list:"1" help:"paddings"`
	Groups    []int          `role:"compared" range:"[1, inf)" list:"1" help:"numbers of groups; each divides Channels and Filters"`
}

// Validate checks that every convolution can be built.
func (c LayersConfig) Validate() error {
	if err := checkPaddings(c.Paddings); err != nil {
		return err
	}
	if reach := (c.Kernel-1)*slices.Max(c.Dilations) + 1; reach > c.Size {
		return badinput.Errorf("Size is %d: a kernel of %d with dilation %d spans %d", c.Size, c.Kernel, slices.Max(c.Dilations), reach)
	}
	for _, groups := range c.Groups {
		if c.Channels%groups != 0 || c.Filters%groups != 0 {
			return badinput.Errorf("Groups has %d, which does not divide %d channels and %d filters", groups, c.Channels, c.Filters)
		}
	}
	return nil
}

// LayersMeasurement holds convolutions that differ in one argument from a plain one.
type LayersMeasurement struct {
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

// measureLayers builds a convolution with each of the arguments changed in
// turn.
func measureLayers(ctx context.Context, backend compute.Backend, c LayersConfig) (LayersMeasurement, error) {
	var facts LayersMeasurement
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
func (c LayersConfig) plain(axes int) arch.Conv {
	return arch.Conv{Filters: c.Filters, Kernel: repeat(c.Kernel, axes)}
}

// change is a convolution with one argument changed.
type change struct {
	argument, value string
	groups          int
	layer           arch.Layer
}

func (c LayersConfig) changes(axes int) []change {
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

func (c LayersConfig) build(backend compute.Backend, axes int, own change) (Variant, error) {
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
	return slices.Repeat([]int{value}, times)
}

// plainFor is the plain convolution along as many axes.
func (f LayersMeasurement) plainFor(axes int) Variant {
	for _, plain := range f.Plain {
		if plain.Axes == axes {
			return plain
		}
	}
	return Variant{}
}

func judgeVariants(f LayersMeasurement) claim.Finding {
	if len(f.Variants) == 0 {
		return missing("no convolution was built")
	}
	same, differ := 0, 0
	var wrong []string
	for _, v := range f.Variants {
		plain := f.plainFor(v.Axes)
		if v.Built != plain.Built {
			differ++
		} else {
			same++
		}
		if v.Built != v.expected(plain) || v.Built != v.Row.Parameters {
			wrong = append(wrong, fmt.Sprintf("%s %s", v.Argument, v.Value))
		}
	}
	evidence := fmt.Sprintf("Of %d changed convolutions, %d have the count of the plain one and %d another; ", len(f.Variants), same, differ)
	if len(wrong) == 0 {
		evidence += "each is as predicted."
	} else {
		evidence += "not as predicted: " + strings.Join(wrong, ", ") + "."
	}
	return claim.Finding{Decision: claim.Holds(len(wrong) == 0), Samples: 1, Evidence: evidence}
}

// expected is the count that the claim predicts, from the plain convolution's
// count alone: kernel weights w = count − filters.
func (v Variant) expected(plain Variant) int {
	filters := plain.Output.Channels()
	weights := plain.Built - filters
	switch v.Argument {
	case "bias":
		return weights
	case "groups":
		return weights/v.Groups + filters
	case "depthwise":
		channels := v.Output.Channels()
		return weights/filters + channels
	}
	return plain.Built
}

func layersRules() []claim.Rule[LayersMeasurement] {
	return []claim.Rule[LayersMeasurement]{
		claim.ExactRule("q3a.t", "Q3 (a), added",
			"Stride, padding and dilation of a convolution do not change its count; a bias, groups and depthwise kernels do.",
			"in one and two dimensions: every change of stride, padding or dilation leaves GoMLX's count as it was; without bias it falls by the filters; with G groups the kernel has 1/G of the weights; depthwise it is kernel · channels + channels",
			claim.Supported, judgeVariants).From("2026-11-24"),
	}
}

// table shows what each argument of a convolution changes: a row for each
// argument, with its values in order.
func (f LayersMeasurement) table() report.Table {
	rows := report.Table{
		ID: "variants", Title: "One convolution, one argument changed",
		Columns: []string{"layer", "changed", "to", "output, built", "formula of the first", "built", "against plain"},
	}
	for _, plain := range f.Plain {
		rows.Rows = append(rows.Rows, []string{plain.Row.Class, "nothing", "", plain.Output.Times(), plain.Row.Formula, comma(plain.Built), ""})
		var same []Variant
		for i, v := range f.Variants {
			if v.Axes != plain.Axes {
				continue
			}
			same = append(same, v)
			if i+1 == len(f.Variants) || f.Variants[i+1].Argument != v.Argument || f.Variants[i+1].Axes != v.Axes {
				rows.Rows = append(rows.Rows, rowOf(same, plain))
				same = nil
			}
		}
	}
	return rows
}

// rowOf lists the values of one argument.
func rowOf(variants []Variant, plain Variant) []string {
	var values, outputs, built, against []string
	for _, v := range variants {
		ratio := "the same"
		if v.Built != plain.Built {
			ratio = fmt.Sprintf("×%.3g", float64(v.Built)/float64(plain.Built))
		}
		values, outputs = append(values, v.Value), append(outputs, v.Output.Times())
		built, against = append(built, comma(v.Built)), append(against, ratio)
	}
	list := func(texts []string) string { return strings.Join(slices.Compact(texts), "; ") }
	first := variants[0]
	return []string{first.Row.Class, first.Argument, list(values), list(outputs), first.Row.Formula, list(built), list(against)}
}

// LayerArguments is the experiment.
var LayerArguments = experiment.Experiment[LayersConfig, LayersMeasurement]{
	Name: "Layers", Title: "One convolution, one argument changed",
	Measure: measureLayers, Rules: layersRules(),
	Figures: func(_ LayersConfig, f LayersMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}}, nil
	},
}
