package learningrate

import (
	"evident/lessons/fit"
	"evident/lessons/sweep"
)

// The draws of the generated data. All seeds of a comparison see the same
// examples: a caveat of its verdict.
const (
	trainingDraw = 1
	testDraw     = 2
	noiseDraw    = 3
	regression   = 4
)

// The purposes for which data is drawn.
const forExamples = 21

var oneHot = [][]float64{{1, 0}, {0, 1}}

// quadrants is points of the plane, normally distributed, whose class says
// whether their signs agree: no line parts the classes. A share of the labels
// is wrong.
func quadrants(n int, draw int64, flipped float64) sweep.Data {
	random := fit.Rand(draw, forExamples)
	var data sweep.Data
	for range n {
		x, y := random.NormFloat64(), random.NormFloat64()
		label := 0
		if x*y > 0 {
			label = 1
		}
		if random.Float64() < flipped {
			label = 1 - label
		}
		data.X, data.Y = append(data.X, []float64{x, y}), append(data.Y, oneHot[label])
	}
	return data
}

// halves is points of two overlapping normal distributions of unequal widths,
// one a class.
func halves(n int) sweep.Data {
	random := fit.Rand(trainingDraw, forExamples)
	var data sweep.Data
	for i := range n {
		label := i % 2
		side := 2*float64(label) - 1
		data.X = append(data.X, []float64{side + random.NormFloat64(), 0.5*side + 2*random.NormFloat64()})
		data.Y = append(data.Y, oneHot[label])
	}
	return data
}
