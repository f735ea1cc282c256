package report

import (
	"math"

	"evident/kit/claim"
)

// Curve is a series of points with finite coordinates. A curve that diverges
// ends at its last finite point.
type Curve struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
	// Low and High bound a band around Y (a confidence interval, or the range
	// over seeds). Both are empty or as long as Y.
	Low  []float64 `json:"low,omitempty"`
	High []float64 `json:"high,omitempty"`
	// DivergedAt is the X at which Y stopped being finite, or nil.
	DivergedAt *float64 `json:"diverged_at,omitempty"`
}

// Add appends a point. A y that is not finite ends the curve: Add records its
// x in DivergedAt and drops all later points.
func (c *Curve) Add(x, y float64) {
	switch {
	case c.DivergedAt != nil:
	case math.IsNaN(y) || math.IsInf(y, 0):
		c.DivergedAt = &x
	default:
		c.X, c.Y = append(c.X, x), append(c.Y, y)
	}
}

// AddEstimate appends the mean of one value per seed, with its confidence
// interval as the band if there are at least [claim.MinSamples] seeds. A value
// that is not finite ends the curve.
func (c *Curve) AddEstimate(x float64, values []float64) {
	c.addEstimate(x, values, func(v float64) float64 { return v })
}

// AddGeometric appends the geometric mean of positive values, with the
// confidence interval of their logarithms. Use it on a logarithmic axis.
func (c *Curve) AddGeometric(x float64, values []float64) {
	c.addEstimate(x, claim.Logs(values), func(v float64) float64 { return math.Pow(10, v) })
}

func (c *Curve) addEstimate(x float64, values []float64, scale func(float64) float64) {
	if len(claim.Finite(values)) < len(values) || len(values) == 0 {
		c.Add(x, math.NaN())
		return
	}
	e := claim.EstimateMean(values)
	before := len(c.X)
	if c.Add(x, scale(e.Mean)); len(c.X) == before {
		return
	}
	if len(values) < claim.MinSamples && len(c.Low) == 0 {
		return // too few for a band
	}
	if len(values) < claim.MinSamples {
		e.Low, e.High = e.Mean, e.Mean
	}
	if len(c.Low) < before { // the points before had too few
		c.Low, c.High = append(c.Low, c.Y[len(c.Low):before]...), append(c.High, c.Y[len(c.High):before]...)
	}
	// The interval of a few distant seeds can exceed all finite numbers.
	c.Low, c.High = append(c.Low, math.Max(scale(e.Low), -math.MaxFloat64)), append(c.High, math.Min(scale(e.High), math.MaxFloat64))
}
