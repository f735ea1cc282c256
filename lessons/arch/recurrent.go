package arch

import "fmt"

// Recurrent goes through a sequence with a state: SimpleRNN, LSTM or GRU.
// [steps, channels] becomes [Units], or [steps, Units] with Sequences.
type Recurrent struct {
	Cell  string // "SimpleRNN", "LSTM" or "GRU"
	Units int
	// NoBias leaves the biases out. ResetBefore is a GRU that resets its state
	// before the product with the weights and not after it, and so has one bias
	// and not two (Cho et al. 2014, version 1).
	NoBias, ResetBefore bool
	Sequences           bool // its output is that of every step
	State               bool // its last state is an output, too
	Frozen              bool // its weights are not trained
}

// Class implements [Layer].
func (l Recurrent) Class() string { return l.Cell }

// gates is how often a cell has weights for input and state, and states how
// many tensors its state has.
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
// Inputs behind the first are the state that it begins with.
func (l Recurrent) Infer(inputs []Value) (Facts, error) {
	gates, states, err := l.gates()
	if err != nil {
		return Facts{}, err
	}
	x, err := one(inputs[:min(len(inputs), 1)], 2)
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
	facts := l.weights(gates, channels)
	facts.MultiplyAdds = product(x.Shape[0], gates, sum(channels, l.Units), l.Units)
	out := Value{Shape{l.Units}, x.Field.whole()}
	if l.Sequences {
		out.Shape = Shape{x.Shape[0], l.Units}
	}
	facts.Outputs = []Value{out}
	for range states {
		if l.State {
			facts.Outputs = append(facts.Outputs, Value{Shape{l.Units}, x.Field.whole()})
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
	for i := range facts.Weights {
		facts.Weights[i].Frozen = l.Frozen
	}
	facts.Formula = fmt.Sprintf("(%d + %d%s)·%d", channels, l.Units, biases, l.Units)
	if gates > 1 {
		facts.Formula = fmt.Sprintf("%d·%s", gates, facts.Formula)
	}
	return facts
}

// Bidirectional goes through a sequence from both ends, with weights of its own
// for each way.
type Bidirectional struct {
	Forward, Backward Recurrent
	// Merge is how the two outputs become one: "concat", "sum", "mul" or "ave".
	// With "" both are outputs.
	Merge string
}

// Class implements [Layer].
func (Bidirectional) Class() string { return "Bidirectional" }

// Infer implements [Layer]. Parameters: those of both ways.
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
		facts.Formula = "2·" + forward.Formula
	}
	facts.MultiplyAdds = sum(forward.MultiplyAdds, backward.MultiplyAdds)
	merged, err := l.merged(forward.Outputs[0], backward.Outputs[0])
	if err != nil {
		return Facts{}, err
	}
	facts.Outputs = append(append(merged, forward.Outputs[1:]...), backward.Outputs[1:]...)
	return facts, nil
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

// Class implements [Layer].
func (TimeDistributed) Class() string { return "TimeDistributed" }

// Infer implements [Layer]. Parameters: those of the layer, once.
func (l TimeDistributed) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 0)
	if err != nil {
		return Facts{}, err
	}
	facts, err := l.Layer.Infer([]Value{{x.Shape[1:], x.Field.scattered()}})
	if err != nil {
		return Facts{}, fmt.Errorf("its %s: %w", l.Layer.Class(), err)
	}
	facts.MultiplyAdds = product(x.Shape[0], facts.MultiplyAdds)
	for i, out := range facts.Outputs {
		if out.Shape == nil {
			return Facts{}, fmt.Errorf("the shape of the output of its %s is not known", l.Layer.Class())
		}
		facts.Outputs[i] = Value{append(Shape{x.Shape[0]}, out.Shape...), out.Field.scattered()}
	}
	return facts, nil
}
