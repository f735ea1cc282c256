package arch

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

// Model is a net: layers, and which of them reads which.
type Model struct {
	Name string
	// Kind is "Sequential" or "Functional"; "" stands for the latter.
	Kind    string
	Nodes   []Node
	Inputs  []Ref
	Outputs []Ref
	Batch   int // examples in a batch, where that is fixed; 0 stands for any number
}

// Node is a layer at its place. A layer that is shared is called more than
// once, and has its weights once.
type Node struct {
	Name   string
	Layer  Layer
	Frozen bool    // none of its weights is trained
	Bytes  int     // of one value of its weights; 0 stands for 4, a 32-bit float
	Calls  [][]Ref // the inputs of every call
	// Variants are the layer as it is in calls, by their index, that ask for
	// something else than the others, such as for the scores of an attention.
	Variants map[int]Layer
	// Shared names a layer that stands at more than one place, in a model and in
	// another inside it, and has its weights once; "" is one that stands here
	// alone.
	Shared string
	Place  string // where it was described, as in "config.layers[3]"; for errors
}

// Ref is one output of one call of a node.
type Ref struct{ Node, Call, Output int }

// Sequential is a model of layers one behind the other; the first is an
// [Input]. The layers get names in the manner of Keras.
func Sequential(name string, layers ...Layer) Model {
	m := Model{Name: name, Kind: "Sequential"}
	var x []Ref
	for _, layer := range layers {
		x = []Ref{m.Add("", layer, x...)}
	}
	return m
}

// Add appends a layer that reads the inputs, and returns its output, which is
// the model's until another layer is added. An empty name stands for one in
// the manner of Keras: "conv2d", "conv2d_1", … An [Input] takes no inputs.
func (m *Model) Add(name string, layer Layer, inputs ...Ref) Ref {
	if name == "" {
		name = m.freshName(layer.Class())
	}
	m.Nodes = append(m.Nodes, Node{Name: name, Layer: layer, Calls: [][]Ref{inputs}})
	out := Ref{Node: len(m.Nodes) - 1}
	if _, ok := layer.(Input); ok {
		m.Inputs = append(m.Inputs, out)
	}
	m.Outputs = []Ref{out}
	return out
}

// Again calls a layer of the model once more, on other inputs.
func (m *Model) Again(layer Ref, inputs ...Ref) Ref {
	node := &m.Nodes[layer.Node]
	node.Calls = append(node.Calls, inputs)
	out := Ref{Node: layer.Node, Call: len(node.Calls) - 1}
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

// find is the index of the node with the name, or −1.
func (m *Model) find(name string) int {
	for i, node := range m.Nodes {
		if node.Name == name {
			return i
		}
	}
	return -1
}

// snake turns "MaxPooling2D" into "max_pooling2d", as Keras does.
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

// Class is the kind of the model: a model is a layer of another.
func (m Model) Class() string {
	if m.Kind == "" {
		return "Functional"
	}
	return m.Kind
}

// Infer derives what the model, as a layer, makes of its inputs.
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

// weights are those of the node, whose first call has built them.
func (n Node) weights(calls []Facts) []Weight {
	if len(calls) == 0 {
		return nil
	}
	return Marked{Frozen: n.Frozen, Bytes: cmp.Or(n.Bytes, 4), Shared: n.Shared}.mark(calls[0].Weights)
}

// as is the layer in a call.
func (n Node) as(call int) Layer {
	if variant, ok := n.Variants[call]; ok {
		return variant
	}
	return n.Layer
}

// distinct parts the weights in those that were not seen before, and those of
// shared layers that were.
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
