package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/claim"
	"evident/kit/sweep"
)

// DeepFacts are trainings of a deep linear net, y = x·W₁·W₂⋯W_L, on a linear
// regression without noise, whose weights are all 1. Where all weights are 0 the
// net has a saddle, and for L > 2 its Hessian there is 0 too.
type DeepFacts struct {
	Names  []string // of the optimizers
	Rates  []float64
	Scales []float64 // factors on the initial weights; the first is 0
	Noises []float64 // deviations of what is added to the gradient; the first is 0, where the batches are the only noise
	Budget int       // the most steps
	// Steps until the loss on all examples is below half of that at the saddle,
	// [optimizer][noise][scale][rate][seed]; 0 where it never is, or is not at the
	// end.
	Steps [][][][][]float64
}

// looks is the number of steps between two looks at the loss.
const looks = 2

// left is the share of the saddle's loss below which the saddle is behind.
const left = 0.5

// tried are the steps of all seeds, the budget where the loss is not reached.
func (f DeepFacts) tried(optimizer, noise, scale, rate int) []float64 {
	return orBudget(f.Steps[optimizer][noise][scale][rate], f.Budget)
}

// orBudget counts a run that does not arrive as one of so many steps.
func orBudget(steps []float64, budget int) []float64 {
	all := make([]float64, len(steps))
	for i, s := range steps {
		if all[i] = s; s == 0 {
			all[i] = float64(budget)
		}
	}
	return all
}

// Best is the rate at which the most runs of an optimizer get away, over all
// seeds, noises and scales above 0, and of those with as many the one with the
// fewest steps, by the geometric mean.
func (f DeepFacts) Best(optimizer int) int {
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

// arrivals counts the steps that are not 0.
func arrivals(steps []float64) int {
	n := 0
	for _, s := range steps {
		if s > 0 {
			n++
		}
	}
	return n
}

// Slowdown is, for every seed, the ratio of the steps from the smallest scale
// above 0 to those from the largest, without added noise.
func (f DeepFacts) Slowdown(optimizer int) []float64 {
	best := f.Best(optimizer)
	small, large := f.tried(optimizer, 0, 1, best), f.tried(optimizer, 0, len(f.Scales)-1, best)
	ratios := make([]float64, len(small))
	for seed := range small {
		ratios[seed] = small[seed] / large[seed]
	}
	return ratios
}

// Escaped is, for every seed, the share of the scales above 0 and of the noises
// from which an optimizer gets away at its best rate.
func (f DeepFacts) Escaped(optimizer int) []float64 {
	best := f.Best(optimizer)
	shares := make([]float64, len(f.Steps[optimizer][0][0][best]))
	for noise := range f.Noises {
		for scale := 1; scale < len(f.Scales); scale++ {
			for seed, steps := range f.Steps[optimizer][noise][scale][best] {
				if steps > 0 {
					shares[seed] += 1 / float64(len(f.Noises)*(len(f.Scales)-1))
				}
			}
		}
	}
	return shares
}

// FromZero counts the runs of an optimizer that get away from exactly 0, of all
// rates and seeds.
func (f DeepFacts) FromZero(optimizer, noise int) (away, runs int) {
	for _, steps := range f.Steps[optimizer][noise][0] {
		away, runs = away+arrivals(steps), runs+len(steps)
	}
	return away, runs
}

// weights is the number of values in all matrices.
func (c DeepConfig) weights() int { return (c.Layers-1)*c.Features*c.Features + c.Features }

// model has the matrices [features, features], the last [features, 1], and the
// deviation σ of the added noise, which is not moved. An example is its features
// with a row of noise for all weights behind them.
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
			outputs = Einsum("rni,rio->rno", outputs, matrix)
		}
		noise := ReduceMean(Slice(x, AxisRange(), AxisRange(), AxisRange(c.Features)), 1)
		return Add(sweep.SquaredError(outputs, y), noiseTerm(sigma, noise, sweep.WatchParams(sweep.Step{Params: matrices})))
	}
	return m
}

// data are the regression's examples with a row of noise behind each. The mean
// of a batch of rows has the deviation 1.
func (c DeepConfig) data() (rows, plain sweep.Data) {
	plain = toy.Regression(c.Examples, c.Features, trainingDraw, 0)
	noise := normalRows(c.Examples, c.weights(), math.Sqrt(float64(c.BatchSize)))
	for i, x := range plain.X {
		rows.Add(append(append([]float64(nil), x...), noise[i]...), plain.Y[i])
	}
	return rows, plain
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

// lossOf is half the mean squared error of y = x·w.
func lossOf(data sweep.Data, w []float64) float64 {
	total := 0.0
	for i, x := range data.X {
		apart := -data.Y[i][0]
		for j, v := range x {
			apart += v * w[j]
		}
		total += apart * apart / 2
	}
	return total / float64(data.Len())
}

// MeasureDeep trains from beside the saddle at 0, by every optimizer at every
// rate, from every scale and with every noise.
func MeasureDeep(ctx context.Context, backend compute.Backend, c Config) (DeepFacts, error) {
	d := c.Deep
	facts := DeepFacts{
		Names: names(c.Optimizers), Rates: d.Rates, Budget: d.Steps,
		Scales: append([]float64{0}, d.Scales...), Noises: append([]float64{0}, d.Noises...),
	}
	if err := c.checkDeep(); err != nil {
		return facts, err
	}
	rows, plain := d.data()
	program, err := sweep.New(backend, sweep.Config{
		Model: d.model(), Data: rows, BatchSize: d.BatchSize, StepsPerCall: looks, Optimizer: sweep.Together(c.Optimizers...),
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	run := sweep.Run{Task: "leaving a deep net's saddle", Steps: d.Steps, Every: looks}
	run.Replicas, run.Start = facts.starts(d)
	arrived := make([]float64, len(run.Replicas))
	half := left * lossOf(plain, make([]float64, d.Features))
	run.Visit = func(step int, params [][]float64) error {
		for i, own := range params {
			switch away := lossOf(plain, d.product(own)) < half; {
			case away && arrived[i] == 0:
				arrived[i] = max(float64(step), 1)
			case !away && step == d.Steps: // it came back, or diverged
				arrived[i] = 0
			}
		}
		return nil
	}
	if _, err := program.Run(ctx, run); err != nil {
		return facts, err
	}
	facts.cut(arrived, len(d.Seeds))
	return facts, nil
}

// starts are the replicas of all optimizers, noises, scales, rates and seeds, in
// this order.
func (f DeepFacts) starts(c DeepConfig) (replicas []sweep.Replica, starts [][]float64) {
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
	return forEach(len(f.Names), replicas), all
}

// cut sorts the steps of all replicas into [optimizer][noise][scale][rate][seed].
func (f *DeepFacts) cut(steps []float64, seeds int) {
	byRate := sweep.ByRate(steps, seeds)
	byScale := sweep.ByRate(byRate, len(f.Rates))
	byNoise := sweep.ByRate(byScale, len(f.Scales))
	f.Steps = sweep.ByRate(byNoise, len(f.Noises))
}

// geometric is the geometric mean of numbers above 0.
func geometric(values []float64) float64 { return stat.GeometricMean(values, nil) }
