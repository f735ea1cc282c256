package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/stat"

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
	Optimizers []nn.Optimizer `role:"compared" help:"SGD, momentum and Adam, which the claims need; others may join"`
	Rates      []float64      `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η; the same grid for all optimizers"`
	Between    int            `role:"fixed" range:"[0, inf)" help:"rates tried between an optimizer's fastest of the grid and either neighbour"`
	Tuning     []int64        `role:"averaged" help:"seeds of the grid, on which the best rates are chosen"`
	Seeds      []int64        `role:"averaged" help:"of examples, initial weights and order, at the best rates"`
	Spirals    TaskConfig
	Teacher    TeacherConfig
	Regression RegressionConfig
	Target     float64 `role:"fixed" range:"(0, 1)" help:"training loss of a net to reach, as a fraction of ln 2, that of guessing"`
	Every      int     `role:"fixed" range:"[1, inf)" help:"steps between two looks at the loss at most; early on they are closer"`
}

// Validate checks that the optimizers of the claims are there, that the loss is
// looked at often enough, and that the sweeps fit into memory.
func (c ComparisonConfig) Validate() error {
	if err := checkNames(c.Optimizers, sgd, momentum, adam); err != nil {
		return err
	}
	replicas := len(c.Optimizers) * max(len(c.Rates)*len(c.Tuning), 2*c.Between*len(c.Tuning), 2*len(c.Seeds))
	for _, t := range []struct {
		name string
		TaskConfig
		net sweep.Net
	}{
		{"Spirals", c.Spirals, c.Spirals.net(inPlane, sweep.CrossEntropy)},
		{"Teacher", c.Teacher.TaskConfig, c.Teacher.net(c.Teacher.Features, sweep.CrossEntropy)},
		{"Regression", c.Regression.sizes(), c.Regression.net()},
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

// ComparisonMeasurement holds trainings of three models, by every optimizer.
type ComparisonMeasurement struct{ Tasks []TaskMeasurement }

// TaskMeasurement holds those of one task.
type TaskMeasurement struct {
	Task       string
	Rates      []float64
	Target     float64 // training loss to reach, in nats
	Budget     int     // the most steps
	Parameters int     // of the model
	// Gradient is the number of additions and multiplications of the matrix
	// products of one step's gradient.
	Gradient   float64
	Optimizers []OptimizerRuns
}

// OptimizerRuns are those of one optimizer on one task. It is tuned on some seeds
// and judged on others, so that a rate that was lucky in the tuning gains nothing.
type OptimizerRuns struct {
	Name  string
	Grid  [][]sweep.History // [rate][seed of the tuning]
	Finer []Trial           // at rates between the fastest of the grid and its neighbours
	Fast  []sweep.History   // [seed], at the rate that was fastest to the target in the tuning
	Tuned []sweep.History   // [seed], at the rate whose held-out loss ended lowest in the tuning
}

// Trial is one rate with its runs, by seed of the tuning.
type Trial struct {
	Rate float64
	Runs []sweep.History
}

// tasks are two nets and a linear regression.
func (c ComparisonConfig) tasks() []task {
	target := c.Target * guessing
	return []task{c.Spirals.spirals(sweep.CrossEntropy, target), c.Teacher.task(sweep.CrossEntropy, target), c.Regression.task()}
}

// measureComparison trains on all tasks.
func measureComparison(ctx context.Context, backend compute.Backend, c ComparisonConfig) (ComparisonMeasurement, error) {
	var facts ComparisonMeasurement
	for _, t := range c.tasks() {
		own := trials{c.Optimizers, c.Rates, c.Between, c.Tuning, c.Seeds, c.nextLook}
		if t.name == regression { // it is cheap
			own.tuning, own.seeds = c.Regression.Tuning, c.Regression.Seeds
		}
		tried, compared, err := own.run(ctx, backend, t, TaskMeasurement.fastestRate, TaskMeasurement.tuned)
		if err != nil {
			return facts, err
		}
		for i, runs := range compared {
			tried.Optimizers[i].Fast, tried.Optimizers[i].Tuned = runs[0], runs[1]
		}
		facts.Tasks = append(facts.Tasks, tried)
	}
	return facts, nil
}

// trials tune optimizers on some seeds, and train at the chosen rates from others.
type trials struct {
	optimizers    []nn.Optimizer
	rates         []float64
	between       int // see [ComparisonConfig]
	tuning, seeds []int64
	next          func(step int) int // the step of the look at the loss after one
}

// run tunes all optimizers on one task, first on the grid and then about the
// fastest rate of it, and trains each at every rate that is chosen, each time as
// one program: [optimizer][choice][seed].
func (own trials) run(ctx context.Context, backend compute.Backend, t task, choices ...func(TaskMeasurement, OptimizerRuns) float64) (TaskMeasurement, [][][]sweep.History, error) {
	facts := TaskMeasurement{
		Task: t.name, Rates: own.rates, Target: t.target, Budget: t.Steps, Parameters: t.model.Size(), Gradient: t.gradient,
	}
	study, err := sweep.NewStudy(backend, sweep.Config{
		Model: t.model, Draw: t.train, BatchSize: t.BatchSize, Optimizer: sweep.Together(own.optimizers...),
	}, t.test)
	if err != nil {
		return facts, nil, err
	}
	defer study.Finalize()
	run := func(what string, replicas []sweep.Replica) ([]sweep.History, error) {
		r := sweep.Run{Task: what + t.name, Replicas: replicas, Steps: t.Steps, Next: own.next, Schedule: t.schedule}
		if t.start != nil {
			r.Start = sweep.Starts(replicas, t.start)
		}
		return study.Run(ctx, r, t.target)
	}
	grids, err := run("tuning: ", slices.Repeat(sweep.Grid(own.rates, own.tuning), len(own.optimizers)))
	if err != nil {
		return facts, nil, err
	}
	for i, grid := range sweep.ByRate(sweep.ByRate(grids, len(own.tuning)), len(own.rates)) {
		facts.Optimizers = append(facts.Optimizers, OptimizerRuns{Name: own.optimizers[i].Name, Grid: grid})
	}
	if err := own.refine(facts, run); err != nil {
		return facts, nil, err
	}
	var replicas []sweep.Replica
	for _, r := range facts.Optimizers {
		for _, choose := range choices {
			replicas = append(replicas, sweep.Grid([]float64{choose(facts, r)}, own.seeds)...)
		}
	}
	compared, err := run("comparison: ", replicas)
	if err != nil {
		return facts, nil, err
	}
	return facts, sweep.ByRate(sweep.ByRate(compared, len(own.seeds)), len(choices)), nil
}

// refine tries rates about the fastest of the grid.
func (own trials) refine(facts TaskMeasurement, run func(what string, replicas []sweep.Replica) ([]sweep.History, error)) error {
	if own.between == 0 {
		return nil
	}
	var replicas []sweep.Replica
	for _, r := range facts.Optimizers {
		rates := finer(own.rates, slices.Index(own.rates, facts.fastestRate(r)), own.between)
		replicas = append(replicas, sweep.Grid(rates, own.tuning)...)
	}
	finer, err := run("finer tuning: ", replicas)
	if err != nil {
		return err
	}
	for i, runs := range sweep.ByRate(finer, len(own.tuning)) {
		r := &facts.Optimizers[i/(2*own.between)]
		r.Finer = append(r.Finer, Trial{replicas[i*len(own.tuning)].Rate, runs})
	}
	return nil
}

// finer are n rates between that of a grid and each of its neighbours, in equal
// ratios. Beyond the end of the grid they go on as on the other side.
func finer(rates []float64, at, n int) []float64 {
	below, above := max(at-1, 0), min(at+1, len(rates)-1)
	down, up := rates[below+1]/rates[below], rates[above]/rates[above-1]
	var all []float64
	for k := -n; k <= n; k++ {
		switch exponent := float64(k) / float64(n+1); {
		case k < 0:
			all = append(all, rates[at]*math.Pow(down, exponent))
		case k > 0:
			all = append(all, rates[at]*math.Pow(up, exponent))
		}
	}
	return all
}

// nextLook is the step of the look at the loss that follows one: later by a
// twentieth, so that fast runs and slow ones are timed with the same relative
// precision, but by no more than Every steps, and at first by 4.
func (c ComparisonConfig) nextLook(step int) int { return step + min(max(step/20, 4), c.Every) }

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

// task is the measurement of that name, or an empty one where it is missing.
func (f ComparisonMeasurement) task(name string) TaskMeasurement {
	for _, t := range f.Tasks {
		if t.Task == name {
			return t
		}
	}
	return TaskMeasurement{Task: name}
}

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
func (f TaskMeasurement) fastest(r OptimizerRuns) Trial {
	all := f.trials(r)
	return all[bestRate(len(all), func(i int) (int, float64) { return f.arrive(all[i].Runs), geometric(f.steps(all[i].Runs)) })]
}

func (f TaskMeasurement) fastestRate(r OptimizerRuns) float64 { return f.fastest(r).Rate }

// trials are all of the tuning, those of the grid first.
func (f TaskMeasurement) trials(r OptimizerRuns) []Trial {
	var all []Trial
	for rate, runs := range r.Grid {
		all = append(all, Trial{f.Rates[rate], runs})
	}
	return append(all, r.Finer...)
}

// tuned is the rate of the grid with the lowest held-out loss at the end of the
// tuning, by the geometric mean over the seeds. A rate at which one run diverged is
// none.
func (f TaskMeasurement) tuned(r OptimizerRuns) float64 {
	best, lowest := f.Rates[0], math.Inf(1)
	for i, rate := range f.Rates {
		if loss := geometric(ends(r.Grid[i], testLoss)); loss < lowest {
			best, lowest = rate, loss
		}
	}
	return best
}

// within are the runs of the tuning as they stand after so many steps.
func (f TaskMeasurement) within(r OptimizerRuns, steps int) OptimizerRuns {
	short := OptimizerRuns{Name: r.Name}
	for _, runs := range r.Grid {
		var own []sweep.History
		for _, run := range runs {
			looks, _ := slices.BinarySearch(run.Steps, steps+1)
			own = append(own, sweep.History{Steps: run.Steps[:looks], Train: run.Train[:looks], Test: run.Test[:looks]})
		}
		short.Grid = append(short.Grid, own)
	}
	return short
}

// atEdge reports whether a rate is the lowest or the highest of the grid, or
// beyond.
func (f TaskMeasurement) atEdge(rate float64) bool {
	return rate <= f.Rates[0] || rate >= f.Rates[len(f.Rates)-1]
}

func trainLoss(c sweep.History) float64 { return atLeast(sweep.End(c.Train).Loss) }

func testLoss(c sweep.History) float64 { return atLeast(sweep.End(c.Test).Loss) }

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
	if falls[best] == 0 { // no rate is good
		return logs[best], logs[best]
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

// fluctuation is, by seed, how far the training loss of the tuned runs moves about
// its trend over the last quarter of the training: the standard deviation of
// ln loss from a straight line through it, which is about a fraction of the loss.
func (f TaskMeasurement) fluctuation(r OptimizerRuns) []float64 {
	all := make([]float64, len(r.Tuned))
	for seed, run := range r.Tuned {
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

const (
	// narrowerBy is the width, in powers of ten, that a band of rates must lack for
	// a reader to feel it: one rate of the grid, a factor of 1.8.
	narrowerBy = 0.25
	// betterBy is the ratio of held-out losses that a reader would tune for.
	betterBy = 1.1
	// mostly is the fraction above which runs fail more often than not. Twelve runs
	// that all fail show little more: their interval starts at 0.71.
	mostly = 0.5
)

// shares are those of the steps after which the bands of good rates are compared,
// since the steps decide on the low edge: all, and an eighth.
var shares = []int{1, 8}

func judgeNarrower(f ComparisonMeasurement, name string) claim.Finding {
	t := f.task(name)
	var budgets []claim.Decision
	var shown []string
	samples := 0
	for _, share := range shares {
		steps := t.Budget / share
		own, other := t.widths(t.within(t.of(adam), steps)), t.widths(t.within(t.of(sgd), steps))
		narrower := claim.EstimateDifference(other, own)
		decision := narrower.Above(narrowerBy)
		budgets, samples = append(budgets, decision), narrower.N
		shown = append(shown, fmt.Sprintf("After %d steps the band of good rates is %.2f powers of ten wide for Adam and %.2f for SGD: narrower by %s (%s).",
			steps, stat.Mean(own, nil), stat.Mean(other, nil), narrower, decision.Verdict))
	}
	return claim.Finding{Decision: claim.All(budgets...), Samples: samples, Evidence: strings.Join(shown, " ")}
}

func judgeFailsHigh(f ComparisonMeasurement, name string) claim.Finding {
	t := f.task(name)
	fails, failsToo := claim.EstimateFraction(t.failsHigh(t.of(adam)), 1), claim.EstimateFraction(t.failsHigh(t.of(sgd)), 1)
	return claim.Finding{
		Decision: fails.Above(mostly), Samples: fails.N,
		Evidence: fmt.Sprintf("At η = %.3g %s of Adam's runs fail and %s of SGD's.", t.Rates[len(t.Rates)-1], fails, failsToo),
	}
}

func judgeOptimal(f ComparisonMeasurement, name string) claim.Finding {
	t := f.task(name)
	own, other := ends(t.of(adam).Tuned, testLoss), ends(t.of(sgd).Tuned, testLoss)
	worse := logRatio(own, other)
	shown := []string{}
	for _, r := range t.Optimizers {
		if r.Name == sgd || r.Name == momentum || r.Name == adam {
			shown = append(shown, fmt.Sprintf("%s %s (training loss %s)", r.Name, shortOf(ends(r.Tuned, testLoss)), shortOf(ends(r.Tuned, trainLoss))))
		}
	}
	return claim.Finding{
		Decision: worse.Above(math.Log10(betterBy)), Samples: worse.N,
		Evidence: fmt.Sprintf("Held-out loss at the end: %s; Adam's over SGD's %.3g, in powers of ten %s.", strings.Join(shown, ", "), math.Pow(10, worse.Mean), worse),
	}
}

func comparisonRules() []claim.Rule[ComparisonMeasurement] {
	narrower := fmt.Sprintf("after all steps, and after 1/%d of them, the band of rates at which the training loss falls by at least %g of the best fall is over %g powers of ten narrower for Adam than for SGD (95 %% intervals); refuted when it is not after one of the two",
		shares[1], goodFraction, narrowerBy)
	return []claim.Rule[ComparisonMeasurement]{
		inParts("q1c.4", "Q1 (c) Adam −1", "Adam is very sensitive to the learning rate, and fails when it is high.",
			"the two assertions are parts; two budgets of steps, which were parts in the first measurement; failing is more than half of the runs, since so few cannot show more; data redrawn",
			slices.Concat(
				onTasks(netTasks, []claim.Verdict{claim.Refuted, claim.Refuted}, "Adam is the more sensitive to the rate", narrower, judgeNarrower),
				onTasks(netTasks, []claim.Verdict{claim.Supported, claim.Supported}, "Adam fails when the rate is high",
					fmt.Sprintf("at the highest rate of the grid over %g of Adam's runs do not end below their start (95 %% interval)", mostly), judgeFailsHigh),
			)...),
		inParts("q1c.6", "Q1 (c) SGD +1", "SGD often reaches more optimal solutions.",
			"tuned and scored on held-out examples instead of the training loss; a part a task; data redrawn",
			onTasks(netTasks, []claim.Verdict{claim.Refuted, claim.Refuted}, "SGD reaches better solutions",
				fmt.Sprintf("each at the rate with its lowest held-out loss on the tuning's seeds, Adam's held-out loss on other seeds is over %g times that of SGD (95 %% interval)", betterBy), judgeOptimal)...),
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
