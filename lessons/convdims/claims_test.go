package convdims

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/tubes"
	"evident/kit/claim"
	"evident/kit/lessontest"
	"evident/kit/nn"
)

// around is eight accuracies close to the mean.
func around(mean float64) []float64 { return spread(mean, 0.005) }

func spread(mean, by float64) []float64 {
	return append(lessontest.Around(mean, by), lessontest.Around(mean, by)[1:4]...)
}

// rest is what is missing to 1 in each of the accuracies.
func rest(accuracies []float64) []float64 {
	left := make([]float64, len(accuracies))
	for i, accuracy := range accuracies {
		left[i] = 1 - accuracy
	}
	return left
}

// measurements are those of the experiments that measure something of their own.
type measurements struct {
	Grid     GridMeasurement
	Fields   []LayerField
	Order    OrderMeasurement
	Motion   MotionMeasurement
	Transfer TransferMeasurement
	Tubes    TubesMeasurement
	Vessels  VesselsMeasurement
}

// judged are the claims of all experiments.
func (m measurements) judged() []claim.Claim {
	m.Transfer.Motion = m.Motion
	return slices.Concat(claim.Judge(fieldsRules(), FieldsMeasurement{m.Grid, m.Fields}), claim.Judge(motionRules(), m.Motion),
		claim.Judge(framesRules(), FramesMeasurement{m.Order, m.Motion}), claim.Judge(transferRules(), m.Transfer),
		claim.Judge(volumesRules(), VolumesMeasurement{m.Tubes, m.Vessels}))
}

// whole are measurements in which every claim is true.
func whole(t testing.TB) measurements {
	t.Helper()
	cost := nn.Cost{Parameters: 20, MultiplyAdds: 360}
	built := BuiltLayer{Axes: 2, Kernel: 3, Stride: 1, Padding: nn.Valid, Input: []int{6, 7}, Output: []int{4, 5}, Expected: []int{4, 5}, Built: cost, Formula: cost}
	var nets Nets
	for _, l := range rivals {
		nets = append(nets, SizedNet{Layer: l.name, Parameters: 302})
	}
	const trials = 400
	guess, seen, known := around(.5), around(.88), around(.98) // heads see it, but less well
	m := measurements{
		Grid:   []BuiltLayer{built, built},
		Fields: []LayerField{{Layer: perFrame.name, Outputs: []int{5, 4, 5}, Field: [3]int{1, 3, 3}, Pairs: 100}},
		Order:  []LayerOrders{{Layer: perFrame.name, Tried: 23, Moved: 23}, {Layer: throughTime.name, Tried: 23}},
		Motion: MotionMeasurement{
			Nets: nets, Trials: trials, Forward: [][]float64{guess, around(.95), known, seen, seen}, Backward: [][]float64{rest(guess), around(.95), known, seen, seen},
			Longer: [][]float64{guess, nil, around(.97), seen, seen}, Height: [][]float64{seen, seen, known, seen, seen}, Speeds: []int{1, 3}, Noises: []float64{.3},
			BySpeed: [][][]float64{{guess, guess}, {around(.95), guess}, {known, guess}, {seen, guess}, {seen, guess}},
			ByNoise: [][][]float64{{guess}, {around(.95)}, {known}, {seen}, {seen}},
		},
		Transfer: TransferMeasurement{
			Nets: nets[1:3], Early: [][]float64{around(.95), around(.98)}, Late: [][]float64{around(.55), around(.97)},
			Frames: []int{4, 8}, Built: [][]int{{158, 302}, {302, 302}},
		},
		Tubes: TubesMeasurement{
			Nets: nets, Trials: trials, Noises: []float64{.2}, ByNoise: [][][]float64{{guess}, {around(.98)}, {around(.95)}, {seen}, {seen}},
			Width: [][]float64{seen, seen, known, seen, seen},
		},
		Vessels: VesselsMeasurement{
			Nets: Nets{nets[0], nets[2], nets[3]}, Trials: trials, Noises: []float64{.2},
			Told: [][][]float64{{guess}, {known}, {seen}}, Dice: [][][]float64{{around(.4)}, {around(.85)}, {around(.8)}},
		},
	}
	for i := range 2 {
		m.Motion.Kernels = append(m.Motion.Kernels, Kernel{Side: 3, Values: make([]float32, 27), Left: float64(i)})
	}
	var err error
	m.Vessels.Sample, err = tubes.GenerateVessels(1, Default().Vessels.scene(0), 1)
	require.NoError(t, err)
	m.Vessels.Found = [][]uint8{m.Vessels.Sample.Spot, m.Vessels.Sample.Vessel}
	return m
}

func TestJudging(t *testing.T) {
	as := func(*measurements) {}
	for name, c := range map[string]struct {
		id     string
		change func(m *measurements)
		want   claim.Verdict
	}{
		"shapes and windows are as said":   {"q3b.1", as, claim.Supported},
		"an output has another size":       {"q3b.1", func(m *measurements) { m.Grid[1].Output = []int{4, 4} }, claim.Refuted},
		"a third axis in Conv2D":           {"q3b.1", func(m *measurements) { m.Grid[0].Output = []int{1, 4, 5} }, claim.Refuted},
		"a parameter too many":             {"q3b.1", func(m *measurements) { m.Grid[1].Built.Parameters++ }, claim.Refuted},
		"a product too few":                {"q3b.1", func(m *measurements) { m.Grid[1].Built.MultiplyAdds-- }, claim.Refuted},
		"products with padding":            {"q3b.1", func(m *measurements) { m.Grid[1].Padding = nn.Same; m.Grid[1].Built.MultiplyAdds-- }, claim.Supported},
		"one pair is not as the window":    {"q3b.1", func(m *measurements) { m.Fields[0].Wrong = 1 }, claim.Refuted},
		"nothing was built":                {"q3b.1", func(m *measurements) { m.Grid = nil }, claim.Refuted},
		"frames on their own":              {"q3b.2a", as, claim.Supported},
		"one order changes more":           {"q3b.2a", func(m *measurements) { m.Order[0].Moved-- }, claim.Refuted},
		"no order was tried":               {"q3b.2a", func(m *measurements) { m.Order = nil }, claim.Refuted},
		"an answer changes backwards":      {"q3b.2a", func(m *measurements) { m.Motion.Backward[0] = around(.5025) }, claim.Refuted},
		"in any order, they miss time":     {"q3b.2b", as, claim.Supported},
		"a frame gives it away":            {"q3b.2b", func(m *measurements) { m.Motion.Forward[0] = around(.7) }, claim.Refuted},
		"perhaps a frame gives it away":    {"q3b.2b", func(m *measurements) { m.Motion.Forward[0] = spread(.6, .05) }, claim.Inconclusive},
		"the net learns nothing at all":    {"q3b.2b", func(m *measurements) { m.Motion.Height[0] = around(.5) }, claim.Refuted},
		"heads see time":                   {"q3b.2c", as, claim.Refuted},
		"one head sees time":               {"q3b.2c", func(m *measurements) { m.Motion.Forward[4] = around(.5) }, claim.Refuted},
		"no head sees time":                {"q3b.2c", blindHeads, claim.Supported},
		"some and some":                    {"q3b.2", as, claim.Mixed},
		"all of it":                        {"q3b.2", blindHeads, claim.Supported},
		"Conv3D sees the direction":        {"q3b.3a", as, claim.Supported},
		"it does not":                      {"q3b.3a", func(m *measurements) { m.Motion.Forward[2] = around(.6) }, claim.Refuted},
		"it is hardly better":              {"q3b.3a", func(m *measurements) { m.Motion.Forward[0] = around(.9) }, claim.Refuted},
		"it has more parameters":           {"q3b.3a", func(m *measurements) { m.Motion.Nets[2].Parameters = 303 }, claim.Refuted},
		"better on the height, too":        {"q3b.3b", as, claim.Supported},
		"no better on the height":          {"q3b.3b", func(m *measurements) { m.Motion.Height[0] = around(.97) }, claim.Refuted},
		"perhaps better on the height":     {"q3b.3b", func(m *measurements) { m.Motion.Height[0] = spread(.93, .01) }, claim.Inconclusive},
		"better than heads":                {"q3b.3c", as, claim.Supported},
		"no better than one of them":       {"q3b.3c", func(m *measurements) { m.Motion.Forward[4] = around(.95) }, claim.Refuted},
		"larger than one of them":          {"q3b.3c", func(m *measurements) { m.Motion.Nets[4].Parameters = 301 }, claim.Refuted},
		"volumes too":                      {"q3b.4", as, claim.Supported},
		"slices tell a cut tube":           {"q3b.4a", func(m *measurements) { m.Tubes.ByNoise[0][0] = around(.8) }, claim.Refuted},
		"Conv3D does not see the cut":      {"q3b.4a", func(m *measurements) { m.Tubes.ByNoise[2][0] = around(.7) }, claim.Refuted},
		"slices tell the vessel":           {"q3b.4b", func(m *measurements) { m.Vessels.Told[0][0] = around(.8) }, claim.Refuted},
		"Conv3D may tell the vessel":       {"q3b.4b", func(m *measurements) { m.Vessels.Told[1][0] = spread(.8, .05) }, claim.Inconclusive},
		"a seed of either side of chance ": {"q3b.4b", func(m *measurements) { m.Vessels.Told[0][0] = []float64{.2, .8, .3, .7, .9, .1, .4, .6} }, claim.Inconclusive},
		"slices show the width as well":    {"q3b.4c", func(m *measurements) { m.Tubes.Width[0] = around(.97) }, claim.Refuted},
		"a head sees the cut as well":      {"q3b.4d", func(m *measurements) { m.Tubes.ByNoise[3][0] = around(.94) }, claim.Refuted},
		"a head sees the vessel as well":   {"q3b.4e", func(m *measurements) { m.Vessels.Told[2][0] = around(.97) }, claim.Refuted},
		"channels see time, here and now":  {"q3b.t", as, claim.Supported},
		"channels do not see time":         {"q3b.ta", func(m *measurements) { m.Motion.Forward[1] = around(.6) }, claim.Refuted},
		"channels know it again":           {"q3b.tb", func(m *measurements) { m.Transfer.Late[0] = around(.9) }, claim.Refuted},
		"Conv3D does not know it again":    {"q3b.tb", func(m *measurements) { m.Transfer.Late[1] = around(.6) }, claim.Refuted},
		"channels do not grow":             {"q3b.tc", func(m *measurements) { m.Transfer.Built[0] = []int{302, 302} }, claim.Refuted},
		"Conv3D grows, too":                {"q3b.tc", func(m *measurements) { m.Transfer.Built[1] = []int{302, 303} }, claim.Refuted},
		"three seeds decide nothing":       {"q3b.3a", func(m *measurements) { cut(m.Motion.Forward, 3) }, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole(t)
			c.change(&m)
			judged := named(t, m.judged(), c.id)
			require.Equal(t, c.want, judged.Verdict, judged.Evidence)
			require.NotContains(t, judged.Evidence, "NaN")
		})
	}
}

// named is the claim, or the part of one, with the id.
func named(t testing.TB, claims []claim.Claim, id string) claim.Claim {
	t.Helper()
	var all []claim.Claim
	claim.Each(claims, func(c *claim.Claim) { all = append(all, *c) })
	return lessontest.Named(t, all, id)
}

// blindHeads makes nets guess that have a head over time.
func blindHeads(m *measurements) {
	m.Motion.Forward[3], m.Motion.Forward[4] = around(.5), around(.5)
}

// cut leaves so many seeds.
func cut(accuracies [][]float64, seeds int) {
	for i := range accuracies {
		accuracies[i] = accuracies[i][:seeds]
	}
}
