package arch

import "fmt"

// ChannelsFirst is a layer whose inputs and output have the channels in front
// of the spatial axes.
type ChannelsFirst struct{ Layer Layer }

// Class implements [Layer].
func (l ChannelsFirst) Class() string { return l.Layer.Class() }

// Infer implements [Layer].
func (l ChannelsFirst) Infer(inputs []Value) (Facts, error) {
	moved := make([]Value, len(inputs))
	for i, x := range inputs {
		moved[i] = x
		if n := len(x.Shape); n > 1 {
			moved[i].Shape = append(append(Shape(nil), x.Shape[1:]...), x.Shape[0])
		}
	}
	facts, err := l.Layer.Infer(moved)
	if err != nil {
		return Facts{}, fmt.Errorf("with the channels put last, %w", err)
	}
	for i, out := range facts.Outputs {
		if n := len(out.Shape); n > 1 {
			facts.Outputs[i].Shape = append(Shape{out.Shape[n-1]}, out.Shape[:n-1]...)
		}
	}
	return facts, nil
}

// Opaque is a function without weights whose output shape was written down when
// it was called, such as a slice of a tensor.
type Opaque struct {
	Name    string
	Inputs  []Shape // for which the outputs were written down; nil is any
	Outputs []Shape // nil is one that is not known
}

// Class implements [Layer].
func (l Opaque) Class() string { return l.Name }

// Infer implements [Layer]. For other inputs than those written down the shape
// of the output is not known.
func (l Opaque) Infer(inputs []Value) (Facts, error) {
	same, whole := len(inputs) == len(l.Inputs), len(inputs) > 0
	for i, x := range inputs {
		same = same && (l.Inputs[i] == nil || agree(x.Shape, l.Inputs[i]))
		whole = whole && x.Field.Whole
	}
	facts := Facts{Outputs: make([]Value, max(len(l.Outputs), 1))}
	for i := range facts.Outputs {
		facts.Outputs[i].Field.Whole = whole
		if same && i < len(l.Outputs) {
			facts.Outputs[i].Shape = l.Outputs[i]
		}
	}
	return facts, nil
}
