package minibatch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"
)

// TimeConfig trains to a loss by batches of every size, at every rate.
type TimeConfig struct {
	BatchSizes []int     `role:"compared" range:"[1, inf)" list:"3 rising" help:"at most Examples"`
	Rates      []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"grid of learning rates η, in which each batch size has its best"`
	Seeds      []int64   `role:"averaged" help:"of examples, initial weights and order"`
	Examples   int       `role:"fixed" range:"[2, inf)" help:"training examples"`
	Hidden     int       `role:"fixed" range:"[1, inf)" help:"hidden units"`
	LabelNoise float64   `role:"fixed" range:"[0, 0.5)" help:"fraction of wrong labels, so that there is noise that no net can learn"`
	Target     float64   `role:"fixed" range:"(0, inf)" help:"loss on all examples (nats) that has to be reached"`
	Budget     int       `role:"fixed" range:"[1, inf)" help:"examples that a training may see"`
	LeastSteps int       `role:"fixed" range:"[1, inf)" help:"steps that a training may make whatever the budget"`
	Own        Own       `json:",omitzero" role:"compared" help:"a net, a loss or an optimizer of your own, beside ours"`
}

// Validate checks the batch sizes, and that the trainings fit into memory.
func (c TimeConfig) Validate() error {
	if err := checkSizes("BatchSizes", c.BatchSizes, c.Examples); err != nil {
		return err
	}
	return checkFits("Rates × Seeds", len(c.Rates)*len(c.Seeds), c.Own, c.Hidden, c.Examples)
}

// TimeMeasurement say how many steps it takes to a loss, by batch size.
type TimeMeasurement struct {
	BatchSizes []int
	Rates      []float64
	Target     float64       // loss on all examples (nats)
	Steps      [][][]float64 // [size][rate][seed]; NaN where it was not reached before the best rate was known
	// The simple noise scale of every seed, before the first step and where the
	// largest batches reach the target; the latter is NaN where they do not. It is
	// taken at the lowest rate that gets there: at higher ones the gradient is that
	// of an oscillation.
	ScaleAtStart, ScaleAtTarget []float64
	Name                        string           // of what is the reader's
	Yours                       *TimeMeasurement // with it; nil without
}

// best is the index of the rate with the fewest steps, as the geometric mean
// over the seeds, among those at which all seeds reach the target; -1 when there
// is none.
func (f TimeMeasurement) best(size int) int {
	best, fewest := -1, math.Inf(1)
	for rate, steps := range f.Steps[size] {
		if mean := stat.GeometricMean(steps, nil); mean < fewest { // false for NaN
			best, fewest = rate, mean
		}
	}
	return best
}

// calmest is the index of the lowest rate at which all seeds reach the target;
// 0 when there is none.
func (f TimeMeasurement) calmest(size int) int {
	for rate, steps := range f.Steps[size] {
		if !floats.HasNaN(steps) {
			return rate
		}
	}
	return 0
}

// atBest is the steps of every seed at the batch size's best rate; NaN where it
// has none.
func (f TimeMeasurement) atBest(size int) []float64 {
	if best := f.best(size); best >= 0 {
		return f.Steps[size][best]
	}
	never := make([]float64, len(f.Steps[size][0]))
	for seed := range never {
		never[seed] = math.NaN()
	}
	return never
}

// atEdge reports whether a batch size's best rate is the lowest or the highest
// of the grid, beyond which a better one may lie.
func (f TimeMeasurement) atEdge(size int) bool {
	best := f.best(size)
	return best == 0 || best == len(f.Rates)-1
}

// atEnds is the number of batch sizes over which a slope is taken.
func (f TimeMeasurement) atEnds() int { return max(len(f.BatchSizes)/3, 2) }

// endSlopes are, for every seed, the powers p of steps ∝ Bᵖ at the small and at the
// large end of the batch sizes: a line fitted to the logarithms of a third of
// them.
func (f TimeMeasurement) endSlopes() (small, large []float64) {
	n, k := len(f.BatchSizes), f.atEnds()
	return f.slopes(0, k), f.slopes(n-k, n)
}

func (f TimeMeasurement) slopes(from, to int) []float64 {
	slopes := make([]float64, len(f.Steps[0][0]))
	for seed := range slopes {
		var x, y []float64
		for size := from; size < to; size++ {
			x, y = append(x, math.Log(float64(f.BatchSizes[size]))), append(y, math.Log(f.atBest(size)[seed]))
		}
		_, slopes[seed] = stat.LinearRegression(x, y, nil, false)
	}
	return slopes
}

// critical is, for every seed, the critical batch size of McCandlish et al.
// (2018), section 2.3: the fewest examples over the fewest steps. Below it a
// larger batch saves steps at little cost, above it hardly any.
func (f TimeMeasurement) critical() []float64 {
	critical := make([]float64, len(f.Steps[0][0]))
	for seed := range critical {
		steps, examples := math.Inf(1), math.Inf(1)
		for size, b := range f.BatchSizes {
			own := f.atBest(size)[seed]
			steps, examples = min(steps, own), min(examples, own*float64(b))
		}
		critical[seed] = examples / steps
	}
	return critical
}

// measureTime trains as the lesson does, and as the reader does.
func measureTime(ctx context.Context, backend compute.Backend, c TimeConfig) (TimeMeasurement, error) {
	facts, err := c.measure(ctx, backend, Own{})
	if err == nil && c.Own.isSet() {
		yours, failed := c.measure(ctx, backend, c.Own)
		facts.Yours, err = &yours, failed
	}
	return facts, err
}

// measure trains by every batch size at every rate of the grid.
func (c TimeConfig) measure(ctx context.Context, backend compute.Backend, own Own) (TimeMeasurement, error) {
	facts := TimeMeasurement{BatchSizes: c.BatchSizes, Rates: c.Rates, Target: c.Target, Name: own.name()}
	trainings, err := newToTarget(backend, c, own)
	if err != nil {
		return facts, err
	}
	defer trainings.meter.Finalize()
	for _, size := range c.BatchSizes {
		if err := trainings.run(ctx, backend, size); err != nil {
			return facts, err
		}
		facts.Steps = append(facts.Steps, sweep.ByRate(trainings.steps, len(c.Seeds)))
	}
	facts.ScaleAtStart, facts.ScaleAtTarget, err = trainings.scales(ctx, backend, facts.calmest(len(c.BatchSizes)-1)*len(c.Seeds))
	return facts, err
}

// toTarget trains until the target is reached.
type toTarget struct {
	TimeConfig
	own      Own
	model    sweep.Model
	draw     func(seed int64) sweep.Data
	replicas []sweep.Replica
	start    [][]float64
	meter    *sweep.Meter
	// Of the last batch size, by replica:
	steps   []float64   // NaN where the target was not reached
	arrived [][]float64 // parameters there; nil where it was not reached
}

func newToTarget(backend compute.Backend, c TimeConfig, own Own) (*toTarget, error) {
	draw := func(seed int64) sweep.Data { return toy.Quadrants(c.Examples, seed, c.LabelNoise) }
	net := own.net(c.Hidden)
	r := &toTarget{TimeConfig: c, own: own, model: net.Model(), draw: draw}
	r.replicas = sweep.Grid(c.Rates, c.Seeds)
	r.start = sweep.Drawn(r.model, r.replicas)
	net.Loss = smallNet(c.Hidden).Loss // the target is the same whatever loss is followed
	var err error
	r.meter, err = sweep.NewMeter(backend, net.Model(), r.draw)
	return r, err
}

// length is the number of steps that batches of a size are given.
func (c TimeConfig) length(size int) int { return max(c.Budget/size, c.LeastSteps) }

// run trains by batches of one size. The loss on all examples is taken at
// checkpoints; between two of them it is taken as a straight line.
func (r *toTarget) run(ctx context.Context, backend compute.Backend, size int) error {
	const perCall, looks = 1, 250
	config := sweep.Config{Model: r.model, Optimizer: r.own.Optimizer, Draw: r.draw, BatchSize: batchSize(size, r.Examples), StepsPerCall: perCall}
	program, err := sweep.New(backend, config)
	if err != nil {
		return err
	}
	defer program.Finalize()
	r.steps, r.arrived = make([]float64, len(r.replicas)), make([][]float64, len(r.replicas))
	for i := range r.steps {
		r.steps[i] = math.NaN()
	}
	var before []float64
	lastStep := 0
	_, err = program.Run(ctx, sweep.Run{
		Task: by("time to a loss", r.own.name()), Replicas: r.replicas, Start: r.start, Steps: r.length(size), Every: max(r.length(size)/looks, 4),
		Visit: func(step int, params [][]float64) error {
			scores, err := r.meter.Score(params, r.replicas...)
			if err != nil {
				return err
			}
			for i, loss := range scores.Loss {
				if math.IsNaN(r.steps[i]) && loss <= r.Target {
					r.steps[i], r.arrived[i] = crossing(lastStep, step, before, loss, i, r.Target), params[i]
				}
			}
			before, lastStep = scores.Loss, step
			if size < slices.Max(r.BatchSizes) && r.decided(step) { // the largest batches also show which rates get there at all
				return errDecided
			}
			return nil
		},
	})
	if errors.Is(err, errDecided) {
		return nil
	}
	return err
}

// errDecided ends the trainings of a batch size early.
var errDecided = errors.New("no other rate can be the best")

// decided reports whether, after a number of steps, all seeds have reached the
// target at some rate, and no rate that still trains can have fewer steps in the
// geometric mean: each seed on its way takes at least as many as it has made.
func (r *toTarget) decided(step int) bool {
	fewest, bound := math.Inf(1), math.Inf(1)
	for _, steps := range sweep.ByRate(r.steps, len(r.Seeds)) {
		least := slices.Clone(steps)
		for seed, own := range least {
			if math.IsNaN(own) {
				least[seed] = float64(step)
			}
		}
		mean := stat.GeometricMean(least, nil)
		if floats.HasNaN(steps) {
			bound = min(bound, mean)
		} else {
			fewest = min(fewest, mean)
		}
	}
	return fewest < bound
}

// crossing is the step, of at least 1, at which the loss of replica i falls to
// the target, on a straight line between two checkpoints.
func crossing(from, to int, before []float64, after float64, i int, target float64) float64 {
	if before == nil {
		return 1 // there from the start
	}
	fraction := (before[i] - target) / (before[i] - after)
	return max(float64(from)+fraction*float64(to-from), 1)
}

// scales are the simple noise scales of the replicas from first on, one a seed.
func (r *toTarget) scales(ctx context.Context, backend compute.Backend, first int) (atStart, atTarget []float64, err error) {
	own := r.replicas[first : first+len(r.Seeds)]
	still := stillLife{model: r.model, draw: r.draw, examples: r.Examples}
	for i := range own {
		end := r.arrived[first+i]
		if end == nil { // keeps the place, to be marked below
			end = r.start[first+i]
		}
		still.replicas = append(still.replicas, sweep.Replica{Seed: own[i].Seed}, sweep.Replica{Seed: own[i].Seed})
		still.params = append(still.params, r.start[first+i], end)
	}
	gradients, err := still.exampleGradients(ctx, backend)
	if err != nil {
		return nil, nil, err
	}
	for i := range own {
		atStart = append(atStart, noiseScale(gradients[2*i]))
		scale := math.NaN()
		if r.arrived[first+i] != nil {
			scale = noiseScale(gradients[2*i+1])
		}
		atTarget = append(atTarget, scale)
	}
	return atStart, atTarget, nil
}

const (
	nearlyPerfect = -0.6 // power of B in the steps that is nearly the perfect −1
	diminished    = -0.3 // power so near to 0 that a larger batch gains hardly anything
)

func judgeSmallBatches(t TimeMeasurement) claim.Finding {
	few, _ := t.endSlopes()
	small := claim.EstimateMean(few)
	return claim.Finding{
		Decision: small.Below(nearlyPerfect),
		Evidence: fmt.Sprintf("Steps to a loss of %g go as B to the power %s for B from %d to %d.%s",
			t.Target, small, t.BatchSizes[0], t.BatchSizes[t.atEnds()-1], t.edges()),
		Samples: small.N,
	}
}

func judgeLargeBatches(t TimeMeasurement) claim.Finding {
	_, many := t.endSlopes()
	large := claim.EstimateMean(many)
	n := len(t.BatchSizes)
	return claim.Finding{
		Decision: large.Above(diminished),
		Evidence: fmt.Sprintf("Steps go as B to the power %s for B from %d to %d. Critical batch size (geometric means): %s; simple noise scale: %s at the start, %s at the target.%s",
			large, t.BatchSizes[n-t.atEnds()], t.BatchSizes[n-1], geometric(t.critical()), geometric(t.ScaleAtStart), geometric(t.ScaleAtTarget), t.edges()),
		Samples: large.N,
	}
}

// geometric is a geometric mean as text, of the values that there are.
func geometric(values []float64) string {
	finite := claim.Finite(claim.Logs(values))
	if len(finite) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g", math.Pow(10, stat.Mean(finite, nil)))
}

// edges names the batch sizes whose best rate is the first or the last of the
// grid, or that have none.
func (f TimeMeasurement) edges() string {
	var edge, none []string
	for size, b := range f.BatchSizes {
		switch {
		case f.best(size) < 0:
			none = append(none, fmt.Sprint(b))
		case f.atEdge(size):
			edge = append(edge, fmt.Sprint(b))
		}
	}
	text := ""
	if len(edge) > 0 {
		text += " The best rate is at the edge of the grid for B = " + strings.Join(edge, ", ") + "."
	}
	if len(none) > 0 {
		text += " Not all seeds get there at any one rate for B = " + strings.Join(none, ", ") + "."
	}
	return text
}

func timeRules() []claim.Rule[TimeMeasurement] {
	return []claim.Rule[TimeMeasurement]{
		claim.Whole("q1d.t", "Q1 (d) added: batch size and time", "With larger batches the steps to a loss first fall as 1/B, and then hardly any more.",
			claim.SampledRule("q1d.ta", "",
				"Where batches are small, the steps fall nearly as 1/B.",
				fmt.Sprintf("each batch size at its best rate of one grid: steps go as B to a power below %g over the smallest third of the batch sizes (95 %% interval)", nearlyPerfect),
				claim.Supported, judgeSmallBatches).Revised(revised, "each seed draws the examples now"),
			claim.SampledRule("q1d.tb", "",
				"Where batches are large, they hardly fall any more.",
				fmt.Sprintf("the same over the largest third: a power above %g (95 %% interval)", diminished),
				claim.Supported, judgeLargeBatches).Revised(revised, "each seed draws the examples now")),
	}
}

// stepsChart shows the steps to the target against the batch size, beside
// perfect scaling.
func (f TimeMeasurement) stepsChart() report.Chart {
	steps, perfect := f.curve(func(steps float64, _ int) float64 { return steps }), report.Curve{Name: "perfect scaling: 1/B"}
	if len(steps.X) > 0 {
		least := slices.Min(steps.Y)
		for _, b := range steps.X {
			if ideal := steps.Y[0] * steps.X[0] / b; ideal >= least/4 { // below, it only stretches the axis
				perfect.Add(b, ideal)
			}
		}
	}
	chart := report.Chart{
		ID: "steps", Title: fmt.Sprintf("Steps to a loss of %g", f.Target), Mark: report.Line, XLabel: "batch size B", YLabel: "steps", LogX: true, LogY: true,
		Alt:    "The steps to the target loss against the batch size on logarithmic axes, beside the line of perfect scaling, on which doubling the batch halves the steps: lower is faster.",
		Curves: []report.Curve{steps, perfect}, Zones: f.zones(),
	}
	if f.Yours != nil {
		chart.Curves = append(chart.Curves, f.Yours.curve(func(steps float64, _ int) float64 { return steps }))
	}
	return chart
}

// curve is a number at each batch size that reaches the target, made of the steps and the size, over the seeds.
func (f TimeMeasurement) curve(of func(steps float64, size int) float64) report.Curve {
	curve := report.Curve{Name: by("at the best rate", f.Name)}
	for size, b := range f.BatchSizes {
		if f.best(size) < 0 {
			continue
		}
		var all []float64
		for _, steps := range f.atBest(size) {
			all = append(all, of(steps, b))
		}
		curve.AddGeometric(float64(b), all)
	}
	return curve
}

// examplesChart shows the examples that are processed until the target.
func (f TimeMeasurement) examplesChart() report.Chart {
	examples := func(steps float64, size int) float64 { return steps * float64(size) }
	chart := report.Chart{
		ID: "examples", Title: fmt.Sprintf("Examples processed to a loss of %g", f.Target), Mark: report.Line,
		XLabel: "batch size B", YLabel: "examples: steps × B", LogX: true, LogY: true,
		Alt:    "The examples processed to the target loss against the batch size on logarithmic axes: lower is cheaper, and a level curve means that larger batches waste no examples.",
		Curves: []report.Curve{f.curve(examples)}, Zones: f.zones(),
	}
	if f.Yours != nil {
		chart.Curves = append(chart.Curves, f.Yours.curve(examples))
	}
	return chart
}

// zones are the batch sizes up to the critical one.
func (f TimeMeasurement) zones() []report.Zone {
	critical := claim.Finite(claim.Logs(f.critical()))
	if len(critical) == 0 {
		return nil
	}
	knee, first := math.Pow(10, stat.Mean(critical, nil)), float64(f.BatchSizes[0])
	if !(knee > first) {
		return nil
	}
	return []report.Zone{{Name: "below the critical batch size", From: first, To: knee}}
}

// table lists the batch sizes, each at its best rate.
func (f TimeMeasurement) table() report.Table {
	rows := report.Table{
		ID: "time", Title: fmt.Sprintf("To a loss of %g, by batch size", f.Target),
		Columns: []string{"B", "best η", "steps (geometric mean)", "examples", "edge of the grid?"},
	}
	rows.Rows = f.rows()
	if f.Yours != nil {
		rows.Rows = append(rows.Rows, f.Yours.rows()...)
	}
	return rows
}

func (f TimeMeasurement) rows() (rows [][]string) {
	for size, b := range f.BatchSizes {
		best := f.best(size)
		if best < 0 {
			rows = append(rows, []string{by(fmt.Sprint(b), f.Name), "–", "–", "–", "–"})
			continue
		}
		steps := math.Pow(10, stat.Mean(claim.Logs(f.atBest(size)), nil))
		edge := "no"
		if f.atEdge(size) {
			edge = "yes"
		}
		rows = append(rows, []string{
			by(fmt.Sprint(b), f.Name), fmt.Sprintf("%.3g", f.Rates[best]), fmt.Sprintf("%.1f", steps), fmt.Sprintf("%.0f", steps*float64(b)), edge,
		})
	}
	return rows
}

// StepsToLoss is the experiment.
var StepsToLoss = experiment.Experiment[TimeConfig, TimeMeasurement]{
	Name: "Time", Title: "Steps to a loss by batch size",
	Measure: measureTime, Rules: timeRules(),
	Figures: func(_ TimeConfig, f TimeMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.stepsChart(), f.examplesChart()}}
		if f.Yours != nil {
			figures.Tables = append(figures.Tables, experiment.Yours(f.Yours.Name, timeRules(), f, *f.Yours))
		}
		return figures, nil
	},
}
