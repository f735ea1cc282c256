package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"
)

// SpeedKnobs are those of the comparison, and of the seconds that a step takes.
type SpeedKnobs struct {
	Comparison ComparisonConfig
	Cost       CostConfig
}

// SpeedMeasurement holds the steps to a loss, and the seconds of a step.
type SpeedMeasurement struct {
	Comparison ComparisonMeasurement
	Cost       CostMeasurement
}

func measureSpeed(ctx context.Context, backend compute.Backend, c SpeedKnobs) (m SpeedMeasurement, err error) {
	if m.Cost, err = StepCost.Measured(ctx, backend, c.Cost); err != nil {
		return m, err
	}
	m.Comparison, err = OptimizerComparison.Measured(ctx, backend, c.Comparison)
	return m, err
}

// fasterBy is the ratio of the steps to a loss that matters.
const fasterBy = 1.25

func judgeFaster(m SpeedMeasurement) claim.Finding { return m.Comparison.fasterThan(sgd) }

func judgeFasterThanMomentum(m SpeedMeasurement) claim.Finding {
	return m.Comparison.fasterThan(momentum)
}

// fasterThan compares the steps of Adam with those of another optimizer, each at
// its own fastest rate.
func (f ComparisonMeasurement) fasterThan(name string) claim.Finding {
	return onTasks(f.Tasks, func(t TaskMeasurement) (claim.Decision, string, int) {
		other, own := t.of(name), t.of(adam)
		ratio := logRatio(t.steps(other.Fast), t.steps(own.Fast))
		return ratio.Above(math.Log10(fasterBy)), fmt.Sprintf("%s, %s; ratio of the steps %.2f, in powers of ten %s",
			t.describe(other), t.describe(own), math.Pow(10, ratio.Mean), ratio), ratio.N
	})
}

// describe says how an optimizer does at its fastest rate.
func (f TaskMeasurement) describe(r OptimizerRuns) string {
	rate, note := f.fastest(r), ""
	if n := f.arrive(r.Fast); n < len(r.Fast) {
		note = fmt.Sprintf(", %d of %d arrive, the others count as %d", n, len(r.Fast), f.Budget)
	}
	if f.atEdge(rate) {
		note += ", the edge of the grid"
	}
	return fmt.Sprintf("%s takes %.0f steps at η = %.2g%s", r.Name, geometric(f.steps(r.Fast)), f.Rates[rate], note)
}

func speedRules() []claim.Rule[SpeedMeasurement] {
	return []claim.Rule[SpeedMeasurement]{
		claim.SampledRule("q1c.1", "Q1 (c) Adam +1",
			"Adam converges faster.",
			fmt.Sprintf("each at its own fastest rate of one grid, SGD takes over %g times as many steps to the target loss as Adam, on both tasks (95 %% intervals of the ratios' logarithms)", fasterBy),
			claim.Supported, judgeFaster),
		claim.SampledRule("q1c.9", "Q1 (c) SGD −2",
			"SGD does not converge as fast as Adam.",
			fmt.Sprintf("as q1c.1, with SGD as it is used: with momentum %g", momentumBeta),
			claim.Supported, judgeFasterThanMomentum),
	}
}

// curveChart shows the training loss of every optimizer at its fastest rate, as
// the geometric mean over the seeds.
func (f TaskMeasurement) curveChart() report.Chart {
	drawn := report.Chart{
		ID: "race-" + f.id(), Title: "Each at its fastest rate: " + f.Task, Mark: report.Line, LogX: true, LogY: true,
		XLabel: "training step", YLabel: "training loss (nats)", Rules: []report.Reference{{Name: "target", Y: f.Target}},
		Alt: "The training loss against the steps on logarithmic axes, one curve for each optimizer at its fastest rate, with a rule at the target loss: the further left a curve crosses it, the faster.",
	}
	for _, r := range f.Optimizers {
		curve := report.Curve{Name: fmt.Sprintf("%s, η = %.2g", r.Name, f.Rates[f.fastest(r)])}
		shown := 0
		for i, step := range r.Fast[0].Steps {
			if step > shown+shown/5 { // closer ones would not be told apart
				curve.AddGeometric(float64(step), ends(r.Fast, func(c sweep.History) float64 { return atLeast(c.Train[i].Loss) }))
				shown = step
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// table lists the steps to the target, and what they take with the seconds per
// step of another net.
func (m SpeedMeasurement) table() report.Table {
	rows := report.Table{
		ID: "race", Title: "Steps to the target loss, each optimizer at its own fastest rate", Headline: true,
		Columns: []string{"task", "optimizer", "η", "arrive", "steps (geometric mean)", "over Adam's", fmt.Sprintf("seconds, at those per step of a net of %d parameters", m.Cost.Parameters)},
	}
	for _, t := range m.Comparison.Tasks {
		own := geometric(t.steps(t.of(adam).Fast))
		for _, r := range t.Optimizers {
			steps, seconds := geometric(t.steps(r.Fast)), "–"
			if c, found := m.Cost.of(r.Name); found {
				seconds = fmt.Sprintf("%.3f", c.Seconds*steps)
			}
			rate := t.fastest(r)
			eta := fmt.Sprintf("%.2g", t.Rates[rate])
			if t.atEdge(rate) {
				eta += " (edge of the grid)"
			}
			rows.Rows = append(rows.Rows, []string{
				t.Task, r.Name, eta, fmt.Sprintf("%d of %d", t.arrive(r.Fast), len(r.Fast)), fmt.Sprintf("%.0f", steps), fmt.Sprintf("%.2f", steps/own), seconds,
			})
		}
	}
	return rows
}

// The rates at which libraries start SGD and Adam.
const (
	librarySGD  = 0.01
	libraryAdam = 0.001
)

// nearest is the rate of the grid within 1 % of the wanted one, or -1.
func (f TaskMeasurement) nearest(wanted float64) int {
	for i, rate := range f.Rates {
		if math.Abs(rate/wanted-1) < 0.01 {
			return i
		}
	}
	return -1
}

// tuningTable says how the comparison of SGD with Adam would come out, were the
// rates chosen in other ways. It is from the tuning's seeds.
func (f ComparisonMeasurement) tuningTable() report.Table {
	rows := report.Table{
		ID: "tuning", Title: "Is Adam faster than SGD? By how the rates are chosen",
		Columns: []string{"task", "rates", "η of SGD", "steps of SGD", "η of Adam", "steps of Adam", "ratio", `"Adam is faster"`},
	}
	for _, t := range f.Tasks {
		slow, fast := t.of(sgd), t.of(adam)
		bestSlow, bestFast := t.fastest(slow), t.fastest(fast)
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
			bySGD, byAdam := t.steps(slow.Grid[mode.rateSGD]), t.steps(fast.Grid[mode.rateADM])
			ratio := logRatio(bySGD, byAdam)
			rows.Rows = append(rows.Rows, []string{
				t.Task, mode.name, fmt.Sprintf("%.2g", t.Rates[mode.rateSGD]), t.stepsOf(slow.Grid[mode.rateSGD]),
				fmt.Sprintf("%.2g", t.Rates[mode.rateADM]), t.stepsOf(fast.Grid[mode.rateADM]),
				fmt.Sprintf("%.2f", math.Pow(10, ratio.Mean)), string(ratio.Above(math.Log10(fasterBy)).Verdict),
			})
		}
	}
	return rows
}

// stepsOf is the geometric mean of the steps, with those that do not arrive.
func (f TaskMeasurement) stepsOf(runs []sweep.History) string {
	note := ""
	if n := f.arrive(runs); n < len(runs) {
		note = fmt.Sprintf(" (%d of %d arrive, the others count as %d)", n, len(runs), f.Budget)
	}
	return fmt.Sprintf("%.0f%s", geometric(f.steps(runs)), note)
}

// Speed is the experiment.
var Speed = experiment.Experiment[SpeedKnobs, SpeedMeasurement]{
	Name: "Speed", Timed: true, Title: "Steps to a target loss",
	Measure: measureSpeed, Rules: speedRules(),
	Figures: func(_ SpeedKnobs, m SpeedMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{m.table(), m.Comparison.tuningTable()}}
		for _, task := range m.Comparison.Tasks {
			figures.Charts = append(figures.Charts, task.curveChart())
		}
		return figures, nil
	},
}
