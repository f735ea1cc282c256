package pointwise

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// MixingMeasurement says what a 1×1 convolution looks at.
type MixingMeasurement struct {
	Sheet     Support // 256 → 64 channels
	Pointwise Support // a 1×1 convolution on a few channels
	Depthwise Support // the same with a kernel of its own for every channel
	Stack     Support // three 1×1 convolutions with ReLU
	Fields    []Support

	// Values is the number of outputs that were compared with a matrix product
	// in every pixel, and Different how many are not the same.
	Values, Different int
	// The same of a 1×1 convolution with a diagonal matrix, compared with a
	// depthwise convolution.
	DiagonalValues, DiagonalDifferent int

	Linear LinearityMeasurement // of such stacks with activation and without
}

// fieldKernels are those whose receptive fields are compared.
var fieldKernels = []int{1, 3, 5}

// measureMixing measures what acts on what.
func measureMixing(ctx context.Context, backend compute.Backend, none struct{}) (facts MixingMeasurement, err error) {
	input := func(side, channels int) arch.Input { return arch.Input{Shape: arch.Shape{side, side, channels}} }
	nets := []arch.Model{
		arch.Sequential("256 → 64", input(2, reductionChannels), conv(reducedTo, 1, "")),
		arch.Sequential("1×1 convolution", input(5, 4), conv(4, 1, "")),
		arch.Sequential("1×1 depthwise convolution", input(5, 4), arch.DepthwiseConv{Kernel: []int{1, 1}}),
		arch.Sequential("three 1×1 convolutions", input(6, 3), conv(8, 1, "relu"), conv(4, 1, "relu"), conv(5, 1, "relu")),
	}
	for _, kernel := range fieldKernels {
		nets = append(nets, arch.Sequential("", input(9, 1), conv(2, kernel, "relu")))
	}
	found, err := measureSupports(backend, nets...)
	if err != nil {
		return facts, err
	}
	facts.Sheet, facts.Pointwise, facts.Depthwise, facts.Stack, facts.Fields = found[0], found[1], found[2], found[3], found[4:]
	if err := facts.compare(backend, 2); err != nil {
		return facts, err
	}
	facts.Linear, err = Linearity.Measured(ctx, backend, none)
	return facts, err
}

// compare runs 256 → 64 as the backend's own convolution, and as a matrix
// product of gonum in every pixel; and a convolution with a diagonal matrix
// beside the backend's own depthwise convolution.
func (f *MixingMeasurement) compare(backend compute.Backend, seed int64) error {
	const pictures, side, few = 2, 8, 4
	random := fit.Rand(seed, forExact)
	layer := drawLayer(random, reductionChannels, reducedTo)
	x := integers(random, pictures*side*side*reductionChannels)
	got, err := run(backend, layer.apply, x, side, reductionChannels)
	if err != nil {
		return err
	}
	f.Values, f.Different = len(got), differing(got, x, mat.DenseCopyOf(layer.matrix()))

	weights, x := integers(random, few), integers(random, pictures*side*side*few)
	own := Layer{Biases: make([]float32, few)}
	for c, w := range weights {
		own.Weights = append(own.Weights, make([]float32, few))
		own.Weights[c][c] = w
	}
	if got, err = run(backend, own.apply, x, side, few); err != nil {
		return err
	}
	want, err := run(backend, func(x *Node) *Node {
		return Convolve(x, Reshape(Const(x.Graph(), weights), 1, 1, 1, few)).ChannelGroupCount(few).Done()
	}, x, side, few)
	if err != nil {
		return err
	}
	f.DiagonalValues, f.DiagonalDifferent = len(got), unequal(got, want)
	return nil
}

// unequal counts the values that are not the same.
func unequal(got, want []float32) int {
	count := 0
	for i := range got {
		if got[i] != want[i] {
			count++
		}
	}
	return count
}

func judgeSeparateChannels(m MixingMeasurement) claim.Finding {
	acting, all := m.Pointwise.pairs()
	return exact(acting < all,
		"In a 1×1 convolution of %d channels, %d of %d pairs of an input and an output channel act on each other, in every pixel.",
		m.Pointwise.Input.Channels(), acting, all)
}

func judgeDiagonal(m MixingMeasurement) claim.Finding {
	own, all := m.Depthwise.pairs()
	channels := m.Depthwise.Input.Channels()
	return exact(own == channels && m.DiagonalValues > 0 && m.DiagonalDifferent == 0,
		"%d of %d outputs of a 1×1 convolution with a diagonal matrix differ from those of a depthwise convolution, in which %d of %d pairs act on each other. That takes %d weights, the matrix %d.",
		m.DiagonalDifferent, m.DiagonalValues, own, all, channels, channels*channels)
}

func judgeDotProduct(f MixingMeasurement) claim.Finding {
	acting, all := f.Sheet.pairs()
	across, _ := f.Sheet.across()
	return exact(f.Values > 0 && f.Different == 0 && acting == all && across == 0,
		"%d of %s outputs differ from the matrix product in their pixel; %s of 256·64 = %s pairs of channels act on each other in every pixel, and %d across pixels.",
		f.Different, comma(f.Values), comma(acting), comma(all), across)
}

func judgeLayout(f MixingMeasurement) claim.Finding {
	s := f.Stack
	acting, all := s.pairs()
	across, others := s.across()
	same := slices.Equal(s.Input.Spatial(), s.Output.Spatial())
	return exact(acting == all && across == 0 && others > 0 && same && s.Input.Channels() != s.Output.Channels() && f.Linear.NotAdditiveWithReLU > 0,
		"%s becomes %s; %d of %d pairs of channels act within a pixel, at every pixel, and %d of %s pairs of values across pixels. The non-linearity is the activation's: without it the stack is one matrix (q6a.2).",
		s.Input.Times(), s.Output.Times(), acting, all, across, comma(others))
}

func mixingRules() []claim.Rule[MixingMeasurement] {
	return []claim.Rule[MixingMeasurement]{
		claim.Whole("q6a.3", "Q6 (a) 3",
			"With 1×1 convolutions, filters can be applied to each input channel separately.",
			claim.ExactRule("q6a.3a", "",
				"A 1×1 convolution as such applies its filters to each input channel separately.",
				"supported if there is an input channel that does not act on some output channel of a built 1×1 convolution; refuted if each acts on all, in every pixel",
				claim.Refuted, judgeSeparateChannels).Revised(revised, "a part of its own: the sheet says can, and a diagonal matrix does it"),
			claim.ExactRule("q6a.3b", "",
				"It can be made to, by its weights.",
				"with a diagonal matrix it equals a depthwise convolution in every value, and in that each channel acts on its own alone",
				claim.Supported, judgeDiagonal).Revised(revised, "a part of its own: the sheet says can, and a diagonal matrix does it")),
		claim.ExactRule("q6b.1", "Q6 (a), the example of 256 channels",
			"A 1×1 filter is a dot product over the channels at one pixel: each of 64 output channels combines all 256 input channels.",
			"the convolution equals a matrix product in every pixel, value by value, and all 256·64 pairs of channels act on each other in every pixel, across pixels none",
			claim.Supported, judgeDotProduct).From(made),
		claim.ExactRule("q6b.3", "Q6 (b) 1–3",
			"The map behind a 1×1 convolution keeps the spatial layout, has another depth, and is non-linear.",
			"in three 1×1 layers with ReLU each output pixel depends on all channels of its own input pixel and on no other pixel; the depth is that of the filters; and the stack is not additive",
			claim.Supported, judgeLayout).From(made),
	}
}

// table shows what acts on what in the built convolutions.
func (f MixingMeasurement) table() report.Table {
	table := report.Table{
		ID: "mixing", Title: "What acts on what",
		Columns: []string{"built net", "input", "output", "pairs of channels that act, in every pixel", "pairs of values that act across pixels"},
	}
	for _, s := range []Support{f.Sheet, f.Pointwise, f.Depthwise, f.Stack} {
		acting, all := s.pairs()
		across, others := s.across()
		table.Rows = append(table.Rows, []string{
			s.Name, s.Input.Times(), s.Output.Times(), fmt.Sprintf("%s of %s", comma(acting), comma(all)), fmt.Sprintf("%s of %s", comma(across), comma(others)),
		})
	}
	return table
}

// ChannelMixing is the experiment.
var ChannelMixing = experiment.Experiment[struct{}, MixingMeasurement]{
	Name: "Mixing", Title: "Which values act on which",
	Measure: measureMixing, PureGo: true, Rules: mixingRules(),
	Figures: func(_ struct{}, f MixingMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}}, nil
	},
}
