package minibatch

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/report"
)

// around is five values close to the mean.
func around(mean float64) []float64 {
	return []float64{mean * 0.98, mean * 0.99, mean, mean * 1.01, mean * 1.02}
}

// five is a curve for each of five seeds.
func five(curve []float64) [][]float64 { return [][]float64{curve, curve, curve, curve, curve} }

// smooth falls at every step, jagged at every second one; both from 1.
func smooth() []float64 { return curveOf(func(s float64) float64 { return 0.1 + 0.9*math.Exp(-s/5) }) }

func jagged() []float64 {
	return curveOf(func(s float64) float64 {
		return 0.1 + 0.9*math.Exp(-s/5) + 0.05*(1-math.Cos(math.Pi*s))
	})
}

func flat() []float64 { return curveOf(func(float64) float64 { return 1 }) }

// curveOf is fifty losses of a formula.
func curveOf(loss func(step float64) float64) []float64 {
	losses := make([]float64, 50)
	for i := range losses {
		losses[i] = loss(float64(i))
	}
	return losses
}

// pictures of five seeds, with the marks of smooth and of jagged curves.
func pictures() []Picture {
	var all []Picture
	for i := range int64(40) {
		seed := i % 5
		all = append(all,
			Picture{Mini: true, Size: 8, Rate: 0.1, Seed: seed, Marks: marks(jagged())},
			Picture{Size: 64, Rate: 0.1, Seed: seed, Marks: marks(smooth())})
	}
	return all
}

// measurements are those of all experiments.
type measurements struct {
	Descent DescentMeasurement
	Noise   NoiseMeasurement
	Trend   TrendMeasurement
	Picture PictureMeasurement
	Time    TimeMeasurement
}

// judged are the claims of all experiments.
func (m measurements) judged() []claim.Claim {
	m.Noise.Trend = m.Trend
	return slices.Concat(claim.Judge(descentRules(), m.Descent), claim.Judge(noiseRules(), m.Noise),
		claim.Judge(trendRules(), m.Trend), claim.Judge(pictureRules(), m.Picture), claim.Judge(timeRules(), m.Time))
}

// whole are measurements in which every claim is true.
func whole() measurements {
	risesBeyond := []float64{1, 0.5, 0.6}
	m := measurements{
		Descent: DescentMeasurement{Rates: []float64{0.1, 1.9}, Beyond: 2.1, Examples: 128, NetRate: 8, Net: five(jagged()), Tasks: []ConvexDescent{
			{Name: "least squares", Bound: 1, Top: 1, Losses: [][]float64{smooth(), smooth()}, Beyond: risesBeyond},
			{Name: "logistic regression", Bound: 1, Top: 0.5, Losses: [][]float64{smooth(), smooth()}, Beyond: risesBeyond},
		}},
		Noise: NoiseMeasurement{
			BatchSizes: []int{2, 8}, Examples: 8, Variance: around(1),
			Shuffled: [][]float64{around(3.0 / 7), make([]float64, 5)}, Replaced: [][]float64{around(0.5), around(0.125)},
		},
		Trend: TrendMeasurement{Rates: []float64{0.05, 0.2}, Examples: 8, BatchSizes: []int{2, 8}},
		Picture: PictureMeasurement{
			Learned: pictures(), Unseen: pictures(), Classifier: learn(pictures()),
			Oscillates: []Picture{{Size: 64, Marks: marks(jagged())}}, NearlyFull: []Picture{{Mini: true, Size: 63, Marks: marks(smooth())}},
		},
		Time: TimeMeasurement{
			BatchSizes: []int{1, 2, 4, 8, 16, 32}, Rates: []float64{0.1, 0.2, 0.4}, Target: 0.5, ScaleAtStart: around(4), ScaleAtTarget: around(8),
		},
	}
	for _, curve := range [][]float64{jagged(), smooth()} { // mini-batches, full batches
		m.Trend.Losses = append(m.Trend.Losses, [][][]float64{five(curve), five(curve)})
		m.Trend.Whole = append(m.Trend.Whole, [][][]float64{five(smooth()), five(smooth())})
	}
	for step := range 50 {
		m.Trend.Checkpoints = append(m.Trend.Checkpoints, step)
	}
	for _, steps := range []float64{1000, 500, 260, 140, 101, 100} {
		m.Time.Steps = append(m.Time.Steps, [][]float64{around(2 * steps), around(steps), around(3 * steps)})
	}
	return m
}

func TestJudging(t *testing.T) {
	as := func(*measurements) {}
	for name, c := range map[string]struct {
		id     string
		change func(m *measurements)
		want   claim.Verdict
	}{
		"full batches only fall":        {"q1d.1", as, claim.Supported},
		"one step rises":                {"q1d.1", func(m *measurements) { m.Descent.Tasks[1].Losses[0][7] = 2 }, claim.Refuted},
		"a rise by rounding is none":    {"q1d.1", func(m *measurements) { m.Descent.Tasks[0].Losses[1] = []float64{1, 0.5, 0.5 * (1 + 1e-14)} }, claim.Supported},
		"no counter-example above 2/λ":  {"q1d.1", func(m *measurements) { m.Descent.Tasks[0].Beyond = smooth() }, claim.Refuted},
		"the variance is as predicted":  {"q1d.2b", as, claim.Supported},
		"it falls as 1/√B":              {"q1d.2b", func(m *measurements) { m.Noise.Replaced[0] = around(0.7) }, claim.Refuted},
		"no correction for a finite N":  {"q1d.2b", func(m *measurements) { m.Noise.Shuffled[0] = around(0.5) }, claim.Refuted},
		"noise with all the examples":   {"q1d.2b", func(m *measurements) { m.Noise.Shuffled[1][3] = 1e-3 }, claim.Refuted},
		"a variance near the tolerance": {"q1d.2b", func(m *measurements) { m.Noise.Replaced[0] = lessontest.Around(0.55, 0.01) }, claim.Inconclusive},
		"mini-batches do not fluctuate": {"q1d.2a", func(m *measurements) { m.Trend.Losses[0][1] = five(smooth()) }, claim.Refuted},
		"full batches fluctuate too":    {"q1d.2a", func(m *measurements) { m.Trend.Losses[1][0] = five(jagged()) }, claim.Refuted},
		"it trends down":                {"q1d.3a", as, claim.Supported},
		"one batch size does not":       {"q1d.3a", func(m *measurements) { m.Trend.Whole[0][1] = five(flat()) }, claim.Refuted},
		"the seeds differ": {"q1d.3a", func(m *measurements) {
			m.Trend.Whole[0][1] = [][]float64{flat(), flat(), smooth(), smooth(), smooth()}
		}, claim.Inconclusive},
		"one seed diverges":         {"q1d.3a", func(m *measurements) { m.Trend.Whole[0][0][2] = []float64{1, math.NaN()} }, claim.Inconclusive},
		"as far as full batches":    {"q1d.3b", as, claim.Supported},
		"the noise keeps it up":     {"q1d.3b", func(m *measurements) { m.Trend.Whole[0][1] = five(flat()) }, claim.Refuted},
		"parts that differ":         {"q1d.3", func(m *measurements) { keptUp(m) }, claim.Mixed},
		"the pictures differ":       {"q1d.4", as, claim.Supported},
		"they look alike":           {"q1d.4", func(m *measurements) { alike(m.Picture.Unseen, 5) }, claim.Refuted},
		"some of them look alike":   {"q1d.4", func(m *measurements) { alike(m.Picture.Unseen, 1) }, claim.Inconclusive},
		"confounders do not count":  {"q1d.4", func(m *measurements) { m.Picture.Oscillates = pictures() }, claim.Supported},
		"steps as 1/B, then no":     {"q1d.ta", as, claim.Supported},
		"no gain from the start":    {"q1d.ta", func(m *measurements) { m.Time.Steps[1] = m.Time.Steps[0] }, claim.Refuted},
		"a gain until the end":      {"q1d.tb", func(m *measurements) { m.Time.Steps[5] = [][]float64{around(50), around(50), around(50)} }, claim.Refuted},
		"one seed never gets there": {"q1d.tb", func(m *measurements) { never(m.Time.Steps[5], 1) }, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			c.change(&m)
			claim := lessontest.Part(t, m.judged(), c.id)
			require.Equal(t, c.want, claim.Verdict, claim.Evidence)
			require.NotContains(t, claim.Evidence, "NaN")
		})
	}
}

// keptUp leaves the mini-batches at a lower loss than the first, and far above
// that of full batches.
func keptUp(m *measurements) {
	m.Trend.Whole[0][1] = five(curveOf(func(s float64) float64 { return 0.5 + 0.5*math.Exp(-s/5) }))
}

// alike gives the mini-batches of so many seeds the marks of full batches.
func alike(all []Picture, seeds int64) {
	for i := range all {
		if all[i].Mini && all[i].Seed < seeds {
			all[i].Marks = marks(smooth())
		}
	}
}

// never takes the target from one seed at every rate.
func never(steps [][]float64, seed int) {
	for rate := range steps {
		steps[rate][seed] = math.NaN()
	}
}

// A report holds no Inf and no NaN, however many runs diverged or did not get
// there.
func TestDivergedRunsAreShown(t *testing.T) {
	m := whole()
	broken := []float64{1, 2, math.Inf(1), math.NaN()}
	m.Trend.Losses[0][0], m.Descent.Net = five(broken), five(broken)
	for seed := range m.Trend.Whole[0][0] {
		m.Trend.Whole[0][0][seed][4] = math.NaN()
	}
	m.Descent.Tasks[0].Beyond = broken
	m.Picture.Unseen[0].Marks = marks(broken)
	for size := range m.Time.Steps {
		never(m.Time.Steps[size], 0)
	}
	m.Time.ScaleAtTarget[0] = math.NaN()
	r := report.Report{Lesson: "minibatch", Claims: m.judged()}
	add := func(f report.Figures, err error) {
		require.NoError(t, err)
		r.Tables, r.Charts = append(r.Tables, f.Tables...), append(r.Charts, f.Charts...)
	}
	add(FullBatchDescent.Figures(DescentConfig{}, m.Descent))
	add(GradientNoise.Figures(NoiseKnobs{}, m.Noise))
	add(TrendByBatchSize.Figures(TrendConfig{}, m.Trend))
	add(TwoPictures.Figures(PictureConfig{}, m.Picture))
	add(StepsToLoss.Figures(TimeConfig{}, m.Time))
	require.NoError(t, r.Validate())
	for _, table := range r.Tables {
		for _, row := range table.Rows {
			for _, cell := range row {
				require.NotContains(t, cell, "NaN")
				require.NotContains(t, cell, "Inf")
			}
		}
	}
	for _, claim := range r.Claims {
		require.NotContains(t, claim.Evidence, "NaN")
	}
	require.NotNil(t, m.Trend.chart(0).Curves[0].DivergedAt)
}

// False: with full batches the loss fluctuates, and with mini-batches it does not.
// True: the other way round. Real trainings, judged by the lesson's rule.
func TestPlantedClaims(t *testing.T) {
	c := Smoke().NoiseKnobs()
	c.Seeds, c.Trend.Seeds, c.Trend.Steps = knob.Seeds(6), knob.Seeds(6), 200
	measured, err := GradientNoise.Measured(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	judged := lessontest.Part(t, claim.Judge(noiseRules(), measured), "q1d.2a")
	require.Equal(t, claim.Supported, judged.Verdict, judged.Evidence)
	slices.Reverse(measured.Trend.Losses)
	judged = lessontest.Part(t, claim.Judge(noiseRules(), measured), "q1d.2a")
	require.Equal(t, claim.Refuted, judged.Verdict, judged.Evidence)
}

// Rounding alone never refutes the exact claim, whatever examples are drawn.
func TestExactUnderFiftyBaseSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	c := Default().Descent
	c.Net = Smoke().Descent.Net
	for base := range int64(50) {
		c.Seed = 3 + 100*base
		measured, err := FullBatchDescent.Measured(context.Background(), lessontest.PureGo(t), c)
		require.NoError(t, err)
		judged := lessontest.Judged(t, descentRules(), "q1d.1", measured)
		require.Equal(t, claim.Supported, judged.Verdict, "seed %d: %s", c.Seed, judged.Evidence)
	}
}

func TestTheEvidenceNamesRatesAtTheEdge(t *testing.T) {
	m := whole()
	m.Time.Steps[2][0] = around(10)
	require.Contains(t, judgeSmallBatches(m.Time).Evidence, "edge of the grid for B = 4.")
	never(m.Time.Steps[3], 0)
	require.Contains(t, judgeSmallBatches(m.Time).Evidence, "Not all seeds get there at any one rate for B = 8.")
}

// The ids of the curriculum's question 1 (d), in its order.
func TestEveryClaimIsDeclared(t *testing.T) {
	require.Equal(t, []string{"q1d.1", "q1d.2", "q1d.3", "q1d.4", "q1d.t"}, lessontest.IDs(Lesson.Claims()))
}
