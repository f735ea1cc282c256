// Package toy generates small problems whose answers are known: classes of
// points in the plane, and linear regressions. The same seed draws the same
// examples everywhere.
package toy

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"evident/datasets"
)

// draws keeps the numbers drawn here apart from those that other packages draw
// from the same seed.
const draws = 21

func random(seed int64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), draws)) }

// oneHot is the target of two classes.
func oneHot(label int) []float64 {
	target := make([]float64, 2)
	target[label] = 1
	return target
}

// Quadrants are n points of the plane, normally distributed, whose class says
// whether their signs agree: no line parts the classes. A share of the labels,
// from 0 to below 0.5, is flipped to the wrong class.
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

// Gaussians are n points of two overlapping normal distributions of unequal
// widths, one a class, in turn.
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

// Spirals are n points on two arms that wind about each other for the given
// number of turns, one a class, in turn, with normally distributed noise (after
// Lang and Witbrock 1988). They lie within about −1 to 1.
func Spirals(n int, seed int64, turns, noise float64) datasets.Rows {
	random := random(seed)
	var rows datasets.Rows
	for i := range n {
		label := i % 2
		along := math.Sqrt(random.Float64()) // evenly over the area, not crowded in the middle
		angle := 2*math.Pi*turns*along + math.Pi*float64(label)
		rows.Add([]float64{
			along*math.Cos(angle) + noise*random.NormFloat64(),
			along*math.Sin(angle) + noise*random.NormFloat64(),
		}, oneHot(label))
	}
	return rows
}

// Teacher is n points of so many normally distributed features, whose class is
// the sign of a net of four hidden units of tanh, drawn from the seed teacher:
// sets of one teacher and two seeds are for training and for testing. A share of
// the labels, from 0 to below 0.5, is flipped to the wrong class.
func Teacher(n, features int, teacher, seed int64, flipped float64) datasets.Rows {
	const units, steepness = 4, 2
	weights := random(teacher)
	inner, outer := make([][]float64, units), make([]float64, units)
	for k := range inner {
		outer[k] = float64(1 - 2*(k%2)) // as many for a class as against it
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
