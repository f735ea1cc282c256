package imageclass

import (
	"fmt"

	"evident/kit/report"
)

// ConfusionTable counts the answers of all seeds.
func (t Trained) ConfusionTable() report.Table {
	c, negative, positive := t.confusion(), t.Classes[0], t.Classes[1]
	return report.Table{
		ID: "confusion", Title: "Confusion matrix on the validation pictures, " + t.seeds("added up over"),
		Columns: []string{"", "net says " + negative, "net says " + positive, "right, with 95 % interval"},
		Rows: [][]string{
			{"it is " + negative, fmt.Sprint(c.TrueNegative), fmt.Sprint(c.FalsePositive), "specificity " + c.Specificity().String()},
			{"it is " + positive, fmt.Sprint(c.FalseNegative), fmt.Sprint(c.TruePositive), "sensitivity " + c.Sensitivity().String()},
		},
	}
}

// String prints the value with its interval.
func (i Interval) String() string { return fmt.Sprintf("%.4f [%.4f, %.4f]", i.Value, i.Low, i.High) }

// ScoreTable lists what the accuracy does not say, seed by seed.
func (t Trained) ScoreTable() report.Table {
	table := report.Table{
		ID: "scores", Title: "One net a seed, scored in several ways; intervals are over pictures",
		Columns: []string{"seed", "accuracy", "sensitivity", "specificity", "AUC (DeLong)", "calibration error", "logistic regression", "guess"},
	}
	for _, run := range t.Runs {
		c := run.Outcome.Confusion()
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(run.History.Seed), c.Accuracy().String(), c.Sensitivity().String(), c.Specificity().String(),
			AUC(run.Outcome.Scores, run.Outcome.Positive).String(), fmt.Sprintf("%.4f", run.Outcome.CalibrationError()),
			fmt.Sprintf("%.4f", run.Linear), fmt.Sprintf("%.4f", run.Majority),
		})
	}
	return table
}

// ROCChart shows the ROC curve of the first seed.
func (t Trained) ROCChart() report.Chart {
	o := t.Shown.Outcome
	curve, guess := report.Curve{Name: "the net"}, report.Curve{Name: "guessing"}
	falsePositive, truePositive := ROC(o.Scores, o.Positive)
	for i := range falsePositive {
		// Points on a straight line between their neighbours are left out.
		last := i+1 == len(falsePositive)
		if i == 0 || last || falsePositive[i] != falsePositive[i-1] || falsePositive[i+1] != falsePositive[i] {
			curve.Add(falsePositive[i], truePositive[i])
		}
	}
	guess.Add(0, 0)
	guess.Add(1, 1)
	return report.Chart{
		ID: "roc", Title: fmt.Sprintf("ROC of the first seed: AUC %s", AUC(o.Scores, o.Positive)), Mark: report.Line,
		XLabel: "share of " + t.Classes[0] + " taken for " + t.Classes[1], YLabel: "share of " + t.Classes[1] + " found",
		Alt: "The rate of true against the rate of false positives, close to the upper left corner.", Curves: []report.Curve{curve, guess},
	}
}

// ReliabilityChart shows whether probabilities mean what they say, over all
// seeds.
func (t Trained) ReliabilityChart() report.Chart {
	all := t.together()
	curve, ideal := report.Curve{Name: "the nets"}, report.Curve{Name: "as it should be"}
	for _, bin := range all.Reliability() {
		if bin.Count > 0 {
			curve.Add(bin.Held, bin.Observed)
			share := Share(int(bin.Observed*float64(bin.Count)+0.5), bin.Count)
			curve.Low, curve.High = append(curve.Low, share.Low), append(curve.High, share.High)
		}
	}
	ideal.Add(0, 0)
	ideal.Add(1, 1)
	return report.Chart{
		ID: "reliability", Title: fmt.Sprintf("Calibration over all seeds: error %.3f", all.CalibrationError()), Mark: report.Line,
		XLabel: "probability that the net gives " + t.Classes[1], YLabel: "share that is " + t.Classes[1],
		Alt: "The share of positives against the probability, in ten bins, beside the diagonal.", Curves: []report.Curve{curve, ideal},
	}
}

// MissedChart shows which lesions are missed.
func (t Trained) MissedChart() report.Chart {
	curve := report.Curve{Name: "missed"}
	for third := range thirds {
		curve.AddEstimate(float64(third), t.missed(third))
	}
	return report.Chart{
		ID: "missed", Title: "Which lesions are missed", Mark: report.Bars, XLabel: "lesions, by contrast times area", YLabel: "share missed",
		Categories: []string{"weakest third", "middle third", "strongest third"},
		Alt:        "Bars of the share of lesions missed, for the weakest, the middle and the strongest third.", Curves: []report.Curve{curve},
	}
}
