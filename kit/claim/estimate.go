package claim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
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
	// Values are what was summarised, for the sign test.
	Values []float64 `json:"-"`
}

// EstimateMean summarises one value per seed.
func EstimateMean(values []float64) Estimate {
	unknown := Estimate{Low: -math.MaxFloat64, High: math.MaxFloat64, N: len(values), Values: values}
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
	return Estimate{Mean: mean, Low: mean - half, High: mean + half, N: len(values), Values: values}
}

// EstimateDifference summarises a−b, paired by seed: the effect of a change
// with everything that the seed decides (initial weights, order of the data)
// held equal. It panics when the lengths differ.
func EstimateDifference(a, b []float64) Estimate {
	if len(a) != len(b) {
		panic(fmt.Sprintf("claim: %d values paired with %d", len(a), len(b)))
	}
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	return EstimateMean(differences)
}

// Above decides "the mean is above the threshold": supported when the whole
// interval is above it, refuted when none of it is. The interval supposes that
// the values are normally distributed; so the sign test, which supposes
// nothing, has to agree at the level [Significance]. It is inconclusive when the
// interval holds the threshold or the test does not agree. A value equal to the
// threshold counts as not above.
func (e Estimate) Above(threshold float64) Decision {
	above := 0
	for _, v := range e.Values {
		if v > threshold {
			above++
		}
	}
	n := len(e.Values)
	yes, no := signTest(above, n), signTest(n-above, n)
	switch {
	case e.Low > threshold && yes <= Significance:
		return Decision{Verdict: Supported, P: yes, Tested: true}
	case e.High <= threshold && no <= Significance:
		return Decision{Verdict: Refuted, P: no, Tested: true}
	}
	return Decision{Verdict: Inconclusive, P: min(yes, no), Tested: n > 0}
}

// Below decides "the mean is below the threshold", the mirror of
// [Estimate.Above].
func (e Estimate) Below(threshold float64) Decision {
	mirrored := Estimate{Mean: -e.Mean, Low: -e.High, High: -e.Low, N: e.N, Values: make([]float64, len(e.Values))}
	for i, v := range e.Values {
		mirrored.Values[i] = -v
	}
	return mirrored.Above(-threshold)
}

// String prints the mean with its interval, as in "0.041 [0.020, 0.062]".
func (e Estimate) String() string {
	if e.High == math.MaxFloat64 {
		return fmt.Sprintf("%.3g [no interval, n=%d]", e.Mean, e.N)
	}
	return fmt.Sprintf("%.3g [%.3g, %.3g]", e.Mean, e.Low, e.High)
}

// Logs are the logarithms to base 10, for effects that are ratios.
func Logs(values []float64) []float64 {
	all := make([]float64, len(values))
	for i, v := range values {
		all[i] = math.Log10(v)
	}
	return all
}

// Scaled are the values times a factor.
func Scaled(values []float64, by float64) []float64 {
	return floats.ScaleTo(make([]float64, len(values)), by, values)
}

// Finite leaves out what is Inf or NaN.
func Finite(values []float64) []float64 {
	var kept []float64
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			kept = append(kept, v)
		}
	}
	return kept
}
