package arch

import (
	"fmt"
	"slices"
	"strings"
)

// EinsumDense multiplies its input by a kernel along the axes that an equation
// names, such as "abc,cd->abd" for a dense layer at every position. The first
// axis is that of the batch. "..." in front of both sides, or behind them,
// stands for further axes that it keeps.
type EinsumDense struct {
	Equation string
	To       []int  // sizes of the output that the equation names, without the batch; [Unknown] is that of the input
	Bias     string // axes of the output that have a bias
}

// Class implements [Layer].
func (EinsumDense) Class() string { return "EinsumDense" }

// Infer implements [Layer]. Parameters: Π sizes of the kernel's axes + Π sizes
// of the bias's.
func (l EinsumDense) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	e, err := l.parse(len(x.Shape) + 1)
	if err != nil {
		return Facts{}, err
	}
	if err := e.measure(append(Shape{Unknown}, x.Shape...), append(Shape{Unknown}, l.To...)); err != nil {
		return Facts{}, err
	}
	kernel, err := e.known(e.kernel)
	if err != nil {
		return Facts{}, err
	}
	facts := Facts{Weights: []Weight{{Name: "kernel", Shape: kernel}}, Formula: factors(kernel...)}
	if l.Bias != "" {
		bias, err := e.bias(l.Bias)
		if err != nil {
			return Facts{}, err
		}
		facts.Weights = append(facts.Weights, Weight{Name: "bias", Shape: bias})
		facts.Formula += " + " + factors(bias...)
	}
	facts.MultiplyAdds = e.work()
	out := make(Shape, 0, len(e.output))
	for _, axis := range e.output[1:] {
		size := e.sizes[axis]
		if at := slices.Index(e.named, axis); at > 0 {
			size = l.To[at-1] // which Keras leaves open where it is not given
		}
		out = append(out, size)
	}
	field := x.Field.scattered()
	if e.keepsPlaces() {
		field = x.Field
	}
	facts.Outputs = []Value{{Shape: out, Field: field}}
	return facts, nil
}

// einsum is an equation with the sizes of its axes.
type einsum struct {
	input, kernel, output []rune
	named                 []rune // axes of the output that To gives the sizes of, the batch in front
	sizes                 map[rune]int
}

// parse takes the equation apart for an input of a rank. The axes that "..."
// stands for get names that no equation has.
func (l EinsumDense) parse(rank int) (*einsum, error) {
	wrong := fmt.Errorf("its equation %q is none of the forms ab,bc->ac and ...b,bc->...c and ab...,bc->ac... of Keras", l.Equation)
	sides, output, ok := strings.Cut(strings.ReplaceAll(l.Equation, "...", "."), "->")
	input, kernel, ok2 := strings.Cut(sides, ",")
	if !ok || !ok2 {
		return nil, wrong
	}
	before := strings.HasPrefix(input, ".") && strings.HasPrefix(output, ".")
	behind := !before && strings.HasSuffix(input, ".") && strings.HasSuffix(output, ".")
	if before || behind {
		input, output = strings.Replace(input, ".", "", 1), strings.Replace(output, ".", "", 1)
	}
	e := &einsum{input: []rune(input), kernel: []rune(kernel), output: []rune(output), sizes: map[rune]int{}}
	for _, axes := range [][]rune{e.input, e.kernel, e.output} {
		if len(axes) == 0 || !letters(axes) {
			return nil, wrong
		}
	}
	further := rank - len(e.input)
	if further < 0 || further > 0 && !before && !behind {
		return nil, fmt.Errorf("its equation %q names %d axes, and its input has %d with the batch", l.Equation, len(e.input), rank)
	}
	e.named = e.output
	var rest []rune
	for i := range further {
		rest = append(rest, rune('0'+i))
	}
	switch {
	case before && further == 0:
		return nil, fmt.Errorf("its equation %q has no axis for the batch", l.Equation)
	case before:
		e.input, e.output = append(rest, e.input...), append(slices.Clone(rest), e.output...)
		e.named = append([]rune{rest[0]}, e.named...)
	case behind:
		e.input, e.output = append(e.input, rest...), append(slices.Clone(e.output), rest...)
	}
	if e.input[0] != e.output[0] || slices.Contains(e.kernel, e.input[0]) {
		return nil, fmt.Errorf("its equation %q does not keep the batch, the first axis", l.Equation)
	}
	return e, nil
}

// letters reports whether the axes are letters, none of them twice.
func letters(axes []rune) bool {
	for i, axis := range axes {
		isLetter := axis >= 'a' && axis <= 'z' || axis >= 'A' && axis <= 'Z'
		if !isLetter || slices.Contains(axes[:i], axis) {
			return false
		}
	}
	return true
}

// measure finds the sizes of all axes: those of the input, and those of the
// output that are given.
func (e *einsum) measure(input, to Shape) error {
	for i, axis := range e.input {
		e.sizes[axis] = input[i]
	}
	if len(to) != len(e.named) {
		return fmt.Errorf("its output_shape gives %d sizes beside the batch, and its equation names %d", len(to)-1, len(e.named)-1)
	}
	for i, axis := range e.named {
		size, ofInput := e.sizes[axis]
		switch {
		case to[i] == Unknown && !ofInput:
			return fmt.Errorf("axis %c of its output has no size", axis)
		case to[i] == Unknown:
		case ofInput && size != to[i] && size != Unknown:
			return fmt.Errorf("axis %c has %d values in its input and %d in its output", axis, size, to[i])
		default:
			e.sizes[axis] = to[i]
		}
		if !ofInput && !slices.Contains(e.kernel, axis) {
			return fmt.Errorf("axis %c of its output is neither in its input nor in its kernel", axis)
		}
	}
	return nil
}

// bias are the sizes of the bias along its axes, which are some of the output's.
func (e *einsum) bias(axes string) ([]int, error) {
	var kept []rune
	for _, axis := range e.output {
		if strings.ContainsRune(axes, axis) {
			kept = append(kept, axis)
		}
	}
	if strings.ContainsFunc(axes, func(axis rune) bool { return !slices.Contains(e.output, axis) }) {
		return nil, fmt.Errorf("bias_axes is %q; each has to be an axis of the output", axes)
	}
	return e.known(kept)
}

// known are the sizes of axes that have to be known.
func (e *einsum) known(axes []rune) ([]int, error) {
	sizes := make([]int, len(axes))
	for i, axis := range axes {
		size, ok := e.sizes[axis]
		if !ok || size == Unknown {
			return nil, fmt.Errorf("the size of axis %c has to be known", axis)
		}
		sizes[i] = size
	}
	return sizes, atLeast1("a size of the kernel", sizes...)
}

// work is a product for every axis there is, the batch left out.
func (e *einsum) work() int {
	work := 1
	for axis, size := range e.sizes {
		if axis != e.output[0] {
			work = product(work, size)
		}
	}
	return work
}

// keepsPlaces reports whether all axes but the last of the output are those of
// the input, in their order.
func (e *einsum) keepsPlaces() bool {
	return len(e.input) == len(e.output) && slices.Equal(e.input[:len(e.input)-1], e.output[:len(e.output)-1]) &&
		!slices.ContainsFunc(e.kernel, func(axis rune) bool { return slices.Contains(e.input[:len(e.input)-1], axis) })
}
