// Package knob holds values for the knobs of an experiment, and checks of them.
package knob

import (
	"maps"
	"math"
	"slices"

	"evident/internal/badinput"
	"evident/kit/claim"
)

// Seeds are 1, 2, …, n.
func Seeds(n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(i + 1)
	}
	return all
}

// Logspace are base^from, …, base^to with so many numbers for each power of the
// base, evenly spaced on a logarithmic axis. Both ends are multiples of 1/per.
func Logspace(base, from, to float64, per int) []float64 {
	var all []float64
	for i := int(math.Round(from * float64(per))); i <= int(math.Round(to*float64(per))); i++ {
		all = append(all, math.Pow(base, float64(i)/float64(per)))
	}
	return all
}

// ShiftSeeds moves every seed of the lists by the same amount. The lists are
// copied first: configurations may share them.
func ShiftSeeds(by int64, lists ...*[]int64) {
	for _, seeds := range lists {
		*seeds = slices.Clone(*seeds)
		for i := range *seeds {
			(*seeds)[i] += by
		}
	}
}

// CheckSeeds returns an error when a knob has no seed, or one twice.
func CheckSeeds(name string, seeds []int64) error {
	if len(seeds) == 0 {
		return badinput.Errorf("%s is empty: give at least one seed, and %d for a verdict", name, claim.MinSamples)
	}
	for i, seed := range seeds {
		if slices.Contains(seeds[:i], seed) {
			return badinput.Errorf("%s has %d twice: each seed counts once", name, seed)
		}
	}
	return nil
}

// CheckAtLeast returns an error that names the first knob, in the order of
// their names, that is below the minimum.
func CheckAtLeast(minimum int, knobs map[string]int) error {
	for _, name := range slices.Sorted(maps.Keys(knobs)) {
		if knobs[name] < minimum {
			return badinput.Errorf("%s is %d: it must be at least %d", name, knobs[name], minimum)
		}
	}
	return nil
}

// CheckList returns an error when a knob has no value, or one below 1.
func CheckList(name string, values []int) error {
	if len(values) == 0 {
		return badinput.Errorf("%s is empty: give at least one value", name)
	}
	for _, v := range values {
		if v < 1 {
			return badinput.Errorf("%s has %d: every value must be at least 1", name, v)
		}
	}
	return nil
}

// CheckPositive returns an error that names the first knob, in the order of
// their names, that is not above 0 and finite.
func CheckPositive(knobs map[string]float64) error {
	for _, name := range slices.Sorted(maps.Keys(knobs)) {
		if v := knobs[name]; !(v > 0) || math.IsInf(v, 1) {
			return badinput.Errorf("%s is %g: it must be above 0 and finite", name, v)
		}
	}
	return nil
}

// CheckRates returns an error when a knob of learning rates has fewer than two,
// one that is not above 0 and finite, or one that is not above the one before.
func CheckRates(name string, rates []float64) error {
	if len(rates) < 2 {
		return badinput.Errorf("%s has %d rates: give at least two to compare", name, len(rates))
	}
	for i, rate := range rates {
		if !(rate > 0) || math.IsInf(rate, 1) {
			return badinput.Errorf("%s has %g: every rate must be above 0 and finite", name, rate)
		}
		if i > 0 && rate <= rates[i-1] {
			return badinput.Errorf("%s has %g after %g: give the rates in rising order", name, rate, rates[i-1])
		}
	}
	return nil
}

// FirstOf is the first error of a list of checks, or nil.
func FirstOf(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}
