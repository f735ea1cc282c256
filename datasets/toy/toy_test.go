package toy_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/diff/fd"

	"evident/datasets"
	"evident/datasets/toy"
)

func label(target []float64) int { return int(target[1]) }

// all returns the classification problems of the package, without wrong
// labels.
func all(n int, seed int64) map[string]datasets.Rows {
	return map[string]datasets.Rows{
		"quadrants": toy.Quadrants(n, seed, 0),
		"gaussians": toy.Gaussians(n, seed),
		"spirals":   toy.Spirals(n, seed, 1.5, 0.02),
	}
}

func TestSetsAreBalancedAndRepeatable(t *testing.T) {
	for name, rows := range all(2000, 3) {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 2000, rows.Len())
			ones := 0
			for i, target := range rows.Y {
				require.Len(t, rows.X[i], 2)
				require.Equal(t, 1.0, target[0]+target[1])
				ones += label(target)
			}
			require.InDelta(t, 1000, ones, 100)
			require.Equal(t, rows, all(2000, 3)[name], "the same seed draws the same")
			require.NotEqual(t, rows.X, all(2000, 4)[name].X)
		})
	}
}

func TestQuadrantsFlipTheirShareOfLabels(t *testing.T) {
	rows := toy.Quadrants(5000, 1, 0.2)
	wrong := 0
	for i, x := range rows.X {
		if (x[0]*x[1] > 0) != (label(rows.Y[i]) == 1) {
			wrong++
		}
	}
	require.InDelta(t, 0.2, float64(wrong)/5000, 0.02)
}

// On the arm of class c the angle is 2π·turns·radius + π·c.
func TestSpiralsLieOnTheirArms(t *testing.T) {
	const turns = 1.5
	rows := toy.Spirals(200, 1, turns, 0)
	for i, x := range rows.X {
		radius := math.Hypot(x[0], x[1])
		angle := 2*math.Pi*turns*radius + math.Pi*float64(label(rows.Y[i]))
		require.InDelta(t, math.Cos(angle), x[0]/radius, 1e-9)
		require.InDelta(t, math.Sin(angle), x[1]/radius, 1e-9)
	}
}

func TestLeastSquaresHasNoGradient(t *testing.T) {
	rows := toy.Regression(200, 4, 1, 0.5)
	minimum, hessian, err := toy.LeastSquares(rows)
	require.NoError(t, err)
	loss := func(theta []float64) float64 {
		total := 0.0
		for i, x := range rows.X {
			wrong := theta[len(theta)-1] - rows.Y[i][0]
			for j := range x {
				wrong += theta[j] * x[j]
			}
			total += wrong * wrong / 2 / float64(rows.Len())
		}
		return total
	}
	for i, slope := range fd.Gradient(nil, loss, minimum, &fd.Settings{Formula: fd.Central}) {
		require.InDelta(t, 0, slope, 1e-7)
		require.InDelta(t, 1, hessian[i][i], 0.5, "features of variance 1")
	}
	require.InDelta(t, 0.125, loss(minimum), 0.03, "half the variance of the noise is left")
}

func TestSingularRegressionIsAnError(t *testing.T) {
	var rows datasets.Rows
	for range 5 {
		rows.Add([]float64{1, 1}, []float64{2})
	}
	_, _, err := toy.LeastSquares(rows)
	require.Error(t, err)
}

// Sets of one teacher agree about a point, sets of two teachers do not.
// Flipping a third of the labels changes a third of them.
func TestTeacherDecidesTheClass(t *testing.T) {
	const n = 3000
	ones, differ, flipped := 0, 0, 0
	own, other, noisy := toy.Teacher(n, 6, 1, 5, 0), toy.Teacher(n, 6, 2, 5, 0), toy.Teacher(n, 6, 1, 5, 1.0/3)
	require.Equal(t, own, toy.Teacher(n, 6, 1, 5, 0), "the same seed draws the same")
	for i := range own.X {
		ones += label(own.Y[i])
		require.Equal(t, own.X[i], other.X[i])
		if label(own.Y[i]) != label(other.Y[i]) {
			differ++
		}
		if label(own.Y[i]) != label(noisy.Y[i]) {
			flipped++
		}
	}
	require.InDelta(t, n/2, ones, 0.05*n, "the mirrored point has the other class")
	require.Greater(t, differ, n/4)
	require.InDelta(t, n/3, flipped, 0.05*n)
	require.NotEqual(t, own.X, toy.Teacher(n, 6, 1, 6, 0).X)
}
