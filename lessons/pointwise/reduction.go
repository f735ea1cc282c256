package pointwise

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// ReductionMeasurement holds the costs of a 3×3 convolution from 256 to 256 channels
// on 28×28 pixels, alone and behind a 1×1 convolution.
type ReductionMeasurement struct {
	Alone, Behind Counted
	// Filters are all numbers of 1×1 filters from 1 to the channels, with the
	// multiply-adds of the pair.
	Filters, MultiplyAdds []int
}

// The sizes of the sheet's example: 256 channels become 64, at reductionCost
// parameters.
const (
	reductionSide     = 28
	reductionChannels = 256
	reducedTo         = 64
	reductionCost     = 16_448
)

// reduced is the 3×3 convolution behind so many 1×1 filters; alone with 0.
func reduced(filters int) arch.Model {
	input := arch.Input{Shape: arch.Shape{reductionSide, reductionSide, reductionChannels}}
	if filters == 0 {
		return arch.Sequential("3×3 alone", input, conv(reductionChannels, 3, "relu"))
	}
	return arch.Sequential("1×1 in front", input, conv(filters, 1, "relu"), conv(reductionChannels, 3, "relu"))
}

// measureReduction builds and counts both, and derives the cost for every
// number of 1×1 filters.
func measureReduction(_ context.Context, backend compute.Backend, _ struct{}) (facts ReductionMeasurement, err error) {
	if facts.Alone, err = count(backend, reduced(0)); err != nil {
		return facts, err
	}
	if facts.Behind, err = count(backend, reduced(reducedTo)); err != nil {
		return facts, err
	}
	for filters := 1; filters <= reductionChannels; filters++ {
		s, err := reduced(filters).Summarize()
		if err != nil {
			return facts, err
		}
		facts.Filters, facts.MultiplyAdds = append(facts.Filters, filters), append(facts.MultiplyAdds, s.FLOPs()/2)
	}
	return facts, nil
}

// BreakEven is the number of 1×1 filters k at which the pair costs as much as
// the 3×3 convolution alone, from C to F channels: C·k + 9·k·F = 9·C·F.
func BreakEven(channels, filters int) float64 {
	c, f := float64(channels), float64(filters)
	return 9 * c * f / (c + 9*f)
}

func judgeReduction(f ReductionMeasurement) claim.Finding {
	alone, behind := f.Alone.Summary.Total(), f.Behind.Summary.Total()
	first := f.Behind.Summary.Rows[1]
	cheaper := behind < alone && f.Behind.multiplyAdds() < f.Alone.multiplyAdds()
	even := BreakEven(reductionChannels, reductionChannels)
	asPredicted := true
	for i, k := range f.Filters {
		asPredicted = asPredicted && (float64(k) < even) == (f.MultiplyAdds[i] < f.Alone.multiplyAdds())
	}
	return exact(f.Alone.agrees() && f.Behind.agrees() && first.Parameters == reductionCost && cheaper && asPredicted,
		"256 → 64 channels takes %s parameters; with it, a 3×3 convolution to 256 channels on %d×%d pixels takes %s instead of %s parameters and %s instead of %s multiply-adds. It saves for every number of filters up to %.0f, and costs more from %.0f on.",
		comma(first.Parameters), reductionSide, reductionSide, comma(behind), comma(alone), comma(f.Behind.multiplyAdds()), comma(f.Alone.multiplyAdds()), even, even+1)
}

func reductionRules() []claim.Rule[ReductionMeasurement] {
	return []claim.Rule[ReductionMeasurement]{
		claim.ExactRule("q6a.1", "Q6 (a) 1",
			"A 1×1 convolution with fewer filters than channels reduces the depth, and with it the computation of what follows.",
			fmt.Sprintf("%d → %d channels is built with %s parameters; the 3×3 convolution behind it and itself take fewer parameters and multiply-adds than the 3×3 convolution alone; and so for every number of filters k below 9·C·F/(C + 9·F), and for none above", reductionChannels, reducedTo, comma(reductionCost)),
			claim.Supported, judgeReduction).From(made),
	}
}

// table shows the costs with the reduction and without.
func (f ReductionMeasurement) table() report.Table {
	table := report.Table{
		ID: "reduction", Title: fmt.Sprintf("A 3×3 convolution from %d to %d channels on %d×%d pixels", reductionChannels, reductionChannels, reductionSide, reductionSide),
		Columns: []string{"net", "layer", "output", "parameters", "formula", "multiply-adds"},
	}
	for _, c := range []Counted{f.Alone, f.Behind} {
		for _, row := range c.Summary.Rows[1:] {
			table.Rows = append(table.Rows, []string{c.Model.Name, row.Name, row.Outputs[0].Times(), comma(row.Parameters), row.Formula, comma(row.FLOPs / 2)})
		}
		table.Rows = append(table.Rows, []string{c.Model.Name, "together", "", comma(c.Summary.Total()), "", comma(c.multiplyAdds())})
	}
	return table
}

// chart shows the multiply-adds against the number of 1×1 filters.
func (f ReductionMeasurement) chart() report.Chart {
	pair := report.Curve{Name: "1×1 and 3×3"}
	for i, k := range f.Filters {
		pair.Add(float64(k), float64(f.MultiplyAdds[i])/1e6)
	}
	return report.Chart{
		ID: "reduction", Title: "When a 1×1 convolution in front saves computation", Mark: report.Line,
		XLabel: "1×1 filters, of 256 channels", YLabel: "million multiply-adds", Curves: []report.Curve{pair},
		Rules: []report.Reference{{Name: "3×3 alone", Y: float64(f.Alone.multiplyAdds()) / 1e6}},
		Alt:   "The multiply-adds of the pair against the number of 1×1 filters, beside a rule at those of the 3×3 convolution alone: where the line lies below the rule, the 1×1 convolution saves computation.",
	}
}

// DepthReduction is the experiment.
var DepthReduction = experiment.Experiment[struct{}, ReductionMeasurement]{
	Name: "Reduction", Title: "A 1×1 convolution in front of a 3×3 convolution",
	Measure: measureReduction, PureGo: true, Rules: reductionRules(),
	Figures: func(_ struct{}, f ReductionMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
