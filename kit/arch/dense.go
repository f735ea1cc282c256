package arch

import (
	"fmt"
)

// Input is the first layer of a net.
type Input struct {
	Shape Shape
}

// Class implements [Layer].
func (Input) Class() string { return "InputLayer" }

// Infer implements [Layer].
func (l Input) Infer(inputs []Value) (Facts, error) {
	if len(inputs) != 0 {
		return Facts{}, fmt.Errorf("it takes no input, not %d", len(inputs))
	}
	if l.Shape == nil {
		return Facts{}, fmt.Errorf("it has no shape")
	}
	for _, size := range l.Shape {
		if size < 1 && size != Unknown {
			return Facts{}, fmt.Errorf("its shape is %s; sizes are 1 or more", l.Shape)
		}
	}
	return passes(l.Shape, inputField(max(len(l.Shape)-1, 0))), nil
}

// Dense connects every output to all channels of its position:
// [..., channels] becomes [..., Units].
type Dense struct {
	Units      int
	NoBias     bool
	Activation string // as Keras names it; "" and "linear" are the identity
}

// Class implements [Layer].
func (Dense) Class() string { return "Dense" }

// Infer implements [Layer]. Parameters: channels·Units + Units.
func (l Dense) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 0)
	if err != nil {
		return Facts{}, err
	}
	if err := atLeast1("units", l.Units); err != nil {
		return Facts{}, err
	}
	channels, err := channelsOf(x)
	if err != nil {
		return Facts{}, err
	}
	facts := weighted([]int{channels, l.Units}, l.Units, !l.NoBias)
	facts.MultiplyAdds = product(product(x.Shape.Spatial()...), channels, l.Units)
	field := x.Field
	if len(x.Shape) == 1 {
		field = field.whole()
	}
	facts.Outputs = []Value{{Shape: x.Shape.with(l.Units), Field: field}}
	return facts, nil
}

// weighted returns the facts of a layer with a kernel and, if wanted, one
// bias per filter.
func weighted(kernel []int, filters int, bias bool) Facts {
	facts := Facts{Weights: []Weight{{Name: "kernel", Shape: kernel}}, Formula: factors(kernel...)}
	if bias {
		facts.Weights = append(facts.Weights, Weight{Name: "bias", Shape: []int{filters}})
	}
	facts.Formula = added(facts.Formula, filters, bias)
	return facts
}

// added appends the biases to the formula.
func added(formula string, filters int, bias bool) string {
	if !bias {
		return formula
	}
	return fmt.Sprintf("%s + %d", formula, filters)
}

// factors writes a product, as in "3·7·16".
func factors(sizes ...int) string {
	text := ""
	for i, size := range sizes {
		if i > 0 {
			text += "·"
		}
		text += fmt.Sprint(size)
	}
	return text
}
