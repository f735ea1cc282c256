package claim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a mean over seeds with its 95 % confidence interval (Student's t,
// two-sided). With fewer than two values, or with a value that is not finite,
// the interval is unbounded. Low is then -MaxFloat64 and High +MaxFloat64,
// because JSON cannot hold infinities.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
	// Values are the summarised values, which the sign test needs.
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

// EstimateDifference summarises a−b, paired by seed. Pairing isolates the effect
// of a change, because both sides share everything that the seed decides
// (initial weights, order of the data). It panics if the lengths differ.
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

// Above decides the claim "the mean is above the threshold". Statistical claims
// need both a confidence interval and a sign test. The claim is supported if the
// whole interval lies above the threshold, and refuted if none of it does,
// provided that the sign test agrees at the level [Significance]. Otherwise it
// is inconclusive. The interval assumes normally distributed values; the sign
// test assumes no distribution. A value equal to the threshold counts as not
// above it.
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

// Below decides the claim "the mean is below the threshold", as [Estimate.Above]
// does.
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

// Logs returns the logarithms to base 10. Use it for effects that are ratios.
func Logs(values []float64) []float64 {
	all := make([]float64, len(values))
	for i, v := range values {
		all[i] = math.Log10(v)
	}
	return all
}

// Scaled returns the values times a factor.
func Scaled(values []float64, by float64) []float64 {
	return floats.ScaleTo(make([]float64, len(values)), by, values)
}

// Finite returns the values without infinities and NaN.
func Finite(values []float64) []float64 {
	var kept []float64
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			kept = append(kept, v)
		}
	}
	return kept
}
