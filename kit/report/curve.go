package report

import (
	"math"

	"evident/kit/claim"
)

// Curve is a series of points. All its numbers are finite: what diverges ends
// at its last finite point.
type Curve struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	// Low and High bound a band around Y (a confidence interval, or the range
	// over seeds); both empty, or as long as Y.
	Low  []float64 `json:"low,omitempty"`
	High []float64 `json:"high,omitempty"`
	// DivergedAt is the X at which Y stopped being finite, if it did.
	DivergedAt *float64 `json:"diverged_at,omitempty"`
}

// Add appends a point. A y that is not finite ends the curve: it is not
// stored, its x is kept in DivergedAt, and later points are dropped.
func (c *Curve) Add(x, y float64) {
	switch {
	case c.DivergedAt != nil:
	case math.IsNaN(y) || math.IsInf(y, 0):
		c.DivergedAt = &x
	default:
		c.X, c.Y = append(c.X, x), append(c.Y, y)
	}
}

// AddEstimate appends the mean of one value a seed, with its interval as the
// band. Values of which one is not finite end the curve.
func (c *Curve) AddEstimate(x float64, values []float64) {
	c.addEstimate(x, values, func(v float64) float64 { return v })
}

// AddGeometric appends the geometric mean of values above 0 with the interval
// of their logarithms, for a logarithmic axis.
func (c *Curve) AddGeometric(x float64, values []float64) {
	c.addEstimate(x, claim.Logs(values), func(v float64) float64 { return math.Pow(10, v) })
}

func (c *Curve) addEstimate(x float64, values []float64, scale func(float64) float64) {
	if len(claim.Finite(values)) < len(values) || len(values) == 0 {
		c.Add(x, math.NaN())
		return
	}
	e := claim.EstimateMean(values)
	if e.High == math.MaxFloat64 { // one seed: the band is the value itself
		e.Low, e.High = e.Mean, e.Mean
	}
	before := len(c.X)
	if c.Add(x, scale(e.Mean)); len(c.X) > before {
		// Few seeds that lie far apart have an interval beyond all numbers.
		c.Low, c.High = append(c.Low, math.Max(scale(e.Low), -math.MaxFloat64)), append(c.High, math.Min(scale(e.High), math.MaxFloat64))
	}
}
