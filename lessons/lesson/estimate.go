package lesson

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a mean over seeds with its 95 % confidence interval
// (Student's t, two-sided). With fewer than two values, or a value that is
// not finite, the interval is unbounded: Low is -MaxFloat64 and High
// +MaxFloat64, so nothing can be concluded and JSON can still hold it.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
}

// EstimateMean summarises one value per seed.
func EstimateMean(values []float64) Estimate {
	unknown := Estimate{Low: -math.MaxFloat64, High: math.MaxFloat64, N: len(values)}
	if len(values) == 0 {
		return unknown
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return unknown
	}
	unknown.Mean = mean
	if len(values) < 2 {
		return unknown
	}
	freedom := float64(len(values) - 1)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(0.975)
	half := t * deviation / math.Sqrt(float64(len(values)))
	if math.IsNaN(half) || math.IsInf(half, 0) { // the squares overflowed
		return unknown
	}
	return Estimate{Mean: mean, Low: mean - half, High: mean + half, N: len(values)}
}

// EstimateDifference summarises a−b, paired by seed: the effect of a change
// with everything that the seed decides (initial weights, order of the data)
// held equal. It panics when the lengths differ.
func EstimateDifference(a, b []float64) Estimate {
	if len(a) != len(b) {
		panic(fmt.Sprintf("lesson: %d values paired with %d", len(a), len(b)))
	}
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	return EstimateMean(differences)
}

// Above is the verdict on "the mean is above the threshold": supported when
// the whole interval is above it, refuted when none of it is, and
// inconclusive when the interval holds the threshold.
func (e Estimate) Above(threshold float64) Verdict {
	switch {
	case e.Low > threshold:
		return Supported
	case e.High <= threshold:
		return Refuted
	}
	return Inconclusive
}

// Below is the verdict on "the mean is below the threshold", the mirror of
// [Estimate.Above].
func (e Estimate) Below(threshold float64) Verdict {
	mirrored := Estimate{Mean: -e.Mean, Low: -e.High, High: -e.Low, N: e.N}
	return mirrored.Above(-threshold)
}

// String prints the mean with its interval, as in "0.041 [0.020, 0.062]".
func (e Estimate) String() string {
	if e.High == math.MaxFloat64 {
		return fmt.Sprintf("%.3g [no interval, n=%d]", e.Mean, e.N)
	}
	return fmt.Sprintf("%.3g [%.3g, %.3g]", e.Mean, e.Low, e.High)
}
