package byhand

import (
	"fmt"

	"evident/kit/report"
)

// The steps of a calculation by hand, in order. Those of the problem itself
// hold no result.
const (
	stepGiven    = "Given"
	stepForward  = "Forward"
	stepBackward = "Backward"
	stepUpdate   = "Update"
	stepAfter    = "After the step"
)

// worksheet is the paper that a calculation is written on.
type worksheet struct {
	paper  report.Derivation
	bounds map[string]float64 // of the rounding errors, by the names of the lines
}

func newWorksheet(id, title string) *worksheet {
	return &worksheet{paper: report.Derivation{ID: id, Title: title}, bounds: map[string]float64{}}
}

// step begins a group of lines.
func (w *worksheet) step(title, note string) {
	w.paper.Steps = append(w.paper.Steps, report.DerivationStep{Title: title, Note: note})
}

func (w *worksheet) add(line report.DerivationLine) {
	last := &w.paper.Steps[len(w.paper.Steps)-1]
	last.Lines = append(last.Lines, line)
}

// given writes down a number of the problem.
func (w *worksheet) given(name, symbol string, value float64) expression {
	w.add(report.DerivationLine{Name: name, Symbol: symbol, Values: [][]float64{{value}}})
	return quantity(symbol, value)
}

// line writes down a calculation; from then on its result has the symbol.
func (w *worksheet) line(name, symbol string, e expression) expression {
	w.add(report.DerivationLine{
		Name: name, Symbol: symbol, Formula: e.formula.latex, Filled: e.filled.latex, Values: [][]float64{{e.value}},
	})
	w.bounds[name] = e.bound
	result := quantity(symbol, e.value)
	result.bound = e.bound
	return result
}

// rule writes down a formula without numbers, which the lines below it follow.
func (w *worksheet) rule(symbol, formula string) {
	w.add(report.DerivationLine{Symbol: symbol, Formula: formula})
}

// matrix shows numbers that have their lines already, or that are given, as a
// matrix.
func (w *worksheet) matrix(name, symbol string, of grid) {
	w.add(report.DerivationLine{Name: name, Symbol: symbol, Values: of.values()})
}

// grid is a matrix of expressions.
type grid [][]expression

// gridOf makes rows×columns of them; the indices count from 0.
func gridOf(rows, columns int, at func(row, column int) expression) grid {
	g := make(grid, rows)
	for i := range g {
		g[i] = make([]expression, columns)
		for j := range g[i] {
			g[i][j] = at(i, j)
		}
	}
	return g
}

// named gives every number of a matrix its symbol, as in x_{12}.
func named(symbol string, values [][]float64) grid {
	return gridOf(len(values), len(values[0]), func(i, j int) expression { return quantity(cell(symbol, i, j), values[i][j]) })
}

// cell is the symbol of a number in a matrix; a matrix of one row and column
// and a number are the same.
func cell(symbol string, row, column int) string {
	return fmt.Sprintf("%s_{%d%d}", symbol, row+1, column+1)
}

// cellName is [cell] for the name of a line.
func cellName(name string, row, column int) string {
	return fmt.Sprintf("%s%d%d", name, row+1, column+1)
}

func (g grid) values() [][]float64 {
	rows := make([][]float64, len(g))
	for i, row := range g {
		for _, e := range row {
			rows[i] = append(rows[i], e.value)
		}
	}
	return rows
}

// all are the expressions row by row.
func (g grid) all() []expression {
	var list []expression
	for _, row := range g {
		list = append(list, row...)
	}
	return list
}

// slope is the symbol ∂L/∂x.
func slope(symbol string) string { return fmt.Sprintf(`\frac{\partial L}{\partial %s}`, symbol) }

// parameter is a trained number with the gradient of the loss along it.
type parameter struct {
	name     string
	value    expression
	gradient expression
}

// slopeOf writes down ∂L/∂(a parameter).
func (w *worksheet) slopeOf(value expression, name string, gradient expression) parameter {
	return parameter{name, value, w.line("dL/d"+name, slope(value.formula.latex), gradient)}
}

// update is one step of gradient descent, θ′ = θ − η ∂L/∂θ. It returns the new
// values in the order of the parameters.
func (w *worksheet) update(parameters []parameter, rate expression) []expression {
	moved := make([]expression, len(parameters))
	for i, p := range parameters {
		moved[i] = w.line(p.name+"'", p.value.formula.latex+"'", minus(p.value, times(rate, p.gradient)))
	}
	return moved
}

// gain compares what the step brought with what a straight line promises: the
// loss falls by η times the squared length of the gradient.
func (w *worksheet) gain(parameters []parameter, rate, before, after expression) {
	w.line("dL", `\Delta L`, minus(after, before))
	squares := make([]expression, len(parameters))
	for i, p := range parameters {
		squares[i] = squared(p.gradient)
	}
	length := plus(squares...)
	length.formula = text{`\sum_i g_i^2`, factors}
	length = w.line("g2", `\lVert g \rVert^2`, length)
	w.line("promise", `\Delta L_{\mathrm{linear}}`, negative(times(rate, length)))
}
