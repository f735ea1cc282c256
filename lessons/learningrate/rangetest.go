package learningrate

import (
	"context"
	"math"

	"evident/kit/sweep"

	"gonum.org/v1/gonum/stat"
)

// RangeTest is one learning-rate range test (Smith 2017, section 3.3): a short
// training whose rate rises from step to step.
type RangeTest struct {
	Rates  []float64     // of the steps
	Losses []float64     // smoothed; ends before the first that is not finite
	Found  float64       // the rate it recommends; 0 if the loss never falls well below its plateau
	Run    sweep.History // of a training at the rate found
}

// The range test raises the rate over the whole grid. It recommends a tenth of
// the rate at which the smoothed loss is lowest (the rule of fastai's lr_find),
// after the plateau of the first steps, whose rates are too low to change
// anything, and if it is well below that. On the plateau the lowest loss is one of
// a lucky batch.
const (
	smoothing   = 0.9
	belowLowest = 10
	plateauPart = 0.1 // of the steps
	wellBelow   = 0.8 // of the plateau's mean: the smoothed loss of batches of 16 varies by some hundredths
)

// rangeTests makes one test of so many steps from every seed.
func (c GridConfig) rangeTests(ctx context.Context, program *sweep.Program, steps int) ([]RangeTest, error) {
	low, high := c.Rates[0], c.Rates[len(c.Rates)-1]
	growth := math.Pow(high/low, 1/float64(max(steps-1, 1)))
	rising := sweep.Grid([]float64{low}, c.Seeds)
	trace, err := program.Run(ctx, sweep.Run{
		Task: "range test", Replicas: rising, Steps: steps,
		Schedule: func(step int) float64 { return math.Pow(growth, float64(step)) },
	})
	if err != nil {
		return nil, err
	}
	tests := make([]RangeTest, len(c.Seeds))
	for i := range tests {
		tests[i] = readRangeTest(trace.Curve(i), low, growth)
	}
	return tests, nil
}

// readRangeTest smooths the losses by an exponential mean, corrected for its
// start at zero, and finds the rate.
func readRangeTest(losses []float64, low, growth float64) RangeTest {
	var t RangeTest
	start := max(int(plateauPart*float64(len(losses))), 1)
	plateau := stat.Mean(losses[:start], nil)
	lowest, mean := wellBelow*plateau, 0.0
	for step, loss := range losses {
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			break
		}
		rate := low * math.Pow(growth, float64(step))
		mean = smoothing*mean + (1-smoothing)*loss
		smooth := mean / (1 - math.Pow(smoothing, float64(step+1)))
		t.Rates, t.Losses = append(t.Rates, rate), append(t.Losses, smooth)
		if step >= start && smooth < lowest {
			lowest, t.Found = smooth, max(rate/belowLowest, low)
		}
	}
	return t
}

// RangeFalls is, for every seed, the fall of the training loss at the rate
// found, as a share of the best rate's.
func (f GridMeasurement) RangeFalls(length int) []float64 {
	falls := make([]float64, len(f.Ranges[length]))
	for seed, test := range f.Ranges[length] {
		falls[seed] = f.fall(test.Run, seed)
	}
	return falls
}
