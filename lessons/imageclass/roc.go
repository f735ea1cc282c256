package imageclass

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is an estimate with its 95 % confidence interval.
type Interval struct{ Value, Low, High float64 }

// within keeps the ends of an interval in the range of fractions.
func (i Interval) within() Interval {
	return Interval{i.Value, max(i.Low, 0), min(i.High, 1)}
}

// normal95 is the number of standard deviations about the mean of a normal
// distribution that hold 95 % of it.
var normal95 = distuv.UnitNormal.Quantile(0.975)

// AUC is the area under the ROC curve with the interval of DeLong, DeLong and
// Clarke-Pearson (1988, section 2): the fraction of pairs of a positive and a
// negative picture in which the positive one has the higher score, ties counted
// by half. Without both kinds of pictures the value is NaN.
func AUC(scores []float64, positive []bool) Interval {
	above, below := split(scores, positive)
	m, n := float64(len(above)), float64(len(below))
	if m == 0 || n == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	// The fraction of negatives below each positive, and of positives above each
	// negative, from ranks (Sun and Xu 2014).
	all := midranks(slices.Concat(above, below))
	own, other := midranks(above), midranks(below)
	sensitive, specific := make([]float64, len(above)), make([]float64, len(below))
	for i := range sensitive {
		sensitive[i] = (all[i] - own[i]) / n
	}
	for j := range specific {
		specific[j] = 1 - (all[len(above)+j]-other[j])/m
	}
	area := stat.Mean(sensitive, nil)
	half := normal95 * math.Sqrt(variance(sensitive)/m+variance(specific)/n)
	return Interval{area, area - half, area + half}.within()
}

// variance is 0 for a single value, which has none.
func variance(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	return stat.Variance(values, nil)
}

// split parts the scores of positive pictures from those of the others.
func split(scores []float64, positive []bool) (above, below []float64) {
	for i, score := range scores {
		if positive[i] {
			above = append(above, score)
		} else {
			below = append(below, score)
		}
	}
	return above, below
}

// midranks are the places in rising order, from 1; equal values have the
// mean of theirs.
func midranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranks := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			ranks[i] = float64(start+end+1) / 2
		}
		start = end
	}
	return ranks
}

// ROC is the rate of true against the rate of false positives, for every
// threshold that the scores can be cut at, from (0, 0) to (1, 1).
func ROC(scores []float64, positive []bool) (falsePositive, truePositive []float64) {
	above, below := split(scores, positive)
	thresholds := slices.Compact(slices.Sorted(slices.Values(scores)))
	falsePositive, truePositive = []float64{0}, []float64{0}
	for i := len(thresholds) - 1; i >= 0; i-- {
		falsePositive = append(falsePositive, fractionFrom(below, thresholds[i]))
		truePositive = append(truePositive, fractionFrom(above, thresholds[i]))
	}
	return falsePositive, truePositive
}

func fractionFrom(values []float64, threshold float64) float64 {
	count := 0
	for _, v := range values {
		if v >= threshold {
			count++
		}
	}
	return float64(count) / float64(max(len(values), 1))
}

// Fraction is k of n with its interval after Wilson (1927), which holds for fractions
// near 0 and 1 too, where most are here.
func Fraction(k, n int) Interval {
	if n == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	p, count, z2 := float64(k)/float64(n), float64(n), normal95*normal95
	middle := (p + z2/(2*count)) / (1 + z2/count)
	half := normal95 / (1 + z2/count) * math.Sqrt(p*(1-p)/count+z2/(4*count*count))
	return Interval{p, middle - half, middle + half}.within()
}

// String prints the value with its interval.
func (i Interval) String() string { return fmt.Sprintf("%.4f [%.4f, %.4f]", i.Value, i.Low, i.High) }
