package pointwise

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/lessontest"
	"evident/kit/probe"
)

// around is five values close to the mean.
func around(mean float64) []float64 { return lessontest.Around(mean, 0.001) }

// counted is a net as if GoMLX had built what is described.
func counted(t *testing.T, m arch.Model) Counted {
	t.Helper()
	s, err := m.Summarize()
	require.NoError(t, err)
	c := Counted{Model: m, Summary: s}
	for _, row := range s.Rows {
		c.Built.Parameters, c.Built.Outputs = append(c.Built.Parameters, row.Trainable), append(c.Built.Outputs, row.Outputs[0])
	}
	return c
}

// supportOf is a support on side×side pixels by a rule of pixels and channels.
func supportOf(side, in, out int, acts func(fromPixel, fromChannel, toPixel, toChannel int) bool) Support {
	s := Support{Influence: probe.Influence{Input: arch.Shape{side, side, in}, Output: arch.Shape{side, side, out}}}
	for i := range side * side * in {
		s.Acts = append(s.Acts, nil)
		for j := range side * side * out {
			s.Acts[i] = append(s.Acts[i], acts(i/in, i%in, j/out, j%out))
		}
	}
	return s
}

func ownPixel(from, _, to, _ int) bool              { return from == to }
func ownPixelAndChannel(from, in, to, out int) bool { return from == to && in == out }
func everyPixel(_, _, _, _ int) bool                { return true }
func window(side, reach int) func(int, int, int, int) bool { // a box of 2·reach + 1 pixels
	return func(from, _, to, _ int) bool {
		dy, dx := from/side-to/side, from%side-to%side
		return max(dy, -dy, dx, -dx) <= reach
	}
}

// measurements are those of all experiments.
type measurements struct {
	Printed   PrintedMeasurement
	Mixing    MixingMeasurement
	Reduction ReductionMeasurement
	Linear    LinearityMeasurement
	Blocks    BlocksMeasurement
	Rank      RankMeasurement
	Order     OrderMeasurement
	Maps      MapsMeasurement
	First     FirstMeasurement
	Width     WidthMeasurement
}

// judged are the claims of all experiments. Those that compare with another one get its measurement.
func (m measurements) judged() []claim.Claim {
	m.Mixing.Linear = m.Linear
	m.Maps.Mixing = m.Mixing
	return slices.Concat(claim.Judge(printedRules(), m.Printed), claim.Judge(mixingRules(), m.Mixing), claim.Judge(reductionRules(), m.Reduction),
		claim.Judge(linearityRules(), m.Linear), claim.Judge(blocksRules(), m.Blocks), claim.Judge(rankRules(), m.Rank), claim.Judge(orderRules(), m.Order),
		claim.Judge(mapsRules(), m.Maps), claim.Judge(firstRules(), m.First), claim.Judge(widthRules(), m.Width))
}

// whole are measurements in which the recorded verdicts hold.
func whole(t *testing.T) measurements {
	m := measurements{
		Reduction: ReductionMeasurement{Alone: counted(t, reduced(0)), Behind: counted(t, reduced(reducedTo)), Filters: []int{200, 240}, MultiplyAdds: []int{1, 1 << 60}},
		Linear:    LinearityMeasurement{Values: 8, NotAdditiveWithReLU: 3, Pixels: 4, LeastSquares: [4]float64{0.5, 0.5, 0.5, 0.5}, Separable: 0.75, Rounding: 1e-14},
		Mixing: MixingMeasurement{
			Sheet: supportOf(2, 4, 2, ownPixel), Pointwise: supportOf(2, 3, 3, ownPixel), Depthwise: supportOf(2, 3, 3, ownPixelAndChannel),
			Stack: supportOf(2, 3, 4, ownPixel), Values: 8, DiagonalValues: 8,
		},
		Blocks: BlocksMeasurement{
			Gate:        counted(t, squeezeExcitation(8, 256, 16)),
			FireSupport: supportOf(5, 1, 1, window(5, 1)), GateSupport: supportOf(5, 1, 1, everyPixel),
		},
		Printed: PrintedMeasurement{Net: counted(t, SheetNet()), Pooled: counted(t, pooledNet()), Channels: []BuiltChannels{{3, 16, 16, 64}}},
		Rank: RankMeasurement{
			Channels: 32, Sources: 8, Filters: []int{2, 4, 8}, Test: 1000,
			Bound: [][]float64{around(0.4), around(0.2), around(0.002)}, Lost: [][]float64{around(0.45), around(0.25), around(0.005)},
			Labelled: [][]float64{around(0.93), around(0.93), around(0.93)}, Principal: [][]float64{around(0.25), around(0.25), around(0.9)},
			Whole: around(0.935),
		},
		Order: OrderMeasurement{
			Chance: 1.0 / 6, Tests: 600,
			Pixels: OrderOutcome{Test: around(0.17), OnShuffled: around(0.17), Detects: around(0.5), Difference: around(0.002), Rounding: around(0.01)},
			Behind: OrderOutcome{Test: around(0.95), OnShuffled: around(0.17), Detects: around(0.95), Difference: around(3)},
		},
		Maps:  MapsMeasurement{Filters: 8, Moved: 0.5, Accuracy: 0.9},
		Width: WidthMeasurement{Examples: 128, Filters: []int{1, 16, 1024}},
	}
	for i, kernel := range fieldKernels {
		m.Mixing.Fields = append(m.Mixing.Fields, supportOf(7, 1, 1, window(7, i)))
		require.Equal(t, kernel, m.Mixing.Fields[i].field())
	}
	m.Blocks.Blocks = []PublishedBlock{{Counted: counted(t, fire2()), Net: "SqueezeNet", Published: 11_920, Unit: 1, Pointwise: 2, Plain: m.Reduction.Alone.Summary}}
	m.First.Tests, m.Width.Tests = 1000, 1000
	for _, nets := range []*FirstNets{&m.First.Pooled, &m.First.Whole} {
		for i, accuracy := range []float64{0.6, 0.9, 0.85} {
			nets.Nets[i].Kernels, nets.Nets[i].Test = firstKernels[i], lessontest.Around(accuracy, 0.002)
		}
	}
	for i, drop := range []float64{0, 0.06} {
		m.Width.Sets = append(m.Width.Sets, WidthSet{
			LabelNoise: 0.2 * float64(i),
			Train:      [][]float64{around(0.6), around(0.98), around(0.99)}, Test: [][]float64{around(0.55), around(0.93), lessontest.Around(0.93-drop, 0.002)},
		})
	}
	return m
}

func TestRecordedVerdictsFollowFromTheirmeasurements(t *testing.T) {
	m := whole(t)
	for _, claim := range m.judged() {
		require.Equal(t, claim.Recorded, claim.Verdict, "%s: %s", claim.ID, claim.Evidence)
		require.NotContains(t, claim.Evidence, "%!")
		require.NotContains(t, claim.Evidence, "NaN")
	}
}

func TestJudging(t *testing.T) {
	for name, c := range map[string]struct {
		id     string
		change func(m *measurements)
		want   claim.Verdict
	}{
		"GoMLX builds another number":     {"q6a.1", func(m *measurements) { m.Reduction.Behind.Built.Parameters[1]++ }, claim.Refuted},
		"a reduction that costs more":     {"q6a.1", func(m *measurements) { m.Reduction.MultiplyAdds[0] = 1 << 60 }, claim.Refuted},
		"the stack is no matrix":          {"q6a.2", func(m *measurements) { m.Linear.Different = 1 }, claim.Refuted},
		"ReLU adds nothing":               {"q6a.2", func(m *measurements) { m.Linear.NotAdditiveWithReLU = 0 }, claim.Refuted},
		"XOR is wrong somewhere":          {"q6a.2", func(m *measurements) { m.Linear.Wrong = 1 }, claim.Refuted},
		"a line parts XOR":                {"q6a.2", func(m *measurements) { m.Linear.Separable = 1 }, claim.Refuted},
		"filters on single channels":      {"q6a.3a", func(m *measurements) { m.Mixing.Pointwise = m.Mixing.Depthwise }, claim.Supported},
		"a diagonal does not make them":   {"q6a.3b", func(m *measurements) { m.Mixing.DiagonalDifferent = 1 }, claim.Refuted},
		"a depthwise one mixes channels":  {"q6a.3b", func(m *measurements) { m.Mixing.Depthwise = m.Mixing.Pointwise }, claim.Refuted},
		"no dot product":                  {"q6b.1", func(m *measurements) { m.Mixing.Different = 1 }, claim.Refuted},
		"a channel is left out":           {"q6b.1", func(m *measurements) { m.Mixing.Sheet = m.Mixing.Depthwise }, claim.Refuted},
		"it looks at neighbours":          {"q6b.1", func(m *measurements) { m.Mixing.Sheet = supportOf(2, 2, 2, everyPixel) }, claim.Refuted},
		"the reduction loses variance":    {"q6b.2a", func(m *measurements) { m.Rank.Lost[2] = around(0.02) }, claim.Refuted},
		"no layer of 8 filters":           {"q6b.2a", func(m *measurements) { m.Rank.Sources = 7 }, claim.Unmeasured},
		"the reduction loses the label":   {"q6b.2b", func(m *measurements) { m.Rank.Labelled[0] = lessontest.Around(0.9, 0.002) }, claim.Refuted},
		"the seeds differ on the label":   {"q6b.2b", func(m *measurements) { m.Rank.Labelled[0] = lessontest.Around(0.915, 0.02) }, claim.Inconclusive},
		"no layer of 2 filters":           {"q6b.2b", func(m *measurements) { m.Rank.Filters[0] = 3 }, claim.Unmeasured},
		"the layout is mixed":             {"q6b.3", func(m *measurements) { m.Mixing.Stack = supportOf(2, 3, 4, everyPixel) }, claim.Refuted},
		"the depth stays":                 {"q6b.3", func(m *measurements) { m.Mixing.Stack = supportOf(2, 3, 3, ownPixel) }, claim.Refuted},
		"1×1 filters find patterns":       {"q6b.4a", func(m *measurements) { m.Order.Pixels.Detects = around(0.9) }, claim.Supported},
		"a mixed claim":                   {"q6b.4", func(*measurements) {}, claim.Mixed},
		"nothing is found behind 3×3":     {"q6b.4b", func(m *measurements) { m.Order.Behind.Detects = around(0.6) }, claim.Refuted},
		"1×1 sees three pixels":           {"q6c.1b", func(m *measurements) { m.Mixing.Fields[0] = m.Mixing.Fields[1] }, claim.Refuted},
		"nothing is learned":              {"q6c.1a", func(m *measurements) { m.Maps.Moved = 0 }, claim.Refuted},
		"not the paper's number":          {"q6d.1", func(m *measurements) { m.Blocks.Blocks[0].Published-- }, claim.Refuted},
		"no 1×1 in the block":             {"q6d.1", func(m *measurements) { m.Blocks.Blocks[0].Pointwise = 0 }, claim.Refuted},
		"Fire has a gate":                 {"q6d.2", func(m *measurements) { m.Blocks.FireSupport = m.Blocks.GateSupport }, claim.Supported},
		"squeeze-and-excitation has none": {"q6d.2", func(m *measurements) { m.Blocks.GateSupport = m.Blocks.FireSupport }, claim.Inconclusive},
		"shuffling changes a logit":       {"q6e.1a", func(m *measurements) { m.Order.Pixels.Difference[3] = 0.02 }, claim.Refuted},
		"1×1 reads edges":                 {"q6e.1b", func(m *measurements) { m.Order.Pixels.Test = around(0.6) }, claim.Refuted},
		"nothing reads edges":             {"q6e.1b", func(m *measurements) { m.Order.Behind.Test = lessontest.Around(0.2, 0.002) }, claim.Refuted},
		"1×1 first is as good":            {"q6e.2a", func(m *measurements) { equalFirst(&m.First.Pooled) }, claim.Refuted},
		"it depends on the pooling":       {"q6e.2", func(m *measurements) { equalFirst(&m.First.Whole) }, claim.Mixed},
		"the place makes no difference": {"q6e.2d", func(m *measurements) {
			m.First.Whole.Nets[windowFirst].Test = m.First.Whole.Nets[pointwiseFirst].Test
		}, claim.Refuted},
		"the widest overfits always":  {"q6e.3a", func(m *measurements) { m.Width.Sets[0].Test[2] = lessontest.Around(0.8, 0.002) }, claim.Supported},
		"it does with wrong labels":   {"q6e.3", func(*measurements) {}, claim.Mixed},
		"the widest never overfits":   {"q6e.3b", func(m *measurements) { m.Width.Sets[1].Test[2] = lessontest.Around(0.93, 0.002) }, claim.Refuted},
		"no wrong labels":             {"q6e.3b", func(m *measurements) { m.Width.Sets = m.Width.Sets[:1] }, claim.Unmeasured},
		"one filter is enough":        {"q6e.4a", func(m *measurements) { m.Width.Sets[0].Test[0] = lessontest.Around(0.92, 0.002) }, claim.Refuted},
		"it is, for the training":     {"q6e.4b", func(m *measurements) { m.Width.Sets[1].Train[0] = around(0.97) }, claim.Refuted},
		"it is not with wrong labels": {"q6e.4", func(m *measurements) { m.Width.Sets[0].Train[0] = around(0.97) }, claim.Mixed},
		"channels are not filters":    {"q6f.1", func(m *measurements) { m.Printed.Channels[0].Out = 3 }, claim.Refuted},
		"no channels were built":      {"q6f.1", func(m *measurements) { m.Printed.Channels = nil }, claim.Refuted},
		"another total":               {"q6f.2", func(m *measurements) { m.Printed.Net = m.Printed.Pooled }, claim.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole(t)
			c.change(&m)
			claim := lessontest.Part(t, m.judged(), c.id)
			require.Equal(t, c.want, claim.Verdict, claim.Evidence)
		})
	}
}

// equalFirst makes both first layers equally good.
func equalFirst(nets *FirstNets) { nets.Nets[windowsOnly].Test = nets.Nets[pointwiseFirst].Test }

func TestFewSeedsDecideNothing(t *testing.T) {
	m := whole(t)
	m.Order.Pixels.Detects = m.Order.Pixels.Detects[:4]
	require.Equal(t, claim.Inconclusive, lessontest.Part(t, m.judged(), "q6b.4a").Verdict)
}

func TestEveryRuleSaysWhenItWasMade(t *testing.T) {
	claims := whole(t).judged()
	claim.Each(claims, func(c *claim.Claim) {
		if len(c.Parts) == 0 {
			require.NotEmpty(t, c.RuleDate, c.ID)
		}
	})
}
