package live

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"evident/internal/render"
	"evident/kit/arch"
	"evident/kit/keras"
	"evident/kit/report"
)

// mostBoxes limits the layers of a diagram, which would be too tall to read.
const mostBoxes = 60

// count summarises a Keras model: what its file leaves open, its layers with the formulas of their parameters, and a
// diagram.
func count(file string, model []byte) (Result, error) {
	summary, err := keras.Summarize(bytes.NewReader(model))
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", file, err)
	}
	result := Result{Verdicts: []Verdict{}}
	for _, note := range summary.Notes {
		result.Cards += "<p>" + html.EscapeString(note) + ".</p>\n"
	}
	figures := report.Figures{Tables: []report.Table{summary.LongTable("summary")}}
	if n := len(summary.Rows); n > 0 && n <= mostBoxes {
		figures.Diagrams = []report.Diagram{diagram(summary)}
	}
	result.Figures, err = render.LiveFigures(figures)
	return result, err
}

// diagram draws the layers of a summary. A layer that is called several times has one box.
func diagram(s arch.Summary) report.Diagram {
	d := report.Diagram{ID: "diagram", Title: s.Name, Alt: fmt.Sprintf("The %d layers of the model from top to bottom, each with its output shape and its parameters.", len(s.Rows))}
	boxes := map[string]int{}
	for i, row := range s.Rows {
		detail := row.Shapes()
		if row.Parameters > 0 {
			detail += " · " + strings.TrimSpace(row.Formula)
		}
		d.Boxes = append(d.Boxes, report.Box{Label: row.Name + " (" + row.Class + ")", Detail: detail, Strong: row.Parameters > 0})
		for _, from := range row.From {
			if at, drawn := boxes[from]; drawn {
				d.Arrows = append(d.Arrows, report.Arrow{From: at, To: i})
			}
		}
		boxes[row.Name] = i
	}
	return d
}
