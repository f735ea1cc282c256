package steer

import (
	"math"

	"evident/kit/report"
)

// most is how many values a record keeps; beyond it, it keeps every second.
const most = 400

// Record keeps values of a long training, evenly over its steps.
type Record struct {
	x, y  []float64
	added int
	every int // of the values added is kept
}

// Add takes the next value. One that is not finite leaves a gap.
func (r *Record) Add(x, y float64) {
	r.every = max(r.every, 1)
	r.added++
	if (r.added-1)%r.every != 0 || math.IsNaN(y) || math.IsInf(y, 0) {
		return
	}
	if len(r.x) == most {
		for i := range most / 2 {
			r.x[i], r.y[i] = r.x[2*i], r.y[2*i]
		}
		r.x, r.y, r.every = r.x[:most/2], r.y[:most/2], 2*r.every
	}
	r.x, r.y = append(r.x, x), append(r.y, y)
}

// Curve returns the values as a curve; those below a floor lie on it.
func (r *Record) Curve(name string, floor float64) report.Curve {
	curve := report.Curve{Name: name}
	for i := range r.x {
		curve.Add(r.x[i], max(r.y[i], floor))
	}
	return curve
}
