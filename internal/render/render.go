// Package render turns the results of a lesson into output. It takes the plain data
// of package report and produces one of four forms: the outputs of a notebook's
// cell ([Bundle]), text for a terminal, a page of HTML, or PNG files. It does not
// print.
//
// Every chart has one description ([report.Chart]) and two pictures in one bundle:
// Vega-Lite, which JupyterLab draws with tooltips, and a PNG for other viewers
// (GitHub, nbconvert, VS Code). In Vega-Lite, a slider shows the paths of a descent
// step by step; a PNG shows them whole. A calculation ([report.Derivation]) is
// LaTeX in a notebook and MathML on the page. Nothing is loaded from a network.
// Colour never carries a meaning alone: curves also differ in dash and symbol, and
// a verdict is a word and a sign.
package render

import (
	"fmt"
	"io"

	g "maragu.dev/gomponents"

	"evident/kit/report"
)

// Figure is a figure that can be rendered in all forms.
type Figure interface {
	// Text writes a table or a derivation for a terminal, and describes other
	// figures in words.
	Text(w io.Writer) error
	// Cell returns one or more outputs for a notebook's cell.
	Cell() ([]Bundle, error)
	// Image returns a PNG file, or nil for a table or a derivation.
	Image() ([]byte, error)
	// element returns HTML for a page.
	element() (g.Node, error)
}

// Of makes a figure renderable. Code that has only one kind of figure converts it
// directly, as in Table(t), because a notebook's cell is then linked without the
// code for the other kinds.
func Of(f report.Figure) Figure {
	switch f := f.(type) {
	case report.Table:
		return Table(f)
	case report.Chart:
		return Chart(f)
	case report.Diagram:
		return Diagram(f)
	case report.Picture:
		return Picture(f)
	case report.Derivation:
		return Derivation(f)
	}
	panic(fmt.Sprintf("render: %T is no figure", f)) // report.Figure lists all kinds
}

// elements returns figures for a page.
func elements(figures []report.Figure) (g.Group, error) {
	var nodes g.Group
	for _, f := range figures {
		node, err := Of(f).element()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return lineByLine(nodes...), nil
}
