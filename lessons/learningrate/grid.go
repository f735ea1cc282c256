package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/lessons/sweep"
)

// GridFacts are trainings of one small classifier at all rates from all seeds.
type GridFacts struct {
	Rates  []float64
	Runs   [][]GridRun   // [rate][seed]
	Ranges [][]RangeTest // [length][seed]: the learning-rate range test and what its rate leads to
}

// GridRun is one training of the grid.
type GridRun struct {
	Losses []float64 // of every step, on its batch; may end in Inf or NaN
	Steps  []int     // of the checkpoints
	Train  []Point   // at the checkpoints, on all training examples
	Test   []Point   // … and on the test examples
}

// Point is a loss (nats) and a share of right answers.
type Point struct{ Loss, Accuracy float64 }

// checkpoints along a training.
const checkpoints = 40

// end is the mean of the last three checkpoints; a loss that is not finite
// stays so.
func end(points []Point) Point {
	last := points[max(len(points)-3, 0):]
	var mean Point
	for _, p := range last {
		mean.Loss += p.Loss / float64(len(last))
		mean.Accuracy += p.Accuracy / float64(len(last))
	}
	return mean
}

func (c GridConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{2, c.Hidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
}

// grid is the training of the grid, with its meters.
type grid struct {
	config      GridConfig
	model       sweep.Model
	program     *sweep.Program
	train, test *sweep.Meter
}

func newGrid(backend compute.Backend, c GridConfig) (*grid, error) {
	g := &grid{config: c, model: c.net().Model()}
	data := quadrants(c.Train, trainingDraw, c.Flipped)
	var err error
	if g.program, err = sweep.New(backend, sweep.Config{Model: g.model, Data: data, BatchSize: c.BatchSize, StepsPerCall: 4}); err != nil {
		return nil, err
	}
	if g.train, err = sweep.NewMeter(backend, g.model, data); err != nil {
		return nil, err
	}
	g.test, err = sweep.NewMeter(backend, g.model, quadrants(c.Test, testDraw, 0))
	return g, err
}

func (g *grid) finalize() {
	g.program.Finalize()
	g.train.Finalize()
	g.test.Finalize()
}

// MeasureGrid trains the grid and makes the range tests.
func MeasureGrid(ctx context.Context, backend compute.Backend, c GridConfig) (GridFacts, error) {
	facts := GridFacts{Rates: c.Rates}
	g, err := newGrid(backend, c)
	if err != nil {
		return facts, err
	}
	defer g.finalize()
	runs, err := g.run(ctx, sweep.Grid(c.Rates, c.Seeds))
	if err != nil {
		return facts, err
	}
	for i := 0; i < len(runs); i += len(c.Seeds) {
		facts.Runs = append(facts.Runs, runs[i:i+len(c.Seeds)])
	}
	for _, steps := range c.TestSteps {
		tests, err := g.rangeTests(ctx, steps)
		if err != nil {
			return facts, err
		}
		facts.Ranges = append(facts.Ranges, tests)
	}
	return facts, nil
}

// run trains the replicas and scores them along the way.
func (g *grid) run(ctx context.Context, replicas []sweep.Replica) ([]GridRun, error) {
	runs := make([]GridRun, len(replicas))
	trace, err := g.program.Run(ctx, sweep.Run{
		Task: "grid of rates", Replicas: replicas, Steps: g.config.Steps, Every: max(g.config.Steps/checkpoints, 1),
		Start: sweep.Starts(replicas, func(seed int64) []float64 { return sweep.Draw(g.model, seed, 1) }),
		Visit: func(step int, params [][]float64) error {
			train, err := g.train.Score(params)
			if err != nil {
				return err
			}
			test, err := g.test.Score(params)
			for i := range runs {
				runs[i].Steps = append(runs[i].Steps, step)
				runs[i].Train = append(runs[i].Train, Point{train.Loss[i], train.Accuracy[i]})
				runs[i].Test = append(runs[i].Test, Point{test.Loss[i], test.Accuracy[i]})
			}
			return err
		},
	})
	for i := range runs {
		runs[i].Losses = trace.Curve(i)
	}
	return runs, err
}

// Truth says how a rate did: by the loss on the training examples at the end,
// in comparison with the whole grid.
type Truth string

// A rate is good when the training reaches goodShare of the best fall of the
// loss in the grid; otherwise it is too high or too low, by the side of the best
// rate on which it lies.
const (
	Good    Truth = "good"
	TooHigh Truth = "too high"
	TooLow  Truth = "too low"
)

// goodShare of the best rate's fall of the loss makes a rate good.
const goodShare = 0.9

// Best is the index of the rate with the lowest training loss at the end.
func (f GridFacts) Best(seed int) int {
	best := 0
	for rate := range f.Rates {
		if end(f.Runs[rate][seed].Train).Loss < end(f.Runs[best][seed].Train).Loss {
			best = rate
		}
	}
	return best
}

// fall is how much of the best rate's fall of the training loss a run reaches:
// 1 for the best, 0 for none, NaN after divergence.
func (f GridFacts) fall(run GridRun, seed int) float64 {
	best := f.Runs[f.Best(seed)][seed]
	first := best.Train[0].Loss
	return (first - end(run.Train).Loss) / (first - end(best.Train).Loss)
}

// Truth is how a rate did from a seed.
func (f GridFacts) Truth(rate, seed int) Truth {
	switch {
	case f.fall(f.Runs[rate][seed], seed) >= goodShare:
		return Good
	case rate > f.Best(seed):
		return TooHigh
	}
	return TooLow
}

// target is the training loss of a seed that counts as low: that of goodShare
// of the best fall.
func (f GridFacts) target(seed int) float64 {
	best := f.Runs[f.Best(seed)][seed]
	first := best.Train[0].Loss
	return first - goodShare*(first-end(best.Train).Loss)
}

// reaches is the first checkpoint at which the training loss is at most the
// target, or -1.
func (r GridRun) reaches(target float64) int {
	for i, p := range r.Train {
		if p.Loss <= target {
			return i
		}
	}
	return -1
}

// GapAtEqualLoss is, for every seed, the generalisation gap (training minus test
// accuracy) of the highest and of the lowest rate that reach the seed's target,
// taken when each reaches it.
func (f GridFacts) GapAtEqualLoss() (high, low []float64) {
	for seed := range f.Runs[0] {
		target, first := f.target(seed), true
		var lowest, highest float64
		for rate := range f.Rates {
			run := f.Runs[rate][seed]
			at := run.reaches(target)
			if at < 0 {
				continue
			}
			highest = run.Train[at].Accuracy - run.Test[at].Accuracy
			if first {
				lowest, first = highest, false
			}
		}
		high, low = append(high, highest), append(low, lowest)
	}
	return high, low
}

// bestTest is the highest test accuracy at the end, and its rate.
func (f GridFacts) bestTest(seed int) (accuracy float64, rate int) {
	for i := range f.Rates {
		if a := end(f.Runs[i][seed].Test).Accuracy; a > accuracy {
			accuracy, rate = a, i
		}
	}
	return accuracy, rate
}

// poor reports whether a run's test accuracy lies poorBy below the seed's best.
func (f GridFacts) poor(run GridRun, seed int) bool {
	best, _ := f.bestTest(seed)
	return !(end(run.Test).Accuracy > best-poorBy)
}

// PoorAbove looks at the rates above that of the best test accuracy whose own
// is poor, and returns for every seed that has some the share of them whose
// training loss is low.
func (f GridFacts) PoorAbove() []float64 {
	var shares []float64
	for seed := range f.Runs[0] {
		_, best := f.bestTest(seed)
		poor, low := 0.0, 0.0
		for rate := best + 1; rate < len(f.Rates); rate++ {
			run := f.Runs[rate][seed]
			if !f.poor(run, seed) {
				continue
			}
			poor++
			if end(run.Train).Loss <= f.target(seed) {
				low++
			}
		}
		if poor > 0 {
			shares = append(shares, low/poor)
		}
	}
	return shares
}

// Deficits are, for every seed, how far the accuracy at the lowest rate lies
// below the best of the grid: on the test and on the training examples.
func (f GridFacts) Deficits() (test, train []float64) {
	for seed := range f.Runs[0] {
		run := f.Runs[0][seed]
		best, _ := f.bestTest(seed)
		test = append(test, best-end(run.Test).Accuracy)
		bestTrain := 0.0
		for rate := range f.Rates {
			if a := end(f.Runs[rate][seed].Train).Accuracy; !math.IsNaN(a) {
				bestTrain = max(bestTrain, a)
			}
		}
		train = append(train, bestTrain-end(run.Train).Accuracy)
	}
	return test, train
}
