package saddle

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// FlatnessConfig trains to interpolation, on squared errors and with a rate that
// falls to 0, so that the ends are minima: the gradient vanishes with the errors,
// and the Hessian does not.
type FlatnessConfig struct {
	Optimizers []nn.Optimizer `role:"compared" help:"SGD and Adam, which the claim needs; others may join"`
	Rates      []float64      `role:"compared" range:"(0, inf)" list:"2 rising" help:"first learning rates η"`
	Tuning     []int64        `role:"averaged" help:"seeds on which the best rates are chosen"`
	Seeds      []int64        `role:"averaged" help:"of examples, initial weights and order, at the best rates"`
	Spirals    TaskConfig
	Teacher    TeacherConfig
	Sparse     SparseConfig
}

// SparseConfig is the construction of Wilson et al. (2017, section 3.3), on which
// adaptive methods are proved to test poorly: a linear model, with full batches.
type SparseConfig struct {
	Train    int     `role:"fixed" range:"[1, inf)" help:"training examples"`
	Test     int     `role:"fixed" range:"[1, inf)" help:"test examples"`
	Steps    int     `role:"fixed" range:"[1, inf)" help:"of each training"`
	Positive float64 `role:"fixed" range:"(0.5, 1)" help:"probability of the label +1"`
}

// Validate checks that the optimizers of the claim are there, and that the sweeps
// fit into memory.
func (c FlatnessConfig) Validate() error {
	if err := checkNames(c.Optimizers, sgd, adam); err != nil {
		return err
	}
	replicas := len(c.Optimizers) * max(len(c.Rates)*len(c.Tuning), len(c.Seeds))
	for _, t := range c.tasks() {
		if err := sweep.CheckFits("Optimizers × Rates × Seeds of the "+t.name, replicas,
			sweep.Config{Model: t.model, BatchSize: max(t.Train, t.Test), Optimizer: sweep.Together(c.Optimizers...)}); err != nil {
			return err
		}
	}
	return nil
}

// sparse is the linear task.
const sparse = "sparse features"

// flatTasks are those on which the claim is tried.
var flatTasks = []string{spirals, teacher, sparse}

// interpolated is the training loss, half a squared distance to one-hot targets,
// below which a training counts as ended in a minimum; guessing has 0.25.
const interpolated = 0.01

func (c FlatnessConfig) tasks() []task {
	all := []task{c.Spirals.spirals(sweep.SquaredError, interpolated), c.Teacher.task(sweep.SquaredError, interpolated), c.Sparse.task()}
	for i := range all {
		steps := float64(all[i].Steps)
		all[i].schedule = func(step int) float64 { return (1 + math.Cos(math.Pi*float64(step)/steps)) / 2 }
	}
	return all
}

// The features of the sparse task: the label, two that are always 1, and five of
// each training example's own.
const (
	sharedFeatures = 3
	ownFeatures    = 5
)

func (c SparseConfig) task() task {
	width := sharedFeatures + ownFeatures*c.Train
	outputs := func(params []*Node, x *Node) *Node { return Einsum("rnd,rd->rn", x, params[0]) }
	return task{
		TaskConfig: TaskConfig{Train: c.Train, Test: c.Test, BatchSize: c.Train, Steps: c.Steps}, name: sparse, target: interpolated,
		model: sweep.Model{
			Shapes: [][]int{{width}}, Units: width,
			Loss: func(params []*Node, x, y *Node) *Node {
				return MulScalar(ReduceMean(Square(Sub(outputs(params, x), Squeeze(y, -1))), -1), 0.5)
			},
			Accuracy: func(params []*Node, x, y *Node) *Node {
				return ReduceMean(ConvertDType(GreaterThan(Mul(outputs(params, x), Squeeze(y, -1)), ZerosLike(Squeeze(y, -1))), y.DType()), -1)
			},
		},
		train: drawn(trainingDraw, func(seed int64) sweep.Data { return c.draw(c.Train, seed, true) }),
		test:  drawn(testDraw, func(seed int64) sweep.Data { return c.draw(c.Test, seed, false) }),
		start: func(int64) []float64 { return make([]float64, width) },
	}
}

// draw returns n examples of y = ±1. The features of a training example's own are
// one 1 for y = +1 and five for y = −1. Those of a test example are new, and are
// left out: no training has moved their weights from 0.
func (c SparseConfig) draw(n int, seed int64, own bool) sweep.Data {
	random := fit.Rand(seed, forLabels)
	var data sweep.Data
	for i := range n {
		x, y := make([]float64, sharedFeatures+ownFeatures*c.Train), 1.0
		if random.Float64() > c.Positive {
			y = -1
		}
		x[0], x[1], x[2] = y, 1, 1
		for j := range ownFeatures {
			if own && (y < 0 || j == 0) {
				x[sharedFeatures+ownFeatures*i+j] = 1
			}
		}
		data.Add(x, []float64{y})
	}
	return data
}

// FlatnessMeasurement says how flat the minima are in which trainings end.
type FlatnessMeasurement struct{ Tasks []TaskFlatness }

// TaskFlatness is that of one task.
type TaskFlatness struct {
	TaskMeasurement
	Minima []Minima // by optimizer
}

// Minima are the ends of an optimizer's trainings, by seed.
type Minima struct {
	Name string
	Rate float64
	Loss []float64 // on the training examples
	// Largest is λ_max of the Hessian H of the training loss. A net whose layer is
	// scaled up, and the next one down, may compute the same with another λ_max
	// (Dinh et al. 2017).
	Largest []float64
	// Relative is λ_max of D·H·D with D = diag|θ|: the Hessian in relative changes
	// of the weights, which such a scaling leaves alone (Kwon et al. 2021).
	Relative []float64
	Accuracy []float64 // on the test examples
}

// interpolates reports whether a seed's training ended in a minimum.
func (m Minima) interpolates(seed int) bool { return m.Loss[seed] <= interpolated }

// interpolating is the rate at which the most runs of the tuning interpolate, and
// of those with as many the one with the lowest held-out loss.
func (f TaskMeasurement) interpolating(r OptimizerRuns) float64 {
	return f.Rates[bestRate(len(f.Rates), func(rate int) (int, float64) {
		n := 0
		for _, run := range r.Grid[rate] {
			if trainLoss(run) <= interpolated {
				n++
			}
		}
		return n, geometric(ends(r.Grid[rate], testLoss))
	})]
}

func measureFlatness(ctx context.Context, backend compute.Backend, c FlatnessConfig) (FlatnessMeasurement, error) {
	var facts FlatnessMeasurement
	for _, t := range c.tasks() {
		flat, err := c.minima(ctx, backend, t)
		if err != nil {
			return facts, err
		}
		facts.Tasks = append(facts.Tasks, flat)
	}
	return facts, nil
}

// minima trains every optimizer on one task, and looks at the ends.
func (c FlatnessConfig) minima(ctx context.Context, backend compute.Backend, t task) (TaskFlatness, error) {
	own := trials{c.Optimizers, c.Rates, 0, c.Tuning, c.Seeds, func(step int) int { return step + max(t.Steps/10, 1) }}
	tried, ended, err := own.run(ctx, backend, t, TaskMeasurement.interpolating)
	flat := TaskFlatness{TaskMeasurement: tried}
	if err != nil {
		return flat, err
	}
	var replicas []sweep.Replica
	var places [][]float64
	for i, r := range tried.Optimizers {
		minima := Minima{Name: r.Name, Rate: tried.interpolating(r)}
		for _, run := range ended[i][0] {
			minima.Loss = append(minima.Loss, run.Train[len(run.Train)-1].Loss)
			minima.Accuracy = append(minima.Accuracy, run.Test[len(run.Test)-1].Accuracy)
			places = append(places, run.Final)
		}
		replicas = append(replicas, sweep.Grid([]float64{minima.Rate}, c.Seeds)...)
		flat.Minima = append(flat.Minima, minima)
	}
	top, relative, err := curvatures(ctx, backend, t, places, replicas)
	if err != nil {
		return flat, err
	}
	for i := range flat.Minima {
		flat.Minima[i].Largest, flat.Minima[i].Relative = sweep.ByRate(top, len(c.Seeds))[i], sweep.ByRate(relative, len(c.Seeds))[i]
	}
	return flat, nil
}

// curvatures are λ_max at the places, and λ_max in relative weights.
func curvatures(ctx context.Context, backend compute.Backend, t task, places [][]float64, replicas []sweep.Replica) (top, relative []float64, err error) {
	if top, err = largest(ctx, backend, t.model, t.train, places, replicas); err != nil {
		return nil, nil, err
	}
	at := make([][]float64, len(places))
	for i, place := range places {
		at[i] = slices.Concat(place, make([]float64, len(place)))
	}
	relative, err = largest(ctx, backend, relativeTo(t.model), t.train, at, replicas)
	return top, relative, err
}

func largest(ctx context.Context, backend compute.Backend, m sweep.Model, train func(int64) sweep.Data, places [][]float64, replicas []sweep.Replica) ([]float64, error) {
	curvature, err := sweep.NewCurvature(backend, m, train, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, places, nil, sweep.Power{Iterations: 100, Tolerance: 0.01}, replicas...)
	values := make([]float64, len(top))
	for i := range top {
		values[i] = top[i].Value
	}
	return values, err
}

// relativeTo is the loss at θ·(1 + u), with the parameters θ, which are not moved,
// and u. At u = 0 its Hessian is D·H·D, and 0 in θ.
func relativeTo(m sweep.Model) sweep.Model {
	return sweep.Model{Shapes: slices.Repeat(m.Shapes, 2), Units: m.Units, Loss: func(params []*Node, x, y *Node) *Node {
		n := len(m.Shapes)
		moved := make([]*Node, n)
		for i := range moved {
			moved[i] = Mul(StopGradient(params[i]), AddScalar(params[n+i], 1))
		}
		return m.Loss(moved, x, y)
	}}
}

// both are those of Adam and of SGD on a task.
func (f FlatnessMeasurement) both(task string) (own, other Minima) {
	for _, t := range f.Tasks {
		for _, m := range t.Minima {
			if t.Task == task && m.Name == adam {
				own = m
			}
			if t.Task == task && m.Name == sgd {
				other = m
			}
		}
	}
	return own, other
}

// paired takes one value of both where both ended in a minimum.
func paired(own, other Minima, of func(Minima) []float64) (a, b []float64) {
	for seed := range own.Loss {
		if own.interpolates(seed) && other.interpolates(seed) {
			a, b = append(a, of(own)[seed]), append(b, of(other)[seed])
		}
	}
	return a, b
}

const (
	// sharperBy is the ratio of curvatures that matters: the highest stable rate is
	// 2/λ_max, and grids of rates are no finer.
	sharperBy = 1.25
	// poorerBy is the accuracy on the test examples that a reader would tune for.
	poorerBy = 0.01
)

func relativeOf(m Minima) []float64 { return m.Relative }

func accuracyOf(m Minima) []float64 { return m.Accuracy }

func judgeSharper(f FlatnessMeasurement, task string) claim.Finding {
	own, other := f.both(task)
	a, b := paired(own, other, relativeOf)
	sharper := logRatio(a, b)
	if len(a) == 0 {
		return claim.Finding{Decision: claim.Open(), Evidence: fmt.Sprintf("No pair of trainings ends below a loss of %g.", interpolated)}
	}
	largest, ofOther := paired(own, other, func(m Minima) []float64 { return m.Largest })
	return claim.Finding{
		Decision: sharper.Above(math.Log10(sharperBy)), Samples: sharper.N,
		Evidence: fmt.Sprintf("%d of %d pairs of trainings end below a loss of %g; λ_max in relative weights is %.2f times SGD's (powers of ten %s), and λ_max as it is %.2f times.",
			len(a), len(own.Loss), interpolated, math.Pow(10, sharper.Mean), sharper, math.Pow(10, logRatio(largest, ofOther).Mean)),
	}
}

func judgePoorer(f FlatnessMeasurement, task string) claim.Finding {
	own, other := f.both(task)
	a, b := paired(own, other, accuracyOf)
	poorer := claim.EstimateDifference(b, a)
	if len(a) == 0 {
		return claim.Finding{Decision: claim.Open(), Evidence: fmt.Sprintf("No pair of trainings ends below a loss of %g.", interpolated)}
	}
	return claim.Finding{
		Decision: poorer.Above(poorerBy), Samples: poorer.N,
		Evidence: fmt.Sprintf("The test accuracy of Adam is %.3f and that of SGD %.3f: lower by %s.", meanOrZero(a), meanOrZero(b), poorer),
	}
}

func flatnessRules() []claim.Rule[FlatnessMeasurement] {
	yes, no := claim.Supported, claim.Refuted
	return []claim.Rule[FlatnessMeasurement]{
		inParts("q1c.5", "Q1 (c) Adam −2", "Adam often ends in sharp minima that test poorly, SGD in flat ones that test well.",
			"minima instead of places at a loss of 0.2, a sharpness that does not change with scale, the two assertions and the tasks as parts",
			slices.Concat(
				onTasks(flatTasks, []claim.Verdict{no, no, no}, "Adam ends in sharper minima",
					fmt.Sprintf("each trained to interpolation at the interpolating rate with its lowest held-out loss, λ_max of D·H·D with D = diag|θ| is over %g times that of SGD (95 %% interval)", sharperBy), judgeSharper),
				onTasks(flatTasks, []claim.Verdict{no, no, yes}, "Adam ends in minima that test worse",
					fmt.Sprintf("there the test accuracy is over %g lower than that of SGD (95 %% interval)", poorerBy), judgePoorer))...),
	}
}

// pairChart shows one difference of the pairs of a task, Adam less SGD, as a mean over the seeds.
func (f FlatnessMeasurement) pairChart(id, title, y, alt string, matters report.Reference, curves map[string]func(own, other Minima) []float64) report.Chart {
	drawn := report.Chart{ID: id, Title: title, Mark: report.Bars, Categories: flatTasks, XLabel: "task", YLabel: y, Rules: []report.Reference{matters}, Alt: alt}
	for _, name := range slices.Sorted(maps.Keys(curves)) {
		curve := report.Curve{Name: name}
		for place, task := range flatTasks {
			if values := claim.Finite(curves[name](f.both(task))); len(values) > 0 {
				curve.AddEstimate(float64(place), values)
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// charts show how much sharper Adam's minima are than SGD's of the same seed, and
// how much less they get right.
func (f FlatnessMeasurement) charts() []report.Chart {
	ratios := func(of func(Minima) []float64) func(own, other Minima) []float64 {
		return func(own, other Minima) []float64 {
			a, b := paired(own, other, of)
			return differences(claim.Logs(a), claim.Logs(b))
		}
	}
	return []report.Chart{
		f.pairChart("sharpness", "How much sharper Adam's minima are", "log₁₀ of λ_max, Adam − SGD",
			"Bars for each task, with 95 % intervals: the decimal logarithm of λ_max at Adam's minimum less that at SGD's of the same seed. Above the rule Adam's minima are sharper.",
			report.Reference{Name: "sharper", Y: math.Log10(sharperBy)},
			map[string]func(own, other Minima) []float64{"in relative weights": ratios(relativeOf), "λ_max as it is": ratios(func(m Minima) []float64 { return m.Largest })}),
		f.pairChart("accuracy", "How well they test", "test accuracy, Adam − SGD",
			"A bar for each task, with a 95 % interval: the test accuracy at Adam's minimum less that at SGD's of the same seed. Below the rule Adam's minima test worse.",
			report.Reference{Name: "worse", Y: -poorerBy},
			map[string]func(own, other Minima) []float64{"paired by seed": func(own, other Minima) []float64 { return differences(paired(own, other, accuracyOf)) }}),
	}
}

// differences are a − b.
func differences(a, b []float64) []float64 {
	all := make([]float64, len(a))
	for i := range all {
		all[i] = a[i] - b[i]
	}
	return all
}

// table lists the minima.
func (f FlatnessMeasurement) table() report.Table {
	rows := report.Table{
		ID: "ends", Title: "Minima, each optimizer at the interpolating rate with its lowest held-out loss",
		Columns: []string{"task", "optimizer", "first η", "interpolate", "training loss", "λ_max", "λ_max in relative weights", "test accuracy"},
	}
	for _, t := range f.Tasks {
		for _, m := range t.Minima {
			n := 0
			for seed := range m.Loss {
				if m.interpolates(seed) {
					n++
				}
			}
			rows.Rows = append(rows.Rows, []string{
				t.Task, m.Name, fmt.Sprintf("%.2g", m.Rate), fmt.Sprintf("%d of %d", n, len(m.Loss)), orDash("%.2g", stat.Mean(m.Loss, nil)),
				orDash("%.3g", geometricOrZero(m.Largest)), orDash("%.3g", geometricOrZero(m.Relative)), orDash("%.3f", stat.Mean(m.Accuracy, nil)),
			})
		}
	}
	return rows
}

// Flatness is the experiment.
var Flatness = experiment.Experiment[FlatnessConfig, FlatnessMeasurement]{
	Name: "Flatness", Title: "How flat the minima are, and how well they test",
	Measure: measureFlatness, Rules: flatnessRules(),
	Figures: func(_ FlatnessConfig, f FlatnessMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}, Charts: f.charts()}, nil
	},
}
