package learningrate

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/lessontest"
	"evident/kit/report"
	"evident/kit/sweep"
)

// around is five values close to the mean.
func around(mean float64) []float64 {
	return []float64{mean * 0.98, mean * 0.99, mean, mean * 1.01, mean * 1.02}
}

// run is a training whose loss and accuracies are flat from the second
// checkpoint on.
func run(firstLoss, loss, train, test float64, curve []float64) sweep.History {
	r := sweep.History{Losses: curve, Steps: []int{0}, Train: []sweep.Point{{Loss: firstLoss, Accuracy: 0.5}}, Test: []sweep.Point{{Loss: firstLoss, Accuracy: 0.5}}}
	for step := 1; step < 4; step++ {
		r.Steps = append(r.Steps, step)
		r.Train, r.Test = append(r.Train, sweep.Point{Loss: loss, Accuracy: train}), append(r.Test, sweep.Point{Loss: loss, Accuracy: test})
	}
	return r
}

// along is the norm of a gradient that ends at the given size from five seeds at
// the tiny rate.
func along(depth int, end float64) AlongTraining {
	a := AlongTraining{Depth: depth, AtStart: [][]float64{around(1), around(1)}}
	for _, last := range around(end) {
		a.Tiny, a.High = append(a.Tiny, []float64{1, last}), append(a.High, []float64{1, 0.1})
	}
	return a
}

// measurements are those of all experiments.
type measurements struct {
	Quadratic QuadraticMeasurement
	Floor     FloorMeasurement
	Basins    BasinsMeasurement
	Grid      GridMeasurement
	Vanishing VanishingMeasurement
	Sharpness SharpnessMeasurement
}

// judged are the claims of all experiments.
func (m measurements) judged() []claim.Claim {
	return slices.Concat(claim.Judge(quadraticRules(), m.Quadratic), claim.Judge(floorRules(), m.Floor), claim.Judge(basinsRules(), m.Basins),
		claim.Judge(gridRules(), m.Grid), claim.Judge(vanishingRules(), m.Vanishing), claim.Judge(sharpnessRules(), m.Sharpness))
}

// whole are measurements in which every claim of the sheet that can be true is.
func whole() measurements {
	paths := [][]float64{{1, 0.5, 0.25}, {1, -0.5, 0.25}, {1, -1.5, 2.25}}
	m := measurements{
		Quadratic: QuadraticMeasurement{
			Curvature: 1, Rates: []float64{0.5, 1.5, 2.5}, Paths: paths, Threshold: 2, Tolerance: 1e-3, Frozen: true,
			Slow:     []SlowDescent{{Rate: 0.01, Steps: 688}, {Rate: 0.1, Steps: 66}},
			Logistic: LogisticRegression{Sharpness: 0.5, Threshold: 4},
			Net:      []Displacement{{Rate: 0.5, Factor: 0.5, Signs: []float64{1, 0.5}}, {Rate: 1.5, Factor: -0.5, Signs: []float64{1, -0.5}}},
		},
		Floor: FloorMeasurement{
			Rates: []float64{0.01, 0.1}, Excess: [][]float64{around(0.001), around(0.01)}, Replaced: [][]float64{around(0.001), around(0.01)},
			Distance: [][]float64{around(0.1), around(1)}, Decayed: [][]float64{around(0.1), around(0.1)},
		},
		Vanishing: VanishingMeasurement{
			Rates: []float64{0.1, 1}, TinyRate: 1e-6, HighRate: 1, Depths: []int{2, 8},
			Along:    []AlongTraining{along(2, 1), along(8, 1)},
			Variants: []string{"sigmoid"}, FirstNorm: [][][]float64{{around(1), around(1e-6)}},
			ByLayer: [][]float64{{1e-6, 1}},
		},
		Sharpness: SharpnessMeasurement{Rates: []float64{0.1}, Steps: []int{0, 10_000}},
	}
	m.Basins.Rates = []float64{0.01, 4}
	for _, l := range landscapes() {
		m.Basins.Landscape = append(m.Basins.Landscape, LandscapeShares{
			Landscape: l, Unstable: 1, Runs: 100, Shallow: [][]float64{around(0), around(0.5)}, Jumped: around(100), Returned: around(0), StayedLow: [][]float64{around(0.9), around(0.5)},
		})
	}
	m.Basins.Plateau = []PlateauDescent{{0.1, 1}, {100, 0.001}}
	m.Sharpness.Sharpness = [][][]float64{{{4, 20}, {4, 20.1}, {4, 19.9}, {4, 20}, {4, 20}, {4, 20}, {4, 20.1}, {4, 19.9}}}
	flat := curve(func(float64) float64 { return 0.7 })
	falls := curve(func(s float64) float64 { return 0.1 + math.Exp(-s/10) })
	wild := curve(func(s float64) float64 { return 2 + 1.5*math.Cos(math.Pi*s) })
	m.Grid.Rates, m.Grid.TestSteps = []float64{0.03, 0.1, 0.2, 1}, []int{200, 2000}
	m.Grid.Runs = make([][]sweep.History, 4)
	var tests []RangeTest
	for range 24 { // fractions of one training a seed need many seeds
		m.Grid.Runs[0] = append(m.Grid.Runs[0], run(0.7, 0.69, 0.55, 0.55, flat))
		m.Grid.Runs[1] = append(m.Grid.Runs[1], run(0.7, 0.2, 0.9, 0.9, falls))
		m.Grid.Runs[2] = append(m.Grid.Runs[2], run(0.7, 0.2, 0.9, 0.9, falls))
		m.Grid.Runs[3] = append(m.Grid.Runs[3], run(0.7, 2, 0.5, 0.5, wild))
		tests = append(tests, RangeTest{Rates: []float64{1}, Losses: []float64{1}, Found: 0.1, Run: run(0.7, 0.2, 0.9, 0.9, falls)})
	}
	m.Grid.Ranges = [][]RangeTest{tests, slices.Clone(tests)}
	return m
}

// spoilGrid changes the runs of one rate.
func spoilGrid(rate int, change func(r *sweep.History)) func(m *measurements) {
	return func(m *measurements) {
		for seed := range m.Grid.Runs[rate] {
			change(&m.Grid.Runs[rate][seed])
		}
	}
}

func TestJudging(t *testing.T) {
	as := func(*measurements) {}
	for name, c := range map[string]struct {
		id     string
		change func(m *measurements)
		want   claim.Verdict
	}{
		"overshoots":                  {"q1a.1", as, claim.Supported},
		"a factor is off":             {"q1a.1a", func(m *measurements) { m.Quadratic.Paths[1][2] = 0.3 }, claim.Refuted},
		"a factor is off by rounding": {"q1a.1a", func(m *measurements) { m.Quadratic.Paths[0][2] += 1.0 / (1 << 54) }, claim.Supported},
		"a factor is off by more":     {"q1a.1a", func(m *measurements) { m.Quadratic.Paths[0][2] += 1e-14 }, claim.Refuted},
		"the net does not flip":       {"q1a.1", func(m *measurements) { m.Quadratic.Net[1].Signs[1] = 0.5 }, claim.Mixed},
		"the net's factor is off":     {"q1a.1b", func(m *measurements) { m.Quadratic.Net[0].Factor = 0.52 }, claim.Refuted},
		"diverges at 2/λ":             {"q1a.2", as, claim.Supported},
		"bowl diverges later":         {"q1a.2a", func(m *measurements) { m.Quadratic.Threshold = 2.1 }, claim.Refuted},
		"regression leaves earlier":   {"q1a.2b", func(m *measurements) { m.Quadratic.Logistic.Threshold = 3.9 }, claim.Refuted},
		"the loss falls beyond":       {"q1a.2", func(m *measurements) { m.Quadratic.Paths[2] = []float64{1, 0.5, 0.2} }, claim.Mixed},

		"the floor rises":      {"q1a.3", as, claim.Supported},
		"the floor is flat":    {"q1a.3", func(m *measurements) { m.Floor.Excess[1] = around(0.001) }, claim.Refuted},
		"one run diverged":     {"q1a.3", func(m *measurements) { m.Floor.Excess[1][2] = math.NaN() }, claim.Inconclusive},
		"jumps and stays":      {"q1a.4", as, claim.Supported},
		"does not jump":        {"q1a.4a", func(m *measurements) { m.Basins.Landscape[0].Shallow[1] = around(0) }, claim.Refuted},
		"jumps and returns":    {"q1a.4", func(m *measurements) { m.Basins.Landscape[0].Returned = around(90) }, claim.Mixed},
		"nothing has jumped":   {"q1a.4b", func(m *measurements) { m.Basins.Landscape[0].Jumped = around(0) }, claim.Inconclusive},
		"ends afar, mends":     {"q1a.5", as, claim.Supported},
		"ends as near":         {"q1a.5a", func(m *measurements) { m.Floor.Distance[1] = around(0.1) }, claim.Refuted},
		"a decay does nothing": {"q1a.5", func(m *measurements) { m.Floor.Decayed[1] = around(1) }, claim.Mixed},

		"high is told apart": {"q1a.d1", as, claim.Supported},
		"high looks good": {"q1a.d1b", spoilGrid(3, func(r *sweep.History) {
			r.Losses = curve(func(s float64) float64 { return 0.1 + math.Exp(-s/10) })
		}), claim.Refuted},
		"good looks high":    {"q1a.d1", spoilGrid(2, func(r *sweep.History) { r.Losses[199] = math.Inf(1) }), claim.Mixed},
		"high is far":        {"q1a.d1b", func(m *measurements) { m.Grid.Rates[3] = 2.1 }, claim.Inconclusive},
		"low is told apart":  {"q1b.d1", as, claim.Supported},
		"low looks too high": {"q1b.d1b", spoilGrid(0, func(r *sweep.History) { r.Losses[199] = math.Inf(1) }), claim.Refuted},

		"high spoils the training": {"q1a.d2", as, claim.Refuted},
		"high overfits": {"q1a.d2a", spoilGrid(2, func(r *sweep.History) {
			*r = run(0.7, 0.2, 1, 0.6, r.Losses)
		}), claim.Supported},
		"overfits by 0.017 in 0.3 decades": {"q1a.d2a", spoilGrid(2, func(r *sweep.History) { // at a loss of 0.325 three quarters of it are there
			*r = run(0.7, 0.2, 0.9, 0.878, r.Losses)
		}), claim.Supported},
		"overfits by 0.003 in 0.3 decades": {"q1a.d2a", spoilGrid(2, func(r *sweep.History) {
			*r = run(0.7, 0.2, 0.9, 0.896, r.Losses)
		}), claim.Refuted},
		"wrong labels explain the gap": {"q1a.d2a", func(m *measurements) {
			m.Grid.LabelNoise = 0.1 // 1 on right labels is 0.9 on noisy ones, and 0.875 is 0.8
			spoilGrid(1, func(r *sweep.History) { *r = run(0.7, 0.2, 0.9, 1, r.Losses) })(m)
			spoilGrid(2, func(r *sweep.History) { *r = run(0.7, 0.2, 0.8, 0.875, r.Losses) })(m)
		}, claim.Refuted},
		"one rate learns": {"q1a.d2a", spoilGrid(1, func(r *sweep.History) {
			*r = run(0.7, 0.6, 0.6, 0.6, r.Losses)
		}), claim.Inconclusive},
		"the high rate is poor at a low loss": {"q1a.d2b", spoilGrid(3, func(r *sweep.History) {
			*r = run(0.7, 0.2, 1, 0.6, r.Losses)
		}), claim.Supported},

		"steps go as 1/η":          {"q1b.1", as, claim.Supported},
		"steps do not":             {"q1b.1a", func(m *measurements) { m.Quadratic.Slow[0].Steps = 500 }, claim.Refuted},
		"never arrives":            {"q1b.1a", func(m *measurements) { m.Quadratic.Slow[0].Steps = 0 }, claim.Refuted},
		"float32 moves":            {"q1b.1", func(m *measurements) { m.Quadratic.Frozen = false }, claim.Mixed},
		"low stays":                {"q1b.2", as, claim.Supported},
		"low leaves too":           {"q1b.2a", func(m *measurements) { m.Basins.Landscape[1].StayedLow[0] = around(0.5) }, claim.Refuted},
		"the plateau is no hurdle": {"q1b.2", func(m *measurements) { m.Basins.Plateau[0].Left = 0.01 }, claim.Mixed},
		"the rate is innocent":     {"q1b.3", as, claim.Refuted},
		"the rate shrinks gradients": {"q1b.3", func(m *measurements) {
			m.Vanishing.Along = []AlongTraining{along(2, 1e-3), along(8, 1e-6)}
		}, claim.Supported},
		"… but not with depth": {"q1b.3", func(m *measurements) {
			m.Vanishing.Along = []AlongTraining{along(2, 1e-3), along(8, 1e-3)}
		}, claim.Mixed},
		"low underfits": {"q1b.d2", as, claim.Supported},
		"low overfits":  {"q1b.d2", spoilGrid(0, func(r *sweep.History) { *r = run(0.7, 0.3, 0.9, 0.5, r.Losses) }), claim.Refuted},

		"range test finds it": {"q1.lr", as, claim.Supported},
		"the short test fails": {"q1.lr", func(m *measurements) {
			for i := range m.Grid.Ranges[0] {
				m.Grid.Ranges[0][i] = RangeTest{Rates: []float64{1}, Losses: []float64{1}, Run: m.Grid.Runs[0][i]}
			}
		}, claim.Mixed},
		"at the edge":             {"q1.eos", as, claim.Supported},
		"starts at the edge":      {"q1.eos", func(m *measurements) { m.Sharpness.Sharpness[0][0][0] = 60 }, claim.Inconclusive},
		"stays below the edge":    {"q1.eos", func(m *measurements) { m.Sharpness.Rates[0] = 0.065 }, claim.Refuted},
		"two of twelve diverge":   {"q1.eos", diverging(10, 2), claim.Supported},
		"three of twelve diverge": {"q1.eos", diverging(9, 3), claim.Inconclusive},
		"all of twelve diverge":   {"q1.eos", diverging(0, 12), claim.Refuted},
		"training too short":      {"q1.eos", func(m *measurements) { m.Sharpness.Steps[1] = 100 }, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			c.change(&m)
			var all []claim.Claim
			claim.Each(m.judged(), func(c *claim.Claim) { all = append(all, *c) })
			decided := lessontest.Named(t, all, c.id)
			require.Equal(t, c.want, decided.Verdict, decided.Evidence)
		})
	}
}

// diverging sets so many trainings that end at the edge, and so many that diverge.
func diverging(stay, diverge int) func(m *measurements) {
	return func(m *measurements) {
		edge, gone := [][]float64{{4, 20}}, [][]float64{{4, math.NaN()}}
		m.Sharpness.Sharpness[0] = append(slices.Repeat(edge, stay), slices.Repeat(gone, diverge)...)
	}
}

// A report holds no Inf and no NaN, however many runs diverged.
func TestDivergedRunsAreShown(t *testing.T) {
	m := whole()
	for seed := range 3 {
		m.Grid.Runs[3][seed] = run(0.7, math.Inf(1), math.NaN(), math.NaN(), curve(func(s float64) float64 { return math.Exp(s * s) }))
	}
	m.Floor.Excess[1][0], m.Floor.Distance[1][0] = math.NaN(), math.Inf(1)
	m.Sharpness.Sharpness[0][1][1] = math.NaN()
	for name, figures := range map[string]func() (report.Figures, error){
		"grid":      func() (report.Figures, error) { return RateGrid.Figures(Smoke().Grid, m.Grid) },
		"floor":     func() (report.Figures, error) { return NoiseFloor.Figures(Smoke().Floor, m.Floor) },
		"sharpness": func() (report.Figures, error) { return EdgeOfStability.Figures(Smoke().Sharpness, m.Sharpness) },
	} {
		drawn, err := figures()
		require.NoError(t, err, name)
		require.NoError(t, drawn.Validate(), name)
	}
	for _, judged := range m.judged() {
		require.NoError(t, judged.Validate())
	}
	require.NotNil(t, m.Grid.rateChart().Curves[0].DivergedAt)
	for _, row := range m.Grid.table().Rows {
		require.NotContains(t, row, "NaN")
	}
}

// The ids of the curriculum's question 1 (a) and (b).
func TestEveryClaimIsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{
		"q1a.1", "q1a.2", "q1a.3", "q1a.4", "q1a.5", "q1a.d1", "q1a.d2", "q1b.1", "q1b.2", "q1b.3", "q1b.d1", "q1b.d2", "q1.lr", "q1.eos",
	}, lessontest.IDs(Lesson.Claims()))
}
