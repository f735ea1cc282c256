package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// DeepConfig trains a deep linear net from beside the saddle at 0.
type DeepConfig struct {
	Optimizers []nn.Optimizer `role:"compared" help:"SGD, momentum and Adam, which the claims need; others may join"`
	Rates      []float64      `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η; each optimizer is judged at its own best"`
	Seeds      []int64        `role:"averaged" help:"of examples, initial weights and order"`
	Layers     int            `role:"fixed" range:"[2, inf)" help:"matrices of the net"`
	Features   int            `role:"fixed" range:"[1, inf)" help:"of the inputs, and units of every layer but the last"`
	Examples   int            `role:"fixed" range:"[1, inf)" help:"of the regression"`
	BatchSize  int            `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Scales     []float64      `role:"compared" range:"(0, inf)" list:"2 rising" help:"factors on the initial weights, besides 0"`
	Noises     []float64      `role:"compared" range:"(0, inf)" help:"standard deviations of what is added to the gradient, besides 0"`
	Steps      int            `role:"fixed" range:"[1, inf)" help:"of each training at most"`
}

// Validate checks that there is a batch of examples, that the optimizers of the
// claims are there, and that the sweep fits into memory.
func (c DeepConfig) Validate() error {
	if c.Examples < c.BatchSize {
		return badinput.Errorf("Examples is %d: it must be at least BatchSize, %d", c.Examples, c.BatchSize)
	}
	if err := checkNames(c.Optimizers, sgd, momentum, adam); err != nil {
		return err
	}
	replicas := len(c.Optimizers) * len(c.Rates) * len(c.Seeds) * (len(c.Scales) + 1) * (len(c.Noises) + 1)
	return sweep.CheckFits("Optimizers × Rates × Seeds × Scales × Noises", replicas,
		sweep.Config{Model: c.model(), BatchSize: c.BatchSize, Optimizer: sweep.Together(c.Optimizers...)})
}

// DeepMeasurement holds trainings of a deep linear net, y = x·W₁·W₂⋯W_L, on a
// linear regression without noise, whose weights are all 1. Where all weights are
// 0 the net has a saddle, and for L > 2 its Hessian there is 0 too.
type DeepMeasurement struct {
	Names  []string // of the optimizers
	Rates  []float64
	Scales []float64 // factors on the initial weights; the first is 0
	Noises []float64 // standard deviations of what is added to the gradient; the first is 0, where the batches are the only noise
	Budget int       // the most steps
	// Steps until the loss on all examples is below half of that at the saddle,
	// [optimizer][noise][scale][rate][seed]; 0 where it never is, or is not at the
	// end.
	Steps [][][][][]float64
}

// looks is the number of steps between two looks at the loss.
const looks = 2

// left is the fraction of the saddle's loss below which the saddle is behind.
const left = 0.5

// tried are the steps of all seeds, the budget where the loss is not reached.
func (f DeepMeasurement) tried(optimizer, noise, scale, rate int) []float64 {
	return orBudget(f.Steps[optimizer][noise][scale][rate], f.Budget)
}

// best is the rate at which the most runs of an optimizer get away, over all
// seeds, noises and scales above 0, and of those with as many the one with the
// fewest steps, by the geometric mean.
func (f DeepMeasurement) best(optimizer int) int {
	return bestRate(len(f.Rates), func(rate int) (away int, steps float64) {
		var all []float64
		for noise := range f.Noises {
			for scale := 1; scale < len(f.Scales); scale++ {
				all = append(all, f.tried(optimizer, noise, scale, rate)...)
				away += arrivals(f.Steps[optimizer][noise][scale][rate])
			}
		}
		return away, geometric(all)
	})
}

// slowdown is, for every seed, the ratio of the steps from the smallest scale
// above 0 to those from the largest, without added noise.
func (f DeepMeasurement) slowdown(optimizer int) []float64 {
	best := f.best(optimizer)
	small, large := f.tried(optimizer, 0, 1, best), f.tried(optimizer, 0, len(f.Scales)-1, best)
	ratios := make([]float64, len(small))
	for seed := range small {
		ratios[seed] = small[seed] / large[seed]
	}
	return ratios
}

// escaped is, for every seed, the fraction of the scales above 0 and of the noises
// from which an optimizer gets away at its best rate.
func (f DeepMeasurement) escaped(optimizer int) []float64 {
	best := f.best(optimizer)
	fractions := make([]float64, len(f.Steps[optimizer][0][0][best]))
	for noise := range f.Noises {
		for scale := 1; scale < len(f.Scales); scale++ {
			for seed, steps := range f.Steps[optimizer][noise][scale][best] {
				if steps > 0 {
					fractions[seed] += 1 / float64(len(f.Noises)*(len(f.Scales)-1))
				}
			}
		}
	}
	return fractions
}

// weights is the number of values in all matrices.
func (c DeepConfig) weights() int { return (c.Layers-1)*c.Features*c.Features + c.Features }

// model has the matrices [features, features], the last [features, 1], and the
// standard deviation σ of the added noise, which is not moved. An example is its
// features with a row of noise for all weights behind them.
func (c DeepConfig) model() sweep.Model {
	m := sweep.Model{Units: c.Layers*c.Features + c.Features + c.weights()}
	for range c.Layers - 1 {
		m.Shapes = append(m.Shapes, []int{c.Features, c.Features})
	}
	m.Shapes = append(m.Shapes, []int{c.Features, 1}, []int{1})
	m.Loss = func(params []*Node, x, y *Node) *Node {
		matrices, sigma := params[:c.Layers], params[c.Layers]
		outputs := Slice(x, AxisRange(), AxisRange(), AxisRange(0, c.Features))
		for _, matrix := range matrices {
			outputs = sweep.Product(outputs, matrix)
		}
		noise := ReduceMean(Slice(x, AxisRange(), AxisRange(), AxisRange(c.Features)), 1)
		return Add(sweep.SquaredError(outputs, y), noiseTerm(sigma, noise, sweep.WatchParams(sweep.Step{Params: matrices})))
	}
	return m
}

// plain are the regression's examples of a seed.
func (c DeepConfig) plain(seed int64) sweep.Data {
	return toy.Regression(c.Examples, c.Features, drawOf(seed, trainingDraw), 0)
}

// rows are the examples of a seed with a row of noise behind each. The mean of a
// batch of such rows has the standard deviation 1.
func (c DeepConfig) rows(seed int64) (rows sweep.Data) {
	plain := c.plain(seed)
	noise := normalRows(c.Examples, c.weights(), math.Sqrt(float64(c.BatchSize)), drawOf(seed, noiseDraw))
	for i, x := range plain.X {
		rows.Add(slices.Concat(x, noise[i]), plain.Y[i])
	}
	return rows
}

// product is W₁·W₂⋯W_L of one replica, a vector of as many values as features.
func (c DeepConfig) product(params []float64) []float64 {
	n := c.Features
	last := (c.Layers - 1) * n * n
	vector := params[last : last+n]
	for layer := c.Layers - 2; layer >= 0; layer-- {
		before := make([]float64, n)
		for i := range before {
			for j, v := range vector {
				before[i] += params[layer*n*n+i*n+j] * v
			}
		}
		vector = before
	}
	return vector
}

// squares is the loss of y = x·w on all examples, ½(w−1)ᵀC(w−1) with C = XᵀX/n:
// the targets have no noise, and their weights are 1.
type squares [][]float64

func squaresOf(data sweep.Data) squares {
	c := make(squares, len(data.X[0]))
	for i := range c {
		c[i] = make([]float64, len(c))
		for j := range c[i] {
			for _, x := range data.X {
				c[i][j] += x[i] * x[j] / float64(data.Len())
			}
		}
	}
	return c
}

func (c squares) loss(w []float64) float64 {
	total := 0.0
	for i, row := range c {
		for j, v := range row {
			total += (w[i] - 1) * v * (w[j] - 1) / 2
		}
	}
	return total
}

// measureDeep trains from beside the saddle at 0, by every optimizer at every
// rate, from every scale and with every noise.
func measureDeep(ctx context.Context, backend compute.Backend, c DeepConfig) (DeepMeasurement, error) {
	facts := DeepMeasurement{
		Names: names(c.Optimizers), Rates: c.Rates, Budget: c.Steps,
		Scales: append([]float64{0}, c.Scales...), Noises: append([]float64{0}, c.Noises...),
	}
	program, err := sweep.New(backend, sweep.Config{
		Model: c.model(), Draw: c.rows, BatchSize: c.BatchSize, StepsPerCall: looks, Optimizer: sweep.Together(c.Optimizers...),
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	run := sweep.Run{Task: "leaving a deep net's saddle", Steps: c.Steps, Every: looks}
	run.Replicas, run.Start = facts.starts(c)
	arrived := make([]float64, len(run.Replicas))
	whole, half := map[int64]squares{}, map[int64]float64{}
	for _, seed := range c.Seeds {
		whole[seed] = squaresOf(c.plain(seed))
		half[seed] = left * whole[seed].loss(make([]float64, c.Features))
	}
	run.Visit = func(step int, params [][]float64) error {
		for i, own := range params {
			seed := run.Replicas[i].Seed
			switch away := whole[seed].loss(c.product(own)) < half[seed]; {
			case away && arrived[i] == 0:
				arrived[i] = max(float64(step), 1)
			case !away && step == c.Steps: // it came back, or diverged
				arrived[i] = 0
			}
		}
		return nil
	}
	if _, err := program.Run(ctx, run); err != nil {
		return facts, err
	}
	facts.cut(arrived, len(c.Seeds))
	return facts, nil
}

// starts are the replicas of all optimizers, noises, scales, rates and seeds, in
// this order.
func (f DeepMeasurement) starts(c DeepConfig) (replicas []sweep.Replica, starts [][]float64) {
	m := c.model()
	drawn := map[int64][]float64{}
	for _, seed := range c.Seeds {
		drawn[seed] = sweep.Draw(m, seed, 1)
	}
	for _, noise := range f.Noises {
		for _, scale := range f.Scales {
			for _, r := range sweep.Grid(c.Rates, c.Seeds) {
				start := claim.Scaled(drawn[r.Seed], scale)
				start[len(start)-1] = noise
				replicas, starts = append(replicas, r), append(starts, start)
			}
		}
	}
	var all [][]float64
	for range f.Names {
		all = append(all, starts...)
	}
	return slices.Repeat(replicas, len(f.Names)), all
}

// cut sorts the steps of all replicas into [optimizer][noise][scale][rate][seed].
func (f *DeepMeasurement) cut(steps []float64, seeds int) {
	byRate := sweep.ByRate(steps, seeds)
	byScale := sweep.ByRate(byRate, len(f.Rates))
	byNoise := sweep.ByRate(byScale, len(f.Scales))
	f.Steps = sweep.ByRate(byNoise, len(f.Noises))
}

// chart shows the steps to leave the deep net's saddle without added noise,
// against the scale of the initial weights.
func (f DeepMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "deep", Title: "Leaving the saddle of a deep linear net", Mark: report.Line, LogX: true, LogY: true,
		XLabel: "scale of the initial weights", YLabel: "steps until the loss is halved",
		Alt: "The steps against the scale of the initial weights on logarithmic axes, one line for each optimizer at its best rate: lower is faster, and a flat line means that small weights do not slow it down.",
	}
	for o, name := range f.Names {
		best := f.best(o)
		curve := report.Curve{Name: fmt.Sprintf("%s, η = %.2g", name, f.Rates[best])}
		for scale := 1; scale < len(f.Scales); scale++ {
			curve.AddGeometric(f.Scales[scale], f.tried(o, 0, scale, best))
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// table lists the steps by optimizer, noise and scale.
func (f DeepMeasurement) table() report.Table {
	rows := report.Table{ID: "deep", Title: fmt.Sprintf("Steps to leave the saddle of a deep linear net (geometric mean; those that do not count as %d)", f.Budget), Columns: []string{"optimizer", "η", "noise on the gradient"}}
	for _, scale := range f.Scales {
		rows.Columns = append(rows.Columns, fmt.Sprintf("from scale %g", scale))
	}
	for o, name := range f.Names {
		best := f.best(o)
		for noise, deviation := range f.Noises {
			row := []string{name, fmt.Sprintf("%.2g", f.Rates[best]), "batches only"}
			if noise > 0 {
				row[2] = fmt.Sprintf("batches and %g", deviation)
			}
			for scale := range f.Scales {
				cell := "never"
				if arrivals(f.Steps[o][noise][scale][best]) > 0 {
					cell = fmt.Sprintf("%.0f", geometric(f.tried(o, noise, scale, best)))
				}
				row = append(row, cell)
			}
			rows.Rows = append(rows.Rows, row)
		}
	}
	return rows
}

// SaddleOfADeepNet is the experiment. [WaysPast] judges it.
var SaddleOfADeepNet = experiment.Experiment[DeepConfig, DeepMeasurement]{
	Name: "Deep", Title: "Leaving the saddle of a deep linear net",
	Measure: measureDeep,
	Figures: func(_ DeepConfig, f DeepMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart()}, Tables: []report.Table{f.table()}}, nil
	},
}
