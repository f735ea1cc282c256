// Package render turns what a lesson found out into what can be shown. It takes the
// plain data of package report and gives it one of four forms: the outputs of a
// notebook's cell ([Bundle]), text for a terminal, a page of HTML, or PNG files.
// It does not print.
//
// Every chart has one description ([report.Chart]) and two pictures in one
// bundle: Vega-Lite, which JupyterLab draws with tooltips, and a PNG for
// viewers that do not (GitHub, nbconvert, VS Code). The paths of a descent grow
// and shrink there with a slider; a PNG shows them whole. A calculation
// ([report.Derivation]) is LaTeX in a notebook and MathML on the page. Nothing
// is loaded from a network. Colour never carries a meaning alone: curves differ
// in dash and symbol too, and a verdict is a word and a sign.
package render

import (
	"fmt"
	"io"

	g "maragu.dev/gomponents"

	"evident/kit/report"
)

// Figure is a figure with its forms.
type Figure interface {
	// Text writes a table or a derivation for a terminal, and says in words what
	// other figures show.
	Text(w io.Writer) error
	// Cell is for a notebook: one or more outputs of a cell.
	Cell() ([]Bundle, error)
	// Image is a PNG file, or nil for a table or a derivation.
	Image() ([]byte, error)
	// element is for a page.
	element() (g.Node, error)
}

// Of gives a figure its forms. Code that has one kind of figure converts it, as in
// Table(t): a notebook's cell is then linked without the code for the other kinds.
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
	panic(fmt.Sprintf("render: %T is no figure", f)) // report.Figure lists them all
}

// elements are figures on a page.
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
