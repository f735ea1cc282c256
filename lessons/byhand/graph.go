package byhand

import (
	"strings"

	"evident/kit/report"
)

// part is a box of a computational graph.
type part struct {
	names   []string // of lines of the derivation
	from    []int    // boxes that it is computed from
	trained bool
}

// Graph is the net as a computational graph: each box holds values of the
// forward pass, and below them the gradients of the backward pass.
func (p Net) Graph() report.Diagram {
	return graph("net-graph", "The 2-2-1 net as a computational graph", p.Work(), []part{
		{[]string{"w11", "w12", "b1"}, nil, true}, {[]string{"x1", "x2"}, nil, false}, {[]string{"w21", "w22", "b2"}, nil, true},
		{[]string{"v1", "v2", "c"}, nil, true},
		{[]string{"z1"}, []int{0, 1}, false}, {[]string{"z2"}, []int{1, 2}, false}, {[]string{"a1"}, []int{4}, false}, {[]string{"a2"}, []int{5}, false},
		{[]string{"z3"}, []int{6, 7, 3}, false}, {[]string{"yhat"}, []int{8}, false}, {[]string{"y", "L"}, []int{9}, false},
	})
}

// Graph is the convolutional net as a computational graph, as [Net.Graph] is.
func (p Image) Graph() report.Diagram {
	t := p.terms()
	pooled, weights := part{from: []int{3}}, part{trained: true}
	for i := range t.v {
		for j := range t.v {
			name, _ := t.indices(i, j)
			pooled.names, weights.names = append(pooled.names, "m"+name), append(weights.names, "v"+name)
		}
	}
	weights.names = append(weights.names, "c")
	return graph("image-graph", "The convolutional net as a computational graph", p.Work(), []part{
		{[]string{"X"}, nil, false}, {[]string{"K", "b"}, nil, true}, weights,
		{[]string{"S"}, []int{0, 1}, false}, pooled, {[]string{"z"}, []int{4, 2}, false},
		{[]string{"yhat"}, []int{5}, false}, {[]string{"y", "L"}, []int{6}, false},
	})
}

// graph draws a calculation. The boxes stand behind those that they are computed
// from.
func graph(id, title string, worked report.Derivation, parts []part) report.Diagram {
	lines := map[string]report.DerivationLine{}
	for _, line := range worked.Lines() {
		lines[line.Name] = line
	}
	drawn := report.Diagram{
		ID: id, Title: title,
		Alt: "From the inputs and parameters down to the loss: each box holds values of the forward pass and below them the gradients of the loss by these values. Parameters are coloured.",
	}
	for i, part := range parts {
		var values, gradients []string
		for _, name := range part.names {
			values = append(values, plainSymbol(name)+" = "+shown(lines[name]))
			if gradient, computed := lines["dL/d"+name]; computed {
				gradients = append(gradients, shown(gradient))
			}
		}
		box := report.Box{Label: strings.Join(values, ", "), Strong: part.trained}
		if len(gradients) > 0 {
			box.Detail = "gradient " + strings.Join(gradients, ", ")
		}
		drawn.Boxes = append(drawn.Boxes, box)
		for _, from := range part.from {
			drawn.Arrows = append(drawn.Arrows, report.Arrow{From: from, To: i})
		}
	}
	return drawn
}

// shown is a number, or the rows of a matrix.
func shown(line report.DerivationLine) string {
	if _, isNumber := line.Number(); isNumber {
		return report.Matrix(line.Values, "", "")
	}
	return "(" + report.Matrix(line.Values, " ", "; ") + ")"
}

// plainSymbol is the name of a line without LaTeX, as in "w₁₁" and "ŷ".
func plainSymbol(name string) string {
	return strings.NewReplacer("yhat", "ŷ", "1", "₁", "2", "₂", "3", "₃", "4", "₄").Replace(name)
}
