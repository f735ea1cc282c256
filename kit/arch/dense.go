package arch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Input is the first layer of a net.
type Input struct {
	Shape Shape
}

// Class returns the name in Keras.
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

// Infer implements [Layer]. Parameters: channels·Units + Units.
func (l Dense) Infer(inputs []Value) (Facts, error) {
	x, channels, err := withChannels(inputs, 0)
	if err := cmp.Or(err, atLeast1("units", l.Units)); err != nil {
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
func factors(sizes ...int) string { return Shape(sizes).join("·") }

// Embedding looks up every number of its input in a table of vectors: [...]
// becomes [..., Width].
type Embedding struct {
	Words int // rows of the table
	Width int
}

// Infer implements [Layer]. Parameters: Words·Width. A look-up needs no
// multiplication.
func (l Embedding) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err := cmp.Or(err, atLeast1("input dimension", l.Words), atLeast1("output dimension", l.Width)); err != nil {
		return Facts{}, err
	}
	facts := Facts{Weights: []Weight{{Name: "embeddings", Shape: []int{l.Words, l.Width}}}, Formula: factors(l.Words, l.Width)}
	facts.Outputs = []Value{{Shape: append(x.Shape[:len(x.Shape):len(x.Shape)], l.Width), Field: l.field(x)}}
	return facts, nil
}

// ReversibleEmbedding is an [Embedding] that can also compute a vector's
// score for every word of the table: [..., Width] becomes [..., Words].
type ReversibleEmbedding struct {
	Embedding
	Untied  bool // it uses a separate table for scores
	Reverse bool // it computes scores
}

// Infer implements [Layer]. Parameters: Words·Width, or twice that if untied.
func (l ReversibleEmbedding) Infer(inputs []Value) (Facts, error) {
	facts, err := l.Embedding.Infer(inputs)
	if err != nil {
		return Facts{}, err
	}
	if l.Untied {
		facts.Weights = append(facts.Weights, Weight{Name: "reverse_embeddings", Shape: []int{l.Width, l.Words}})
		facts.Formula = factors(2, l.Words, l.Width)
	}
	if !l.Reverse {
		return facts, nil
	}
	x, err := one(inputs, 0)
	if err != nil {
		return Facts{}, err
	}
	if x.Shape.Channels() != l.Width {
		return Facts{}, fmt.Errorf("its input %s has to end in the %d values of a word", x.Shape, l.Width)
	}
	facts.MultiplyAdds = product(product(x.Shape.Spatial()...), l.Width, l.Words)
	facts.Outputs = []Value{{Shape: x.Shape.with(l.Words), Field: x.Field}}
	return facts, nil
}

// field treats the input's last axis as positions. In other layers the last
// axis holds the channels.
func (Embedding) field(x Value) Field {
	if !x.Field.Whole && len(x.Shape) == 1 && len(x.Field.Sizes) == 0 {
		return inputField(1)
	}
	if x.Field.Whole {
		return x.Field
	}
	return Field{}
}

// EinsumDense multiplies its input by a kernel along the axes that an equation
// names, such as "abc,cd->abd" for a dense layer at every position. The first
// axis is the batch. A "..." at the front or the end of both sides stands for
// further axes, which stay unchanged.
type EinsumDense struct {
	Equation string
	To       []int  // sizes of the output axes in the equation, without the batch; [Unknown] means the input's size
	Bias     string // output axes that have a bias
}

// Infer implements [Layer]. Parameters: Π sizes of the kernel's axes + Π sizes
// of the bias's axes.
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
			size = l.To[at-1] // Keras leaves this size open unless it is given
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

// einsum is a parsed equation with the sizes of its axes.
type einsum struct {
	input, kernel, output []rune
	named                 []rune // output axes whose sizes To gives, with the batch in front
	sizes                 map[rune]int
}

// parse splits the equation for an input of the given rank. The axes that "..."
// stands for get names that no equation uses.
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

// letters reports whether the axes are distinct letters.
func letters(axes []rune) bool {
	for i, axis := range axes {
		isLetter := axis >= 'a' && axis <= 'z' || axis >= 'A' && axis <= 'Z'
		if !isLetter || slices.Contains(axes[:i], axis) {
			return false
		}
	}
	return true
}

// measure finds the sizes of all axes from the input and from the given output
// sizes.
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

// bias returns the sizes of the bias along its axes, which must be among the
// output's.
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

// known returns the sizes of the axes, or an error if one is unknown.
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

// work returns one multiply-add for every combination of axes, without the
// batch.
func (e *einsum) work() int {
	work := 1
	for axis, size := range e.sizes {
		if axis != e.output[0] {
			work = product(work, size)
		}
	}
	return work
}

// keepsPlaces reports whether the output's axes, except the last, are the
// input's axes in the same order.
func (e *einsum) keepsPlaces() bool {
	return len(e.input) == len(e.output) && slices.Equal(e.input[:len(e.input)-1], e.output[:len(e.output)-1]) &&
		!slices.ContainsFunc(e.kernel, func(axis rune) bool { return slices.Contains(e.input[:len(e.input)-1], axis) })
}
