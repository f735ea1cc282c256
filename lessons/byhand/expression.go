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
}

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
	return expression{value, text{symbol, whole}, number(value)}
}

// constant is a number that is its own symbol.
func constant(v float64) expression { return expression{v, number(v), number(v)} }

// plus is the sum of the terms, 0 where there are none.
func plus(terms ...expression) expression {
	if len(terms) == 0 {
		return constant(0)
	}
	total := terms[0]
	for _, term := range terms[1:] {
		total = expression{
			total.value + term.value,
			text{total.formula.latex + " + " + term.formula.within(factors), loose},
			text{total.filled.latex + " + " + term.filled.within(factors), loose},
		}
	}
	return total
}

func minus(a, b expression) expression {
	return expression{
		a.value - b.value,
		text{a.formula.latex + " - " + b.formula.within(factors), loose},
		text{a.filled.latex + " - " + b.filled.within(factors), loose},
	}
}

// times is the product of the factors, 1 where there are none.
func times(of ...expression) expression {
	if len(of) == 0 {
		return constant(1)
	}
	e := expression{of[0].value, text{of[0].formula.within(factors), factors}, text{of[0].filled.within(factors), factors}}
	for _, factor := range of[1:] {
		e.value *= factor.value
		e.formula.latex += ` \, ` + factor.formula.within(factors)
		e.filled.latex += ` \cdot ` + factor.filled.within(factors)
	}
	return e
}

func negative(a expression) expression {
	return expression{-a.value, text{"-" + a.formula.within(factors), loose}, text{"-" + a.filled.within(factors), loose}}
}

func squared(a expression) expression {
	return expression{a.value * a.value, text{a.formula.within(whole) + "^2", factors}, text{a.filled.within(whole) + "^2", factors}}
}

func half() expression {
	fraction := text{`\frac{1}{2}`, whole}
	return expression{0.5, fraction, fraction}
}

// sigmoid is written out with the number in it, as a person has to calculate it.
func sigmoid(a expression) expression {
	return expression{
		1 / (1 + math.Exp(-a.value)),
		text{`\sigma(` + a.formula.latex + ")", whole},
		text{`\frac{1}{1 + e^{` + report.Decimal(-a.value) + "}}", whole},
	}
}

func tanh(a expression) expression { return call(`\tanh`, math.Tanh(a.value), a) }

func logarithm(a expression) expression { return call(`\ln`, math.Log(a.value), a) }

// largest is the maximum of the arguments.
func largest(of ...expression) expression {
	value := math.Inf(-1)
	for _, argument := range of {
		value = max(value, argument.value)
	}
	return call(`\max`, value, of...)
}

func call(function string, value float64, arguments ...expression) expression {
	symbols, numbers := make([]string, len(arguments)), make([]string, len(arguments))
	for i, argument := range arguments {
		symbols[i], numbers[i] = argument.formula.latex, argument.filled.latex
	}
	wrap := func(inner []string) text {
		return text{fmt.Sprintf("%s(%s)", function, strings.Join(inner, ", ")), whole}
	}
	return expression{value, wrap(symbols), wrap(numbers)}
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
