package saddle

import (
	"math"
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

const budget = 400

// run is a training that starts at ln 2, reaches the target of 0.2 exactly at the
// step, and then stays at the loss of the end, with a ripple of the share.
func run(at int, end, testLoss, testAccuracy, ripple float64) sweep.History {
	c := sweep.History{Losses: []float64{guessing}}
	for step := 0; step <= budget; step += 10 {
		loss := guessing
		switch {
		case step == at:
			loss = 0.2
		case step > at:
			loss = end * (1 + ripple*math.Cos(float64(step/10)*math.Pi))
		}
		c.Steps = append(c.Steps, step)
		c.Train = append(c.Train, sweep.Point{Loss: loss, Accuracy: 0.5})
		c.Test = append(c.Test, sweep.Point{Loss: testLoss, Accuracy: testAccuracy})
	}
	return c
}

// five are runs of five seeds, which differ a little.
func five(at int, end, testLoss, testAccuracy, ripple float64) []sweep.History {
	var runs []sweep.History
	for _, v := range around(1) {
		runs = append(runs, run(at, end*v, testLoss*v, testAccuracy*(1+0.1*(v-1)), ripple*v))
	}
	return runs
}

// racer is fast at the middle of three rates; at the highest it fails.
func racer(name string, at int, end, testLoss, testAccuracy, ripple float64) Racer {
	own := five(at, end, testLoss, testAccuracy, ripple)
	return Racer{
		Name: name, Fast: own, Deep: own, Sharpness: around(1), Rise: around(0.01),
		Grid: [][]sweep.History{five(budget+1, 1, 1, 0.5, 0), own, five(budget+1, 5, 5, 0.5, 0)},
	}
}

// whole are measurements in which every claim of the sheet is right.
func whole() Measurements {
	m := Measurements{
		Plane: PlaneFacts{
			Names: []string{sgd, momentum, rmsprop, adam}, Rate: 0.05, Beta: 0.9, Offsets: []float64{1e-6, 1e-4, 1e-2}, Budget: budget,
			Steps: [][]int{{145, 97, 49}, {60, 43, 26}, {9, 9, 9}, {20, 20, 20}}, Stuck: []int{0, 0, 0, 0},
			Shaken: [][]float64{around(100), around(30), around(5), around(20)},
		},
		Noise: NoiseFacts{Names: []string{sgd, momentum, rmsprop, adam}},
		Theory: TheoryFacts{
			Descents: []ConvexDescent{{Function: "f", Rate: 1, Excess: []float64{1, 0.5}, Bound: []float64{2, 1}}, {Function: "f", Rate: 3, Excess: []float64{9}, Bound: []float64{1}}},
			Counter:  CounterExample{Gradient: 3, Names: []string{sgd, adam, amsgrad}, Paths: [][]float64{{0, -1, -1, -1}, {0, 1, 1, 1}, {0, -1, -1, -1}}},
			Parts:    PartsFact{Steps: 9, AsRMSProp: 1e-15, AsBall: 1e-15, FromRMSProp: 1, FromBall: 1},
		},
		Cost: CostFacts{Parameters: 10, Optimizers: []OptimizerCost{{sgd, 3, 20, 1}, {momentum, 1, 4, 1}, {rmsprop, 1, 9, 1}, {adam, 2, 14, 1}}},
		Deep: DeepFacts{Names: []string{sgd, momentum, rmsprop, adam}, Rates: []float64{0.1, 1}, Scales: []float64{0, 0.01, 0.1}, Noises: []float64{0, 0.1}, Budget: budget},
	}
	for name, signs := range map[string][]float64{plainSaddle: {-2, 2}, monkeySaddle: {0, 0}, flatSaddle: {0, 0}} {
		m.Definition.Places = append(m.Definition.Places, PlaceFact{Name: name, Gradient: []float64{0, 0}, Eigenvalues: signs, Circles: []Circle{{1, -1, 1}}})
	}
	for name, signs := range map[string][]float64{plainBowl: {2, 2}, flatBowl: {0, 0}} {
		m.Definition.Places = append(m.Definition.Places, PlaceFact{Name: name, Gradient: []float64{0, 0}, Eigenvalues: signs, Circles: []Circle{{1, 0.5, 1}}})
	}
	for range placesOfNoise {
		m.Noise.Relative = append(m.Noise.Relative, [][]float64{around(10), around(1), around(10), around(1)})
	}
	never := make([]float64, 5)
	for _, small := range []float64{200, 100, 5, 5} {
		noise := [][][]float64{{never, never}, {around(small), never}, {around(5), never}}
		m.Deep.Steps = append(m.Deep.Steps, [][][][]float64{noise, noise})
	}
	for _, name := range []string{spirals, teacher} {
		m.Race.Tasks = append(m.Race.Tasks, raceOf(name))
	}
	return m
}

func raceOf(name string) TaskFacts {
	t := TaskFacts{Task: name, Rates: []float64{0.01, 0.1, 1}, Target: 0.2, Budget: budget}
	t.Racers = []Racer{
		racer(sgd, 100, 0.01, 0.1, 0.9, 0.1), racer(momentum, 80, 0.01, 0.1, 0.9, 0.1), racer(rmsprop, 50, 0.01, 0.1, 0.9, 0.1),
		racer(adam, 50, 0.02, 0.2, 0.8, 0.01),
	}
	t.Racers[3].Sharpness, t.Racers[3].Rise = around(2), around(0.02)
	for seed := range t.Racers[0].Grid[0] { // SGD is good at the lowest rate too: its band is the wider
		t.Racers[0].Grid[0][seed] = t.Racers[0].Grid[1][seed]
	}
	return t
}

// onTask spoils one racer of one task, 0 for the spirals.
func onTask(task, racer int, change func(r *Racer)) func(m *Measurements) {
	return func(m *Measurements) { change(&m.Race.Tasks[task].Racers[racer]) }
}

// onBoth spoils one racer of both tasks.
func onBoth(racer int, change func(r *Racer)) func(m *Measurements) {
	return func(m *Measurements) {
		onTask(0, racer, change)(m)
		onTask(1, racer, change)(m)
	}
}

const ofSGD, ofMomentum, ofAdam = 0, 1, 3

func TestJudging(t *testing.T) {
	as := func(*Measurements) {}
	slowAdam := func(r *Racer) { r.Fast = five(300, 0.02, 0.2, 0.8, 0.01) }
	for name, c := range map[string]struct {
		id     string
		change func(m *Measurements)
		want   claim.Verdict
	}{
		"saddles are saddles":       {"q1c.0", as, claim.Supported},
		"a gradient is not 0":       {"q1c.0", func(m *Measurements) { m.Definition.Places[0].Gradient[1] = 1e-9 }, claim.Refuted},
		"a circle has one side":     {"q1c.0", func(m *Measurements) { m.Definition.Places[1].Circles[0].Lowest = 0.1 }, claim.Refuted},
		"a surface is missing":      {"q1c.0", func(m *Measurements) { m.Definition.Places = m.Definition.Places[1:] }, claim.Refuted},
		"the Hessian contradicts":   {"q1c.0", func(m *Measurements) { m.Definition.Places[3].Eigenvalues = []float64{-1, 1} }, claim.Refuted},
		"Adam is faster":            {"q1c.1", as, claim.Supported},
		"Adam is slower":            {"q1c.1", onBoth(ofAdam, slowAdam), claim.Refuted},
		"that depends on the task":  {"q1c.1", onTask(1, ofAdam, slowAdam), claim.Inconclusive},
		"Adam never arrives":        {"q1c.1", onBoth(ofAdam, func(r *Racer) { r.Fast = five(budget+1, 1, 1, 0.5, 0) }), claim.Refuted},
		"faster than momentum":      {"q1c.9", as, claim.Supported},
		"momentum ties":             {"q1c.9", onBoth(ofMomentum, func(r *Racer) { r.Fast = five(50, 0.01, 0.1, 0.9, 0.1) }), claim.Refuted},
		"momentum ties on one task": {"q1c.9", onTask(0, ofMomentum, func(r *Racer) { r.Fast = five(50, 0.01, 0.1, 0.9, 0.1) }), claim.Inconclusive},

		"Adam is calmer": {"q1c.2", as, claim.Supported},
		"Adam is as wild": {"q1c.2", func(m *Measurements) {
			m.Noise.Relative[0][3], m.Noise.Relative[1][3] = around(10), around(10)
			onBoth(ofAdam, func(r *Racer) { r.Deep = five(50, 0.02, 0.2, 0.8, 0.1) })(m)
		}, claim.Refuted},
		"calm direction, wild loss": {"q1c.2", onTask(1, ofAdam, func(r *Racer) { r.Deep = five(50, 0.02, 0.2, 0.8, 0.2) }), claim.Inconclusive},
		"the noise hides the mean":  {"q1c.2", func(m *Measurements) { m.Noise.Relative[1][0][2] = math.NaN() }, claim.Inconclusive},

		"joins both":            {"q1c.3", as, claim.Supported},
		"is not RMSProp":        {"q1c.3", func(m *Measurements) { m.Theory.Parts.AsRMSProp = 1e-3 }, claim.Refuted},
		"is not momentum":       {"q1c.3", func(m *Measurements) { m.Theory.Parts.AsBall = 1e-3 }, claim.Refuted},
		"is nothing but a part": {"q1c.3", func(m *Measurements) { m.Theory.Parts.FromBall = 0 }, claim.Refuted},
		"differs by NaN":        {"q1c.3", func(m *Measurements) { m.Theory.Parts.AsBall = math.NaN() }, claim.Refuted},

		"Adam is choosy":       {"q1c.4", as, claim.Supported},
		"SGD is as choosy":     {"q1c.4", onBoth(ofSGD, func(r *Racer) { r.Grid[0] = r.Grid[2] }), claim.Refuted},
		"Adam never fails":     {"q1c.4", onBoth(ofAdam, func(r *Racer) { r.Grid[2] = five(50, 0.3, 1, 1, 0) }), claim.Refuted},
		"choosy on one task":   {"q1c.4", onTask(0, ofSGD, func(r *Racer) { r.Grid[0] = r.Grid[2] }), claim.Inconclusive},
		"sharp and poor":       {"q1c.5", as, claim.Supported},
		"as flat":              {"q1c.5", onBoth(ofAdam, func(r *Racer) { r.Sharpness = around(1) }), claim.Refuted},
		"sharp, tests as well": {"q1c.5", onBoth(ofAdam, func(r *Racer) { r.Fast = five(50, 0.02, 0.2, 0.9, 0.01) }), claim.Refuted},
		"two seeds arrive": {"q1c.5", onBoth(ofAdam, func(r *Racer) {
			for seed := range 3 {
				r.Sharpness[seed] = math.NaN()
			}
		}), claim.Inconclusive},
		"SGD ends lower":       {"q1c.6", as, claim.Supported},
		"Adam trains lower":    {"q1c.6", onBoth(ofAdam, func(r *Racer) { r.Deep = five(50, 0.001, 0.2, 0.8, 0.01) }), claim.Refuted},
		"lower on one task":    {"q1c.6", onTask(1, ofAdam, func(r *Racer) { r.Deep = five(50, 0.001, 0.05, 0.8, 0.01) }), claim.Inconclusive},
		"one deep run is lost": {"q1c.6", onBoth(ofAdam, func(r *Racer) { r.Deep[0] = run(50, math.NaN(), math.NaN(), 0, 0) }), claim.Inconclusive},

		"theory holds":           {"q1c.7", as, claim.Supported},
		"the bound is broken":    {"q1c.7", func(m *Measurements) { m.Theory.Descents[0].Excess[1] = 1.5 }, claim.Refuted},
		"it is not, beyond 1/L":  {"q1c.7", func(m *Measurements) { m.Theory.Descents[1].Excess[0] = 0 }, claim.Supported},
		"Adam converges":         {"q1c.7", func(m *Measurements) { m.Theory.Counter.Paths[1] = []float64{0, -1, -1, -1} }, claim.Refuted},
		"AMSGrad does not":       {"q1c.7", func(m *Measurements) { m.Theory.Counter.Paths[2] = []float64{0, 1, 1, 1} }, claim.Refuted},
		"SGD is heavy":           {"q1c.8", as, claim.Supported},
		"SGD is light":           {"q1c.8", func(m *Measurements) { m.Cost.Optimizers[0] = OptimizerCost{sgd, 0, 2, 1} }, claim.Refuted},
		"SGD is in between":      {"q1c.8", func(m *Measurements) { m.Cost.Optimizers[0] = OptimizerCost{sgd, 1, 10, 1} }, claim.Inconclusive},
		"SGD was not measured":   {"q1c.8", func(m *Measurements) { m.Cost.Optimizers[0].Name = "other" }, claim.Inconclusive},
		"each in its own way":    {"q1c.10", as, claim.Supported},
		"not as the formula":     {"q1c.10", func(m *Measurements) { m.Plane.Steps[1] = []int{90, 60, 30} }, claim.Refuted},
		"Adam slows down too":    {"q1c.10", func(m *Measurements) { m.Plane.Steps[3] = []int{40, 30, 20} }, claim.Refuted},
		"Adam never leaves":      {"q1c.10", func(m *Measurements) { m.Plane.Steps[3] = []int{0, 0, 0} }, claim.Refuted},
		"one leaves the line":    {"q1c.10", func(m *Measurements) { m.Plane.Stuck[2] = 7 }, claim.Refuted},
		"noise does not help":    {"q1c.10", func(m *Measurements) { m.Plane.Shaken[0][2] = 0 }, claim.Refuted},
		"SGD stays at the net's": {"q1c.10", func(m *Measurements) { m.Deep.Steps[0][0][1][0] = make([]float64, 5) }, claim.Refuted},
		"SGD as fast from small": {"q1c.10", func(m *Measurements) { m.Deep.Steps[0][0][1][0] = around(5) }, claim.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			c.change(&m)
			claim := lessontest.Judged(t, rules(), c.id, m)
			require.Equal(t, c.want, claim.Verdict, claim.Evidence)
			require.NotContains(t, claim.Evidence, "NaN of")
		})
	}
}

// A report holds no Inf and no NaN, however many runs diverged.
func TestDivergedRunsAreShown(t *testing.T) {
	m := whole()
	for task := range m.Race.Tasks {
		r := &m.Race.Tasks[task].Racers[ofSGD]
		r.Grid[2], r.Sharpness[1], r.Rise[1] = five(budget+1, math.Inf(1), math.NaN(), math.NaN(), 0), math.NaN(), math.NaN()
		r.Fast[1], r.Deep[2] = run(budget+1, 1, 1, 0.5, 0), run(50, math.NaN(), math.Inf(1), math.NaN(), 0)
		for i := range 20 {
			r.Fast[2].Train[20+i].Loss = math.NaN()
		}
	}
	m.Noise.Relative[0][0] = []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	m.Theory.Descents[1].Excess[0] = math.Inf(1)
	report := report.Report{Lesson: "saddle", Claims: claim.Judge(rules(), m)}
	require.NoError(t, illustrate(&report, Smoke(), m))
	require.NoError(t, report.Validate())
	for _, table := range report.Tables {
		for _, row := range table.Rows {
			for _, cell := range row {
				require.NotContains(t, cell, "NaN", table.ID)
				require.NotContains(t, cell, "Inf", table.ID)
			}
		}
	}
	for _, claim := range report.Claims {
		require.NotContains(t, claim.Evidence, "NaN", claim.ID)
	}
}

func TestStepsToTheTarget(t *testing.T) {
	f := TaskFacts{Target: 0.1, Budget: 100, Rates: []float64{1}}
	course := func(losses ...float64) sweep.History {
		c := sweep.History{}
		for i, loss := range losses {
			c.Steps, c.Train = append(c.Steps, 10*i), append(c.Train, sweep.Point{Loss: loss})
		}
		return c
	}
	runs := []sweep.History{
		course(1, 0.1), course(1, 0.01), course(1, 0.5, 0.2), course(0.05), course(math.Inf(1), 0.05), course(1, math.NaN()), course(1, 0),
	}
	steps := f.Steps(runs)
	require.InDeltaSlice(t, []float64{10, 5, 100, 1, 10, 100}, steps[:6], 1e-9)
	require.Less(t, steps[6], 5.0, "a loss of 0 counts as the smallest that float32 tells from it")
	require.Equal(t, 5, f.Arrive(runs))
}

func TestBestRateWantsArrivalsFirst(t *testing.T) {
	arrive, steps := []int{7, 8, 8, 8}, []float64{1, 30, 20, 20}
	require.Equal(t, 2, bestRate(4, func(rate int) (int, float64) { return arrive[rate], steps[rate] }))
}

// Falls of 0, 1, 0.95 and 0.5 at four rates half a power of ten apart: the band
// goes from 0.9·½ below the best to a ninth of ½ above the third.
func TestBandIsInterpolated(t *testing.T) {
	f := TaskFacts{Rates: []float64{0.1, math.Pow(10, -0.5), 1, math.Pow(10, 0.5)}}
	var r Racer
	for _, end := range []float64{1, 0, 0.05, 0.5} {
		points := []sweep.Point{{Loss: 1}, {Loss: end}, {Loss: end}, {Loss: end}}
		r.Grid = append(r.Grid, []sweep.History{{Train: points}})
	}
	from, to := f.Band(r, 0)
	require.InDelta(t, -0.5-0.5*0.1, from, 1e-5)
	require.InDelta(t, 0+0.5*(0.05/0.45), to, 1e-5)
	r.Grid[0][0].Train[3].Loss = math.NaN()
	diverged, _ := f.Band(r, 0)
	require.InDelta(t, from, diverged, 1e-5, "a run that diverged keeps nothing of the fall")
	r.Grid[0][0].Train = r.Grid[1][0].Train
	edge, _ := f.Band(r, 0)
	require.InDelta(t, -1, edge, 1e-9, "the band ends with the grid")
}

// The ids of the curriculum's question 1 (c), in its order.
func TestEveryClaimIsDeclared(t *testing.T) {
	require.Equal(t, []string{
		"q1c.0", "q1c.1", "q1c.2", "q1c.3", "q1c.4", "q1c.5", "q1c.6", "q1c.7", "q1c.8", "q1c.9", "q1c.10",
	}, lessontest.IDs(Claims()))
}
