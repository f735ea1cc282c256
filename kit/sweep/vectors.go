package sweep

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// MeanVector returns the mean of vectors of equal length, such as the gradients
// of many batches.
func MeanVector(vectors [][]float64) []float64 {
	sum := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		floats.Add(sum, v)
	}
	floats.Scale(1/float64(len(vectors)), sum)
	return sum
}

// MeanSquare returns the mean of ‖v − from‖² over the vectors.
func MeanSquare(vectors [][]float64, from []float64) float64 {
	total := 0.0
	for _, v := range vectors {
		distance := floats.Distance(v, from, 2)
		total += distance * distance
	}
	return total / float64(len(vectors))
}

// Eigenvalues returns the eigenvalues of a symmetric matrix in rising order, or
// nil if a value is not finite.
func Eigenvalues(rows [][]float64) []float64 {
	symmetric := mat.NewSymDense(len(rows), nil)
	for i, row := range rows {
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil
			}
			symmetric.SetSym(i, j, v)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, false) {
		return nil
	}
	return eigen.Values(nil)
}
