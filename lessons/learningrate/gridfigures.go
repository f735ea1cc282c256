package learningrate

import (
	"fmt"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/report"
	"evident/kit/sweep"
)

// ends collects one value of the last checkpoints: [seed].
func (f GridFacts) ends(rate int, of func(sweep.History) float64) []float64 {
	values := make([]float64, len(f.Runs[rate]))
	for seed, run := range f.Runs[rate] {
		values[seed] = of(run)
	}
	return values
}

func trainLoss(r sweep.History) float64     { return sweep.End(r.Train).Loss }
func testLoss(r sweep.History) float64      { return sweep.End(r.Test).Loss }
func trainAccuracy(r sweep.History) float64 { return sweep.End(r.Train).Accuracy }
func testAccuracy(r sweep.History) float64  { return sweep.End(r.Test).Accuracy }

// Table lists the rates with what became of them.
func (f GridFacts) Table() report.Table {
	table := report.Table{
		ID: "rates", Title: "One small net at every rate", Columns: []string{"η", "too low", "good", "too high", "training loss", "test loss", "training accuracy", "test accuracy"},
	}
	for i, rate := range f.Rates {
		counts := map[Truth]int{}
		for seed := range f.Runs[i] {
			counts[f.Truth(i, seed)]++
		}
		row := []string{fmt.Sprintf("%.2g", rate), fmt.Sprint(counts[TooLow]), fmt.Sprint(counts[Good]), fmt.Sprint(counts[TooHigh])}
		for _, of := range []func(sweep.History) float64{trainLoss, testLoss, trainAccuracy, testAccuracy} {
			row = append(row, meanOrDash(claim.Finite(f.ends(i, of))))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// meanOrDash is the mean of the runs that did not diverge, if there are any.
func meanOrDash(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g", stat.Mean(values, nil))
}

// ConfusionTable counts the trainings by truth and by the curve's diagnosis.
func (f GridFacts) ConfusionTable() report.Table {
	kinds := []Truth{TooLow, Good, TooHigh}
	table := report.Table{ID: "diagnosis", Title: "What the curve alone tells", Columns: []string{"the rate was"}}
	for _, says := range kinds {
		table.Columns = append(table.Columns, "looked "+string(says))
	}
	counts := f.Confusion()
	for _, is := range kinds {
		row := []string{string(is)}
		for _, says := range kinds {
			row = append(row, fmt.Sprint(counts[[2]Truth{is, says}]))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// band is the range of the rates that are good for most of the seeds; from and
// to are equal where it is one rate, or none.
func (f GridFacts) band() (from, to float64) {
	for i, rate := range f.Rates {
		good := 0
		for seed := range f.Runs[i] {
			if f.Truth(i, seed) == Good {
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

// RateChart shows the final loss against the rate.
func (f GridFacts) RateChart() report.Chart {
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
		Alt:    "A valley: the loss is high at low rates, low in between and very high at the highest.",
		Curves: []report.Curve{train, test}, Zones: zones,
	}
}

// AccuracyChart shows the final accuracies against the rate.
func (f GridFacts) AccuracyChart() report.Chart {
	train, test := report.Curve{Name: "training"}, report.Curve{Name: "test"}
	for i, rate := range f.Rates {
		train.AddEstimate(rate, f.ends(i, trainAccuracy))
		test.AddEstimate(rate, f.ends(i, testAccuracy))
	}
	return report.Chart{
		ID: "accuracies", Title: "Does a high rate overfit?", Mark: report.Line, XLabel: "learning rate η", YLabel: "accuracy at the end", LogX: true,
		Alt: "Training and test accuracy rise with the rate and fall together where it is too high.", Curves: []report.Curve{train, test},
	}
}

// CurveChart shows the losses of the first seed at rates that are too low, good
// and too high.
func (f GridFacts) CurveChart() report.Chart {
	chart := report.Chart{
		ID: "curves", Title: "Loss curves of one seed", Mark: report.Line, XLabel: "training step", YLabel: "loss (mean of neighbouring steps)", LogY: true,
		Alt: "At the lowest rates the loss hardly falls, at a good one it falls and stays low, at high ones it jumps about.",
	}
	best := f.Best(0)
	for _, rate := range []int{0, max(best-2, 0), best, min(best+2, len(f.Rates)-1), len(f.Rates) - 1} {
		name := fmt.Sprintf("η = %.2g, %s", f.Rates[rate], f.Truth(rate, 0))
		if n := len(chart.Curves); n > 0 && chart.Curves[n-1].Name == name {
			continue
		}
		chart.Curves = append(chart.Curves, smoothed(name, f.Runs[rate][0].Losses))
	}
	return chart
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

// RangeChart shows the range tests of the first seed.
func (f GridFacts) RangeChart() report.Chart {
	chart := report.Chart{
		ID: "range", Title: "Learning-rate range tests", Mark: report.Line, XLabel: "learning rate η of the step", YLabel: "smoothed loss", LogX: true, LogY: true,
		Alt: "The loss against a rising rate: flat, then falling, then exploding; a short test has no time to fall.",
	}
	for _, tests := range f.Ranges {
		test := tests[0]
		curve := report.Curve{Name: fmt.Sprintf("%d steps, found %.2g", len(test.Rates), test.Found)}
		every := max(len(test.Rates)/100, 1)
		for i := 0; i < len(test.Rates); i += every {
			curve.Add(test.Rates[i], test.Losses[i])
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}
