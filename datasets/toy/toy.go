// Package toy generates small problems with known answers: classes of points in
// the plane, and linear regressions. The same seed draws the same examples on
// every platform.
package toy

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"evident/datasets"
)

// draws makes these random numbers independent of those that other packages draw
// from the same seed.
const draws = 21

func random(seed int64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), draws)) }

// oneHot returns the target for one of two classes.
func oneHot(label int) []float64 {
	target := make([]float64, 2)
	target[label] = 1
	return target
}

// Quadrants returns n normally distributed points of the plane. The class says
// whether their two coordinates have the same sign, so no line separates the
// classes. A fraction flipped of the labels, from 0 to below 0.5, is wrong
// (label noise).
func Quadrants(n int, seed int64, flipped float64) datasets.Rows {
	random := random(seed)
	var rows datasets.Rows
	for range n {
		x, y := random.NormFloat64(), random.NormFloat64()
		label := 0
		if x*y > 0 {
			label = 1
		}
		if random.Float64() < flipped {
			label = 1 - label
		}
		rows.Add([]float64{x, y}, oneHot(label))
	}
	return rows
}

// Gaussians returns n points of two overlapping normal distributions of unequal
// widths, one per class, in turn.
func Gaussians(n int, seed int64) datasets.Rows {
	random := random(seed)
	var rows datasets.Rows
	for i := range n {
		label := i % 2
		side := 2*float64(label) - 1
		rows.Add([]float64{side + random.NormFloat64(), 0.5*side + 2*random.NormFloat64()}, oneHot(label))
	}
	return rows
}

// Spirals returns n points on two arms, one per class, that wind about each
// other for the given number of turns, with normally distributed noise (after
// Lang and Witbrock 1988). They lie within about −1 to 1.
func Spirals(n int, seed int64, turns, noise float64) datasets.Rows {
	random := random(seed)
	var rows datasets.Rows
	for i := range n {
		label := i % 2
		along := math.Sqrt(random.Float64()) // uniform over the area, not crowded in the middle
		angle := 2*math.Pi*turns*along + math.Pi*float64(label)
		rows.Add([]float64{
			along*math.Cos(angle) + noise*random.NormFloat64(),
			along*math.Sin(angle) + noise*random.NormFloat64(),
		}, oneHot(label))
	}
	return rows
}

// Teacher returns n points of normally distributed features. Their class is the
// sign of a net with four hidden tanh units, drawn from the seed teacher. Use
// one teacher with two seeds to get training and test sets. A fraction flipped
// of the labels, from 0 to below 0.5, is wrong (label noise).
func Teacher(n, features int, teacher, seed int64, flipped float64) datasets.Rows {
	const units, steepness = 4, 2
	weights := random(teacher)
	inner, outer := make([][]float64, units), make([]float64, units)
	for k := range inner {
		outer[k] = float64(1 - 2*(k%2)) // half of the units vote for each class
		for range features {
			inner[k] = append(inner[k], steepness*weights.NormFloat64()/math.Sqrt(float64(features)))
		}
	}
	random := random(seed)
	var rows datasets.Rows
	for range n {
		x := make([]float64, features)
		for j := range x {
			x[j] = random.NormFloat64()
		}
		sum := 0.0
		for k, own := range inner {
			sum += outer[k] * math.Tanh(floats.Dot(own, x))
		}
		label := 0
		if (sum > 0) != (random.Float64() < flipped) {
			label = 1
		}
		rows.Add(x, oneHot(label))
	}
	return rows
}

// Regression returns n examples. The target is the sum of the features, which
// are normally distributed, plus noise with the given standard deviation.
func Regression(n, features int, seed int64, noise float64) datasets.Rows {
	random := random(seed)
	var rows datasets.Rows
	for range n {
		x := make([]float64, features)
		target := noise * random.NormFloat64()
		for j := range x {
			x[j] = random.NormFloat64()
			target += x[j]
		}
		rows.Add(x, []float64{target})
	}
	return rows
}

// LeastSquares solves a linear regression with a bias by QR. It returns the
// minimum θ* = (weights, bias) of the mean of half the squared errors, and the
// Hessian XᵀX/n, which is constant. The error means that the problem is
// singular.
func LeastSquares(rows datasets.Rows) (minimum []float64, hessian [][]float64, err error) {
	n, width := rows.Len(), len(rows.X[0])+1
	x, y := mat.NewDense(n, width, nil), mat.NewVecDense(n, nil)
	for i := range n {
		x.SetRow(i, append(append([]float64(nil), rows.X[i]...), 1))
		y.SetVec(i, rows.Y[i][0])
	}
	var solution mat.VecDense
	if err := solution.SolveVec(x, y); err != nil {
		return nil, nil, err
	}
	var product mat.Dense
	product.Mul(x.T(), x)
	product.Scale(1/float64(n), &product)
	for i := range width {
		hessian = append(hessian, append([]float64(nil), product.RawRowView(i)...))
	}
	return solution.RawVector().Data, hessian, nil
}
