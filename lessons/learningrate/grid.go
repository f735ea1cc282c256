package learningrate

import (
	"context"
	"fmt"
	"math"
	"strings"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// GridConfig trains a small classifier over a grid of rates.
type GridConfig struct {
	Rates      []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Seeds      []int64   `role:"averaged" help:"of data, initial weights and order"`
	Train      int       `role:"fixed" range:"[1, inf)" help:"training examples"`
	Test       int       `role:"fixed" range:"[1, inf)" help:"test examples"`
	LabelNoise float64   `role:"fixed" range:"[0, 0.5)" help:"fraction of wrong labels, so that there is something to overfit"`
	Hidden     int       `role:"fixed" range:"[1, inf)" help:"hidden units"`
	BatchSize  int       `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Steps      int       `role:"fixed" range:"[20, inf)" help:"of each training; the detector compares 20 parts of its curve"`
	TestSteps  []int     `role:"compared" range:"[1, inf)" list:"2 rising" help:"lengths of the learning-rate range test, of which the first and the last decide"`
}

// Validate checks that there is a batch of examples, and that the sweep fits
// into memory.
func (c GridConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return sweep.CheckFits("Rates × Seeds", (len(c.Rates)+len(c.TestSteps))*len(c.Seeds), sweep.Config{Model: c.net().Model(), Draw: c.testSet, BatchSize: max(c.Test, c.Train)})
}

// GridMeasurement are trainings of one small classifier at all rates from all seeds.
type GridMeasurement struct {
	Rates      []float64
	LabelNoise float64           // fraction of wrong training labels; the test labels are right
	Runs       [][]sweep.History // [rate][seed]
	TestSteps  []int             // lengths of the range tests
	Ranges     [][]RangeTest     // [length][seed]: the learning-rate range test and what its rate leads to
}

// checkpoints along a training.
const checkpoints = 40

// measureGrid makes the range tests, and then trains at the rates of the grid and
// at those found, as one program.
func measureGrid(ctx context.Context, backend compute.Backend, c GridConfig) (GridMeasurement, error) {
	facts := GridMeasurement{Rates: c.Rates, LabelNoise: c.LabelNoise, TestSteps: c.TestSteps}
	study, err := newGrid(backend, c)
	if err != nil {
		return facts, err
	}
	defer study.Finalize()
	replicas := sweep.Grid(c.Rates, c.Seeds)
	for _, steps := range c.TestSteps {
		tests, err := c.rangeTests(ctx, study.Program(), steps)
		if err != nil {
			return facts, err
		}
		facts.Ranges = append(facts.Ranges, tests)
		for i, seed := range c.Seeds {
			replicas = append(replicas, sweep.Replica{Rate: tests[i].Found, Seed: seed})
		}
	}
	runs, err := c.run(ctx, study, replicas)
	if err != nil {
		return facts, err
	}
	bySeed := sweep.ByRate(runs, len(c.Seeds))
	facts.Runs = bySeed[:len(c.Rates)]
	for length, found := range bySeed[len(c.Rates):] {
		for seed := range found {
			facts.Ranges[length][seed].Run = found[seed]
		}
	}
	return facts, nil
}

func (c GridConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{2, c.Hidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
}

func newGrid(backend compute.Backend, c GridConfig) (*sweep.Study, error) {
	train := func(seed int64) sweep.Data { return toy.Quadrants(c.Train, seed, c.LabelNoise) }
	config := sweep.Config{Model: c.net().Model(), Draw: train, BatchSize: c.BatchSize}
	return sweep.NewStudy(backend, config, c.testSet)
}

// testSet draws the test examples of a seed, with right labels.
func (c GridConfig) testSet(seed int64) sweep.Data {
	const apart = 1 << 32 // from the seeds of the training examples
	return toy.Quadrants(c.Test, seed+apart, 0)
}

// run trains the replicas and scores them along the way.
func (c GridConfig) run(ctx context.Context, study *sweep.Study, replicas []sweep.Replica) ([]sweep.History, error) {
	return study.Run(ctx, sweep.Run{Task: "grid of rates", Replicas: replicas, Steps: c.Steps, Every: max(c.Steps/checkpoints, 1)}, 0)
}

// Regime says how a rate did: by the loss on the training examples at the end,
// in comparison with the whole grid.
type Regime string

// The regimes.
const (
	Good    Regime = "good"
	TooHigh Regime = "too high"
	TooLow  Regime = "too low"
)

// goodFraction of the best rate's fall of the loss makes a rate good.
const goodFraction = 0.9

// Best is the index of the rate with the lowest training loss at the end.
func (f GridMeasurement) Best(seed int) int {
	best := 0
	for rate := range f.Rates {
		if sweep.End(f.Runs[rate][seed].Train).Loss < sweep.End(f.Runs[best][seed].Train).Loss {
			best = rate
		}
	}
	return best
}

// fall is how much of the best rate's fall of the training loss a run reaches:
// 1 for the best, 0 for none, NaN after divergence.
func (f GridMeasurement) fall(run sweep.History, seed int) float64 {
	best := f.Runs[f.Best(seed)][seed]
	first := best.Train[0].Loss
	return (first - sweep.End(run.Train).Loss) / (first - sweep.End(best.Train).Loss)
}

// Regime is how a rate did from a seed.
func (f GridMeasurement) Regime(rate, seed int) Regime {
	switch {
	case f.fall(f.Runs[rate][seed], seed) >= goodFraction:
		return Good
	case rate > f.Best(seed):
		return TooHigh
	}
	return TooLow
}

// target is the training loss of a seed at a fraction of the best rate's fall.
func (f GridMeasurement) target(seed int, fraction float64) float64 {
	best := f.Runs[f.Best(seed)][seed]
	first := best.Train[0].Loss
	return first - fraction*(first-sweep.End(best.Train).Loss)
}

// GapSlopes is, for every seed, by how much the generalisation gap at a training
// loss grows for each decade of the rate: a line fitted to all rates that reach
// the loss. Seeds for which fewer than two do are left out.
func (f GridMeasurement) GapSlopes() []float64 {
	var slopes []float64
	for seed := range f.Runs[0] {
		var decades, gaps []float64
		for i, rate := range f.Rates {
			if gap, reached := f.gap(f.Runs[i][seed], f.target(seed, sameLoss)); reached {
				decades, gaps = append(decades, math.Log10(rate)), append(gaps, gap)
			}
		}
		if len(gaps) > 1 {
			_, slope := stat.LinearRegression(decades, gaps, nil, false)
			slopes = append(slopes, slope)
		}
	}
	return slopes
}

// gap is the accuracy on the training examples less that on test examples of the
// same distribution, of whose labels as many are wrong, when the training loss
// first reaches the target: between two checkpoints, in proportion to the loss.
func (f GridMeasurement) gap(run sweep.History, target float64) (gap float64, reached bool) {
	at := run.Reaches(target)
	if at < 0 {
		return 0, false
	}
	of := func(i int) float64 { return run.Train[i].Accuracy - f.withNoise(run.Test[i].Accuracy) }
	if at == 0 {
		return of(0), true
	}
	before, after := run.Train[at-1].Loss, run.Train[at].Loss
	part := (before - target) / (before - after)
	return (1-part)*of(at-1) + part*of(at), true
}

// withNoise is the accuracy to expect when a fraction p of the labels is wrong,
// if it is a with right labels: (1−p)·a + p·(1−a).
func (f GridMeasurement) withNoise(a float64) float64 {
	return f.LabelNoise + (1-2*f.LabelNoise)*a
}

// bestTest is the highest test accuracy at the end, and its rate.
func (f GridMeasurement) bestTest(seed int) (accuracy float64, rate int) {
	for i := range f.Rates {
		if a := sweep.End(f.Runs[i][seed].Test).Accuracy; a > accuracy {
			accuracy, rate = a, i
		}
	}
	return accuracy, rate
}

// poor reports whether a run's test accuracy lies poorBy below the seed's best.
func (f GridMeasurement) poor(run sweep.History, seed int) bool {
	best, _ := f.bestTest(seed)
	return !(sweep.End(run.Test).Accuracy > best-poorBy)
}

// PoorAbove counts, for every seed, the rates above that of the best test
// accuracy whose own is poor, and those of them whose training loss is low.
func (f GridMeasurement) PoorAbove() (poor, low []float64) {
	poor, low = make([]float64, len(f.Runs[0])), make([]float64, len(f.Runs[0]))
	for seed := range f.Runs[0] {
		_, best := f.bestTest(seed)
		for rate := best + 1; rate < len(f.Rates); rate++ {
			run := f.Runs[rate][seed]
			if !f.poor(run, seed) {
				continue
			}
			poor[seed]++
			if sweep.End(run.Train).Loss <= f.target(seed, goodFraction) {
				low[seed]++
			}
		}
	}
	return poor, low
}

// Deficits are, for every seed, how far the accuracy at the lowest rate lies
// below the best of the grid: on the test and on the training examples.
func (f GridMeasurement) Deficits() (test, train []float64) {
	for seed := range f.Runs[0] {
		run := f.Runs[0][seed]
		best, _ := f.bestTest(seed)
		test = append(test, best-sweep.End(run.Test).Accuracy)
		bestTrain := 0.0
		for rate := range f.Rates {
			if a := sweep.End(f.Runs[rate][seed].Train).Accuracy; !math.IsNaN(a) {
				bestTrain = max(bestTrain, a)
			}
		}
		train = append(train, bestTrain-sweep.End(run.Train).Accuracy)
	}
	return test, train
}

const (
	detects    = 0.75 // fraction: a sign that is wrong, or missing, more than once in four times is not worth looking for
	sameLoss   = 0.75 // fraction of the best fall: a training loss that more than the good rates reach
	gapMatters = 0.02 // accuracy, for ten times the rate: two answers in a hundred more are overfitting that a reader would notice
	mostRuns   = 0.5  // fraction of runs for which a sign must hold
	poorBy     = 0.05 // accuracy below the best that is poor
)

// share is the mean over the seeds of a fraction of counted things. Seeds that
// have none are left out.
func share(part, of []float64) claim.Estimate {
	var shares []float64
	total := 0.0
	for seed, n := range of {
		if n > 0 {
			shares, total = append(shares, part[seed]/n), total+n
		}
	}
	return claim.EstimateFraction(shares, max(int(total)/max(len(shares), 1), 1))
}

// The two sides of a sign.
const (
	precision = "%g trainings look %s, and %g of them are: a precision of"            // what a reader of the sign can conclude
	recall    = "the rate of %g trainings is %s, and %g of them look so: a recall of" // whom the sign warns
)

func judgeSign(kind Regime, side string) func(GridMeasurement) claim.Finding {
	return func(f GridMeasurement) claim.Finding {
		d := f.Detect(kind)
		of := d.Called
		if side == recall {
			of = d.Were
		}
		right := share(d.Right, of)
		return claim.Finding{
			Decision: right.Above(detects), Samples: right.N,
			Evidence: fmt.Sprintf("Within a decade of the boundary "+side+" %s over the seeds.", floats.Sum(of), kind, floats.Sum(d.Right), right),
		}
	}
}

func judgeGap(f GridMeasurement) claim.Finding {
	wider := claim.EstimateMean(f.GapSlopes())
	return claim.Finding{
		Decision: wider.Above(gapMatters),
		Evidence: fmt.Sprintf("When the training loss has fallen by %g of the best fall, the gap between the accuracies on training examples and on new ones, with as many wrong labels, is wider by %s for each decade of the rate, from %d of %d seeds.",
			sameLoss, wider, wider.N, len(f.Runs[0])),
		Samples: wider.N,
	}
}

func judgePoorValidation(f GridMeasurement) claim.Finding {
	poor, low := f.PoorAbove()
	lowLoss := share(low, poor)
	return claim.Finding{
		Decision: lowLoss.Above(mostRuns),
		Evidence: fmt.Sprintf("At rates above the best one %g trainings have poor validation; the training loss is low in %g of them, a fraction of %s over the seeds.",
			floats.Sum(poor), floats.Sum(low), lowLoss),
		Samples: lowLoss.N,
	}
}

func judgeUnderfitting(f GridMeasurement) claim.Finding {
	test, train := f.Deficits()
	onTest, onTrain := claim.EstimateMean(test), claim.EstimateMean(train)
	return claim.Finding{
		Decision: claim.All(onTest.Above(poorBy), onTrain.Above(poorBy)),
		Evidence: fmt.Sprintf("At η = %g the accuracy lies %s below the best of the grid on the test examples, and %s on the training examples.",
			f.Rates[0], onTest, onTrain),
		Samples: onTest.N,
	}
}

// judgeRangeTest judges the tests of one length; last is the longest, else it is
// the first.
func judgeRangeTest(last bool) func(GridMeasurement) claim.Finding {
	return func(f GridMeasurement) claim.Finding {
		length := 0
		if last {
			length = len(f.Ranges) - 1
		}
		tests := f.Ranges[length]
		best := map[float64]int{}
		var found []float64
		for seed, test := range tests {
			best[f.Rates[f.Best(seed)]]++
			if test.Found > 0 {
				found = append(found, math.Log10(test.Found))
			}
		}
		rate := "no rate"
		if len(found) > 0 {
			rate = fmt.Sprintf("η = %.2g (geometric mean)", math.Pow(10, stat.Mean(found, nil)))
		}
		fall := claim.EstimateMean(f.RangeFalls(length))
		return claim.Finding{
			Decision: fall.Above(goodFraction),
			Evidence: fmt.Sprintf("A test of %d steps finds a rate from %d of %d seeds: %s; training reaches %s of the best rate's fall of the loss. The best of the grid is %s.",
				f.TestSteps[length], len(found), len(tests), rate, fall, mostCommon(best)),
			Samples: fall.N,
		}
	}
}

// mostCommon names the rate with the largest count, the lowest of equals.
func mostCommon(counts map[float64]int) string {
	rate, most, total := 0.0, 0, 0
	for r, n := range counts {
		total += n
		if n > most || n == most && r < rate {
			rate, most = r, n
		}
	}
	return fmt.Sprintf("%.2g from %d of %d seeds", rate, most, total)
}

// revised is the day on which the rules were changed for parts and for data that
// each seed draws.
const revised = "2026-11-30"

// signRules are the two parts of a claim about a sign.
func signRules(id, source string, kind Regime, trusted, warned claim.Verdict, why string) []claim.Rule[GridMeasurement] {
	const decides = "of the trainings at rates within a decade of the boundary to the good ones, the fraction %s is above %g (95 %% interval); a detector sees the loss curve alone"
	word := strings.TrimPrefix(string(kind), "too ")
	return []claim.Rule[GridMeasurement]{
		claim.SampledRule(id+"a", source, fmt.Sprintf("Whoever sees the sign has too %s a rate.", word),
			fmt.Sprintf(decides, "of those called so that are so", detects), trusted, judgeSign(kind, precision)).Revised(revised, why),
		claim.SampledRule(id+"b", source, fmt.Sprintf("Too %s a rate shows the sign.", word),
			fmt.Sprintf(decides, "of those that are so which are called so", detects), warned, judgeSign(kind, recall)).Revised(revised, why),
	}
}

func gridRules() []claim.Rule[GridMeasurement] {
	fall := fmt.Sprintf("trained at the rate that the test finds, the training loss falls by over %g of what the best rate of the grid reaches (95 %% interval); a test whose smoothed loss never falls below %g of its plateau finds no rate", goodFraction, wellBelow)
	const finder = "the lowest smoothed loss could be one of the plateau, before any fall; both lengths are judged"
	return []claim.Rule[GridMeasurement]{
		claim.Whole("q1a.d1", "Q1 (a) diagnosis 1",
			"Sign of too high a rate: the loss oscillates strongly, or rises after an initial fall.",
			signRules("q1a.d1", "Q1 (a) diagnosis 1", TooHigh, claim.Supported, claim.Refuted,
				"rates far from the boundary are easy, and were most of those judged")...),
		claim.Whole("q1a.d2", "Q1 (a) diagnosis 2",
			"Poor validation in spite of a low training loss means that the rate is so high that the model overfits.",
			claim.SampledRule("q1a.d2a", "Q1 (a) diagnosis 2", "A higher rate makes the model overfit.",
				fmt.Sprintf("when the training loss has fallen by %g of the best fall, the gap between the accuracies on training examples and on new ones with as many wrong labels grows by over %g for each decade of the rate, over all rates that get there (95 %% interval)", sameLoss, gapMatters),
				claim.Refuted, judgeGap).Revised(revised, "only the training labels had errors, which hid the gap; few rates reached the loss at which it was taken; taken at the end of the training it was 0.024 wider above the best rate, where the training is farther on; of two rates that nine in ten seeds reached, other seeds chose others"),
			claim.SampledRule("q1a.d2b", "Q1 (a) diagnosis 2", "Where the rate is too high and validation is poor, the training loss is low.",
				fmt.Sprintf("of the trainings above the best rate whose test accuracy is over %g below the best, a fraction above %g have a low training loss (95 %% interval)", poorBy, mostRuns),
				claim.Refuted, judgePoorValidation).From("2026-11-23")),
		claim.Whole("q1b.d1", "Q1 (b) diagnosis 1",
			"Sign of too low a rate: the loss falls very slowly or not at all.",
			signRules("q1b.d1", "Q1 (b) diagnosis 1", TooLow, claim.Refuted, claim.Supported,
				"the detector took a slow fall for none, and now compares the slope with its noise; rates far from the boundary are easy")...),
		claim.SampledRule("q1b.d2", "Q1 (b) diagnosis 2",
			"Sign of too low a rate: poor validation in spite of long training.",
			fmt.Sprintf("at the lowest rate the test accuracy is over %g below the best of the grid, and so is the training accuracy: it underfits (95 %% intervals)", poorBy),
			claim.Supported, judgeUnderfitting).From("2026-11-23"),
		claim.Whole("q1.lr", "Q1 added: range test",
			"A learning-rate range test finds a usable rate.",
			claim.SampledRule("q1.lra", "Q1 added: range test", "A test of few steps does.", fall, claim.Refuted, judgeRangeTest(false)).Revised(revised, finder),
			claim.SampledRule("q1.lrb", "Q1 added: range test", "A test of many steps does.", fall, claim.Refuted, judgeRangeTest(true)).Revised(revised, finder)),
	}
}

// table lists what the rates lead to.
func (f GridMeasurement) table() report.Table {
	rows := report.Table{
		ID: "rates", Title: "One small net at every rate", Columns: []string{"η", "training loss", "test loss", "training accuracy", "test accuracy"},
	}
	for i, rate := range f.Rates {
		row := []string{fmt.Sprintf("%.2g", rate)}
		for _, of := range []func(sweep.History) float64{trainLoss, testLoss, trainAccuracy, testAccuracy} {
			row = append(row, meanOrDash(claim.Finite(f.ends(i, of))))
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows
}

// meanOrDash is the mean of the runs that did not diverge, if there are any.
func meanOrDash(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g", stat.Mean(values, nil))
}

// diagnosisTable counts, for every rate, the trainings of each regime, and those
// of them that look so.
func (f GridMeasurement) diagnosisTable() report.Table {
	kinds := []Regime{TooLow, Good, TooHigh}
	rows := report.Table{ID: "diagnosis", Title: "What the curve alone tells", Columns: []string{"η"}}
	for _, kind := range kinds {
		rows.Columns = append(rows.Columns, string(kind), "… and looks so")
	}
	for i, rate := range f.Rates {
		row := []string{fmt.Sprintf("%.2g", rate)}
		for _, kind := range kinds {
			were, right := 0, 0
			for seed, run := range f.Runs[i] {
				if f.Regime(i, seed) == kind {
					were++
					if Diagnose(run.Losses) == kind {
						right++
					}
				}
			}
			row = append(row, fmt.Sprint(were), fmt.Sprint(right))
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows
}

// band is the first and the last rate that are good for most of the seeds; -1
// where there are none.
func (f GridMeasurement) band() (from, to int) {
	from, to = -1, -1
	for i := range f.Rates {
		good := 0
		for seed := range f.Runs[i] {
			if f.Regime(i, seed) == Good {
				good++
			}
		}
		if 2*good <= len(f.Runs[i]) {
			continue
		}
		if from < 0 {
			from = i
		}
		to = i
	}
	return from, to
}

// rateChart shows the final loss against the rate.
func (f GridMeasurement) rateChart() report.Chart {
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test"}
	for i, rate := range f.Rates {
		train.AddGeometric(rate, f.ends(i, trainLoss))
		test.AddGeometric(rate, f.ends(i, testLoss))
	}
	var zones []report.Zone
	if from, to := f.band(); from < to {
		zones = []report.Zone{{Name: "good for most seeds", From: f.Rates[from], To: f.Rates[to]}}
	}
	return report.Chart{
		ID: "grid", Title: "Final loss against the rate", Mark: report.Line, XLabel: "learning rate η", YLabel: "loss (nats)", LogX: true, LogY: true,
		Alt:    "Training and test loss at the end against the learning rate on logarithmic axes: lower is better. Rates that are good for most seeds are shaded where there are any.",
		Curves: []report.Curve{train, test}, Zones: zones,
	}
}

// accuracyChart shows the final accuracies against the rate.
func (f GridMeasurement) accuracyChart() report.Chart {
	curves := []report.Curve{{Name: "training"}, {Name: "test, as many labels wrong"}, {Name: "test, right labels"}}
	for i, rate := range f.Rates {
		test := f.ends(i, testAccuracy)
		curves[0].AddEstimate(rate, f.ends(i, trainAccuracy))
		curves[2].AddEstimate(rate, test)
		for seed := range test {
			test[seed] = f.withNoise(test[seed])
		}
		curves[1].AddEstimate(rate, test)
	}
	return report.Chart{
		ID: "accuracies", Title: "Does a high rate overfit?", Mark: report.Line, XLabel: "learning rate η", YLabel: "accuracy at the end", LogX: true,
		Alt: "Training and test accuracy at the end against the learning rate on a logarithmic axis: higher is better. The gap between training and test with as many wrong labels is overfitting.", Curves: curves,
	}
}

// curveChart shows the losses of the first seed at rates that are too low, good
// and too high.
func (f GridMeasurement) curveChart() report.Chart {
	drawn := report.Chart{
		ID: "curves", Title: "Loss curves of one seed", Mark: report.Line, XLabel: "training step", YLabel: "loss (mean of neighbouring steps)", LogY: true,
		Alt: "The loss of one seed against the training step on a logarithmic axis, one curve each for the lowest rate, the best, the highest and others near the best: lower is better.",
	}
	best := f.Best(0)
	for _, rate := range []int{0, max(best-2, 0), best, min(best+2, len(f.Rates)-1), len(f.Rates) - 1} {
		name := fmt.Sprintf("η = %.2g, %s", f.Rates[rate], f.Regime(rate, 0))
		if n := len(drawn.Curves); n > 0 && drawn.Curves[n-1].Name == name {
			continue
		}
		drawn.Curves = append(drawn.Curves, smoothed(name, f.Runs[rate][0].Losses))
	}
	return drawn
}

// smoothed is the means of sixty parts of a curve.
func smoothed(name string, losses []float64) report.Curve {
	const points = 60
	curve := report.Curve{Name: name}
	width := max(len(losses)/points, 1)
	for start := 0; start+width <= len(losses); start += width {
		curve.Add(float64(start+width), stat.Mean(losses[start:start+width], nil))
	}
	return curve
}

// rangeChart shows the range tests of the first seed.
func (f GridMeasurement) rangeChart() report.Chart {
	drawn := report.Chart{
		ID: "range", Title: "Learning-rate range tests", Mark: report.Line, XLabel: "learning rate η of the step", YLabel: "smoothed loss", LogX: true, LogY: true,
		Alt: "The smoothed loss against the rate, which rises along each test, on logarithmic axes, one curve for each length of the test: a rate is of use where the loss falls steeply.",
	}
	for length, tests := range f.Ranges {
		test := tests[0]
		curve := report.Curve{Name: fmt.Sprintf("%d steps, found %.2g", f.TestSteps[length], test.Found)}
		every := max(len(test.Rates)/100, 1)
		for i := 0; i < len(test.Rates); i += every {
			curve.Add(test.Rates[i], test.Losses[i])
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// ends collects one value of the last checkpoints: [seed].
func (f GridMeasurement) ends(rate int, of func(sweep.History) float64) []float64 {
	values := make([]float64, len(f.Runs[rate]))
	for seed, run := range f.Runs[rate] {
		values[seed] = of(run)
	}
	return values
}

func trainLoss(r sweep.History) float64 { return sweep.End(r.Train).Loss }

func testLoss(r sweep.History) float64 { return sweep.End(r.Test).Loss }

func trainAccuracy(r sweep.History) float64 { return sweep.End(r.Train).Accuracy }

func testAccuracy(r sweep.History) float64 { return sweep.End(r.Test).Accuracy }

// RateGrid is the experiment.
var RateGrid = experiment.Experiment[GridConfig, GridMeasurement]{
	Name: "Grid", Title: "One small net at every rate",
	Measure: measureGrid, Rules: gridRules(),
	Figures: func(_ GridConfig, f GridMeasurement) (report.Figures, error) {
		return report.Figures{
			Tables: []report.Table{f.table(), f.diagnosisTable()},
			Charts: []report.Chart{f.rateChart(), f.curveChart(), f.accuracyChart(), f.rangeChart()},
		}, nil
	},
}
