package byhand

import (
	"fmt"
	"math"
	"strings"

	"evident/kit/report"
)

// expression is a formula that is written and calculated at once: what a reader
// sees, with symbols and with numbers, is what the value comes from.
type expression struct {
	value   float64
	formula text // in symbols
	filled  text // the same with numbers
	// bound is the largest error that rounding can have left in the value, to
	// first order: each operation passes on the errors of its operands and adds
	// its own (running error analysis, Higham 2002, section 3.3).
	bound float64
}

const (
	// roundoff is the largest relative error of one operation in float64.
	roundoff = 0x1p-53
	// elementary bounds the error of exp, tanh and ln of different libraries,
	// relative to the larger of their result and 1: four units in the last place.
	elementary = 8 * roundoff
)

// text is LaTeX that knows when it needs brackets.
type text struct {
	latex string
	binds strength
}

// strength is how tightly the parts of a formula hold together.
type strength int

// From loose to tight. A negative number is as loose as a sum: it gets brackets
// wherever a sum does.
const (
	loose strength = iota // a + b, −a
	factors
	whole
)

// within is the text as a part that has to hold together at least so tightly.
func (t text) within(s strength) string {
	if t.binds < s {
		return "(" + t.latex + ")"
	}
	return t.latex
}

func number(v float64) text {
	if v < 0 {
		return text{report.Decimal(v), loose}
	}
	return text{report.Decimal(v), whole}
}

// quantity is a symbol with its value.
func quantity(symbol string, value float64) expression {
	return expression{value: value, formula: text{symbol, whole}, filled: number(value)}
}

// constant is a number that is its own symbol.
func constant(v float64) expression {
	return expression{value: v, formula: number(v), filled: number(v)}
}

// plus is the sum of the terms, 0 where there are none. Its bound holds for every
// order of adding up (Higham 2002, equation 4.4).
func plus(terms ...expression) expression {
	if len(terms) == 0 {
		return constant(0)
	}
	total := terms[0]
	sizes := math.Abs(terms[0].value)
	for _, term := range terms[1:] {
		sizes += math.Abs(term.value)
		total = expression{
			total.value + term.value,
			text{total.formula.latex + " + " + term.formula.within(factors), loose},
			text{total.filled.latex + " + " + term.filled.within(factors), loose},
			total.bound + term.bound,
		}
	}
	total.bound += float64(len(terms)-1) * roundoff * sizes
	return total
}

func minus(a, b expression) expression {
	return expression{
		a.value - b.value,
		text{a.formula.latex + " - " + b.formula.within(factors), loose},
		text{a.filled.latex + " - " + b.filled.within(factors), loose},
		a.bound + b.bound + roundoff*(math.Abs(a.value)+math.Abs(b.value)),
	}
}

// times is the product of the factors, 1 where there are none.
func times(of ...expression) expression {
	if len(of) == 0 {
		return constant(1)
	}
	e := expression{of[0].value, text{of[0].formula.within(factors), factors}, text{of[0].filled.within(factors), factors}, of[0].bound}
	for _, factor := range of[1:] {
		product := e.value * factor.value
		e.bound = e.bound*math.Abs(factor.value) + factor.bound*math.Abs(e.value) + roundoff*math.Abs(product)
		e.value = product
		e.formula.latex += ` \, ` + factor.formula.within(factors)
		e.filled.latex += ` \cdot ` + factor.filled.within(factors)
	}
	return e
}

func negative(a expression) expression {
	return expression{-a.value, text{"-" + a.formula.within(factors), loose}, text{"-" + a.filled.within(factors), loose}, a.bound}
}

func squared(a expression) expression {
	square := a.value * a.value
	return expression{
		square, text{a.formula.within(whole) + "^2", factors}, text{a.filled.within(whole) + "^2", factors},
		2*math.Abs(a.value)*a.bound + roundoff*square,
	}
}

func half() expression {
	fraction := text{`\frac{1}{2}`, whole}
	return expression{value: 0.5, formula: fraction, filled: fraction}
}

// sigmoid is written out with the number in it, as a person has to calculate it.
func sigmoid(a expression) expression {
	value := 1 / (1 + math.Exp(-a.value))
	return expression{
		value,
		text{`\sigma(` + a.formula.latex + ")", whole},
		text{`\frac{1}{1 + e^{` + report.Decimal(-a.value) + "}}", whole},
		applied(value, value*(1-value), a),
	}
}

func tanh(a expression) expression {
	value := math.Tanh(a.value)
	return call(`\tanh`, value, applied(value, 1-value*value, a), a)
}

func logarithm(a expression) expression {
	value := math.Log(a.value)
	return call(`\ln`, value, applied(value, 1/a.value, a), a)
}

// applied bounds the error of a function's value whose derivative is given.
func applied(value, derivative float64, of expression) float64 {
	return math.Abs(derivative)*of.bound + elementary*max(math.Abs(value), 1)
}

// largest is the maximum of the arguments.
func largest(of ...expression) expression {
	value, bound := math.Inf(-1), 0.0
	for _, argument := range of {
		value, bound = max(value, argument.value), max(bound, argument.bound)
	}
	return call(`\max`, value, bound, of...)
}

func call(function string, value, bound float64, arguments ...expression) expression {
	symbols, numbers := make([]string, len(arguments)), make([]string, len(arguments))
	for i, argument := range arguments {
		symbols[i], numbers[i] = argument.formula.latex, argument.filled.latex
	}
	wrap := func(inner []string) text {
		return text{fmt.Sprintf("%s(%s)", function, strings.Join(inner, ", ")), whole}
	}
	return expression{value, wrap(symbols), wrap(numbers), bound}
}

// whether is 1 where the relation "=" or ">" holds between a and b, and 0 where
// it does not: Iverson's bracket [a > b].
func whether(a expression, relation string, b expression) expression {
	holds := constant(0)
	if (relation == "=" && a.value == b.value) || (relation == ">" && a.value > b.value) {
		holds = constant(1)
	}
	holds.formula = text{fmt.Sprintf("[%s %s %s]", a.formula.latex, relation, b.formula.latex), whole}
	return holds
}
