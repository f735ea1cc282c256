package learningrate

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"evident/datasets/toy"
	"evident/kit/sweep"
)

// GridFacts are trainings of one small classifier at all rates from all seeds.
type GridFacts struct {
	Rates  []float64
	Runs   [][]sweep.History // [rate][seed]
	Ranges [][]RangeTest     // [length][seed]: the learning-rate range test and what its rate leads to
}

// checkpoints along a training.
const checkpoints = 40

func (c GridConfig) net() sweep.Net {
	return sweep.Net{Widths: []int{2, c.Hidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}
}

func newGrid(backend compute.Backend, c GridConfig) (*sweep.Study, error) {
	data := toy.Quadrants(c.Train, trainingDraw, c.Flipped)
	config := sweep.Config{Model: c.net().Model(), Data: data, BatchSize: c.BatchSize, StepsPerCall: 4}
	return sweep.NewStudy(backend, config, toy.Quadrants(c.Test, testDraw, 0))
}

// MeasureGrid trains the grid and makes the range tests.
func MeasureGrid(ctx context.Context, backend compute.Backend, c GridConfig) (GridFacts, error) {
	facts := GridFacts{Rates: c.Rates}
	if err := c.check(); err != nil {
		return facts, err
	}
	study, err := newGrid(backend, c)
	if err != nil {
		return facts, err
	}
	defer study.Finalize()
	runs, err := c.run(ctx, study, sweep.Grid(c.Rates, c.Seeds))
	if err != nil {
		return facts, err
	}
	facts.Runs = sweep.ByRate(runs, len(c.Seeds))
	for _, steps := range c.TestSteps {
		tests, err := c.rangeTests(ctx, study, steps)
		if err != nil {
			return facts, err
		}
		facts.Ranges = append(facts.Ranges, tests)
	}
	return facts, nil
}

// run trains the replicas and scores them along the way.
func (c GridConfig) run(ctx context.Context, study *sweep.Study, replicas []sweep.Replica) ([]sweep.History, error) {
	return study.Run(ctx, sweep.Run{Task: "grid of rates", Replicas: replicas, Steps: c.Steps, Every: max(c.Steps/checkpoints, 1)}, 0)
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
		if sweep.End(f.Runs[rate][seed].Train).Loss < sweep.End(f.Runs[best][seed].Train).Loss {
			best = rate
		}
	}
	return best
}

// fall is how much of the best rate's fall of the training loss a run reaches:
// 1 for the best, 0 for none, NaN after divergence.
func (f GridFacts) fall(run sweep.History, seed int) float64 {
	best := f.Runs[f.Best(seed)][seed]
	first := best.Train[0].Loss
	return (first - sweep.End(run.Train).Loss) / (first - sweep.End(best.Train).Loss)
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
	return first - goodShare*(first-sweep.End(best.Train).Loss)
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
			at := run.Reaches(target)
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
		if a := sweep.End(f.Runs[i][seed].Test).Accuracy; a > accuracy {
			accuracy, rate = a, i
		}
	}
	return accuracy, rate
}

// poor reports whether a run's test accuracy lies poorBy below the seed's best.
func (f GridFacts) poor(run sweep.History, seed int) bool {
	best, _ := f.bestTest(seed)
	return !(sweep.End(run.Test).Accuracy > best-poorBy)
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
			if sweep.End(run.Train).Loss <= f.target(seed) {
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
		test = append(test, best-sweep.End(run.Test).Accuracy)
		bestTrain := 0.0
		for rate := range f.Rates {
			if a := sweep.End(f.Runs[rate][seed].Train).Accuracy; !math.IsNaN(a) {
				bestTrain = max(bestTrain, a)
			}
		}
		train = append(train, bestTrain-sweep.End(run.Train).Accuracy)
	}
	return test, train
}
