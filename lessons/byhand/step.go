package byhand

import (
	"math/rand/v2"
)

// parameter is a trained number with the slope of the loss along it.
type parameter struct {
	name     string
	value    expression
	gradient expression
}

// slopeOf writes down ∂L/∂(a parameter).
func (w *worksheet) slopeOf(value expression, name string, gradient expression) parameter {
	return parameter{name, value, w.line("dL/d"+name, slope(value.formula.latex), gradient)}
}

// update is one step of gradient descent, θ′ = θ − η ∂L/∂θ. It returns the new
// values in the order of the parameters.
func (w *worksheet) update(parameters []parameter, rate expression) []expression {
	moved := make([]expression, len(parameters))
	for i, p := range parameters {
		moved[i] = w.line(p.name+"'", p.value.formula.latex+"'", minus(p.value, times(rate, p.gradient)))
	}
	return moved
}

// gain compares what the step brought with what a straight line promises: the
// loss falls by η times the squared length of the gradient.
func (w *worksheet) gain(parameters []parameter, rate, before, after expression) {
	w.line("dL", `\Delta L`, minus(after, before))
	squares := make([]expression, len(parameters))
	for i, p := range parameters {
		squares[i] = squared(p.gradient)
	}
	length := plus(squares...)
	length.formula = text{`\sum_i g_i^2`, factors}
	length = w.line("g2", `\lVert g \rVert^2`, length)
	w.line("promise", `\Delta L_{\mathrm{linear}}`, negative(times(rate, length)))
}

// tenths draws a multiple of 0.1, not 0: from to most tenths, of either sign.
func tenths(random *rand.Rand, from, most int) float64 {
	n := from + random.IntN(most-from+1)
	if random.IntN(2) == 0 {
		n = -n
	}
	return float64(n) / 10
}
