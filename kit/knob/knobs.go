// Package knob describes, checks and shifts the knobs of an experiment. A
// configuration is a struct whose fields carry tags; see [Knob].
package knob

import (
	"math"
	"slices"

	"evident/internal/badinput"
	"evident/kit/claim"
)

// Seeds returns 1, 2, …, n.
func Seeds(n int) []int64 { return SeedsFrom(1, n) }

// SeedsFrom returns n consecutive seeds.
func SeedsFrom(first int64, n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = first + int64(i)
	}
	return all
}

// Logspace returns base^from, …, base^to with per numbers for each power of the
// base, evenly spaced on a logarithmic axis. Both from and to are multiples of
// 1/per.
func Logspace(base, from, to float64, per int) []float64 {
	var all []float64
	for i := int(math.Round(from * float64(per))); i <= int(math.Round(to*float64(per))); i++ {
		all = append(all, math.Pow(base, float64(i)/float64(per)))
	}
	return all
}

// CheckSeeds returns an error if the list is empty or holds a seed twice.
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
