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
			Rates: []float64{0.1, 1}, AtStart: [][]float64{around(1), around(1)}, TinyRate: 1e-6, Depths: []int{2, 8},
			Course:   [][]float64{{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
			Variants: []string{"sigmoid"}, FirstNorm: [][][]float64{{around(1), around(1e-6)}},
			ByLayer: [][]float64{{1e-6, 1}}, HighEnd: around(0.1),
		},
		Sharpness: SharpnessMeasurement{Rates: []float64{0.1}, Steps: []int{0, 10_000}},
	}
	m.Basins.Rates = []float64{0.01, 4}
	for _, l := range landscapes() {
		m.Basins.Landscape = append(m.Basins.Landscape, LandscapeShares{
			Landscape: l, Unstable: 1, Shallow: [][]float64{around(0), around(0.5)}, Returned: around(0), StayedLow: [][]float64{around(1), around(0.5)},
		})
	}
	m.Basins.Plateau = []PlateauDescent{{0.1, 1}, {100, 0.001}}
	m.Sharpness.Sharpness = [][][]float64{{{4, 20}, {4, 20.1}, {4, 19.9}, {4, 20}, {4, 20}}}
	flat := curve(func(float64) float64 { return 0.7 })
	falls := curve(func(s float64) float64 { return 0.1 + math.Exp(-s/10) })
	wild := curve(func(s float64) float64 { return 2 + 1.5*math.Cos(math.Pi*s) })
	m.Grid.Rates = []float64{0.001, 0.1, 10}
	m.Grid.Runs = make([][]sweep.History, 3)
	var tests []RangeTest
	for range 5 {
		m.Grid.Runs[0] = append(m.Grid.Runs[0], run(0.7, 0.69, 0.55, 0.55, flat))
		m.Grid.Runs[1] = append(m.Grid.Runs[1], run(0.7, 0.2, 0.9, 0.9, falls))
		m.Grid.Runs[2] = append(m.Grid.Runs[2], run(0.7, 2, 0.5, 0.5, wild))
		tests = append(tests, RangeTest{Rates: []float64{1}, Losses: []float64{1}, Found: 0.1, Run: run(0.7, 0.2, 0.9, 0.9, falls)})
	}
	m.Grid.Ranges = [][]RangeTest{tests}
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
		"overshoots":                {"q1a.1", as, claim.Supported},
		"a factor is off":           {"q1a.1", func(m *measurements) { m.Quadratic.Paths[1][2] = 0.3 }, claim.Refuted},
		"the net does not flip":     {"q1a.1", func(m *measurements) { m.Quadratic.Net[1].Signs[1] = 0.5 }, claim.Refuted},
		"the net's factor is off":   {"q1a.1", func(m *measurements) { m.Quadratic.Net[0].Factor = 0.52 }, claim.Refuted},
		"diverges at 2/λ":           {"q1a.2", as, claim.Supported},
		"bowl diverges later":       {"q1a.2", func(m *measurements) { m.Quadratic.Threshold = 2.1 }, claim.Refuted},
		"regression leaves earlier": {"q1a.2", func(m *measurements) { m.Quadratic.Logistic.Threshold = 3.9 }, claim.Refuted},
		"the loss falls beyond":     {"q1a.2", func(m *measurements) { m.Quadratic.Paths[2] = []float64{1, 0.5, 0.2} }, claim.Refuted},

		"the floor rises":      {"q1a.3", as, claim.Supported},
		"the floor is flat":    {"q1a.3", func(m *measurements) { m.Floor.Excess[1] = around(0.001) }, claim.Refuted},
		"one run diverged":     {"q1a.3", func(m *measurements) { m.Floor.Excess[1][2] = math.NaN() }, claim.Inconclusive},
		"jumps and stays":      {"q1a.4", as, claim.Supported},
		"does not jump":        {"q1a.4", func(m *measurements) { m.Basins.Landscape[0].Shallow[1] = around(0) }, claim.Refuted},
		"jumps and returns":    {"q1a.4", func(m *measurements) { m.Basins.Landscape[0].Returned = around(0.9) }, claim.Refuted},
		"ends afar, mends":     {"q1a.5", as, claim.Supported},
		"ends as near":         {"q1a.5", func(m *measurements) { m.Floor.Distance[1] = around(0.1) }, claim.Refuted},
		"a decay does nothing": {"q1a.5", func(m *measurements) { m.Floor.Decayed[1] = around(1) }, claim.Refuted},

		"high is told apart": {"q1a.d1", as, claim.Supported},
		"high looks good": {"q1a.d1", spoilGrid(2, func(r *sweep.History) {
			r.Losses = curve(func(s float64) float64 { return 0.1 + math.Exp(-s/10) })
		}), claim.Refuted},
		"low is told apart":  {"q1b.d1", as, claim.Supported},
		"low looks too high": {"q1b.d1", spoilGrid(0, func(r *sweep.History) { r.Losses[199] = math.Inf(1) }), claim.Refuted},

		"high spoils the training": {"q1a.d2", as, claim.Refuted},
		"high overfits": {"q1a.d2", spoilGrid(2, func(r *sweep.History) {
			*r = run(0.7, 0.2, 1, 0.6, r.Losses)
		}), claim.Supported},
		"high overfits no more than low": {"q1a.d2", spoilGrid(2, func(r *sweep.History) {
			*r = run(0.7, 0.2, 0.6, 0.6, r.Losses)
		}), claim.Refuted},

		"steps go as 1/η":          {"q1b.1", as, claim.Supported},
		"steps do not":             {"q1b.1", func(m *measurements) { m.Quadratic.Slow[0].Steps = 500 }, claim.Refuted},
		"never arrives":            {"q1b.1", func(m *measurements) { m.Quadratic.Slow[0].Steps = 0 }, claim.Refuted},
		"low stays":                {"q1b.2", as, claim.Supported},
		"low leaves too":           {"q1b.2", func(m *measurements) { m.Basins.Landscape[1].StayedLow[0] = around(0.5) }, claim.Refuted},
		"the plateau is no hurdle": {"q1b.2", func(m *measurements) { m.Basins.Plateau[0].Left = 0.01 }, claim.Refuted},
		"the rate is innocent":     {"q1b.3", as, claim.Refuted},
		"the rate shrinks gradients": {"q1b.3", func(m *measurements) {
			m.Vanishing.AtStart[0] = around(1e-3)
			m.Vanishing.Course = [][]float64{{1, 1e-3}, {1, 1e-3}, {1, 1e-3}, {1, 1e-3}, {1, 1e-3}}
		}, claim.Supported},
		"low underfits": {"q1b.d2", as, claim.Supported},
		"low overfits":  {"q1b.d2", spoilGrid(0, func(r *sweep.History) { *r = run(0.7, 0.3, 0.9, 0.5, r.Losses) }), claim.Refuted},

		"range test finds it": {"q1.lr", as, claim.Supported},
		"range test fails": {"q1.lr", func(m *measurements) {
			for i := range m.Grid.Ranges[0] {
				m.Grid.Ranges[0][i].Run = m.Grid.Runs[0][i]
			}
		}, claim.Refuted},
		"at the edge":          {"q1.eos", as, claim.Supported},
		"starts at the edge":   {"q1.eos", func(m *measurements) { m.Sharpness.Sharpness[0][0][0] = 60 }, claim.Inconclusive},
		"stays below the edge": {"q1.eos", func(m *measurements) { m.Sharpness.Rates[0] = 0.065 }, claim.Refuted},
		"training too short":   {"q1.eos", func(m *measurements) { m.Sharpness.Steps[1] = 100 }, claim.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			c.change(&m)
			decided := lessontest.Named(t, m.judged(), c.id)
			require.Equal(t, c.want, decided.Verdict, decided.Evidence)
		})
	}
}

// A report holds no Inf and no NaN, however many runs diverged.
func TestDivergedRunsAreShown(t *testing.T) {
	m := whole()
	for seed := range 3 {
		m.Grid.Runs[2][seed] = run(0.7, math.Inf(1), math.NaN(), math.NaN(), curve(func(s float64) float64 { return math.Exp(s * s) }))
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
