package arch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Model is a net: its layers and the connections between them.
type Model struct {
	Name string
	// Kind is "Sequential" or "Functional"; "" means the latter.
	Kind    string
	Nodes   []Node
	Inputs  []Ref
	Outputs []Ref
	Batch   int // fixed number of examples in a batch; 0 means any number
}

// Node is a layer at its place in the model. A shared layer has several calls
// but one set of weights.
type Node struct {
	Name   string
	Layer  Layer
	Frozen bool    // none of its weights is trained
	Bytes  int     // per value of its weights; 0 means 4, a 32-bit float
	Calls  [][]Ref // the inputs of every call
	// Variants maps the index of a call to a variant of the layer, if that call
	// asks for something special, such as the scores of an attention.
	Variants map[int]Layer
	// Shared names a layer that occurs in several places, for example in a model
	// and in a nested model, but has one set of weights. "" means that it occurs
	// only here.
	Shared string
	Place  string // where it was described, as in "config.layers[3]"; used in errors
}

// Ref identifies one output of one call of a node.
type Ref struct{ Node, Call, Output int }

// Sequential returns a model whose layers follow one another. The first must be
// an [Input]. The layers get names as in Keras.
func Sequential(name string, layers ...Layer) Model {
	m := Model{Name: name, Kind: "Sequential"}
	var x []Ref
	for _, layer := range layers {
		x = []Ref{m.Add("", layer, x...)}
	}
	return m
}

// Add appends a layer that reads the inputs, and returns its output. That output
// is the model's output until another layer is added. An empty name stands for a
// name as in Keras: "conv2d", "conv2d_1", … An [Input] takes no inputs.
func (m *Model) Add(name string, layer Layer, inputs ...Ref) Ref {
	if name == "" {
		name = m.freshName(classOf(layer))
	}
	m.Nodes = append(m.Nodes, Node{Name: name, Layer: layer, Calls: [][]Ref{inputs}})
	out := Ref{Node: len(m.Nodes) - 1}
	if _, ok := layer.(Input); ok {
		m.Inputs = append(m.Inputs, out)
	}
	m.Outputs = []Ref{out}
	return out
}

func (m *Model) freshName(class string) string {
	base := snake(class)
	name := base
	for i := 1; m.find(name) >= 0; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	return name
}

// find returns the index of the node with the name, or −1.
func (m *Model) find(name string) int {
	return slices.IndexFunc(m.Nodes, func(node Node) bool { return node.Name == name })
}

// snake converts "MaxPooling2D" to "max_pooling2d", as Keras does.
func snake(class string) string {
	var name strings.Builder
	runes := []rune(class)
	for i, r := range runes {
		startsWord := unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if startsWord {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToLower(r))
	}
	return name.String()
}

// Class returns the kind of the model, because a model can be a layer of
// another.
func (m Model) Class() string {
	if m.Kind == "" {
		return "Functional"
	}
	return m.Kind
}

// Infer implements [Layer] for a model that is a layer of another.
func (m Model) Infer(inputs []Value) (Facts, error) {
	traced, err := m.trace(inputs)
	if err != nil {
		return Facts{}, err
	}
	var facts Facts
	var terms []string
	seen := map[string]bool{}
	for i, node := range m.Nodes {
		weights, _ := distinct(node.weights(traced[i]), seen)
		facts.Weights = append(facts.Weights, weights...)
		if size := sizeOf(weights); size > 0 {
			terms = append(terms, fmt.Sprint(size))
		}
		for _, call := range traced[i] {
			facts.MultiplyAdds = sum(facts.MultiplyAdds, call.MultiplyAdds)
		}
	}
	facts.Formula = strings.Join(terms, " + ")
	for _, out := range m.Outputs {
		facts.Outputs = append(facts.Outputs, traced.value(out))
	}
	return facts, nil
}

// weights returns the node's weights, which its first call creates.
func (n Node) weights(calls []Facts) []Weight {
	if len(calls) == 0 {
		return nil
	}
	return Marked{Frozen: n.Frozen, Bytes: cmp.Or(n.Bytes, 4), Shared: n.Shared}.mark(calls[0].Weights)
}

// as returns the layer as it is in a call.
func (n Node) as(call int) Layer {
	if variant, ok := n.Variants[call]; ok {
		return variant
	}
	return n.Layer
}

// distinct splits the weights into new ones and shared ones that were seen
// before.
func distinct(weights []Weight, seen map[string]bool) (first, again []Weight) {
	for _, w := range weights {
		switch {
		case w.Shared == "":
			first = append(first, w)
		case seen[w.Shared]:
			again = append(again, w)
		default:
			seen[w.Shared] = true
			first = append(first, w)
		}
	}
	return first, again
}

func sizeOf(weights []Weight) int {
	size := 0
	for _, w := range weights {
		size = sum(size, w.Size())
	}
	return size
}

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
				err = fmt.Errorf("the shape of its input, which layer %q (%s) makes, is not known", from.Name, classOf(from.Layer))
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
	return &LayerError{node.Name, classOf(node.Layer), node.Place, err}
}
