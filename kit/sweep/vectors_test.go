package sweep_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/sweep"
)

func TestVectorsByHand(t *testing.T) {
	vectors := [][]float64{{0, 0}, {2, 0}, {1, 3}}
	require.Equal(t, []float64{1, 1}, sweep.MeanVector(vectors))
	require.InDelta(t, (2+2+4)/3.0, sweep.MeanSquare(vectors, []float64{1, 1}), 1e-12)
	require.Equal(t, [][]float64{{0, 0}, {2, 0}, {1, 3}}, vectors, "the vectors stay")
}

// [[2, 1], [1, 2]] has the eigenvectors (1, −1) and (1, 1).
func TestEigenvaluesRise(t *testing.T) {
	require.InDeltaSlice(t, []float64{1, 3}, sweep.Eigenvalues([][]float64{{2, 1}, {1, 2}}), 1e-12)
	require.Nil(t, sweep.Eigenvalues([][]float64{{math.NaN(), 0}, {0, 1}}))
}
