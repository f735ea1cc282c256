package arch

import (
	"errors"
	"fmt"
	"slices"
)

// traced holds the facts of every call of every node of a model.
type traced [][]Facts

func (t traced) value(r Ref) Value { return t[r.Node][r.Call].Outputs[r.Output] }

// trace infers all calls, each after the calls that it reads. The values replace
// the model's inputs; without values, the inputs keep their declared shapes.
func (m Model) trace(values []Value) (traced, error) {
	if values != nil && len(values) != len(m.Inputs) {
		return nil, fmt.Errorf("it takes %d inputs, not %d", len(m.Inputs), len(values))
	}
	w := walk{model: m, given: map[Ref]Value{}, facts: make(traced, len(m.Nodes)), done: map[Ref]bool{}, open: map[Ref]bool{}}
	for i, value := range values {
		w.given[m.Inputs[i]] = value
	}
	for i, node := range m.Nodes {
		w.facts[i] = make([]Facts, len(node.Calls))
	}
	for i, node := range m.Nodes {
		for call := range node.Calls {
			if err := w.visit(Ref{Node: i, Call: call}); err != nil {
				return nil, err
			}
		}
	}
	for _, out := range m.Outputs {
		if _, err := w.value(out); err != nil {
			return nil, fmt.Errorf("its output: %w", err)
		}
	}
	return w.facts, nil
}

// walk is the state of a trace.
type walk struct {
	model      Model
	given      map[Ref]Value // replaces the inputs
	facts      traced
	done, open map[Ref]bool // calls, with output 0
}

// visit infers a call after its inputs.
func (w *walk) visit(call Ref) error {
	call.Output = 0
	node := w.model.Nodes[call.Node]
	switch {
	case w.done[call]:
		return nil
	case w.open[call]:
		return nodeError(node, errors.New("it reads its own output"))
	}
	w.open[call] = true
	inputs, err := w.inputs(call)
	if err != nil {
		return err
	}
	facts, err := w.infer(call, inputs)
	if err != nil {
		for i, input := range inputs {
			if input.Shape == nil {
				from := w.model.Nodes[node.Calls[call.Call][i].Node]
				err = fmt.Errorf("the shape of its input, which layer %q (%s) makes, is not known", from.Name, from.Layer.Class())
			}
		}
		return nodeError(node, err)
	}
	w.facts[call.Node][call.Call] = facts
	w.done[call] = true
	return nil
}

// inputs returns the values that a call reads.
func (w *walk) inputs(call Ref) ([]Value, error) {
	node := w.model.Nodes[call.Node]
	var inputs []Value
	for _, from := range node.Calls[call.Call] {
		if w.has(from) {
			if err := w.visit(from); err != nil {
				return nil, err
			}
		}
		value, err := w.value(from)
		if err != nil {
			return nil, nodeError(node, err)
		}
		inputs = append(inputs, value)
	}
	return inputs, nil
}

func (w *walk) has(r Ref) bool {
	return r.Node >= 0 && r.Node < len(w.model.Nodes) && r.Call >= 0 && r.Call < len(w.model.Nodes[r.Node].Calls)
}

// value returns an output of a call that was visited.
func (w *walk) value(r Ref) (Value, error) {
	if !w.has(r) {
		return Value{}, fmt.Errorf("layer %d, call %d is not there", r.Node, r.Call)
	}
	outputs := w.facts[r.Node][r.Call].Outputs
	if r.Output < 0 || r.Output >= len(outputs) {
		return Value{}, fmt.Errorf("layer %q has no output %d", w.model.Nodes[r.Node].Name, r.Output)
	}
	return outputs[r.Output], nil
}

func (w *walk) infer(call Ref, inputs []Value) (Facts, error) {
	layer := w.model.Nodes[call.Node].as(call.Call)
	facts, err := layer.Infer(inputs)
	if err != nil {
		return Facts{}, err
	}
	switch layer.(type) {
	case Merge, Opaque, Model: // these derive the first axis themselves
	default:
		facts.carryFirst(inputs)
	}
	if value, ok := w.given[call]; ok {
		if declared := facts.Outputs[0].Shape; !agree(declared, value.Shape) {
			return Facts{}, fmt.Errorf("it is declared as %s and gets %s", declared, value.Shape)
		}
		facts = Facts{Outputs: []Value{value}}
	}
	return facts, facts.check()
}

// carryFirst copies the inputs' first axis to the outputs of a layer that
// processes examples one by one.
func (f Facts) carryFirst(inputs []Value) {
	for _, x := range inputs {
		if x.First != 0 {
			for i := range f.Outputs {
				f.Outputs[i].First = x.First
			}
		}
	}
}

// check rejects counts that are too large.
func (f Facts) check() error {
	for _, weight := range f.Weights {
		if weight.Size() > countable {
			return fmt.Errorf("its %s has more than 2^53 values: %s", weight.Name, Shape(weight.Shape).Times())
		}
	}
	for _, out := range f.Outputs {
		if out.Shape.Size() > countable || slices.ContainsFunc(out.Shape, func(size int) bool { return size > countable }) {
			return fmt.Errorf("its output %s has more than 2^53 values", out.Shape)
		}
	}
	if f.MultiplyAdds > countable {
		return errors.New("it has more than 2^53 multiply-adds")
	}
	return nil
}

// LayerError names the layer of a model that is impossible, and says why.
type LayerError struct {
	Name, Class string
	Place       string // where the layer was described, or ""
	Err         error
}

func (e *LayerError) Error() string {
	text := fmt.Sprintf("%v", e.Err)
	switch {
	case e.Name != "" && e.Class != "":
		text = fmt.Sprintf("layer %q (%s): %s", e.Name, e.Class, text)
	case e.Name+e.Class != "":
		text = fmt.Sprintf("layer %s: %s", e.Name+e.Class, text)
	}
	if e.Place != "" {
		text = e.Place + ": " + text
	}
	return text
}

// Unwrap returns the reason.
func (e *LayerError) Unwrap() error { return e.Err }

// nodeError adds the layer to the error, unless the error comes from a nested
// model, which has already named the place.
func nodeError(node Node, err error) error {
	if inner := (*LayerError)(nil); errors.As(err, &inner) {
		return fmt.Errorf("in model %q: %w", node.Name, err)
	}
	return &LayerError{node.Name, node.Layer.Class(), node.Place, err}
}
