package inception

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
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
	Kernels []int `role:"compared" range:"[1, 11]" list:"1" help:"pixels of the window along an axis"`
	Strides []int `role:"compared" range:"[1, 6]" list:"1" help:"pixels that the window moves"`
	Seed    int64 `role:"fixed" help:"of the weights whose Jacobian is taken"`
}

// StridesMeasurement is what convolutions with strides came to.
type StridesMeasurement struct {
	Sizes      []BuiltSize
	Mismatches []BuiltSize // of Sizes: built and formula differ
	Same       SamePadding
	Fields     []StackField
	Skipped    []SkippedPixels
	Ranks      []JacobianRank
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

// JacobianRank is the rank of the Jacobian of one convolution: how many of the
// Inputs directions in which a picture can change its output can tell apart.
type JacobianRank struct {
	Kernel, Stride, Filters int
	Inputs, Rank            int
}

// kept is the fraction of the directions that the output can tell apart.
func (r JacobianRank) kept() float64 { return float64(r.Rank) / float64(r.Inputs) }

// enough reports whether there are as many values after the convolution as before it.
func (r JacobianRank) enough() bool { return r.Filters == r.Stride*r.Stride }

// measureStrides checks the arithmetic of strides against convolutions that
// really run, in pure Go.
func measureStrides(ctx context.Context, _ compute.Backend, c StridesConfig) (StridesMeasurement, error) {
	var facts StridesMeasurement
	backend, err := counting()
	if err != nil {
		return facts, err
	}
	defer backend.Finalize()
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
	if err := facts.measureSkipped(backend, c); err != nil {
		return facts, err
	}
	facts.Ranks, err = jacobianRanks(backend, c)
	return facts, err
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

// jacobianRanks takes the Jacobian of every kernel and stride, with one filter, as
// many as there are channels before, and with stride² filters, which give as many
// values as there are pixels. A picture has windowsAlong windows along an axis, and is
// padded where the kernel is larger than the stride.
func jacobianRanks(backend compute.Backend, c StridesConfig) ([]JacobianRank, error) {
	const forWeights = 78
	random := fit.Rand(c.Seed, forWeights)
	var ranks []JacobianRank
	for _, stride := range c.Strides {
		side := windowsAlong * stride
		inputs := []any{tensors.FromFlatDataAndDimensions(identity(side*side), side*side, side, side, 1)}
		first := len(ranks)
		for _, kernel := range c.Kernels {
			for _, filters := range slices.Compact([]int{1, stride * stride}) {
				ranks = append(ranks, JacobianRank{Kernel: kernel, Stride: stride, Filters: filters, Inputs: side * side})
				weights := make([]float32, kernel*kernel*filters)
				for i := range weights {
					weights[i] = float32(1 + random.IntN(1000)) // whole, so that the rank is exact
				}
				inputs = append(inputs, tensors.FromFlatDataAndDimensions(weights, kernel, kernel, 1, filters))
			}
		}
		outputs, err := CallOnceN(backend, func(inputs []*Node) []*Node {
			convolved := make([]*Node, len(inputs)-1)
			for i, kernel := range inputs[1:] {
				// Not GoMLX's PadSame: it pads as for stride 1, which may leave the last pixels out.
				around := nn.WindowPadding(side, kernel.Shape().Dim(0), stride, nn.Same)
				y := Convolve(inputs[0], kernel).Strides(stride).PaddingPerDim([][2]int{around, around}).Done()
				convolved[i] = Reshape(y, y.Shape().Dim(0), -1)
			}
			return convolved
		}, inputs...)
		if err != nil {
			return nil, fmt.Errorf("rank of a Jacobian with stride %d: %w", stride, err)
		}
		for i, output := range outputs {
			ranks[first+i].Rank = rank(tensors.MustCopyFlatData[float32](output), side*side)
		}
	}
	return ranks, nil
}

// identity is a batch of n pictures of n pixels. In each, another pixel is 1.
func identity(n int) []float32 {
	values := make([]float32, n*n)
	for i := range n {
		values[i*(n+1)] = 1
	}
	return values
}

// rank is that of a matrix of whole numbers, by Gaussian elimination modulo a prime.
// Nothing is rounded, so it needs no tolerance. It is below the rank only where the
// prime divides all minors of that size, which for random numbers has a probability of
// some 1/prime.
func rank(values []float32, rows int) int {
	const prime = 1<<31 - 1
	width := len(values) / rows
	m := make([][]int64, rows)
	for i := range m {
		m[i] = make([]int64, width)
		for j, v := range values[i*width : (i+1)*width] {
			m[i][j] = (int64(math.Round(float64(v)))%prime + prime) % prime
		}
	}
	found := 0
	for column := 0; column < width && found < rows; column++ {
		pivot := slices.IndexFunc(m[found:], func(row []int64) bool { return row[column] != 0 })
		if pivot < 0 {
			continue
		}
		m[found], m[found+pivot] = m[found+pivot], m[found]
		inverse := new(big.Int).ModInverse(big.NewInt(m[found][column]), big.NewInt(prime)).Int64()
		for _, row := range m[found+1:] {
			if row[column] == 0 {
				continue
			}
			factor := prime - row[column]*inverse%prime
			for j := column; j < width; j++ {
				row[j] = (row[j] + factor*m[found][j]) % prime
			}
		}
		found++
	}
	return found
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

// judgeLoss asks whether a larger stride keeps less of the picture.
func judgeLoss(s StridesMeasurement) claim.Finding {
	fewer, compared, last := 0, 0, map[int]JacobianRank{}
	var kept []string // with the first kernel
	for _, r := range s.Ranks {
		if r.Filters != 1 {
			continue
		}
		if before, is := last[r.Kernel]; is {
			compared++
			if (r.kept() < before.kept()) == (r.Stride > before.Stride) {
				fewer++
			}
		}
		last[r.Kernel] = r
		if r.Kernel == s.Ranks[0].Kernel {
			kept = append(kept, fmt.Sprintf("%.3g %%", 100*r.kept()))
		}
	}
	if compared == 0 {
		return claim.Finding{Decision: claim.Missing(), Evidence: "No two strides were compared."}
	}
	return claim.Finding{
		Decision: claim.Holds(fewer == compared),
		Evidence: fmt.Sprintf("With one filter the rank falls in %d of %d steps to a larger stride: strides 1, 2, … keep %s of the directions.", fewer, compared, strings.Join(kept, ", ")),
		Samples:  1,
	}
}

// judgeMost asks whether, at the same stride, a window that skips pixels keeps less
// than one that does not.
func judgeMost(filters string, of func(JacobianRank) bool) func(StridesMeasurement) claim.Finding {
	return func(s StridesMeasurement) claim.Finding {
		worse, compared := 0, 0
		least, all := 1.0, 1.0 // kept by windows that skip, and by the others
		for _, skips := range s.Ranks {
			if skips.Kernel >= skips.Stride || !of(skips) {
				continue
			}
			least = min(least, skips.kept())
			for _, covers := range s.Ranks {
				if covers.Stride != skips.Stride || covers.Kernel < covers.Stride || !of(covers) {
					continue
				}
				all = min(all, covers.kept())
				compared++
				if skips.kept() < covers.kept() {
					worse++
				}
			}
		}
		if compared == 0 {
			return claim.Finding{Decision: claim.Missing(), Evidence: "No kernel below the stride was compared with a larger one."}
		}
		return claim.Finding{
			Decision: claim.Holds(worse == compared),
			Evidence: fmt.Sprintf("%s, a kernel below the stride has the lower rank in %d of %d comparisons; it keeps %.3g %% of the directions at the least, a larger kernel %.3g %%.",
				filters, worse, compared, 100*least, 100*all),
			Samples: 1,
		}
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

// near allows for the rounding of a few operations on fractions: 2⁻⁵³ each.
func near(a, b float64) bool { return math.Abs(a-b) <= 8*0x1p-53 }

func stridesRules() []claim.Rule[StridesMeasurement] {
	return []claim.Rule[StridesMeasurement]{
		claim.ExactRule("q7b.1", "Q7 (b) 1",
			"The stride is how many pixels the window moves, and with kernel and padding it sets the size of the output. (The sheet says that stride 1 moves two pixels; it moves one.)",
			"the size formula and the window's movement agree with the backend in every case of the grid",
			claim.Supported, judgeSizes).From("2026-11-23"),
		claim.ExactRule("q7b.2", "Q7 (b) 2",
			"A stride above 1 downsamples and cuts the computation.",
			fmt.Sprintf("for every input of at least %d pixels and every stride above 1, the built output is smaller than at stride 1 and so are its multiply-adds", sizeable),
			claim.Supported, judgeDownsampling).From("2026-11-23"),
		claim.ExactRule("q7b.3", "Q7 (b) 3",
			"A larger stride widens the receptive field, that of the layers behind it.",
			"measured receptive fields equal 1 + Σ (kernel−1)·(product of the strides before), and grow with the stride from the second layer on",
			claim.Supported, judgeFields).From("2026-11-23"),
		claim.Whole("q7b.4", "Q7 (b) 4",
			"With a larger stride information is lost, most of all when the stride exceeds the kernel: the window then skips parts of the input.",
			claim.ExactRule("q7b.4a", "Q7 (b) 4",
				"With a larger stride information is lost.",
				"with one filter, for every kernel, the rank of the convolution's Jacobian falls with every larger stride, as a fraction of the pixels",
				claim.Supported, judgeLoss).Revised("2026-11-30", "it took skipped pixels for lost information, which is the rank of the Jacobian"),
			claim.ExactRule("q7b.4b", "Q7 (b) 4",
				"Most is lost when the stride exceeds the kernel, with as many filters as channels.",
				"with one filter, at the same stride, every kernel below the stride has a lower rank than every other one",
				claim.Refuted, judgeMost("With one filter", func(r JacobianRank) bool { return r.Filters == 1 })).Revised("2026-11-30", "a part of its own"),
			claim.ExactRule("q7b.4c", "Q7 (b) 4",
				"Most is lost when the stride exceeds the kernel, with as many values after the convolution as before.",
				"with stride² filters, at the same stride, every kernel below the stride has a lower rank than every other one",
				claim.Supported, judgeMost("With stride² filters", JacobianRank.enough)).Revised("2026-11-30", "a part of its own"),
			claim.ExactRule("q7b.4d", "Q7 (b) 4",
				"When the stride exceeds the kernel, the window skips parts of the input.",
				"the fraction of pixels without influence is 0 for stride ≤ kernel and 1 − (used/side)² above 0 for stride > kernel",
				claim.Supported, judgeSkipped).From("2026-11-23")),
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

// rankChart shows what the Jacobian's rank keeps against the kernel.
func (s StridesMeasurement) rankChart() report.Chart {
	chart := report.Chart{
		ID: "ranks", Title: "What a strided convolution keeps", Mark: report.Line, XLabel: "kernel", YLabel: "rank of the Jacobian / input pixels",
		Alt: "Rank of the Jacobian as a fraction of the pixels against the kernel, for each stride, with one filter and with stride² filters: at 1 nothing is lost.",
	}
	for _, enough := range []bool{false, true} {
		curves := map[int]int{}
		for _, r := range s.Ranks {
			if r.enough() != enough {
				continue
			}
			if _, is := curves[r.Stride]; !is {
				curves[r.Stride] = len(chart.Curves)
				chart.Curves = append(chart.Curves, report.Curve{Name: fmt.Sprintf("stride %d, %s", r.Stride, english.Plural(r.Filters, "filter", ""))})
			}
			chart.Curves[curves[r.Stride]].Add(float64(r.Kernel), r.kept())
		}
	}
	return chart
}

// StrideArithmetic is the experiment.
var StrideArithmetic = experiment.Experiment[StridesConfig, StridesMeasurement]{
	Name: "Strides", Title: "What a stride does",
	Measure: measureStrides, Rules: stridesRules(),
	Figures: func(_ StridesConfig, s StridesMeasurement) (report.Figures, error) {
		return report.Figures{
			Charts: []report.Chart{s.fieldChart(), s.skippedChart(), s.rankChart()},
			Tables: []report.Table{s.table()},
		}, nil
	},
}
