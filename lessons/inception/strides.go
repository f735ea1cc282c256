package inception

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/probe"
	"evident/kit/progress"
	"evident/kit/report"
)

// StridesConfig is the grid on which the arithmetic of strides is checked.
type StridesConfig struct {
	Sizes   []int `role:"compared" range:"[1, inf)" list:"1" help:"pixels of the input along an axis"`
	Kernels []int `role:"compared" range:"[1, inf)" list:"1" help:"pixels of the window along an axis"`
	Strides []int `role:"compared" range:"[1, inf)" list:"1" help:"pixels that the window moves"`
}

// StridesMeasurement is what convolutions with strides came to.
type StridesMeasurement struct {
	Sizes      []BuiltSize
	Mismatches []BuiltSize // of Sizes: built and formula differ
	Same       SamePadding
	Fields     []StackField
	Skipped    []SkippedPixels
}

// SamePadding counts the convolutions whose padding is same.
type SamePadding struct {
	Stride1      int // those of stride 1
	Kept         int // those of stride 1 that keep the size
	KeptByLarger int // those of a larger stride that keep a size above 1
}

// BuiltSize is one convolution along an axis: what it gave and what the formula
// says.
type BuiltSize struct {
	Size, Kernel, Stride int
	Padding              nn.Padding
	Built, Formula       int
}

// StackField is the receptive field of a stack of 3×3 convolutions that all
// have the same stride.
type StackField struct{ Stride, Depth, Measured, Formula int }

// SkippedPixels is the fraction of input pixels that no output depends on, and how
// far the window moves from one output to the next.
type SkippedPixels struct {
	Kernel, Stride    int
	Moved             int
	Measured, Formula float64
}

// measureStrides checks the arithmetic of strides against convolutions that
// the backend really runs.
func measureStrides(ctx context.Context, backend compute.Backend, c StridesConfig) (StridesMeasurement, error) {
	var facts StridesMeasurement
	for i, size := range c.Sizes {
		progress.ReportTask(ctx, "output sizes", i+1, len(c.Sizes))
		if err := ctx.Err(); err != nil {
			return facts, err
		}
		sizes, err := outputSizes(backend, size, c)
		if err != nil {
			return facts, err
		}
		facts.Sizes = append(facts.Sizes, sizes...)
	}
	facts.countSizes()
	if err := facts.measureFields(backend, c); err != nil {
		return facts, err
	}
	return facts, facts.measureSkipped(backend, c)
}

// outputSizes runs every kernel, stride and padding on one input size, as one
// program, and reads the shapes of what comes out. Along one axis is enough:
// the axes of a convolution do not know of each other.
func outputSizes(backend compute.Backend, size int, c StridesConfig) ([]BuiltSize, error) {
	var facts []BuiltSize
	for _, kernel := range c.Kernels {
		for _, stride := range c.Strides {
			for _, padding := range []nn.Padding{nn.Same, nn.Valid} {
				fact := BuiltSize{Size: size, Kernel: kernel, Stride: stride, Padding: padding}
				fact.Formula = nn.OutputSize(size, kernel, stride, padding)
				facts = append(facts, fact)
			}
		}
	}
	run := func(x *Node) []*Node {
		var outputs []*Node
		for _, f := range facts {
			if f.fits() {
				outputs = append(outputs, f.convolve(x))
			}
		}
		return outputs
	}
	outputs, err := CallOnceN(backend, run, tensors.FromFlatDataAndDimensions(make([]float32, size), 1, size, 1))
	if err != nil {
		return nil, fmt.Errorf("convolutions on %d pixels: %w", size, err)
	}
	for i := range facts {
		if facts[i].fits() {
			facts[i].Built = outputs[0].Shape().Dim(1)
			outputs = outputs[1:]
		}
	}
	return facts, nil
}

// fits reports whether the window lies inside the input at least once. Where
// it does not, there is no convolution to run, and the formula says 0.
func (f BuiltSize) fits() bool { return f.Padding == nn.Same || f.Kernel <= f.Size }

func (f BuiltSize) convolve(x *Node) *Node {
	kernel := BroadcastToDims(ScalarOne(x.Graph(), x.DType()), f.Kernel, 1, 1)
	convolution := Convolve(x, kernel).Strides(f.Stride)
	if f.Padding == nn.Same {
		return convolution.PadSame().Done()
	}
	return convolution.NoPadding().Done()
}

func (s *StridesMeasurement) countSizes() {
	for _, f := range s.Sizes {
		if f.Built != f.Formula {
			s.Mismatches = append(s.Mismatches, f)
		}
		kept := f.Built == f.Size
		switch {
		case f.Padding != nn.Same:
		case f.Stride == 1:
			s.Same.Stride1++
			if kept {
				s.Same.Kept++
			}
		case kept && f.Size > 1:
			s.Same.KeptByLarger++
		}
	}
}

// strided is a 3×3 convolution, or of another size, without padding.
func strided(scope *model.Scope, name string, x *Node, kernel, stride int) *Node {
	return nn.Conv2D{Filters: 1, Kernel: kernel, Stride: stride, Padding: nn.Valid}.Apply(scope.In("%s", name), x)
}

// fieldDepth is how many convolutions are stacked to see the receptive field
// grow. Three with stride 4 see 3 + 2·4 + 2·16 = 43 pixels.
const fieldDepth = 3

func (s *StridesMeasurement) measureFields(backend compute.Backend, c StridesConfig) error {
	var probes []probe.Probe
	for _, stride := range c.Strides {
		field := 1
		for depth, jump := 1, 1; depth <= fieldDepth; depth, jump = depth+1, jump*stride {
			field += 2 * jump
			s.Fields = append(s.Fields, StackField{Stride: stride, Depth: depth, Formula: field})
			probes = append(probes, probe.Probe{Input: arch.Shape{field, field, 1}, Graph: stackOf(depth, stride)})
		}
	}
	influences, err := probe.Measure(backend, probes...)
	for i, influence := range influences {
		s.Fields[i].Measured = influence.ReceptiveField(0, 0).Size(1)
	}
	return err
}

func stackOf(depth, stride int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		for i := range depth {
			x = strided(scope, fmt.Sprint(i), x, 3, stride)
		}
		return x
	}
}

// windowsAlong is how many windows fit exactly along the axes of the pictures
// of measureSkipped, so that no rest at the edge is mistaken for a gap.
const windowsAlong = 4

func (s *StridesMeasurement) measureSkipped(backend compute.Backend, c StridesConfig) error {
	var probes []probe.Probe
	for _, kernel := range c.Kernels {
		for _, stride := range c.Strides {
			side := kernel + (windowsAlong-1)*stride
			used := float64(min(windowsAlong*kernel, side)) / float64(side)
			s.Skipped = append(s.Skipped, SkippedPixels{Kernel: kernel, Stride: stride, Formula: 1 - used*used})
			probes = append(probes, probe.Probe{Input: arch.Shape{side, side, 1}, Graph: func(scope *model.Scope, x *Node) *Node {
				return strided(scope, "conv", x, kernel, stride)
			}})
		}
	}
	influences, err := probe.Measure(backend, probes...)
	for i, influence := range influences {
		s.Skipped[i].Measured = influence.Unused()
		s.Skipped[i].Moved = influence.ReceptiveField(0, 1).Low[1] - influence.ReceptiveField(0, 0).Low[1]
	}
	return err
}

func judgeSizes(s StridesMeasurement) claim.Finding {
	moved := true
	for _, u := range s.Skipped {
		moved = moved && u.Moved == u.Stride
	}
	return claim.Finding{
		Decision: claim.Holds(len(s.Mismatches) == 0 && moved),
		Evidence: fmt.Sprintf("%d of %d convolutions have the size of the formula, and in all %d measured cases the window moves by the stride: %t. Stride 1 moves one pixel, not two.",
			len(s.Sizes)-len(s.Mismatches), len(s.Sizes), len(s.Skipped), moved),
		Samples: 1,
	}
}

// sizeable is the least input, in pixels, that a stride has to shrink: a smaller
// one may be a single pixel at every stride.
const sizeable = 8

func judgeDownsampling(s StridesMeasurement) claim.Finding {
	atStride1 := map[[3]int]int{}
	for _, f := range s.Sizes {
		if f.Stride == 1 {
			atStride1[[3]int{f.Size, f.Kernel, int(f.Padding)}] = f.Built
		}
	}
	checked, smaller, largest := 0, 0, BuiltSize{}
	var left []string // at the largest size, with padding same and the smallest kernel
	for _, f := range s.Sizes {
		full := atStride1[[3]int{f.Size, f.Kernel, int(f.Padding)}]
		if f.Stride == 1 || f.Size < sizeable || full < 2 {
			continue
		}
		checked++
		if f.Built < full {
			smaller++
		}
		if f.Size > largest.Size {
			largest, left = f, nil
		}
		if f.Kernel == largest.Kernel && f.Padding == largest.Padding {
			left = append(left, fmt.Sprintf("%.0f %%", 100*float64(f.Built*f.Built)/float64(full*full)))
		}
	}
	return claim.Finding{
		Decision: claim.Holds(checked > 0 && smaller == checked),
		Evidence: fmt.Sprintf("In %d of %d cases the output and its multiply-adds shrink; on %d×%d pixels, strides 2, 3, … leave %s of them, about 1/stride².",
			smaller, checked, largest.Size, largest.Size, strings.Join(left, ", ")),
		Samples: 1,
	}
}

func judgeFields(s StridesMeasurement) claim.Finding {
	right, widens, first := 0, true, true
	byDepth := map[int]int{} // the largest so far, since strides come in rising order
	var deepest []string
	for _, f := range s.Fields {
		if f.Measured == f.Formula {
			right++
		}
		if f.Depth == 1 {
			first = first && f.Measured == 3
		} else {
			widens = widens && f.Measured > byDepth[f.Depth]
			byDepth[f.Depth] = f.Measured
		}
		if f.Depth == fieldDepth {
			deepest = append(deepest, fmt.Sprint(f.Measured))
		}
	}
	return claim.Finding{
		Decision: claim.Holds(right == len(s.Fields) && widens && first),
		Evidence: fmt.Sprintf("%d of %d measured fields equal the formula; after three 3×3 layers an output sees %s pixels for strides 1, 2, …; the first layer sees 3 at every stride.",
			right, len(s.Fields), strings.Join(deepest, ", ")),
		Samples: 1,
	}
}

func judgeSkipped(s StridesMeasurement) claim.Finding {
	right, worst := 0, SkippedPixels{}
	for _, u := range s.Skipped {
		skips := u.Stride > u.Kernel
		if near(u.Measured, u.Formula) && skips == (u.Measured > 0) {
			right++
		}
		if u.Measured > worst.Measured {
			worst = u
		}
	}
	return claim.Finding{
		Decision: claim.Holds(right == len(s.Skipped)),
		Evidence: fmt.Sprintf("%d of %d cases follow the formula: no pixel is skipped up to stride = kernel, and %.0f %% are at kernel %d with stride %d.",
			right, len(s.Skipped), 100*worst.Measured, worst.Kernel, worst.Stride),
		Samples: 1,
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func stridesRules() []claim.Rule[StridesMeasurement] {
	return []claim.Rule[StridesMeasurement]{
		claim.ExactRule("q7b.1", "Q7 (b) 1",
			"The stride is how many pixels the window moves, and with kernel and padding it sets the size of the output. (The sheet says that stride 1 moves two pixels; it moves one.)",
			"the size formula and the window's movement agree with the backend in every case of the grid",
			claim.Supported, judgeSizes),
		claim.ExactRule("q7b.2", "Q7 (b) 2",
			"A stride above 1 downsamples and cuts the computation.",
			fmt.Sprintf("for every input of at least %d pixels and every stride above 1, the built output is smaller than at stride 1 and so are its multiply-adds", sizeable),
			claim.Supported, judgeDownsampling),
		claim.ExactRule("q7b.3", "Q7 (b) 3",
			"A larger stride widens the receptive field, that of the layers behind it.",
			"measured receptive fields equal 1 + Σ (kernel−1)·(product of the strides before), and grow with the stride from the second layer on",
			claim.Supported, judgeFields),
		claim.ExactRule("q7b.4", "Q7 (b) 4",
			"With a larger stride information is lost, most of all when the stride exceeds the kernel: the window then skips parts of the input.",
			"the fraction of pixels without influence is 0 for stride ≤ kernel and 1 − (used/side)² above 0 for stride > kernel",
			claim.Supported, judgeSkipped),
	}
}

// table shows the sizes for one input.
func (s StridesMeasurement) table() report.Table {
	rows := report.Table{
		ID: "strides", Columns: []string{"kernel", "stride", "same: built", "same: ⌈n/s⌉", "valid: built", "valid: ⌈(n−k+1)/s⌉"},
	}
	shown := 0
	for _, f := range s.Sizes {
		shown = max(shown, f.Size)
	}
	rows.Title = fmt.Sprintf("Output size for an input of n = %d (all %d cases are checked)", shown, len(s.Sizes))
	for i := 0; i+1 < len(s.Sizes); i += 2 { // same and valid come in pairs
		same, valid := s.Sizes[i], s.Sizes[i+1]
		if same.Size == shown && same.Kernel%2 == 1 {
			rows.Rows = append(rows.Rows, []string{
				fmt.Sprint(same.Kernel), fmt.Sprint(same.Stride), fmt.Sprint(same.Built), fmt.Sprint(same.Formula), fmt.Sprint(valid.Built), fmt.Sprint(valid.Formula),
			})
		}
	}
	return rows
}

// fieldChart shows the receptive field against depth.
func (s StridesMeasurement) fieldChart() report.Chart {
	chart := report.Chart{
		ID: "fields", Title: "Receptive field of stacked 3×3 convolutions", Mark: report.Line, XLabel: "layers", YLabel: "pixels that one output depends on, along an axis",
		Alt: "Receptive field against depth, one line for each stride; all begin at 3 pixels.",
	}
	for _, f := range s.Fields {
		if f.Depth == 1 {
			chart.Curves = append(chart.Curves, report.Curve{Name: fmt.Sprintf("stride %d", f.Stride)})
		}
		chart.Curves[len(chart.Curves)-1].Add(float64(f.Depth), float64(f.Measured))
	}
	return chart
}

// skippedChart shows the fraction of skipped pixels against the stride.
func (s StridesMeasurement) skippedChart() report.Chart {
	chart := report.Chart{
		ID: "skipped", Title: "Pixels that a strided convolution skips", Mark: report.Line, XLabel: "stride", YLabel: "fraction of input pixels without influence",
		Alt: "Fraction of skipped pixels against the stride, one line for each kernel size: at 0 no pixel is lost.",
	}
	for i, u := range s.Skipped {
		if i == 0 || s.Skipped[i-1].Kernel != u.Kernel {
			chart.Curves = append(chart.Curves, report.Curve{Name: fmt.Sprintf("kernel %d", u.Kernel)})
		}
		chart.Curves[len(chart.Curves)-1].Add(float64(u.Stride), u.Measured)
	}
	return chart
}

// StrideArithmetic is the experiment.
var StrideArithmetic = experiment.Experiment[StridesConfig, StridesMeasurement]{
	Name: "Strides", Title: "What a stride does",
	Measure: measureStrides, Rules: stridesRules(),
	Figures: func(_ StridesConfig, s StridesMeasurement) (report.Figures, error) {
		return report.Figures{
			Charts: []report.Chart{s.fieldChart(), s.skippedChart()},
			Tables: []report.Table{s.table()},
		}, nil
	},
}
