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
	"gonum.org/v1/gonum/stat"
)

// GridConfig trains a small classifier over a grid of rates.
type GridConfig struct {
	Rates      []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	Seeds      []int64   `role:"averaged" help:"of initial weights and order"`
	Train      int       `role:"fixed" range:"[1, inf)" help:"training examples"`
	Test       int       `role:"fixed" range:"[1, inf)" help:"test examples"`
	LabelNoise float64   `role:"fixed" range:"[0, 0.5)" help:"fraction of wrong training labels, so that there is something to overfit"`
	Hidden     int       `role:"fixed" range:"[1, inf)" help:"hidden units"`
	BatchSize  int       `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Steps      int       `role:"fixed" range:"[20, inf)" help:"of each training; the detector compares 20 parts of its curve"`
	TestSteps  []int     `role:"compared" range:"[1, inf)" list:"1" help:"lengths of the learning-rate range test, of which the first decides"`
}

// Validate checks that there is a batch of examples, and that the sweep fits
// into memory.
func (c GridConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return sweep.CheckFits("Rates × Seeds", len(c.Rates)*len(c.Seeds), sweep.Config{Model: c.net().Model(), BatchSize: max(c.Test, c.Train)})
}

// GridMeasurement are trainings of one small classifier at all rates from all seeds.
type GridMeasurement struct {
	Rates  []float64
	Runs   [][]sweep.History // [rate][seed]
	Ranges [][]RangeTest     // [length][seed]: the learning-rate range test and what its rate leads to
}

// checkpoints along a training.
const checkpoints = 40

// measureGrid trains the grid and makes the range tests.
func measureGrid(ctx context.Context, backend compute.Backend, c GridConfig) (GridMeasurement, error) {
	facts := GridMeasurement{Rates: c.Rates}
	study, err := newGrid(backend, c)
	if err != nil {
		return facts, err
	}
	defer study.Finalize()
	runs, err := c.run(ctx, study, sweep.Grid(c.Rates, c.Seeds))
	if err != nil {
		return facts, err
	}
	facts.Runs = sweep.ByRate(runs, len(c.Seeds))
	for _, steps := range c.TestSteps {
		tests, err := c.rangeTests(ctx, study, steps)
		if err != nil {
			return facts, err
		}
		facts.Ranges = append(facts.Ranges, tests)
	}
	return facts, nil
}

func (c GridConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{2, c.Hidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
}

func newGrid(backend compute.Backend, c GridConfig) (*sweep.Study, error) {
	data := toy.Quadrants(c.Train, trainingDraw, c.LabelNoise)
	config := sweep.Config{Model: c.net().Model(), Data: data, BatchSize: c.BatchSize, StepsPerCall: 4}
	return sweep.NewStudy(backend, config, toy.Quadrants(c.Test, testDraw, 0))
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

// target is the training loss of a seed that counts as low: that of goodFraction
// of the best fall.
func (f GridMeasurement) target(seed int) float64 {
	best := f.Runs[f.Best(seed)][seed]
	first := best.Train[0].Loss
	return first - goodFraction*(first-sweep.End(best.Train).Loss)
}

// GapAtEqualLoss is, for every seed, the generalisation gap (training minus test
// accuracy) of the highest and of the lowest rate that reach the seed's target,
// taken when each reaches it.
func (f GridMeasurement) GapAtEqualLoss() (high, low []float64) {
	for seed := range f.Runs[0] {
		target, first := f.target(seed), true
		var lowest, highest float64
		for rate := range f.Rates {
			run := f.Runs[rate][seed]
			at := run.Reaches(target)
			if at < 0 {
				continue
			}
			highest = run.Train[at].Accuracy - run.Test[at].Accuracy
			if first {
				lowest, first = highest, false
			}
		}
		high, low = append(high, highest), append(low, lowest)
	}
	return high, low
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

// PoorAbove looks at the rates above that of the best test accuracy whose own
// is poor, and returns for every seed that has some the share of them whose
// training loss is low.
func (f GridMeasurement) PoorAbove() []float64 {
	var shares []float64
	for seed := range f.Runs[0] {
		_, best := f.bestTest(seed)
		poor, low := 0.0, 0.0
		for rate := best + 1; rate < len(f.Rates); rate++ {
			run := f.Runs[rate][seed]
			if !f.poor(run, seed) {
				continue
			}
			poor++
			if sweep.End(run.Train).Loss <= f.target(seed) {
				low++
			}
		}
		if poor > 0 {
			shares = append(shares, low/poor)
		}
	}
	return shares
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
	detects    = 0.75 // precision and recall of a sign that is worth looking for
	gapMatters = 0.02 // accuracy by which a generalisation gap is larger
	mostRuns   = 0.5  // share of runs for which a sign must hold
	poorBy     = 0.05 // accuracy below the best that is poor
)

func judgeHighSign(f GridMeasurement) claim.Finding { return judgeSign(f, TooHigh) }

func judgeLowSign(f GridMeasurement) claim.Finding { return judgeSign(f, TooLow) }

func judgeSign(f GridMeasurement, kind Regime) claim.Finding {
	d := f.Detect(kind)
	precision, recall := claim.EstimateMean(d.Precision), claim.EstimateMean(d.Recall)
	called, right, were := 0, 0, 0
	for pair, n := range f.Confusion() {
		if pair[1] == kind {
			called += n
		}
		if pair[0] == kind {
			were += n
		}
		if pair == [2]Regime{kind, kind} {
			right += n
		}
	}
	return claim.Finding{
		Decision: claim.All(precision.Above(detects), recall.Above(detects)),
		Evidence: fmt.Sprintf("From the curve alone %d trainings look %s, %d of them rightly, out of %d that are: precision %s, recall %s.",
			called, kind, right, were, precision, recall),
		Samples: precision.N,
	}
}

func judgeOverfitting(f GridMeasurement) claim.Finding {
	high, low := f.GapAtEqualLoss()
	wider := claim.EstimateDifference(high, low)
	shares := f.PoorAbove()
	lowLoss := claim.EstimateMean(shares)
	return claim.Finding{
		Decision: claim.All(wider.Above(gapMatters), lowLoss.Above(mostRuns)),
		Evidence: fmt.Sprintf("At equal training loss the accuracy gap is %s at the highest rate that gets there and %s at the lowest; the difference is %s. Above the best rate, %s of the runs with poor validation have a low training loss: too high a rate spoils the training itself.",
			claim.EstimateMean(high), claim.EstimateMean(low), wider, lowLoss),
		Samples: min(wider.N, lowLoss.N),
	}
}

func judgeUnderfitting(f GridMeasurement) claim.Finding {
	test, train := f.Deficits()
	onTest, onTrain := claim.EstimateMean(test), claim.EstimateMean(train)
	return claim.Finding{
		Decision: claim.All(onTest.Above(poorBy), onTrain.Above(poorBy)),
		Evidence: fmt.Sprintf("At η = %g the accuracy lies %s below the best of the grid on the test examples, and %s on the training examples: the training loss shows it too.",
			f.Rates[0], onTest, onTrain),
		Samples: onTest.N,
	}
}

func judgeRangeTest(f GridMeasurement) claim.Finding {
	best := map[float64]int{}
	for seed := range f.Runs[0] {
		best[f.Rates[f.Best(seed)]]++
	}
	var shown []string
	for length, tests := range f.Ranges {
		found := make([]float64, len(tests))
		for seed, test := range tests {
			found[seed] = math.Log10(test.Found)
		}
		shown = append(shown, fmt.Sprintf("a test of %d steps finds η = %.2g (geometric mean), where training reaches %s of the best rate's fall of the loss",
			len(tests[0].Rates), math.Pow(10, stat.Mean(found, nil)), claim.EstimateMean(f.RangeFalls(length))))
	}
	fall := claim.EstimateMean(f.RangeFalls(0))
	return claim.Finding{
		Decision: fall.Above(goodFraction),
		Evidence: fmt.Sprintf("By length: %s. The best of the grid is %s.", strings.Join(shown, "; "), mostCommon(best)),
		Samples:  fall.N,
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

func gridRules() []claim.Rule[GridMeasurement] {
	return []claim.Rule[GridMeasurement]{
		claim.SampledRule("q1a.d1", "Q1 (a) diagnosis 1",
			"Sign of too high a rate: the loss oscillates strongly, or rises after an initial fall.",
			fmt.Sprintf("a detector of these signs that sees the loss curve alone tells too high from the rest with a precision and a recall above %g (95 %% intervals)", detects),
			claim.Supported, judgeHighSign),
		claim.SampledRule("q1a.d2", "Q1 (a) diagnosis 2",
			"Poor validation in spite of a low training loss means that the rate is so high that the model overfits.",
			fmt.Sprintf("at equal training loss the gap between training and test accuracy is over %g larger at the highest rate that gets there than at the lowest, and over %g of the runs whose validation is poor above the best rate have a low training loss (95 %% intervals)", gapMatters, mostRuns),
			claim.Refuted, judgeOverfitting),
		claim.SampledRule("q1b.d1", "Q1 (b) diagnosis 1",
			"Sign of too low a rate: the loss falls very slowly or not at all.",
			fmt.Sprintf("a detector of this sign that sees the loss curve alone tells too low from the rest with a precision and a recall above %g (95 %% intervals)", detects),
			claim.Inconclusive, judgeLowSign),
		claim.SampledRule("q1b.d2", "Q1 (b) diagnosis 2",
			"Sign of too low a rate: poor validation in spite of long training.",
			fmt.Sprintf("at the lowest rate the test accuracy is over %g below the best of the grid, and so is the training accuracy: it underfits (95 %% intervals)", poorBy),
			claim.Supported, judgeUnderfitting),
		claim.SampledRule("q1.lr", "Q1 added: range test",
			"A learning-rate range test finds a usable rate.",
			fmt.Sprintf("trained at the rate that the test of the first length finds, the training loss falls by over %g of what the best rate of the grid reaches (95 %% interval)", goodFraction),
			claim.Refuted, judgeRangeTest),
	}
}

// table lists the rates with what became of them.
func (f GridMeasurement) table() report.Table {
	rows := report.Table{
		ID: "rates", Title: "One small net at every rate", Columns: []string{"η", "too low", "good", "too high", "training loss", "test loss", "training accuracy", "test accuracy"},
	}
	for i, rate := range f.Rates {
		counts := map[Regime]int{}
		for seed := range f.Runs[i] {
			counts[f.Regime(i, seed)]++
		}
		row := []string{fmt.Sprintf("%.2g", rate), fmt.Sprint(counts[TooLow]), fmt.Sprint(counts[Good]), fmt.Sprint(counts[TooHigh])}
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

// confusionTable counts the trainings by truth and by the curve's diagnosis.
func (f GridMeasurement) confusionTable() report.Table {
	kinds := []Regime{TooLow, Good, TooHigh}
	rows := report.Table{ID: "diagnosis", Title: "What the curve alone tells", Columns: []string{"the rate was"}}
	for _, says := range kinds {
		rows.Columns = append(rows.Columns, "looked "+string(says))
	}
	counts := f.Confusion()
	for _, is := range kinds {
		row := []string{string(is)}
		for _, says := range kinds {
			row = append(row, fmt.Sprint(counts[[2]Regime{is, says}]))
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows
}

// band is the range of the rates that are good for most of the seeds; from and
// to are equal where it is one rate, or none.
func (f GridMeasurement) band() (from, to float64) {
	for i, rate := range f.Rates {
		good := 0
		for seed := range f.Runs[i] {
			if f.Regime(i, seed) == Good {
				good++
			}
		}
		if 2*good <= len(f.Runs[i]) {
			continue
		}
		if from == 0 {
			from = rate
		}
		to = rate
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
		zones = []report.Zone{{Name: "good for most seeds", From: from, To: to}}
	}
	return report.Chart{
		ID: "grid", Title: "Final loss against the rate", Mark: report.Line, XLabel: "learning rate η", YLabel: "loss (nats)", LogX: true, LogY: true,
		Alt:    "Training and test loss at the end against the learning rate on logarithmic axes: lower is better. Rates that are good for most seeds are shaded where there are any.",
		Curves: []report.Curve{train, test}, Zones: zones,
	}
}

// accuracyChart shows the final accuracies against the rate.
func (f GridMeasurement) accuracyChart() report.Chart {
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test"}
	for i, rate := range f.Rates {
		train.AddEstimate(rate, f.ends(i, trainAccuracy))
		test.AddEstimate(rate, f.ends(i, testAccuracy))
	}
	return report.Chart{
		ID: "accuracies", Title: "Does a high rate overfit?", Mark: report.Line, XLabel: "learning rate η", YLabel: "accuracy at the end", LogX: true,
		Alt: "Training and test accuracy at the end against the learning rate on a logarithmic axis: higher is better, and a gap between the two is overfitting.", Curves: []report.Curve{train, test},
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
	for _, tests := range f.Ranges {
		test := tests[0]
		curve := report.Curve{Name: fmt.Sprintf("%d steps, found %.2g", len(test.Rates), test.Found)}
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
			Tables: []report.Table{f.table(), f.confusionTable()},
			Charts: []report.Chart{f.rateChart(), f.curveChart(), f.accuracyChart(), f.rangeChart()},
		}, nil
	},
}
