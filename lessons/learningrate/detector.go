package learningrate

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// The detector sees the losses of the steps of one training, and nothing else.
// Its thresholds, in units of the first loss, were set before it saw any curve.
const (
	curveParts  = 20   // parts of a curve whose means are compared
	strongSwing = 0.5  // mean change of the loss from step to step that is a strong oscillation
	clearRise   = 0.1  // rise of the late loss over the lowest part that is a rise
	stillFalls  = 0.05 // fall from the third to the last quarter that shows an unfinished descent
	hardlyFell  = 0.1  // fall in all below which the loss did not fall
)

// Diagnose tells from a loss curve alone how the rate was. Strong oscillation
// or a rise after the first fall are read as too high, a loss that hardly fell
// or is still falling as too low.
func Diagnose(losses []float64) Regime {
	first := losses[0]
	parts := partMeans(losses)
	lowest := math.Inf(1)
	for _, mean := range parts {
		if math.IsNaN(mean) || math.IsInf(mean, 0) {
			return TooHigh
		}
		lowest = min(lowest, mean)
	}
	late := parts[3*len(parts)/4:]
	before := parts[len(parts)/2 : 3*len(parts)/4]
	switch {
	case swing(losses[3*len(losses)/4:]) > strongSwing*first, stat.Mean(late, nil)-lowest > clearRise*first:
		return TooHigh
	case stat.Mean(before, nil)-stat.Mean(late, nil) > stillFalls*first, first-stat.Mean(late, nil) < hardlyFell*first:
		return TooLow
	}
	return Good
}

// partMeans cuts the curve into curveParts of nearly equal length.
func partMeans(losses []float64) []float64 {
	parts := min(curveParts, len(losses))
	means := make([]float64, parts)
	for i := range means {
		means[i] = stat.Mean(losses[i*len(losses)/parts:(i+1)*len(losses)/parts], nil)
	}
	return means
}

// swing is the mean absolute change from step to step.
func swing(losses []float64) float64 {
	total := 0.0
	for i := 1; i < len(losses); i++ {
		total += math.Abs(losses[i]-losses[i-1]) / float64(len(losses)-1)
	}
	return total
}

// Detection is how often the detector was right about one kind of rate: one
// value a seed, over all rates.
type Detection struct {
	Precision []float64 // of those it called so, the share that was; 0 when it called none so
	Recall    []float64 // of those that were, the share it called so
}

// Detect compares the diagnosis with the truth.
func (f GridMeasurement) Detect(kind Regime) Detection {
	var d Detection
	for seed := range f.Runs[0] {
		var both, called, were float64
		for rate := range f.Rates {
			is, says := f.Regime(rate, seed) == kind, Diagnose(f.Runs[rate][seed].Losses) == kind
			if is && says {
				both++
			}
			if says {
				called++
			}
			if is {
				were++
			}
		}
		d.Precision = append(d.Precision, both/max(called, 1))
		d.Recall = append(d.Recall, both/max(were, 1))
	}
	return d
}

// Confusion counts the trainings by truth (first) and diagnosis.
func (f GridMeasurement) Confusion() map[[2]Regime]int {
	counts := map[[2]Regime]int{}
	for rate := range f.Rates {
		for seed, run := range f.Runs[rate] {
			counts[[2]Regime{f.Regime(rate, seed), Diagnose(run.Losses)}]++
		}
	}
	return counts
}
