// Package bench holds measurements of speed: `make bench`. They are benchmarks,
// never tests, and compare alternatives side by side in one run.
package bench

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"evident/lessons/fit"
)

// BatchSize is that of question 7.
const BatchSize = 32

// Noise is n pictures of random pixels with random labels.
func Noise(n int) fit.Data {
	random := rand.New(rand.NewPCG(1, 1))
	pixels, labels := make([]uint8, n*32*32*3), make([]int32, n)
	for i := range pixels {
		pixels[i] = uint8(random.IntN(256))
	}
	for i := range labels {
		labels[i] = random.Int32N(10)
	}
	return fit.NewData(pixels, []int{32, 32, 3}, labels)
}

// Median of some values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}
