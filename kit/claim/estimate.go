package claim

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a mean over seeds with its 95 % confidence interval. With fewer than
// two values, or with a value that is not finite, the interval is unbounded. Low
// is then -MaxFloat64 and High +MaxFloat64, because JSON cannot hold infinities.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
	// Values are the summarised values, which the sign test needs.
	Values []float64 `json:"-"`
}

// EstimateMean summarises one value per seed, with the interval of Student's t
// (two-sided). Use [EstimateFraction] for fractions.
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
	half := studentsT(0.975, len(values)) * deviation / math.Sqrt(float64(len(values)))
	if math.IsNaN(half) || math.IsInf(half, 0) { // the squares overflowed
		return unknown
	}
	return Estimate{Mean: mean, Low: mean - half, High: mean + half, N: len(values), Values: values}
}

// studentsT returns the quantile of Student's t for a mean of n values.
func studentsT(p float64, n int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(p)
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

// rounding bounds the error of a fraction that was summed up.
const rounding = 1e-9

// EstimateFraction summarises one fraction per seed, each of the given number of
// trials, such as the accuracy on a test set. It panics unless trials is positive
// and every finite value lies from 0 to 1.
//
// The interval is Wilson's (1927), which never leaves 0–1, at the effective
// number of trials: the one whose binomial variance is the measured variance
// between the seeds, at most all trials (Korn and Graubard 1998). It uses
// Student's t for the few seeds behind that variance.
func EstimateFraction(values []float64, trials int) Estimate {
	e := EstimateMean(values)
	if trials < 1 {
		panic(fmt.Sprintf("claim: fractions of %d trials", trials))
	}
	if e.High == math.MaxFloat64 {
		return e
	}
	if low, high := floats.Min(values), floats.Max(values); low < -rounding || high > 1+rounding {
		panic(fmt.Sprintf("claim: fractions from %g to %g", low, high))
	}
	e.Mean = min(max(e.Mean, 0), 1)
	n := float64(len(values))
	all := n * float64(trials)
	effective := all
	if variance := stat.Variance(values, nil) / n; variance > 0 {
		effective = min(e.Mean*(1-e.Mean)/variance, all)
	}
	t := studentsT(0.975, len(values))
	scale := 1 + t*t/effective
	centre := (e.Mean + t*t/(2*effective)) / scale
	half := t / scale * math.Sqrt(e.Mean*(1-e.Mean)/effective+t*t/(4*effective*effective))
	e.Low, e.High = max(centre-half, 0), min(centre+half, 1)
	switch e.Mean { // in exact arithmetic one end is the mean itself
	case 0:
		e.Low = 0
	case 1:
		e.High = 1
	}
	return e
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
	bounds := []Bound{{e, threshold}}
	yes, no := signTest(above, n), signTest(n-above, n)
	switch {
	case e.Low > threshold && yes <= Significance:
		return Decision{Verdict: Supported, P: yes, Tested: true, Bounds: bounds}
	case e.High <= threshold && no <= Significance:
		return Decision{Verdict: Refuted, P: no, Tested: true, Bounds: bounds}
	}
	return Decision{Verdict: Inconclusive, P: min(yes, no), Tested: n > 0, Power: powerOf(e, threshold), Bounds: bounds}
}

// Below decides the claim "the mean is below the threshold", as [Estimate.Above]
// does.
func (e Estimate) Below(threshold float64) Decision {
	mirrored := Estimate{Mean: -e.Mean, Low: -e.High, High: -e.Low, N: e.N, Values: Scaled(e.Values, -1)}
	decision := mirrored.Above(-threshold)
	decision.Bounds = []Bound{{e, threshold}}
	if decision.Power != nil {
		decision.Power.Threshold = threshold
	}
	return decision
}

// Within decides the claim "the mean lies between the two bounds", with which an
// effect is shown to be too small to matter: both one-sided tests must pass
// (Schuirmann 1987). It is refuted if the mean lies beyond either bound.
func (e Estimate) Within(low, high float64) Decision { return All(e.Above(low), e.Below(high)) }

// String prints the mean with its interval, as in "0.041 [0.020, 0.062]".
func (e Estimate) String() string {
	if e.High == math.MaxFloat64 {
		return fmt.Sprintf("%s [no interval, n=%d]", short(e.Mean), e.N)
	}
	return fmt.Sprintf("%s [%s, %s]", short(e.Mean), short(e.Low), short(e.High))
}

// short formats a number with three digits, or as many as tell it from 1.
func short(v float64) string {
	digits := 3
	if near := math.Abs(1 - math.Abs(v)); near > 0 && near < 5e-3 {
		digits = min(int(math.Ceil(-math.Log10(near)))+1, 9)
	}
	return strconv.FormatFloat(v, 'g', digits, 64)
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
