package arch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"evident/kit/report"
)

// Diagram draws the model layer by layer: class, window and activation, the output's shape, and the parameters.
// A layer with a custom name shows it first. Layers with weights are emphasised. Every call of a shared layer
// gets its own box, because each has its own place in the flow.
func (m Model) Diagram(id, title string) (report.Diagram, error) {
	traced, err := m.trace(nil)
	if err != nil {
		return report.Diagram{}, err
	}
	d := report.Diagram{ID: id, Title: title}
	boxes := map[Ref]int{}
	for _, call := range m.ordered() {
		node, facts := m.Nodes[call.Node], traced[call.Node][call.Call]
		boxes[call] = len(d.Boxes)
		d.Boxes = append(d.Boxes, boxOf(node, facts))
		for _, from := range node.Calls[call.Call] {
			d.Arrows = append(d.Arrows, report.Arrow{From: boxes[Ref{Node: from.Node, Call: from.Call}], To: boxes[call]})
		}
	}
	d.Alt = fmt.Sprintf("The %d layers of the net from its input down to its output, each with its output shape and its number of parameters.", len(m.Nodes))
	return d, nil
}

// ordered lists all calls, each after the calls that it reads.
func (m Model) ordered() []Ref {
	var order []Ref
	seen := map[Ref]bool{}
	var visit func(Ref)
	visit = func(call Ref) {
		call.Output = 0
		if seen[call] {
			return
		}
		seen[call] = true
		for _, from := range m.Nodes[call.Node].Calls[call.Call] {
			visit(from)
		}
		order = append(order, call)
	}
	for i, node := range m.Nodes {
		for call := range node.Calls {
			visit(Ref{Node: i, Call: call})
		}
	}
	return order
}

func boxOf(node Node, facts Facts) report.Box {
	parameters := sizeOf(facts.Weights)
	box := report.Box{Label: label(node), Strong: parameters > 0}
	for i, out := range facts.Outputs {
		if i > 0 {
			box.Detail += ", "
		}
		box.Detail += out.Shape.Times()
	}
	if parameters > 0 {
		box.Detail += " · " + humanize.Comma(int64(parameters)) + " parameters"
	}
	return box
}

// label returns the first line of a box, as in "squeeze: Conv2D 1×1, relu".
func label(node Node) string {
	text := describe(node.Layer)
	base := snake(classOf(node.Layer))
	if number, ok := strings.CutPrefix(node.Name, base); !ok || strings.Trim(number, "_0123456789") != "" {
		text = node.Name + ": " + text
	}
	return text
}

// describe returns the class of a layer with its window and activation.
func describe(layer Layer) string {
	switch l := layer.(type) {
	case Input:
		return "Input"
	case Activation:
		return l.Function
	case Dense:
		return activated("Dense", l.Activation)
	case Conv:
		return activated(windowed(l.Class(), l.windows()), l.Activation)
	case DepthwiseConv:
		return activated(windowed(l.Class(), l.windows()), l.Activation)
	case Pool:
		return windowed(l.Class(), l.windows())
	}
	return classOf(layer)
}

// windowed appends the window, and its strides unless they are 1, as in "Conv2D 3×3 / 2×2".
func windowed(class string, w windows) string {
	text := class + " " + Shape(w.size).Times()
	if strides := perAxis(w.strides, len(w.size)); slices.Max(strides) > 1 {
		text += " / " + Shape(strides).Times()
	}
	return text
}

func activated(text, function string) string {
	if function == "" || function == "linear" {
		return text
	}
	return text + ", " + function
}
