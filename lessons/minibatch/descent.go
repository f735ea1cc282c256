package minibatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"gonum.org/v1/gonum/floats"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// DescentConfig descends two convex losses by full batches, in float64. The
// rates below 2/L are those at which theory promises a fall.
type DescentConfig struct {
	Rates    []float64 `role:"compared" range:"(0, 2)" list:"2 rising" help:"η·L, the learning rate in units of 1/L"`
	Beyond   float64   `role:"fixed" range:"(2, inf)" help:"η·λ at the minimum: the counter-example"`
	Examples int       `role:"fixed" range:"[6, inf)" help:"of each loss"`
	Seed     int64     `role:"fixed" help:"of the examples"`
	Steps    int       `role:"fixed" range:"[2, inf)" help:"at each rate"`
	Net      NetConfig // which is not convex
	Own      Own       `json:",omitzero" role:"compared" help:"an optimizer of your own, beside gradient descent"`
}

// Validate checks that the descents fit into memory.
func (c DescentConfig) Validate() error {
	return sweep.CheckFits("Rates × Examples", len(c.Rates), sweep.Config{Model: leastSquares(), BatchSize: c.Examples})
}

// NetConfig trains the small net by full batches at a high rate. The verdict
// does not depend on it.
type NetConfig struct {
	Rate     float64 `role:"fixed" range:"(0, inf)" help:"learning rate η"`
	Seeds    []int64 `role:"averaged" help:"of initial weights and examples"`
	Examples int     `role:"fixed" range:"[2, inf)" help:"training examples"`
	Hidden   int     `role:"fixed" range:"[1, inf)" help:"hidden units"`
	Steps    int     `role:"fixed" range:"[2, inf)" help:"of each training"`
}

// Validate checks that the trainings fit into memory.
func (c NetConfig) Validate() error {
	return sweep.CheckFits("Seeds × Examples × Hidden", len(c.Seeds), sweep.Config{Model: smallNet(c.Hidden).Model(), BatchSize: c.Examples})
}

// DescentMeasurement are full-batch descents of convex losses.
type DescentMeasurement struct {
	Rates    []float64 // η·L
	Beyond   float64   // η·λ of the counter-examples
	Examples int       // of each convex loss
	Tasks    []ConvexDescent
	// The small net at a high rate.
	NetRate float64
	Net     [][]float64         // [seed][step]
	Name    string              // of the reader's optimizer
	Yours   *DescentMeasurement // with it; nil without
}

// ConvexDescent are the descents of one loss.
type ConvexDescent struct {
	Name   string
	Bound  float64     // L: nowhere has the Hessian a larger eigenvalue
	Top    float64     // λ: the largest eigenvalue of the Hessian at the minimum
	Losses [][]float64 // [rate][step]
	Beyond []float64   // [step]: at η = Beyond/λ
}

// convex is a loss to descend.
type convex struct {
	name  string
	model sweep.Model
	data  sweep.Data
	// factor by which the top eigenvalue of XᵀX/n bounds the Hessian's.
	factor float64
}

// features of the linear regression, which needs two examples more.
const features = 4

func leastSquares() sweep.Model {
	return sweep.Net{Widths: []int{features, 1}, Loss: sweep.SquaredError}.Model()
}

// convexLosses are least squares, whose Hessian is XᵀX/n everywhere, and
// logistic regression. The Hessian of the latter for one example is
// (diag p − ppᵀ) ⊗ xxᵀ. With two classes diag p − ppᵀ has the eigenvalue
// 2p₁p₂ ≤ ½.
func (c DescentConfig) convexLosses() []convex {
	return []convex{
		{"least squares", leastSquares(), toy.Regression(c.Examples, features, c.Seed, 0.5), 1},
		{"logistic regression", sweep.Net{Widths: []int{2, 2}, Loss: sweep.CrossEntropy}.Model(), toy.Gaussians(c.Examples, c.Seed), 0.5},
	}
}

// measureDescent descends as the lesson does, and as the reader does.
func measureDescent(ctx context.Context, backend compute.Backend, c DescentConfig) (DescentMeasurement, error) {
	facts, err := c.measure(ctx, backend, Own{})
	if err == nil && c.Own.isSet() {
		yours, failed := c.measure(ctx, backend, c.Own)
		facts.Yours, err = &yours, failed
	}
	return facts, err
}

// measure descends each convex loss at every rate.
func (c DescentConfig) measure(ctx context.Context, backend compute.Backend, by Own) (DescentMeasurement, error) {
	facts := DescentMeasurement{Rates: c.Rates, Beyond: c.Beyond, Examples: c.Examples, NetRate: c.Net.Rate, Name: by.name()}
	for _, loss := range c.convexLosses() {
		own, err := c.descend(ctx, backend, loss, by.Optimizer)
		if err != nil {
			return facts, err
		}
		facts.Tasks = append(facts.Tasks, own)
	}
	net := training{name: "full batches at a high rate", task: Quadrants, examples: c.Net.Examples, hidden: c.Net.Hidden, steps: c.Net.Steps, own: by}
	var err error
	facts.Net, err = net.curves(ctx, backend, c.Net.Examples, sweep.Grid([]float64{c.Net.Rate}, c.Net.Seeds))
	return facts, err
}

func (c DescentConfig) descend(ctx context.Context, backend compute.Backend, loss convex, by nn.Optimizer) (ConvexDescent, error) {
	facts := ConvexDescent{Name: loss.name}
	var err error
	if facts.Bound, err = loss.bound(); err != nil {
		return facts, err
	}
	program, err := sweep.New(backend, sweep.Config{Model: loss.model, Data: loss.data, DType: dtypes.Float64, Optimizer: by})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	run := func(rates ...float64) (sweep.Trace, error) {
		replicas := sweep.Grid(rates, []int64{1})
		return program.Run(ctx, sweep.Run{Task: loss.name, Replicas: replicas, Steps: c.Steps})
	}
	below, err := run(claim.Scaled(c.Rates, 1/facts.Bound)...)
	if err != nil {
		return facts, err
	}
	for i := range c.Rates {
		facts.Losses = append(facts.Losses, below.Curve(i))
	}
	if facts.Top, err = loss.top(ctx, backend, below.Final[facts.lowest()]); err != nil {
		return facts, err
	}
	above, err := run(c.Beyond / facts.Top)
	if err != nil {
		return facts, err
	}
	facts.Beyond = above.Curve(0)
	return facts, nil
}

// lowest is the index of the rate that ends at the lowest loss.
func (f ConvexDescent) lowest() int {
	ends := make([]float64, len(f.Losses))
	for i, losses := range f.Losses {
		ends[i] = losses[len(losses)-1]
	}
	return floats.MinIdx(ends)
}

// minimum is the lowest loss that any descent saw.
func (f ConvexDescent) minimum() float64 { return slices.Min(f.Losses[f.lowest()]) }

// bound is the curvature L that is nowhere exceeded.
func (l convex) bound() (float64, error) {
	_, gram, err := toy.LeastSquares(l.data) // XᵀX/n does not depend on the targets
	if err != nil {
		return 0, err
	}
	return l.factor * floats.Max(sweep.Eigenvalues(gram)), nil
}

// top is the largest eigenvalue of the Hessian at the parameters.
func (l convex) top(ctx context.Context, backend compute.Backend, params []float64) (float64, error) {
	curvature, err := sweep.NewCurvature(backend, l.model, l.data, dtypes.Float64)
	if err != nil {
		return 0, err
	}
	defer curvature.Finalize()
	top, err := curvature.Top(ctx, [][]float64{params}, nil, sweep.Power{Iterations: 500, Tolerance: 1e-6})
	if err != nil {
		return 0, err
	}
	return top[0].Value, nil
}

func judgeSteady(d DescentMeasurement) claim.Finding {
	below, raised := 0, 0
	var shown []string
	for _, task := range d.Tasks {
		for _, losses := range task.Losses {
			below += rises(losses, roundingDouble(d.Examples))
		}
		beyond := rises(task.Beyond, roundingDouble(d.Examples))
		if beyond > 0 {
			raised++
		}
		shown = append(shown, fmt.Sprintf("%d on %s", beyond, task.Name))
	}
	net := ""
	if len(d.Net) > 0 {
		net = fmt.Sprintf(" A net is not convex: its full batches at η = %g rise at a fraction of %s of the steps.",
			d.NetRate, claim.EstimateFraction(risingFractions(d.Net), len(d.Net[0])-1))
	}
	return claim.Finding{
		Decision: claim.Holds(len(d.Tasks) > 0 && below == 0 && raised == len(d.Tasks)),
		Evidence: fmt.Sprintf("Rising steps at the %d rates from %g/L to %g/L: %d. At %g/λ_max: %s.%s",
			len(d.Rates), d.Rates[0], d.Rates[len(d.Rates)-1], below, d.Beyond, strings.Join(shown, ", "), net),
		Samples: 1,
	}
}

func descentRules() []claim.Rule[DescentMeasurement] {
	return []claim.Rule[DescentMeasurement]{
		claim.ExactRule("q1d.1", "Q1 (d) 1",
			"With full batches the loss falls steadily.",
			"on least squares and on logistic regression no step of a full-batch descent raises the loss at any rate below 2/L, L being a bound on the Hessian's eigenvalues; above 2/λ_max of the minimum some steps do",
			claim.Supported, judgeSteady).Revised(revised, "what counts as a rise follows from the rounding error of the loss; it was 1e-12 of it"),
	}
}

// table counts the rising steps of the convex losses.
func (f DescentMeasurement) table() report.Table {
	rows := report.Table{
		ID: "rises", Title: "Steps at which the loss rises, full batches", Columns: []string{"loss", "L", "λ_max at the minimum"},
	}
	for _, rate := range f.Rates {
		rows.Columns = append(rows.Columns, fmt.Sprintf("η = %g/L", rate))
	}
	rows.Columns = append(rows.Columns, fmt.Sprintf("η = %g/λ_max", f.Beyond))
	rows.Rows = f.rows()
	if f.Yours != nil {
		rows.Rows = append(rows.Rows, f.Yours.rows()...)
	}
	return rows
}

func (f DescentMeasurement) rows() (rows [][]string) {
	for _, task := range f.Tasks {
		row := []string{by(task.Name, f.Name), fmt.Sprintf("%.3f", task.Bound), fmt.Sprintf("%.3f", task.Top)}
		for _, losses := range append(append([][]float64{}, task.Losses...), task.Beyond) {
			row = append(row, fmt.Sprintf("%d of %d", rises(losses, roundingDouble(f.Examples)), len(losses)-1))
		}
		rows = append(rows, row)
	}
	return rows
}

// chart shows the full-batch descents of one of the convex losses.
func (f DescentMeasurement) chart(task int) report.Chart {
	own := f.Tasks[task]
	drawn := report.Chart{
		ID: fmt.Sprintf("descent-%d", task), Title: "Full-batch descent: " + own.Name, Mark: report.Line,
		XLabel: "step", YLabel: "loss over the lowest one", LogY: true,
		Alt: "The loss over the lowest one against the step on a logarithmic axis, one curve for each rate: lower is better. By theory the loss only falls at rates below 2/L.",
	}
	drawn.Curves = f.descents(task, own.minimum())
	if f.Yours != nil {
		drawn.Curves = append(drawn.Curves, f.Yours.descents(task, own.minimum())...)
	}
	return drawn
}

// descents are the losses over the lowest one.
func (f DescentMeasurement) descents(task int, lowest float64) (curves []report.Curve) {
	for i, rate := range f.Rates {
		curves = append(curves, above(by(fmt.Sprintf("η = %g/L", rate), f.Name), f.Tasks[task].Losses[i], lowest))
	}
	return append(curves, above(by(fmt.Sprintf("η = %g/λ_max", f.Beyond), f.Name), f.Tasks[task].Beyond, lowest))
}

// above is every second loss over the minimum, in the range that a chart can
// show: what is lower is drawn at its lower end, once, and again before the loss
// rises from there; what is higher ends the curve.
func above(name string, losses []float64, minimum float64) report.Curve {
	const lowest, highest, steps = 1e-9, 1e3, 260
	curve := report.Curve{Name: name}
	for step := 0; step < min(steps, len(losses)) && losses[step]-minimum < highest; step += 2 {
		height := losses[step] - minimum
		hidden := height < lowest && step > 1 && losses[step-2]-minimum < lowest
		returns := step+2 < len(losses) && losses[step+2]-minimum >= lowest
		if !hidden || returns {
			curve.Add(float64(step), max(height, lowest))
		}
	}
	return curve
}

// FullBatchDescent is the experiment.
var FullBatchDescent = experiment.Experiment[DescentConfig, DescentMeasurement]{
	Name: "Descent", Title: "Full-batch descent of convex losses",
	Measure: measureDescent, Rules: descentRules(),
	Figures: func(_ DescentConfig, f DescentMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{f.table()}}
		if f.Yours != nil {
			figures.Tables = append(figures.Tables, experiment.Yours(f.Yours.Name, descentRules(), f, *f.Yours))
		}
		for task := range f.Tasks {
			figures.Charts = append(figures.Charts, f.chart(task))
		}
		return figures, nil
	},
}
