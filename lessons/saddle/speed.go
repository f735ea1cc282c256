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

// SpeedKnobs are those of the comparison, and of what a step takes.
type SpeedKnobs struct {
	Comparison ComparisonConfig
	Cost       CostConfig
}

// SpeedMeasurement holds the steps to a loss, and what a step takes.
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

// fasterBy is the ratio of the steps, or of the operations, to a loss that matters:
// a quarter of the time of a training. Where the steps fall as 1/η, as those of
// gradient descent on a regression do, a grid of rates must be finer than that.
const fasterBy = 1.25

// judgeFaster compares the steps of Adam with those of another optimizer, each at
// its own fastest rate.
func judgeFaster(other string) func(m SpeedMeasurement, task string) claim.Finding {
	return func(m SpeedMeasurement, task string) claim.Finding {
		t := m.Comparison.task(task)
		rival, own := t.of(other), t.of(adam)
		ratio := logRatio(t.steps(rival.Fast), t.steps(own.Fast))
		return claim.Finding{
			Decision: ratio.Above(math.Log10(fasterBy)), Samples: ratio.N,
			Evidence: fmt.Sprintf("%s, %s; ratio of the steps %.2f, in powers of ten %s.", t.describe(rival), t.describe(own), math.Pow(10, ratio.Mean), ratio),
		}
	}
}

// operations are those of all steps to the target, by seed: the gradient's matrix
// products, and the optimizer's own on every parameter.
func (m SpeedMeasurement) operations(t TaskMeasurement, r OptimizerRuns) ([]float64, bool) {
	cost, found := m.Cost.of(r.Name)
	return claim.Scaled(t.steps(r.Fast), t.Gradient+float64(cost.Operations*t.Parameters)), found
}

func judgeHeavySolution(m SpeedMeasurement, task string) claim.Finding {
	t := m.Comparison.task(task)
	bySGD, found := m.operations(t, t.of(sgd))
	byAdam, foundToo := m.operations(t, t.of(adam))
	if !found || !foundToo {
		return claim.Finding{Decision: claim.Missing(), Evidence: "The operations of a step of SGD or Adam were not counted."}
	}
	ratio := logRatio(bySGD, byAdam)
	return claim.Finding{
		Decision: ratio.Above(math.Log10(fasterBy)), Samples: ratio.N,
		Evidence: fmt.Sprintf("To the target SGD takes %.3g operations and Adam %.3g; ratio %.2f, in powers of ten %s.", geometric(bySGD), geometric(byAdam), math.Pow(10, ratio.Mean), ratio),
	}
}

// describe says how an optimizer does at its fastest rate.
func (f TaskMeasurement) describe(r OptimizerRuns) string {
	rate, note := f.fastestRate(r), ""
	if n := f.arrive(r.Fast); n < len(r.Fast) {
		note = fmt.Sprintf(", %d of %d arrive, the others count as %d", n, len(r.Fast), f.Budget)
	}
	if f.atEdge(rate) {
		note += ", the edge of the grid"
	}
	return fmt.Sprintf("%s takes %.0f steps at η = %.2g%s", r.Name, geometric(f.steps(r.Fast)), rate, note)
}

func speedRules() []claim.Rule[SpeedMeasurement] {
	yes, no := claim.Supported, claim.Refuted
	decides := func(other string) string {
		return fmt.Sprintf("each at its own fastest rate, of one grid and of finer steps about its best, %s takes over %g times as many steps to the target loss as Adam (95 %% interval of the ratio's logarithm)", other, fasterBy)
	}
	const (
		finer = "finer steps about the best rate, since the grid's own are coarser than the effect and the verdict on the regression went with the one that was taken; more seeds"
		why   = "a part a task, with a task where momentum may win; data redrawn; " + finer
	)
	step := part[SpeedMeasurement]{
		asserts: "A step of SGD is computationally heavy.", exact: true, recorded: no,
		decides: "supported when SGD keeps more values for a parameter than each of momentum, RMSProp and Adam, or makes more operations on it; refuted when it keeps and makes fewer than each; counted on the variables of a trained model and on the graph of a step",
		judge:   func(m SpeedMeasurement) claim.Finding { return judgeHeavy(m.Cost) },
	}
	return []claim.Rule[SpeedMeasurement]{
		inParts("q1c.1", "Q1 (c) Adam +1", "Adam converges faster.", why,
			onTasks(allTasks, []claim.Verdict{yes, yes, no}, "Adam converges faster than SGD", decides(sgd), judgeFaster(sgd))...),
		inParts("q1c.9", "Q1 (c) SGD −2", "SGD does not converge as fast as Adam.", why,
			onTasks(allTasks, []claim.Verdict{yes, yes, no}, fmt.Sprintf("SGD as it is used, with momentum %g, does not converge as fast as Adam", momentumBeta), decides(momentum), judgeFaster(momentum))...),
		inParts("q1c.8", "Q1 (c) SGD −1", "SGD is computationally heavy.", "a step and a solution are parts; "+finer,
			append([]part[SpeedMeasurement]{step}, onTasks(allTasks, []claim.Verdict{yes, yes, no}, "SGD is computationally heavy up to a solution",
				fmt.Sprintf("each at its own fastest rate, as in q1c.1, SGD takes over %g times as many operations to the target loss as Adam, counted for the gradient's matrix products and on the graph of a step (95 %% interval of the ratio's logarithm)", fasterBy), judgeHeavySolution)...)...),
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
		curve := report.Curve{Name: fmt.Sprintf("%s, η = %.2g", r.Name, f.fastestRate(r))}
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

// table lists the steps to the target, and the operations that they take.
func (m SpeedMeasurement) table() report.Table {
	rows := report.Table{
		ID: "race", Title: "Steps to the target loss, each optimizer at its own fastest rate", Headline: true,
		Columns: []string{"task", "optimizer", "η", "arrive", "steps (geometric mean)", "over Adam's", "operations", "over Adam's"},
	}
	for _, t := range m.Comparison.Tasks {
		own := geometric(t.steps(t.of(adam).Fast))
		ofAdam, _ := m.operations(t, t.of(adam))
		for _, r := range t.Optimizers {
			steps, operations, ratio := geometric(t.steps(r.Fast)), "–", "–"
			if counted, found := m.operations(t, r); found {
				operations, ratio = fmt.Sprintf("%.2g", geometric(counted)), fmt.Sprintf("%.2f", geometric(counted)/geometric(ofAdam))
			}
			rate := t.fastestRate(r)
			eta := fmt.Sprintf("%.2g", rate)
			if t.atEdge(rate) {
				eta += " (edge of the grid)"
			}
			rows.Rows = append(rows.Rows, []string{
				t.Task, r.Name, eta, fmt.Sprintf("%d of %d", t.arrive(r.Fast), len(r.Fast)), fmt.Sprintf("%.0f", steps), fmt.Sprintf("%.2f", steps/own), operations, ratio,
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

// onGrid is the trial of the grid within 1 % of the wanted rate, or none.
func (f TaskMeasurement) onGrid(r OptimizerRuns, wanted float64) Trial {
	for i, rate := range f.Rates {
		if math.Abs(rate/wanted-1) < 0.01 {
			return Trial{rate, r.Grid[i]}
		}
	}
	return Trial{}
}

// coarse is the fastest trial of the grid.
func (f TaskMeasurement) coarse(r OptimizerRuns) Trial {
	r.Finer = nil
	return f.fastest(r)
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
		bestSlow, bestFast := t.coarse(slow), t.coarse(fast)
		for _, mode := range []struct {
			name          string
			bySGD, byAdam Trial
		}{
			{"each at its own best", t.fastest(slow), t.fastest(fast)}, {"each at its own best of the grid", bestSlow, bestFast},
			{"both at Adam's best of the grid", t.onGrid(slow, bestFast.Rate), bestFast}, {"both at SGD's best of the grid", bestSlow, t.onGrid(fast, bestSlow.Rate)},
			{"defaults of libraries", t.onGrid(slow, librarySGD), t.onGrid(fast, libraryAdam)},
		} {
			if mode.bySGD.Runs == nil || mode.byAdam.Runs == nil {
				continue
			}
			ratio := logRatio(t.steps(mode.bySGD.Runs), t.steps(mode.byAdam.Runs))
			rows.Rows = append(rows.Rows, []string{
				t.Task, mode.name, fmt.Sprintf("%.2g", mode.bySGD.Rate), t.stepsOf(mode.bySGD.Runs),
				fmt.Sprintf("%.2g", mode.byAdam.Rate), t.stepsOf(mode.byAdam.Runs),
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
	Name: "Speed", Timed: true, Title: "Steps to a target loss", // it holds what [StepCost] measures
	Measure: measureSpeed, Rules: speedRules(),
	Figures: func(_ SpeedKnobs, m SpeedMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{m.table(), m.Comparison.tuningTable()}}
		for _, task := range m.Comparison.Tasks {
			figures.Charts = append(figures.Charts, task.curveChart())
		}
		return figures, nil
	},
}
