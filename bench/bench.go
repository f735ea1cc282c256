// Package bench holds measurements of speed: `make bench`. They are benchmarks,
// never tests, and compare alternatives side by side in one run.
package bench

import (
	"slices"

	"gonum.org/v1/gonum/stat"
)

// BatchSize is that of question 7.
const BatchSize = 32

// Median of some values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}
