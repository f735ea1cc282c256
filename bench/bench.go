// Package bench holds benchmarks, which `make bench` runs. They compare
// alternatives side by side in one run. They are never tests.
package bench

import (
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// BatchSize is that of question 7.
const BatchSize = 32

// WithoutAllocator is an environment without the settings of our allocator, for
// others to be measured as they are.
func WithoutAllocator(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(setting string) bool {
		return strings.HasPrefix(setting, "MALLOC_") || strings.HasPrefix(setting, "GLIBC_TUNABLES=")
	})
}

// Median of some values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}
