package saddle

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/report"
	"evident/kit/sweep"
)

// id is the task as a part of file names.
func (f TaskFacts) id() string { return strings.ReplaceAll(f.Task, " ", "-") }

// CurveChart shows the training loss of every optimizer at its fastest rate, as
// the geometric mean over the seeds.
func (f TaskFacts) CurveChart() report.Chart {
	chart := report.Chart{
		ID: "race-" + f.id(), Title: "Each at its fastest rate: " + f.Task, Mark: report.Line, LogX: true, LogY: true,
		XLabel: "training step", YLabel: "training loss (nats)", Rules: []report.Reference{{Name: "target", Y: f.Target}},
		Alt: "The training loss against the steps, on logarithmic axes: RMSProp and Adam reach the target first, then Nesterov and momentum, and SGD last.",
	}
	for _, r := range f.Racers {
		curve := report.Curve{Name: fmt.Sprintf("%s, η = %.2g", r.Name, f.Rates[f.Fastest(r)])}
		shown := 0
		for i, step := range r.Fast[0].Steps {
			if step > shown+shown/5 { // closer ones would not be told apart
				curve.AddGeometric(float64(step), ends(r.Fast, func(c sweep.History) float64 { return atLeast(c.Train[i].Loss) }))
				shown = step
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// atLeast is a loss that has a logarithm; see resolution.
func atLeast(loss float64) float64 { return max(loss, resolution) }

// RateChart shows the final training loss of every optimizer against the rate.
func (f TaskFacts) RateChart() report.Chart {
	chart := report.Chart{
		ID: "rates-" + f.id(), Title: "Training loss at the end against the rate: " + f.Task, Mark: report.Line, LogX: true, LogY: true,
		XLabel: "learning rate η", YLabel: "training loss at the end (nats)",
		Alt: "One valley an optimizer: those of RMSProp and Adam lie at lower rates than that of SGD and are wider; all rise steeply at their high end. Adam's good rates are shaded.",
	}
	for _, r := range f.Racers {
		curve := report.Curve{Name: r.Name}
		for rate, eta := range f.Rates {
			curve.AddGeometric(eta, ends(r.Grid[rate], trainLoss))
		}
		chart.Curves = append(chart.Curves, curve)
		if r.Name == adam {
			if from, to := f.meanBand(r); from < to {
				chart.Zones = append(chart.Zones, report.Zone{Name: "good rates of Adam", From: math.Pow(10, from), To: math.Pow(10, to)})
			}
		}
	}
	return chart
}

// meanBand is the mean of the bands of all seeds, in powers of ten.
func (f TaskFacts) meanBand(r Racer) (from, to float64) {
	n := float64(len(r.Grid[0]))
	for seed := range r.Grid[0] {
		low, high := f.Band(r, seed)
		from, to = from+low/n, to+high/n
	}
	return from, to
}

// SharpnessChart shows the sharpness of the places where the runs first have the
// target loss, with their test accuracy.
func (f TaskFacts) SharpnessChart() report.Chart {
	chart := report.Chart{
		ID: "sharpness-" + f.id(), Title: "Sharpness and test accuracy at equal training loss: " + f.Task, Mark: report.Points, LogX: true,
		XLabel: "λ_max of the Hessian", YLabel: "accuracy on the test examples",
		Alt: "One point a run, with the sharpness to the right and the test accuracy upwards: the clouds of the optimizers overlap widely.",
	}
	for _, r := range f.Racers {
		curve := report.Curve{Name: r.Name}
		_, accuracy := f.AtTarget(r)
		for seed, sharpness := range r.Sharpness {
			if sharpness > 0 && len(claim.Finite([]float64{sharpness, accuracy[seed]})) == 2 {
				curve.Add(sharpness, accuracy[seed])
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Table lists the race: steps to the target, and what they take with the seconds
// per step of another net.
func (f RaceFacts) Table(cost CostFacts) report.Table {
	table := report.Table{
		ID: "race", Title: "The race to the target loss, each at its own fastest rate", Headline: true,
		Columns: []string{"task", "optimizer", "η", "arrive", "steps (geometric mean)", "over Adam's", fmt.Sprintf("seconds, at those per step of a net of %d parameters", cost.Parameters)},
	}
	for _, t := range f.Tasks {
		own := geometric(t.Steps(t.racer(adam).Fast))
		for _, r := range t.Racers {
			steps, seconds := geometric(t.Steps(r.Fast)), "–"
			if c, found := cost.Of(r.Name); found {
				seconds = fmt.Sprintf("%.3f", c.Seconds*steps)
			}
			rate := t.Fastest(r)
			eta := fmt.Sprintf("%.2g", t.Rates[rate])
			if t.atEdge(rate) {
				eta += " (edge of the grid)"
			}
			table.Rows = append(table.Rows, []string{
				t.Task, r.Name, eta, fmt.Sprintf("%d of %d", t.Arrive(r.Fast), len(r.Fast)), fmt.Sprintf("%.0f", steps), fmt.Sprintf("%.2f", steps/own), seconds,
			})
		}
	}
	return table
}

// The rates at which libraries start SGD and Adam.
const (
	librarySGD  = 0.01
	libraryAdam = 0.001
)

// TuningTable says how the comparison of SGD with Adam would come out, were the
// rates chosen in other ways. It is from the tuning's seeds.
func (f RaceFacts) TuningTable() report.Table {
	table := report.Table{
		ID: "tuning", Title: "Is Adam faster than SGD? That depends on who chose the rates",
		Columns: []string{"task", "rates", "η of SGD", "steps of SGD", "η of Adam", "steps of Adam", "ratio", `"Adam is faster"`},
	}
	for _, t := range f.Tasks {
		slow, fast := t.racer(sgd), t.racer(adam)
		bestSlow, bestFast := t.Fastest(slow), t.Fastest(fast)
		for _, mode := range []struct {
			name             string
			rateSGD, rateADM int
		}{
			{"each at its own best", bestSlow, bestFast}, {"both at Adam's best", bestFast, bestFast}, {"both at SGD's best", bestSlow, bestSlow},
			{"defaults of libraries", t.nearest(librarySGD), t.nearest(libraryAdam)},
		} {
			if mode.rateSGD < 0 || mode.rateADM < 0 {
				continue
			}
			bySGD, byAdam := t.Steps(slow.Grid[mode.rateSGD]), t.Steps(fast.Grid[mode.rateADM])
			ratio := logRatio(bySGD, byAdam)
			table.Rows = append(table.Rows, []string{
				t.Task, mode.name, fmt.Sprintf("%.2g", t.Rates[mode.rateSGD]), t.stepsOf(slow.Grid[mode.rateSGD]),
				fmt.Sprintf("%.2g", t.Rates[mode.rateADM]), t.stepsOf(fast.Grid[mode.rateADM]),
				fmt.Sprintf("%.2f", math.Pow(10, ratio.Mean)), string(ratio.Above(math.Log10(fasterBy)).Verdict),
			})
		}
	}
	return table
}

// stepsOf is the geometric mean of the steps, with those that do not arrive.
func (f TaskFacts) stepsOf(runs []sweep.History) string {
	note := ""
	if n := f.Arrive(runs); n < len(runs) {
		note = fmt.Sprintf(" (%d of %d arrive, the others count as %d)", n, len(runs), f.Budget)
	}
	return fmt.Sprintf("%.0f%s", geometric(f.Steps(runs)), note)
}

// EndTable lists the ends of the deep runs, and the places at equal loss.
func (f RaceFacts) EndTable() report.Table {
	table := report.Table{
		ID: "ends", Title: "Where they end, each at the rate with its lowest training loss; and the places at equal training loss",
		Columns: []string{"task", "optimizer", "η", "training loss", "test loss", "test accuracy", "fluctuation of the loss", "λ_max at equal loss", "rise when shaken", "test accuracy at equal loss"},
	}
	for _, t := range f.Tasks {
		for _, r := range t.Racers {
			_, accuracy := t.AtTarget(r)
			table.Rows = append(table.Rows, []string{
				t.Task, r.Name, fmt.Sprintf("%.2g", t.Rates[t.Deepest(r)]), shortOf(ends(r.Deep, trainLoss)), shortOf(ends(r.Deep, testLoss)),
				orDash("%.3f", stat.Mean(ends(r.Deep, testAccuracy), nil)), shortOf(t.Fluctuation(r)),
				orDash("%.3g", geometricOrZero(r.Sharpness)), orDash("%.2g", meanOrZero(r.Rise)), orDash("%.3f", meanOrZero(accuracy)),
			})
		}
	}
	return table
}
