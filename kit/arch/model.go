package arch

import (
	"cmp"
	"fmt"
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

// Again adds another call of a layer, on other inputs.
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

// find returns the index of the node with the name, or −1.
func (m *Model) find(name string) int {
	for i, node := range m.Nodes {
		if node.Name == name {
			return i
		}
	}
	return -1
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
