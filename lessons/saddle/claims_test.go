package saddle

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

// around is eight values close to the mean.
func around(mean float64) []float64 {
	return []float64{mean * 0.97, mean * 0.98, mean * 0.99, mean, mean, mean * 1.01, mean * 1.02, mean * 1.03}
}

const budget = 400

// run is a training that starts at ln 2, reaches the target of 0.2 exactly at the
// step, and then stays at the loss of the end, with a ripple of that fraction of it.
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

// eight are runs of eight seeds, which differ a little.
func eight(at int, end, testLoss, testAccuracy, ripple float64) []sweep.History {
	var runs []sweep.History
	for _, v := range around(1) {
		runs = append(runs, run(at, end*v, testLoss*v, testAccuracy*(1+0.1*(v-1)), ripple*v))
	}
	return runs
}

// runs are fast at the middle of three rates; at the highest they fail.
func runs(name string, at int, end, testLoss, testAccuracy, ripple float64) OptimizerRuns {
	own := eight(at, end, testLoss, testAccuracy, ripple)
	return OptimizerRuns{
		Name: name, Fast: own, Tuned: own,
		Grid: [][]sweep.History{eight(budget+1, 1, 1, 0.5, 0), own, eight(budget+1, 5, 5, 0.5, 0)},
	}
}

// measurements are those of all experiments.
type measurements struct {
	Definition DefinitionMeasurement
	Plane      PlaneMeasurement
	Theory     TheoryMeasurement
	Cost       CostMeasurement
	Noise      NoiseMeasurement
	Deep       DeepMeasurement
	Comparison ComparisonMeasurement
	Flatness   FlatnessMeasurement
}

// judged are the claims of all experiments.
func (m measurements) judged() []claim.Claim {
	return slices.Concat(
		claim.Judge(definitionRules(), m.Definition), claim.Judge(theoryRules(), m.Theory),
		claim.Judge(escapeRules(), EscapeMeasurement{m.Plane, m.Deep}), claim.Judge(comparisonRules(), m.Comparison),
		claim.Judge(speedRules(), SpeedMeasurement{m.Comparison, m.Cost}), claim.Judge(flatnessRules(), m.Flatness),
		claim.Judge(varianceRules(), VarianceMeasurement{m.Noise, m.Comparison}),
	)
}

// whole are measurements in which every claim of the sheet is right.
func whole() measurements {
	m := measurements{
		Plane: PlaneMeasurement{
			Names: []string{sgd, momentum, rmsprop, adam}, Rate: 0.05, Beta: 0.9, Offsets: []float64{1e-6, 1e-4, 1e-2}, Budget: budget,
			Steps: [][]int{{145, 97, 49}, {60, 43, 26}, {9, 9, 9}, {20, 20, 20}}, Stuck: []int{0, 0, 0, 0},
			Noisy: [][]float64{around(100), around(30), around(5), around(20)},
		},
		Noise: NoiseMeasurement{Names: []string{sgd, momentum, rmsprop, adam}},
		Theory: TheoryMeasurement{
			Descents: []ConvexDescent{{Function: "f", Rate: 1, Excess: []float64{1, 0.5}, Bound: []float64{2, 1}}, {Function: "f", Rate: 3, Excess: []float64{9}, Bound: []float64{1}}},
			Noisy:    []NoisyDescent{{Rate: 1, Means: [][]float64{{1, 1}, {1, 1.1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, Bound: []float64{3, 2}}},
			Counter:  CounterExample{Gradient: 3, Names: []string{sgd, adam, amsgrad, usualAdam}, Paths: [][]float64{{0, -1, -1, -1}, {0, 1, 1, 1}, {0, -1, -1, -1}, {0, -1, -1, -1}}},
			Parts:    AdamParts{Steps: 9, AsRMSProp: 1e-15, AsBall: 1e-15, FromRMSProp: 1, FromBall: 1},
		},
		Cost: CostMeasurement{Parameters: 10, Optimizers: []OptimizerCost{{sgd, 3, 20, 1}, {momentum, 1, 4, 1}, {rmsprop, 1, 9, 1}, {adam, 2, 14, 1}}},
		Deep: DeepMeasurement{Names: []string{sgd, momentum, rmsprop, adam}, Rates: []float64{0.1, 1}, Scales: []float64{0, 0.01, 0.03, 0.05, 0.1}, Noises: []float64{0, 0.1}, Budget: budget},
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
	never := make([]float64, 8)
	for _, small := range []float64{200, 100, 5, 5} {
		noise := [][][]float64{{never, never}, {around(small), never}, {around(5), never}, {around(5), never}, {around(5), never}}
		m.Deep.Steps = append(m.Deep.Steps, [][][][]float64{noise, noise})
	}
	for _, name := range allTasks {
		m.Comparison.Tasks = append(m.Comparison.Tasks, comparisonOf(name))
	}
	for _, name := range flatTasks {
		m.Flatness.Tasks = append(m.Flatness.Tasks, TaskFlatness{TaskMeasurement{Task: name}, []Minima{
			{Name: sgd, Rate: 1, Loss: around(0.001), Largest: around(1), Relative: around(1), Accuracy: around(0.9)},
			{Name: adam, Rate: 1, Loss: around(0.001), Largest: around(1), Relative: around(2), Accuracy: around(0.8)},
		}})
	}
	return m
}

func comparisonOf(name string) TaskMeasurement {
	t := TaskMeasurement{Task: name, Rates: []float64{0.01, 0.1, 1}, Target: 0.2, Budget: budget, Parameters: 10, Gradient: 1e4}
	t.Optimizers = []OptimizerRuns{
		runs(sgd, 40, 0.01, 0.1, 0.9, 0.1), runs(momentum, 30, 0.01, 0.1, 0.9, 0.1), runs(rmsprop, 20, 0.01, 0.1, 0.9, 0.1),
		runs(adam, 20, 0.02, 0.2, 0.8, 0.01),
	}
	for seed := range t.Optimizers[0].Grid[0] { // SGD is good at the lowest rate too: its band is the wider
		t.Optimizers[0].Grid[0][seed] = t.Optimizers[0].Grid[1][seed]
	}
	return t
}

// onTask spoils the runs of one optimizer on one task, 0 for the spirals.
func onTask(task, optimizer int, change func(r *OptimizerRuns)) func(m *measurements) {
	return func(m *measurements) { change(&m.Comparison.Tasks[task].Optimizers[optimizer]) }
}

// onAll spoils the runs of one optimizer on all tasks.
func onAll(optimizer int, change func(r *OptimizerRuns)) func(m *measurements) {
	return func(m *measurements) {
		for task := range m.Comparison.Tasks {
			onTask(task, optimizer, change)(m)
		}
	}
}

// atMinima spoils those of Adam on the first task.
func atMinima(change func(own *Minima)) func(m *measurements) {
	return func(m *measurements) { change(&m.Flatness.Tasks[0].Minima[1]) }
}

// either finds a claim or a part.
func either(t *testing.T, claims []claim.Claim, id string) (found claim.Claim) {
	claim.Each(claims, func(c *claim.Claim) {
		if c.ID == id {
			found = *c
		}
	})
	require.Equal(t, id, found.ID)
	return found
}

const ofSGD, ofMomentum, ofAdam = 0, 1, 3

func TestJudging(t *testing.T) {
	as := func(*measurements) {}
	slowAdam := func(r *OptimizerRuns) { r.Fast = eight(300, 0.02, 0.2, 0.8, 0.01) }
	for name, c := range map[string]struct {
		id     string
		change func(m *measurements)
		want   claim.Verdict
	}{
		"saddles are saddles":       {"q1c.0", as, claim.Supported},
		"a gradient is not 0":       {"q1c.0", func(m *measurements) { m.Definition.Places[0].Gradient[1] = 1e-9 }, claim.Refuted},
		"a circle has one side":     {"q1c.0", func(m *measurements) { m.Definition.Places[1].Circles[0].Lowest = 0.1 }, claim.Refuted},
		"a surface is missing":      {"q1c.0", func(m *measurements) { m.Definition.Places = m.Definition.Places[1:] }, claim.Refuted},
		"the Hessian contradicts":   {"q1c.0", func(m *measurements) { m.Definition.Places[3].Eigenvalues = []float64{-1, 1} }, claim.Refuted},
		"Adam is faster":            {"q1c.1", as, claim.Supported},
		"Adam is slower":            {"q1c.1", onAll(ofAdam, slowAdam), claim.Refuted},
		"that depends on the task":  {"q1c.1", onTask(1, ofAdam, slowAdam), claim.Mixed},
		"faster in the third":       {"q1c.1c", onTask(1, ofAdam, slowAdam), claim.Supported},
		"Adam never arrives":        {"q1c.1", onAll(ofAdam, func(r *OptimizerRuns) { r.Fast = eight(budget+1, 1, 1, 0.5, 0) }), claim.Refuted},
		"faster than momentum":      {"q1c.9", as, claim.Supported},
		"momentum ties":             {"q1c.9", onAll(ofMomentum, func(r *OptimizerRuns) { r.Fast = eight(20, 0.01, 0.1, 0.9, 0.1) }), claim.Refuted},
		"momentum ties on one task": {"q1c.9", onTask(2, ofMomentum, func(r *OptimizerRuns) { r.Fast = eight(20, 0.01, 0.1, 0.9, 0.1) }), claim.Mixed},

		"Adam is calmer": {"q1c.2", as, claim.Supported},
		"Adam is as wild": {"q1c.2", func(m *measurements) {
			m.Noise.Relative[0][3], m.Noise.Relative[1][3] = around(10), around(10)
			onAll(ofAdam, func(r *OptimizerRuns) { r.Tuned = eight(20, 0.02, 0.2, 0.8, 0.1) })(m)
		}, claim.Refuted},
		"calm direction, wild loss": {"q1c.2", onTask(1, ofAdam, func(r *OptimizerRuns) { r.Tuned = eight(20, 0.02, 0.2, 0.8, 0.2) }), claim.Mixed},
		"calm at one place only":    {"q1c.2a", func(m *measurements) { m.Noise.Relative[1][3] = around(10) }, claim.Refuted},
		"the noise hides the mean":  {"q1c.2", func(m *measurements) { m.Noise.Relative[1][0][2] = math.NaN() }, claim.Inconclusive},

		"joins both":            {"q1c.3", as, claim.Supported},
		"is not RMSProp":        {"q1c.3", func(m *measurements) { m.Theory.Parts.AsRMSProp = 1e-3 }, claim.Refuted},
		"is not momentum":       {"q1c.3", func(m *measurements) { m.Theory.Parts.AsBall = 1e-3 }, claim.Refuted},
		"is nothing but a part": {"q1c.3", func(m *measurements) { m.Theory.Parts.FromBall = 0 }, claim.Refuted},
		"differs by NaN":        {"q1c.3", func(m *measurements) { m.Theory.Parts.AsBall = math.NaN() }, claim.Refuted},

		"Adam is choosy":          {"q1c.4", as, claim.Supported},
		"SGD is as choosy":        {"q1c.4a", onAll(ofSGD, func(r *OptimizerRuns) { r.Grid[0] = r.Grid[2] }), claim.Refuted},
		"choosy, never fails":     {"q1c.4", onAll(ofAdam, func(r *OptimizerRuns) { r.Grid[2] = eight(20, 0.3, 1, 1, 0) }), claim.Mixed},
		"never fails":             {"q1c.4d", onTask(1, ofAdam, func(r *OptimizerRuns) { r.Grid[2] = eight(20, 0.3, 1, 1, 0) }), claim.Refuted},
		"choosy on one task":      {"q1c.4", onTask(0, ofSGD, func(r *OptimizerRuns) { r.Grid[0] = r.Grid[2] }), claim.Mixed},
		"choosy in the end only":  {"q1c.4a", onTask(0, ofSGD, func(r *OptimizerRuns) { r.Grid[0] = eight(60, 0.01, 0.1, 0.9, 0.1) }), claim.Refuted},
		"sharp and poor":          {"q1c.5", as, claim.Supported},
		"as flat":                 {"q1c.5a", atMinima(func(own *Minima) { own.Relative = around(1) }), claim.Refuted},
		"flat by its scale":       {"q1c.5a", atMinima(func(own *Minima) { own.Largest = around(0.1) }), claim.Supported},
		"sharp, tests as well":    {"q1c.5d", atMinima(func(own *Minima) { own.Accuracy = around(0.9) }), claim.Refuted},
		"on one task":             {"q1c.5", atMinima(func(own *Minima) { own.Relative, own.Accuracy = around(1), around(0.9) }), claim.Mixed},
		"two seeds end in minima": {"q1c.5", atMinima(func(own *Minima) { own.Loss = []float64{0.001, 0.1, 0.001, math.NaN(), 0.1, 0.1, 0.1, 0.1} }), claim.Inconclusive},
		"none does":               {"q1c.5a", atMinima(func(own *Minima) { own.Loss = around(0.1) }), claim.Inconclusive},
		"SGD tests better":        {"q1c.6", as, claim.Supported},
		"Adam trains lower":       {"q1c.6", onAll(ofAdam, func(r *OptimizerRuns) { r.Tuned = eight(20, 0.001, 0.2, 0.8, 0.01) }), claim.Supported},
		"Adam tests better":       {"q1c.6", onAll(ofAdam, func(r *OptimizerRuns) { r.Tuned = eight(20, 0.02, 0.05, 0.8, 0.01) }), claim.Refuted},
		"better on one task":      {"q1c.6", onTask(1, ofAdam, func(r *OptimizerRuns) { r.Tuned = eight(20, 0.02, 0.05, 0.8, 0.01) }), claim.Mixed},
		"one deep run is lost":    {"q1c.6a", onAll(ofAdam, func(r *OptimizerRuns) { r.Tuned[0] = run(20, math.NaN(), math.NaN(), 0, 0) }), claim.Inconclusive},

		"theory holds":                     {"q1c.7", as, claim.Supported},
		"the bound is broken":              {"q1c.7a", func(m *measurements) { m.Theory.Descents[0].Excess[1] = 1.5 }, claim.Refuted},
		"it is not, beyond 1/L":            {"q1c.7", func(m *measurements) { m.Theory.Descents[1].Excess[0] = 0 }, claim.Supported},
		"the noisy bound is broken":        {"q1c.7b", func(m *measurements) { m.Theory.Noisy[0].Bound[1] = 0.5 }, claim.Refuted},
		"no rate is promised":              {"q1c.7b", func(m *measurements) { m.Theory.Noisy = nil }, claim.Unmeasured},
		"Adam converges":                   {"q1c.7c", func(m *measurements) { m.Theory.Counter.Paths[1] = []float64{0, -1, -1, -1} }, claim.Refuted},
		"AMSGrad does not":                 {"q1c.7c", func(m *measurements) { m.Theory.Counter.Paths[2] = []float64{0, 1, 1, 1} }, claim.Refuted},
		"SGD is heavy":                     {"q1c.8", as, claim.Supported},
		"a step is light, the way is long": {"q1c.8", func(m *measurements) { m.Cost.Optimizers[0] = OptimizerCost{sgd, 0, 2, 1} }, claim.Mixed},
		"the way is as long":               {"q1c.8b", onTask(0, ofSGD, func(r *OptimizerRuns) { r.Fast = eight(20, 0.01, 0.1, 0.9, 0.1) }), claim.Refuted},
		"SGD is light":                     {"q1c.8a", func(m *measurements) { m.Cost.Optimizers[0] = OptimizerCost{sgd, 0, 2, 1} }, claim.Refuted},
		"SGD is in between":                {"q1c.8a", func(m *measurements) { m.Cost.Optimizers[0] = OptimizerCost{sgd, 1, 10, 1} }, claim.Inconclusive},
		"SGD was not measured":             {"q1c.8", func(m *measurements) { m.Cost.Optimizers[0].Name = "other" }, claim.Unmeasured},
		"each in its own way":              {"q1c.10", as, claim.Supported},
		"not as the formula":               {"q1c.10a", func(m *measurements) { m.Plane.Steps[1] = []int{90, 60, 30} }, claim.Refuted},
		"Adam slows down too":              {"q1c.10a", func(m *measurements) { m.Plane.Steps[3] = []int{40, 30, 20} }, claim.Refuted},
		"Adam never leaves":                {"q1c.10a", func(m *measurements) { m.Plane.Steps[3] = []int{0, 0, 0} }, claim.Refuted},
		"one leaves the line":              {"q1c.10a", func(m *measurements) { m.Plane.Stuck[2] = 7 }, claim.Refuted},
		"Adam was not measured":            {"q1c.10", func(m *measurements) { m.Plane.Names[3] = "other" }, claim.Unmeasured},
		"noise does not help":              {"q1c.10", func(m *measurements) { m.Plane.Noisy[0][2] = 0 }, claim.Mixed},
		"SGD stays at the net's":           {"q1c.10b", func(m *measurements) { m.Deep.Steps[0][0][1][0] = make([]float64, 8) }, claim.Refuted},
		"SGD as fast from small":           {"q1c.10b", func(m *measurements) { m.Deep.Steps[0][0][1][0] = around(5) }, claim.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			c.change(&m)
			decided := either(t, m.judged(), c.id)
			require.Equal(t, c.want, decided.Verdict, decided.Evidence)
			require.NotContains(t, decided.Evidence, "NaN of")
		})
	}
}

// The evidence says where the optimizers are at the end, not where they should be.
func TestEvidenceOfTheCounterExample(t *testing.T) {
	for name, c := range map[string]struct {
		adam []float64
		want string
	}{
		"at the worst point": {[]float64{0, 1, 1, 1}, "SGD ends at -1.000, AMSGrad at -1.000 and Adam at 1.000; the best point is −1, the worst +1."},
		"on the way":         {[]float64{0, 0.6, 0.6, 0.6}, "SGD ends at -1.000, AMSGrad at -1.000 and Adam at 0.600; the best point is −1, the worst +1."},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			m.Theory.Counter.Paths[1] = c.adam
			require.Contains(t, judgeCounter(m.Theory).Evidence, c.want)
		})
	}
}

// The chart is of the highest rate that the theorem is about, and is left out
// where there is none.
func TestBoundIsDrawnAtThePromisedRate(t *testing.T) {
	for name, c := range map[string]struct {
		rates []float64
		want  []string // titles
	}{
		"1/L":      {[]float64{0.5, 1, 2.2}, []string{"Gradient descent with η = 1/L, and its bound"}},
		"below":    {[]float64{0.1, 0.5}, []string{"Gradient descent with η = 0.5/L, and its bound"}},
		"all over": {[]float64{1.5, 2.2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole().Theory
			m.Descents = nil
			for _, rate := range c.rates {
				m.Descents = append(m.Descents, ConvexDescent{Function: "f", Rate: rate, Excess: []float64{0.1}, Bound: []float64{1}})
			}
			figures, err := Theorems.Figures(TheoryConfig{}, m)
			require.NoError(t, err)
			require.NoError(t, figures.Validate())
			var titles []string
			for _, chart := range figures.Charts {
				if chart.ID == "bound" {
					require.Len(t, chart.Curves, 2)
					titles = append(titles, chart.Title)
				}
			}
			require.Equal(t, c.want, titles)
		})
	}
}

// A report holds no Inf and no NaN, however many runs diverged.
func TestDivergedRunsAreShown(t *testing.T) {
	m := whole()
	for task := range m.Comparison.Tasks {
		r, own := &m.Comparison.Tasks[task].Optimizers[ofSGD], &m.Flatness.Tasks[task].Minima[0]
		r.Grid[2], own.Loss[1], own.Largest[1], own.Relative[1], own.Accuracy[1] = eight(budget+1, math.Inf(1), math.NaN(), math.NaN(), 0), math.NaN(), math.NaN(), math.NaN(), math.NaN()
		r.Fast[1], r.Tuned[2] = run(budget+1, 1, 1, 0.5, 0), run(20, math.NaN(), math.Inf(1), math.NaN(), 0)
		for i := range 20 {
			r.Fast[2].Train[20+i].Loss = math.NaN()
		}
	}
	m.Noise.Relative[0][0] = slices.Repeat([]float64{math.NaN()}, 8)
	m.Theory.Descents[1].Excess[0] = math.Inf(1)
	s := Smoke()
	for name, figures := range map[string]func() (report.Figures, error){
		"theory":     func() (report.Figures, error) { return Theorems.Figures(s.Theory, m.Theory) },
		"noise":      func() (report.Figures, error) { return DirectionNoise.Figures(s.Noise, m.Noise) },
		"comparison": func() (report.Figures, error) { return OptimizerComparison.Figures(s.Comparison, m.Comparison) },
		"speed": func() (report.Figures, error) {
			return Speed.Figures(SpeedKnobs{}, SpeedMeasurement{m.Comparison, m.Cost})
		},
		"flatness": func() (report.Figures, error) { return Flatness.Figures(FlatnessConfig{}, m.Flatness) },
	} {
		drawn, err := figures()
		require.NoError(t, err, name)
		require.NoError(t, drawn.Validate(), name)
		for _, table := range drawn.Tables {
			for _, row := range table.Rows {
				for _, cell := range row {
					require.NotContains(t, cell, "NaN", table.ID)
					require.NotContains(t, cell, "Inf", table.ID)
				}
			}
		}
	}
	for _, judged := range m.judged() {
		require.NoError(t, judged.Validate())
		require.NotContains(t, judged.Evidence, "NaN", judged.ID)
	}
}

func TestStepsToTheTarget(t *testing.T) {
	f := TaskMeasurement{Target: 0.1, Budget: 100, Rates: []float64{1}}
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
	steps := f.steps(runs)
	require.InDeltaSlice(t, []float64{10, 5, 100, 1, 10, 100}, steps[:6], 1e-9)
	require.Less(t, steps[6], 5.0, "a loss of 0 counts as the smallest that float32 tells from it")
	require.Equal(t, 5, f.arrive(runs))
}

func TestBestRateWantsArrivalsFirst(t *testing.T) {
	arrive, steps := []int{7, 8, 8, 8}, []float64{1, 30, 20, 20}
	require.Equal(t, 2, bestRate(4, func(rate int) (int, float64) { return arrive[rate], steps[rate] }))
}

func TestFinerRatesLieBetweenTheNeighbours(t *testing.T) {
	for name, c := range map[string]struct {
		at, n int
		want  []float64
	}{
		"in the middle":      {1, 1, []float64{2, 8}},
		"unequal ratios":     {2, 1, []float64{8, 64}},
		"several":            {2, 3, []float64{4 * math.Sqrt2, 8, 8 * math.Sqrt2, 32, 64, 128}},
		"beyond the lowest":  {0, 1, []float64{0.5, 2}},
		"beyond the highest": {3, 1, []float64{64, 1024}},
		"none":               {1, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := finer([]float64{1, 4, 16, 256}, c.at, c.n)
			require.Len(t, got, len(c.want))
			require.InDeltaSlice(t, c.want, got, 1e-9)
		})
	}
}

// SGD takes its rate among those of the grid and the finer ones: at the rate
// between two of the grid it takes half the steps of either.
func TestFastestLooksBetweenTheRatesOfTheGrid(t *testing.T) {
	f := comparisonOf(regression)
	r := f.of(sgd)
	require.Equal(t, 0.01, f.fastestRate(r), "of rates as good as each other, the lowest")
	r.Finer = []Trial{{0.03, eight(20, 0.01, 0.1, 0.9, 0.1)}, {0.3, eight(budget+1, 1, 1, 0.5, 0)}}
	require.Equal(t, 0.03, f.fastestRate(r))
	require.Equal(t, 0.01, f.coarse(r).Rate)
	r.Finer[0].Runs[5] = run(budget+1, 1, 1, 0.5, 0)
	require.Equal(t, 0.01, f.fastestRate(r), "one run does not arrive")
	require.Equal(t, 0.01, f.tuned(r), "the held-out loss is of the grid")
}

// Falls of 0, 1, 0.95 and 0.5 at four rates half a power of ten apart: the band
// goes from 0.9·½ below the best to a ninth of ½ above the third.
func TestBandIsInterpolated(t *testing.T) {
	f := TaskMeasurement{Rates: []float64{0.1, math.Pow(10, -0.5), 1, math.Pow(10, 0.5)}}
	var r OptimizerRuns
	for _, end := range []float64{1, 0, 0.05, 0.5} {
		points := []sweep.Point{{Loss: 1}, {Loss: end}, {Loss: end}, {Loss: end}}
		r.Grid = append(r.Grid, []sweep.History{{Train: points}})
	}
	from, to := f.band(r, 0)
	require.InDelta(t, -0.5-0.5*0.1, from, 1e-5)
	require.InDelta(t, 0+0.5*(0.05/0.45), to, 1e-5)
	r.Grid[0][0].Train[3].Loss = math.NaN()
	diverged, _ := f.band(r, 0)
	require.InDelta(t, from, diverged, 1e-5, "a run that diverged keeps nothing of the fall")
	r.Grid[0][0].Train = r.Grid[1][0].Train
	edge, _ := f.band(r, 0)
	require.InDelta(t, -1, edge, 1e-9, "the band ends with the grid")
}

// The ids of the curriculum's question 1 (c).
func TestEveryClaimIsDeclared(t *testing.T) {
	require.ElementsMatch(t, []string{
		"q1c.0", "q1c.1", "q1c.2", "q1c.3", "q1c.4", "q1c.5", "q1c.6", "q1c.7", "q1c.8", "q1c.9", "q1c.10",
	}, lessontest.IDs(Lesson.Claims()))
}
