package pointwise

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"

	"evident/kit/claim"
)

// exact is the finding of a check that needs one run.
func exact(holds bool, format string, args ...any) claim.Finding {
	return claim.Finding{Decision: claim.Holds(holds), Evidence: fmt.Sprintf(format, args...), Samples: 1}
}

func comma(n int) string { return humanize.Comma(int64(n)) }

func judgeReduction(m Measurements) claim.Finding {
	f := m.Reduction
	alone, behind := f.Alone.Summary.Total(), f.Behind.Summary.Total()
	first := f.Behind.Summary.Rows[1]
	cheaper := behind < alone && f.Behind.MultiplyAdds() < f.Alone.MultiplyAdds()
	even := BreakEven(reductionChannels, reductionChannels)
	asPredicted := true
	for i, k := range f.Filters {
		asPredicted = asPredicted && (float64(k) < even) == (f.MultiplyAdds[i] < f.Alone.MultiplyAdds())
	}
	return exact(f.Alone.Agrees() && f.Behind.Agrees() && first.Parameters == 16_448 && cheaper && asPredicted,
		"256 → 64 channels takes %s parameters; with it, a 3×3 convolution to 256 channels on %d×%d pixels takes %s instead of %s parameters and %s instead of %s multiply-adds. It saves for every number of filters up to %.0f, and costs more from %.0f on.",
		comma(first.Parameters), reductionSide, reductionSide, comma(behind), comma(alone), comma(f.Behind.MultiplyAdds()), comma(f.Alone.MultiplyAdds()), even, even+1)
}

func judgeNonLinearity(m Measurements) claim.Finding {
	f := m.Linear
	flat := true
	for _, answer := range f.LeastSquares {
		flat = flat && answer > 0.5-1e-9 && answer < 0.5+1e-9
	}
	holds := f.Values > 0 && f.Different == 0 && f.NotAdditive == 0 && f.NotAdditiveWithReLU > 0 && f.Pixels > 0 && f.Wrong == 0 && flat && f.Separable <= 0.75
	return exact(holds,
		"Without activation, %d of %d outputs of three layers differ from one matrix; with ReLU, %d break additivity. Two layers with ReLU get %d of %d pixels of XOR wrong; the best linear map says %.1f to all four colours, and no threshold gets more than %.0f %% of them right.",
		f.Different, f.Values, f.NotAdditiveWithReLU, f.Wrong, f.Pixels, f.LeastSquares[0], 100*f.Separable)
}

func judgeSeparateChannels(m Measurements) claim.Finding {
	acting, all := m.Mixing.Pointwise.Pairs()
	own, _ := m.Mixing.Depthwise.Pairs()
	return exact(acting < all,
		"In a 1×1 convolution of %d channels, %d of %d pairs of an input and an output channel act on each other, in every pixel. Filters on each channel separately are a depthwise convolution: there it is %d of %d.",
		m.Mixing.Pointwise.Input.Channels(), acting, all, own, all)
}

func judgeDotProduct(m Measurements) claim.Finding {
	f := m.Mixing
	acting, all := f.Sheet.Pairs()
	across, _ := f.Sheet.Across()
	return exact(f.Values > 0 && f.Different == 0 && acting == all && across == 0,
		"%d of %s outputs differ from the matrix product in their pixel; %s of 256·64 = %s pairs of channels act on each other in every pixel, and %d across pixels.",
		f.Different, comma(f.Values), comma(acting), comma(all), across)
}

func judgeKept(m Measurements) claim.Finding {
	f := m.Rank
	full, half, few := f.At(f.Sources), f.At(f.Sources/2), f.At(labelSources)
	kept := claim.EstimateMean(keptOf(f.Trained[full]))
	worse := claim.EstimateDifference(f.Labelled[few], f.Whole)
	return claim.Finding{
		Decision: claim.All(kept.Above(keptVariance), worse.Above(-sameAccuracy)),
		Evidence: fmt.Sprintf("%d channels mixed from %d sources: trained on the pixels, %d filters keep %s of the variance and %d filters %.2f (no linear map keeps more than %.2f). Trained on a label that depends on the %d weakest sources, %d filters read it at %s above all channels, while the %d largest principal components read it at %.2f (chance %.2f).",
			f.Channels, f.Sources, f.Filters[full], kept, f.Filters[half], claim.EstimateMean(keptOf(f.Trained[half])).Mean, 1-f.Bound[half],
			labelSources, f.Filters[few], worse, f.Filters[few], claim.EstimateMean(f.Principal[few]).Mean, 1.0/labels),
		Samples: kept.N,
	}
}

// keptOf is the share that an error leaves.
func keptOf(errors []float64) []float64 {
	kept := make([]float64, len(errors))
	for i, e := range errors {
		kept[i] = 1 - e
	}
	return kept
}

func judgeLayout(m Measurements) claim.Finding {
	s := m.Mixing.Stack
	acting, all := s.Pairs()
	across, others := s.Across()
	same := slices.Equal(s.Input.Spatial(), s.Output.Spatial())
	return exact(acting == all && across == 0 && others > 0 && same && s.Input.Channels() != s.Output.Channels() && m.Linear.NotAdditiveWithReLU > 0,
		"%s becomes %s; %d of %d pairs of channels act within a pixel, at every pixel, and %d of %s pairs of values across pixels. The non-linearity is the activation's: without it the stack is one matrix (q6a.2).",
		s.Input.Times(), s.Output.Times(), acting, all, across, comma(others))
}

func judgeDifferent(m Measurements) claim.Finding {
	var fields []int
	for _, s := range m.Mixing.Fields {
		fields = append(fields, s.Field())
	}
	holds := m.Maps.Filters != 3 && slices.Equal(fields, fieldKernels) && m.Linear.NotAdditiveWithReLU > 0 && m.Maps.Moved > learns
	return exact(holds,
		"The image has 3 channels, the map %d; kernels of %v pixels have receptive fields of %v pixels; training moved the 1×1 weights by %.2f of their norm, in a net that reads %.2f of the pictures right.",
		m.Maps.Filters, fieldKernels, fields, m.Maps.Moved, m.Maps.Accuracy)
}

func judgeChannels(m Measurements) claim.Finding {
	right := 0
	for _, c := range m.Printed.Channels {
		if c.Out == c.Filters && c.Parameters == (c.In+1)*c.Filters {
			right++
		}
	}
	return exact(right == len(m.Printed.Channels) && right > 0,
		"%d of %d built 1×1 convolutions have as many output channels as filters; from 3 channels to 16 takes (3 + 1)·16 = 64 parameters. In the printed net the 16 filters read the 8 maps of the layer before, hence its 144.",
		right, len(m.Printed.Channels))
}

// The sheet's print-out.
var (
	sheetParameters = []int{0, 32, 144, 0, 2_097_154}
	sheetTotal      = "Total params: 2,097,330 (8.00 MB)"
)

func judgePrinted(m Measurements) claim.Finding {
	f := m.Printed
	var counts []int
	for _, row := range f.Net.Summary.Rows {
		counts = append(counts, row.Parameters)
	}
	total := f.Net.Summary.Totals()[0]
	pooled := f.Pooled.Summary.Rows
	return exact(f.Net.Agrees() && f.Pooled.Agrees() && slices.Equal(counts, sheetParameters) && total == sheetTotal,
		"Built layer by layer: %s. The dense layer holds %.2f %% of it; behind global pooling it would hold %d, and the net %d.",
		total, 100*f.DenseShare(), pooled[len(pooled)-1].Parameters, f.Pooled.Summary.Total())
}
