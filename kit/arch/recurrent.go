package arch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Recurrent processes a sequence step by step and carries a state: SimpleRNN,
// LSTM or GRU. [steps, channels] becomes [Units], or [steps, Units] with
// Sequences.
type Recurrent struct {
	Cell  string // "SimpleRNN", "LSTM" or "GRU"
	Units int
	// NoBias omits the biases. ResetBefore makes a GRU reset its state before
	// the product with the weights instead of after it. It then has one bias
	// instead of two (Cho et al. 2014, version 1).
	NoBias, ResetBefore bool
	Sequences           bool // outputs every step instead of the last
	State               bool // the last state is an output too
}

// Class returns the name in Keras.
func (l Recurrent) Class() string { return l.Cell }

// gates returns the number of weight sets for input and state, and the number of
// tensors in the state.
func (l Recurrent) gates() (gates, states int, err error) {
	switch l.Cell {
	case "SimpleRNN":
		return 1, 1, nil
	case "LSTM":
		return 4, 2, nil
	case "GRU":
		return 3, 1, nil
	}
	return 0, 0, fmt.Errorf("unknown cell %q", l.Cell)
}

// Infer implements [Layer]. Parameters: gates·(channels + Units + biases)·Units.
// Inputs after the first are the initial state.
func (l Recurrent) Infer(inputs []Value) (Facts, error) {
	gates, states, err := l.gates()
	if err != nil {
		return Facts{}, err
	}
	x, channels, err := withChannels(inputs[:min(len(inputs), 1)], 2)
	if err := cmp.Or(err, atLeast1("units", l.Units)); err != nil {
		return Facts{}, err
	}
	facts := l.weights(gates, channels)
	facts.MultiplyAdds = product(x.Shape[0], gates, sum(channels, l.Units), l.Units)
	out := Value{Shape: Shape{l.Units}, Field: x.Field.whole()}
	if l.Sequences {
		out.Shape = Shape{x.Shape[0], l.Units}
	}
	facts.Outputs = []Value{out}
	for range states {
		if l.State {
			facts.Outputs = append(facts.Outputs, Value{Shape: Shape{l.Units}, Field: x.Field.whole()})
		}
	}
	return facts, nil
}

func (l Recurrent) weights(gates, channels int) Facts {
	wide := product(gates, l.Units)
	facts := Facts{Weights: []Weight{{Name: "kernel", Shape: []int{channels, wide}}, {Name: "recurrent_kernel", Shape: []int{l.Units, wide}}}}
	biases := ""
	switch {
	case l.NoBias:
	case l.Cell == "GRU" && !l.ResetBefore:
		facts.Weights = append(facts.Weights, Weight{Name: "bias", Shape: []int{2, wide}})
		biases = " + 2"
	default:
		facts.Weights = append(facts.Weights, Weight{Name: "bias", Shape: []int{wide}})
		biases = " + 1"
	}
	facts.Formula = fmt.Sprintf("(%d + %d%s)·%d", channels, l.Units, biases, l.Units)
	if gates > 1 {
		facts.Formula = fmt.Sprintf("%d·%s", gates, facts.Formula)
	}
	return facts
}

// Bidirectional processes a sequence from both ends, with separate weights for
// each direction.
type Bidirectional struct {
	Forward, Backward Layer // such as [Recurrent]
	// Merge says how the two outputs combine: "concat", "sum", "mul" or "ave".
	// With "" both are outputs.
	Merge string
}

// Infer implements [Layer]. Parameters: those of both directions.
func (l Bidirectional) Infer(inputs []Value) (Facts, error) {
	forward, err := l.Forward.Infer(inputs)
	if err != nil {
		return Facts{}, err
	}
	backward, err := l.Backward.Infer(inputs)
	if err != nil {
		return Facts{}, fmt.Errorf("backward: %w", err)
	}
	facts := Facts{Weights: append(forward.Weights, backward.Weights...), Formula: forward.Formula + " + " + backward.Formula}
	if forward.Formula == backward.Formula {
		facts.Formula = "2·" + factor(forward.Formula)
	}
	facts.MultiplyAdds = sum(forward.MultiplyAdds, backward.MultiplyAdds)
	merged, err := l.merged(forward.Outputs[0], backward.Outputs[0])
	if err != nil {
		return Facts{}, err
	}
	facts.Outputs = append(append(merged, forward.Outputs[1:]...), backward.Outputs[1:]...)
	return facts, nil
}

// factor formats a formula as a factor of a product, with brackets around a sum.
func factor(formula string) string {
	depth := 0
	for _, sign := range formula {
		switch {
		case sign == '(':
			depth++
		case sign == ')':
			depth--
		case sign == '+' && depth == 0:
			return "(" + formula + ")"
		}
	}
	return formula
}

func (l Bidirectional) merged(forward, backward Value) ([]Value, error) {
	switch l.Merge {
	case "":
		return []Value{forward, backward}, nil
	case "concat", "sum", "mul", "ave":
	default:
		return nil, fmt.Errorf("unknown merge mode %q", l.Merge)
	}
	if l.Merge != "concat" && !agree(forward.Shape, backward.Shape) || !joinable(forward.Shape, backward.Shape, len(forward.Shape)-1) {
		return nil, fmt.Errorf("its two outputs %s and %s do not fit", forward.Shape, backward.Shape)
	}
	if l.Merge == "concat" {
		forward.Shape = forward.Shape.with(forward.Shape.Channels() + backward.Shape.Channels())
	}
	return []Value{forward}, nil
}

// TimeDistributed applies a layer to every step: [steps, ...] becomes
// [steps, outputs...].
type TimeDistributed struct{ Layer Layer }

// Infer implements [Layer]. Parameters: those of the layer, counted once.
func (l TimeDistributed) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 0)
	if err != nil {
		return Facts{}, err
	}
	if len(x.Shape) < 2 {
		return Facts{}, fmt.Errorf("its input %s has no axes beside the batch and the steps", x.Shape)
	}
	facts, err := l.Layer.Infer([]Value{{Shape: x.Shape[1:], Field: x.Field.scattered()}})
	if err != nil {
		return Facts{}, fmt.Errorf("its %s: %w", classOf(l.Layer), err)
	}
	facts.MultiplyAdds = product(x.Shape[0], facts.MultiplyAdds)
	for i, out := range facts.Outputs {
		if out.Shape == nil {
			return Facts{}, fmt.Errorf("the shape of the output of its %s is not known", classOf(l.Layer))
		}
		facts.Outputs[i] = Value{Shape: append(Shape{x.Shape[0]}, out.Shape...), Field: out.Field.scattered()}
	}
	return facts, nil
}

// RNN processes a sequence with a stack of cells. Each cell reads the output of
// the one before it. [steps, channels] becomes [units of the last cell], or
// [steps, units] with Sequences.
type RNN struct {
	Cells     []Layer // each a [Recurrent] with Sequences and State
	Sequences bool    // outputs every step instead of the last
	State     bool    // the last states of all cells are outputs too
}

// Infer implements [Layer]. Parameters: those of all cells.
func (l RNN) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs[:min(len(inputs), 1)], 2)
	if err != nil {
		return Facts{}, err
	}
	var facts Facts
	var formulas []string
	var states []Value
	for _, cell := range l.Cells {
		one, err := cell.Infer([]Value{x})
		if err != nil {
			return Facts{}, fmt.Errorf("its cell %s: %w", classOf(cell), err)
		}
		facts.Weights = append(facts.Weights, one.Weights...)
		facts.MultiplyAdds = sum(facts.MultiplyAdds, one.MultiplyAdds)
		formulas = append(formulas, one.Formula)
		x, states = one.Outputs[0], append(states, one.Outputs[1:]...)
	}
	if !l.Sequences {
		x.Shape = x.Shape[1:]
	}
	facts.Formula = strings.Join(formulas, " + ")
	facts.Outputs = []Value{x}
	if l.State {
		facts.Outputs = append(facts.Outputs, states...)
	}
	return facts, nil
}

// ConvLSTM is an LSTM with convolutions in place of matrix products: ConvLSTM1D,
// ConvLSTM2D or ConvLSTM3D (Shi et al. 2015). [steps, spatial..., channels]
// becomes [positions..., Filters], or [steps, positions..., Filters] with
// Sequences.
type ConvLSTM struct {
	Filters          int
	Kernel           []int // its size along each spatial axis
	Strides          []int // nil means 1; one value applies to all axes
	Dilation         []int // as for Strides
	Padding          Padding
	NoBias           bool
	Sequences, State bool // as in [Recurrent]
}

// Class returns the name in Keras.
func (l ConvLSTM) Class() string { return fmt.Sprintf("ConvLSTM%dD", len(l.Kernel)) }

// Infer implements [Layer]. Parameters:
// Π kernel · (channels + Filters) · 4·Filters + 4·Filters.
func (l ConvLSTM) Infer(inputs []Value) (Facts, error) {
	x, channels, err := withChannels(inputs[:min(len(inputs), 1)], len(l.Kernel)+2)
	if err := cmp.Or(err, atLeast1("filters", l.Filters)); err != nil {
		return Facts{}, err
	}
	steps, step := x.Shape[0], Value{Shape: x.Shape[1:]}
	positions, _, err := windows{l.Kernel, l.Strides, l.Dilation, l.Padding}.slide(step)
	if err != nil {
		return Facts{}, err
	}
	wide := product(4, l.Filters)
	kernel := append(slices.Clone(l.Kernel), channels, wide)
	recurrent := append(slices.Clone(l.Kernel), l.Filters, wide)
	facts := weighted(kernel, wide, !l.NoBias)
	facts.Weights = slices.Insert(facts.Weights, 1, Weight{Name: "recurrent_kernel", Shape: recurrent})
	facts.Formula = added(fmt.Sprintf("%s·(%d + %d)·%d", factors(l.Kernel...), channels, l.Filters, wide), wide, !l.NoBias)
	facts.MultiplyAdds = product(steps, positions.Size(), sum(product(kernel...), product(recurrent...)))
	state := Value{Shape: append(positions, l.Filters), Field: x.Field.whole()}
	out := state
	if l.Sequences {
		out.Shape = append(Shape{steps}, state.Shape...)
	}
	facts.Outputs = []Value{out}
	if l.State {
		facts.Outputs = append(facts.Outputs, state, state)
	}
	return facts, nil
}
