package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// ComparisonConfig trains two small nets by every optimizer at every rate, and
// then by each at its own best rates from other seeds.
type ComparisonConfig struct {
	Optimizers []nn.Optimizer `role:"compared" help:"SGD, momentum, RMSProp and Adam, which the claims need; others may join"`
	Rates      []float64      `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η; the same grid for all optimizers"`
	Tuning     []int64        `role:"averaged" help:"seeds of the grid, on which the best rates are chosen"`
	Seeds      []int64        `role:"averaged" help:"of initial weights and order, at the best rates"`
	Spirals    TaskConfig
	Teacher    TeacherConfig
	Target     float64 `role:"fixed" range:"(0, 1)" help:"training loss to reach, as a fraction of ln 2, that of guessing"`
	Every      int     `role:"fixed" range:"[1, inf)" help:"steps between two looks at the loss at most; early on they are closer"`
}

// TaskConfig is one task of the comparison.
type TaskConfig struct {
	Train     int   `role:"fixed" range:"[1, inf)" help:"training examples"`
	Test      int   `role:"fixed" range:"[1, inf)" help:"test examples"`
	Hidden    []int `role:"fixed" range:"[1, inf)" help:"units of the hidden layers"`
	BatchSize int   `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Steps     int   `role:"fixed" range:"[1, inf)" help:"of each training"`
}

// TeacherConfig is the task whose labels are another net's.
type TeacherConfig struct {
	TaskConfig
	Features   int     `role:"fixed" range:"[1, inf)" help:"of the inputs"`
	LabelNoise float64 `role:"fixed" range:"[0, 0.5)" help:"fraction of wrong training labels"`
}

// Validate checks that there is a batch of examples.
func (c TaskConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return nil
}

// Validate checks that the optimizers of the claims are there, that the loss is
// looked at often enough, and that the sweeps fit into memory.
func (c ComparisonConfig) Validate() error {
	if err := checkOptimizers(c.Optimizers); err != nil {
		return err
	}
	replicas := len(c.Optimizers) * max(len(c.Rates)*len(c.Tuning), 2*len(c.Seeds))
	for _, t := range []struct {
		name string
		TaskConfig
		net sweep.Net
	}{
		{"Spirals", c.Spirals, c.Spirals.net(inPlane)}, {"Teacher", c.Teacher.TaskConfig, c.Teacher.net(c.Teacher.Features)},
	} {
		if t.Steps < 4*c.Every {
			return badinput.Errorf("%s.Steps is %d: it must be at least 4 times Every, %d", t.name, t.Steps, 4*c.Every)
		}
		if err := sweep.CheckFits("Optimizers × Rates × Seeds of "+t.name, replicas,
			sweep.Config{Model: t.net.Model(), BatchSize: max(t.Train, t.Test), Optimizer: sweep.Together(c.Optimizers...)}); err != nil {
			return err
		}
	}
	return nil
}

// ComparisonMeasurement holds trainings of two small nets, by every optimizer.
type ComparisonMeasurement struct{ Tasks []TaskMeasurement }

// TaskMeasurement holds those of one task.
type TaskMeasurement struct {
	Task       string
	Rates      []float64
	Target     float64 // training loss to reach, in nats
	Budget     int     // the most steps
	Optimizers []OptimizerRuns
}

// The tasks of the comparison.
const (
	spirals = "two spirals"
	teacher = "noisy teacher"
)

// OptimizerRuns are those of one optimizer on one task. It is tuned on some seeds
// and judged on others, so that a rate that was lucky in the tuning gains nothing.
type OptimizerRuns struct {
	Name   string
	Grid   [][]sweep.History // [rate][seed of the tuning]
	Fast   []sweep.History   // [seed], at the rate that was fastest to the target in the tuning
	Lowest []sweep.History   // [seed], at the rate whose training loss ended lowest
}

// task is one task with its examples.
type task struct {
	TaskConfig
	name        string
	net         sweep.Net
	train, test sweep.Data
}

// inPlane is the number of features of the spirals.
const inPlane = 2

func (c TaskConfig) net(inputs int) sweep.Net {
	return sweep.Net{Widths: slices.Concat([]int{inputs}, c.Hidden, []int{2}), Activation: Tanh, Loss: sweep.CrossEntropy}
}

// tasks are two arms of a spiral of one turn, without wrong labels, and points
// that another net labelled, some of them wrongly.
func (c ComparisonConfig) tasks() []task {
	const turns, width = 1, 0.02
	s, t := c.Spirals, c.Teacher
	return []task{
		{s, spirals, s.net(inPlane), toy.Spirals(s.Train, trainingDraw, turns, width), toy.Spirals(s.Test, testDraw, turns, width)},
		{
			t.TaskConfig, teacher, t.net(t.Features),
			toy.Teacher(t.Train, t.Features, teacherDraw, trainingDraw, t.LabelNoise), toy.Teacher(t.Test, t.Features, teacherDraw, testDraw, 0),
		},
	}
}

// measureComparison trains both tasks.
func measureComparison(ctx context.Context, backend compute.Backend, c ComparisonConfig) (ComparisonMeasurement, error) {
	var facts ComparisonMeasurement
	for _, t := range c.tasks() {
		own, err := c.train(ctx, backend, t)
		if err != nil {
			return facts, err
		}
		facts.Tasks = append(facts.Tasks, own)
	}
	return facts, nil
}

// train tunes all optimizers on one task, and then runs each at its best rates,
// each time as one program.
func (c ComparisonConfig) train(ctx context.Context, backend compute.Backend, t task) (TaskMeasurement, error) {
	facts := TaskMeasurement{Task: t.name, Rates: c.Rates, Target: c.Target * guessing, Budget: t.Steps}
	study, err := sweep.NewStudy(backend, sweep.Config{
		Model: t.net.Model(), Data: t.train, BatchSize: t.BatchSize, StepsPerCall: 4, Optimizer: sweep.Together(c.Optimizers...),
	}, t.test)
	if err != nil {
		return facts, err
	}
	defer study.Finalize()
	run := func(what string, replicas []sweep.Replica) ([]sweep.History, error) {
		return study.Run(ctx, sweep.Run{Task: what + t.name, Replicas: replicas, Steps: t.Steps, Next: c.nextLook}, facts.Target)
	}
	tuned, err := run("tuning: ", slices.Repeat(sweep.Grid(c.Rates, c.Tuning), len(c.Optimizers)))
	if err != nil {
		return facts, err
	}
	var replicas []sweep.Replica
	for i, grid := range sweep.ByRate(sweep.ByRate(tuned, len(c.Tuning)), len(c.Rates)) {
		r := OptimizerRuns{Name: c.Optimizers[i].Name, Grid: grid}
		best := []float64{c.Rates[facts.fastest(r)], c.Rates[facts.lowest(r)]}
		facts.Optimizers, replicas = append(facts.Optimizers, r), append(replicas, sweep.Grid(best, c.Seeds)...)
	}
	compared, err := run("comparison: ", replicas)
	if err != nil {
		return facts, err
	}
	for i, own := range sweep.ByRate(sweep.ByRate(compared, len(c.Seeds)), 2) {
		facts.Optimizers[i].Fast, facts.Optimizers[i].Lowest = own[0], own[1]
	}
	return facts, nil
}

// nextLook is the step of the look at the loss that follows one: later by a
// twentieth, so that fast runs and slow ones are timed with the same relative
// precision, but by no more than Every steps.
func (c ComparisonConfig) nextLook(step int) int { return step + min(max(step/20, 1), c.Every) }

// guessing is the loss in nats of the answer ½, ½ to every example.
const guessing = math.Ln2

// resolution is the loss below which float32 cannot tell one from 0. Losses are
// taken as at least this, so that they have logarithms.
const resolution = 1e-7

// atLeast is a loss that has a logarithm; see resolution.
func atLeast(loss float64) float64 { return max(loss, resolution) }

// of is the optimizer of that name, or one that never arrives where it is missing.
func (f TaskMeasurement) of(name string) OptimizerRuns {
	for _, r := range f.Optimizers {
		if r.Name == name {
			return r
		}
	}
	return OptimizerRuns{}
}

func (f TaskMeasurement) name() string { return f.Task }

// steps are those of the runs until the training loss has the target, by seed;
// the budget for a run that never has it. Between two looks at the loss, its
// logarithm is taken as a straight line.
func (f TaskMeasurement) steps(runs []sweep.History) []float64 {
	steps := make([]float64, len(runs))
	for seed, run := range runs {
		if steps[seed] = float64(f.Budget); run.Reaches(f.Target) >= 0 {
			steps[seed] = max(crossing(run, f.Target), 1)
		}
	}
	return steps
}

// crossing is the step at which a run first has the target.
func crossing(run sweep.History, target float64) float64 {
	at := run.Reaches(target)
	to := float64(run.Steps[at])
	if at == 0 || math.IsInf(run.Train[at-1].Loss, 0) {
		return to
	}
	from := float64(run.Steps[at-1])
	before, after := math.Log(run.Train[at-1].Loss/target), math.Log(atLeast(run.Train[at].Loss)/target)
	return from + (to-from)*before/(before-after)
}

// arrive counts the runs that reach the target.
func (f TaskMeasurement) arrive(runs []sweep.History) int {
	n := 0
	for _, run := range runs {
		if run.Reaches(f.Target) >= 0 {
			n++
		}
	}
	return n
}

// fastest is the rate at which the most runs of the tuning reach the target, and
// of those with as many the one with the fewest steps, by the geometric mean over
// the seeds.
func (f TaskMeasurement) fastest(r OptimizerRuns) int {
	return bestRate(len(f.Rates), func(rate int) (int, float64) { return f.arrive(r.Grid[rate]), geometric(f.steps(r.Grid[rate])) })
}

// lowest is the rate with the lowest training loss at the end of the tuning, by
// the geometric mean over the seeds. A rate at which one run diverged is none.
func (f TaskMeasurement) lowest(r OptimizerRuns) int {
	best, lowest := 0, math.Inf(1)
	for rate := range f.Rates {
		if loss := geometric(ends(r.Grid[rate], trainLoss)); loss < lowest {
			best, lowest = rate, loss
		}
	}
	return best
}

// atEdge reports whether a rate is the lowest or the highest of the grid.
func (f TaskMeasurement) atEdge(rate int) bool { return rate == 0 || rate == len(f.Rates)-1 }

func trainLoss(c sweep.History) float64 { return atLeast(sweep.End(c.Train).Loss) }

func testLoss(c sweep.History) float64 { return atLeast(sweep.End(c.Test).Loss) }

func testAccuracy(c sweep.History) float64 { return sweep.End(c.Test).Accuracy }

// ends are one value of the runs, by seed.
func ends(runs []sweep.History, of func(sweep.History) float64) []float64 {
	values := make([]float64, len(runs))
	for seed, run := range runs {
		values[seed] = of(run)
	}
	return values
}

// falls is, by rate, how much of a seed's best fall of the training loss a run
// keeps at the end: 1 for the best, 0 for none, and 0 for a loss that rose or is
// not finite.
func (f TaskMeasurement) falls(r OptimizerRuns, seed int) []float64 {
	lowest := math.Inf(1)
	for rate := range f.Rates {
		if loss := trainLoss(r.Grid[rate][seed]); loss < lowest {
			lowest = loss
		}
	}
	all := make([]float64, len(f.Rates))
	for rate := range all {
		first := r.Grid[rate][seed].Train[0].Loss
		if fall := (first - trainLoss(r.Grid[rate][seed])) / (first - lowest); fall > 0 && !math.IsInf(fall, 1) {
			all[rate] = fall
		}
	}
	return all
}

// A fall of goodFraction of the best one makes a rate good.
const goodFraction = 0.9

// band is the range of rates about a seed's best at which the training loss
// falls by at least goodFraction of the best fall, in powers of ten. Between two
// rates of the grid, the fall is taken as a straight line over log10 η.
func (f TaskMeasurement) band(r OptimizerRuns, seed int) (from, to float64) {
	falls, logs := f.falls(r, seed), claim.Logs(f.Rates)
	best := 0
	for rate, fall := range falls {
		if fall > falls[best] {
			best = rate
		}
	}
	edge := func(step int) float64 {
		at := best
		for at+step >= 0 && at+step < len(falls) && falls[at+step] >= goodFraction {
			at += step
		}
		if at+step < 0 || at+step >= len(falls) {
			return logs[at]
		}
		fraction := (falls[at] - goodFraction) / (falls[at] - falls[at+step])
		return logs[at] + fraction*(logs[at+step]-logs[at])
	}
	return edge(-1), edge(+1)
}

// widths are those of the bands of all seeds, in powers of ten.
func (f TaskMeasurement) widths(r OptimizerRuns) []float64 {
	widths := make([]float64, len(r.Grid[0]))
	for seed := range widths {
		from, to := f.band(r, seed)
		widths[seed] = to - from
	}
	return widths
}

// failsHigh is 1 for every seed whose training loss at the highest rate does not
// end below its start, else 0.
func (f TaskMeasurement) failsHigh(r OptimizerRuns) []float64 {
	fails := make([]float64, len(r.Grid[0]))
	for seed, run := range r.Grid[len(f.Rates)-1] {
		if !(trainLoss(run) < run.Train[0].Loss) {
			fails[seed] = 1
		}
	}
	return fails
}

// fluctuation is, by seed, how far the training loss of the lowest runs moves about
// its trend over the last quarter of the training: the standard deviation of
// ln loss from a straight line through it, which is about a fraction of the loss.
func (f TaskMeasurement) fluctuation(r OptimizerRuns) []float64 {
	all := make([]float64, len(r.Lowest))
	for seed, run := range r.Lowest {
		var x, y []float64
		for i, step := range run.Steps {
			if step >= 3*f.Budget/4 {
				x, y = append(x, float64(step)), append(y, math.Log(atLeast(run.Train[i].Loss)))
			}
		}
		offset, slope := stat.LinearRegression(x, y, nil, false)
		for i := range y {
			y[i] -= offset + slope*x[i]
		}
		all[seed] = stat.StdDev(y, nil)
	}
	return all
}

// atTarget are, by seed, the losses and the test accuracies of the fast runs when
// they first have the target; NaN where they never do.
func (f TaskMeasurement) atTarget(r OptimizerRuns) (loss, accuracy []float64) {
	for _, run := range r.Fast {
		own, tested := math.NaN(), math.NaN()
		if at := run.Reaches(f.Target); at >= 0 {
			own, tested = run.Train[at].Loss, run.Test[at].Accuracy
		}
		loss, accuracy = append(loss, own), append(accuracy, tested)
	}
	return loss, accuracy
}

const (
	narrowerBy = 0.25 // powers of ten by which a band of rates is narrower
	betterBy   = 1.1  // ratio of losses
)

// onTasks tries a claim on every task: it has to come out the same on all.
func onTasks[T interface{ name() string }](tasks []T, try func(t T) (decision claim.Decision, evidence string, samples int)) claim.Finding {
	decisions, shown, samples := eachTask(tasks, try)
	return claim.Finding{Decision: claim.Agreed(decisions...), Evidence: shown, Samples: samples}
}

// eachTask tries a claim on every task. The evidence is one sentence a task.
func eachTask[T interface{ name() string }](tasks []T, try func(t T) (claim.Decision, string, int)) (decisions []claim.Decision, evidence string, samples int) {
	var shown []string
	samples = math.MaxInt
	for _, t := range tasks {
		decision, own, n := try(t)
		decisions = append(decisions, decision)
		shown, samples = append(shown, fmt.Sprintf("On the %s: %s (%s).", t.name(), own, decision.Verdict)), min(samples, n)
	}
	return decisions, strings.Join(shown, " "), samples
}

func judgeSensitive(f ComparisonMeasurement) claim.Finding {
	return onTasks(f.Tasks, func(t TaskMeasurement) (claim.Decision, string, int) {
		own, other := t.of(adam), t.of(sgd)
		narrower := claim.EstimateDifference(t.widths(other), t.widths(own))
		fails, failsToo := claim.EstimateMean(t.failsHigh(own)), claim.EstimateMean(t.failsHigh(other))
		return claim.All(narrower.Above(narrowerBy), fails.Above(mostRuns)),
			fmt.Sprintf("the band of good rates is %.2f powers of ten wide for Adam, %.2f for SGD, difference %s; at η = %.3g %s of Adam's runs fail and %s of SGD's",
				stat.Mean(t.widths(own), nil), stat.Mean(t.widths(other), nil), narrower, t.Rates[len(t.Rates)-1], fails, failsToo), narrower.N
	})
}

func judgeOptimal(f ComparisonMeasurement) claim.Finding {
	return onTasks(f.Tasks, func(t TaskMeasurement) (claim.Decision, string, int) {
		var shown []string
		var parts []claim.Decision
		samples := 0
		for _, of := range []struct {
			name string
			loss func(OptimizerRuns) []float64
		}{
			{"training", func(r OptimizerRuns) []float64 { return ends(r.Lowest, trainLoss) }},
			{"test", func(r OptimizerRuns) []float64 { return ends(r.Lowest, testLoss) }},
		} {
			worse := logRatio(of.loss(t.of(adam)), of.loss(t.of(sgd)))
			parts, samples = append(parts, worse.Above(math.Log10(betterBy))), worse.N
			shown = append(shown, fmt.Sprintf("%s loss at the end: SGD %s, momentum %s, Adam %s, Adam's over SGD's in powers of ten %s",
				of.name, shortOf(of.loss(t.of(sgd))), shortOf(of.loss(t.of(momentum))), shortOf(of.loss(t.of(adam))), worse))
		}
		return claim.All(parts...), strings.Join(shown, "; "), samples
	})
}

func comparisonRules() []claim.Rule[ComparisonMeasurement] {
	return []claim.Rule[ComparisonMeasurement]{
		claim.SampledRule("q1c.4", "Q1 (c) Adam −1",
			"Adam is very sensitive to the learning rate, and fails when it is high.",
			fmt.Sprintf("the band of rates at which the training loss falls by at least %g of the best fall is over %g powers of ten narrower for Adam than for SGD, and at the highest rate over %g of Adam's runs do not end below their start, on both tasks (95 %% intervals)",
				goodFraction, narrowerBy, mostRuns),
			claim.Refuted, judgeSensitive),
		claim.SampledRule("q1c.6", "Q1 (c) SGD +1",
			"SGD often reaches more optimal solutions.",
			fmt.Sprintf("each at the rate with its lowest training loss, Adam's training loss and its test loss at the end are over %g times those of SGD, on both tasks (95 %% intervals)", betterBy),
			claim.Refuted, judgeOptimal),
	}
}

// id is the task as a part of file names.
func (f TaskMeasurement) id() string { return strings.ReplaceAll(f.Task, " ", "-") }

// rateChart shows the final training loss of every optimizer against the rate.
func (f TaskMeasurement) rateChart() report.Chart {
	drawn := report.Chart{
		ID: "rates-" + f.id(), Title: "Training loss at the end against the rate: " + f.Task, Mark: report.Line, LogX: true, LogY: true,
		XLabel: "learning rate η", YLabel: "training loss at the end (nats)",
		Alt: "The training loss at the end against the learning rate on logarithmic axes, one curve for each optimizer: lower is better, and a wide valley means that many rates are good. Adam's good rates are shaded where there are any.",
	}
	for _, r := range f.Optimizers {
		curve := report.Curve{Name: r.Name}
		for rate, eta := range f.Rates {
			curve.AddGeometric(eta, ends(r.Grid[rate], trainLoss))
		}
		drawn.Curves = append(drawn.Curves, curve)
		if r.Name == adam {
			if from, to := f.meanBand(r); from < to {
				drawn.Zones = append(drawn.Zones, report.Zone{Name: "good rates of Adam", From: math.Pow(10, from), To: math.Pow(10, to)})
			}
		}
	}
	return drawn
}

// meanBand is the mean of the bands of all seeds, in powers of ten.
func (f TaskMeasurement) meanBand(r OptimizerRuns) (from, to float64) {
	n := float64(len(r.Grid[0]))
	for seed := range r.Grid[0] {
		low, high := f.band(r, seed)
		from, to = from+low/n, to+high/n
	}
	return from, to
}

// OptimizerComparison is the experiment. [Speed], [Flatness] and [TwoVariances] look
// at the same trainings.
var OptimizerComparison = experiment.Experiment[ComparisonConfig, ComparisonMeasurement]{
	Name: "Comparison", Title: "Two small nets by every optimizer at every rate",
	Measure: measureComparison, Rules: comparisonRules(),
	Figures: func(_ ComparisonConfig, f ComparisonMeasurement) (figures report.Figures, err error) {
		for _, task := range f.Tasks {
			figures.Charts = append(figures.Charts, task.rateChart())
		}
		return figures, nil
	},
}
