package render

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"

	"evident/internal/forecast"
	"evident/internal/render/chart"
	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/report"
)

// Piece is a part of a live page: HTML, or a chart in Vega-Lite, which the page draws, with its text.
type Piece struct {
	HTML  string         `json:"html,omitempty"`
	Chart map[string]any `json:"chart,omitempty"`
	Alt   string         `json:"alt,omitempty"`
}

// LiveCards returns the cards of claims in HTML for a page that has the style sheet, with what the reader has predicted.
func LiveCards(claims []claim.Claim, predicted forecast.Predictions) (string, error) {
	return markup(claimCards(claims, predicted))
}

// LiveAnswer returns the card of an answer in HTML for a page that has the style sheet.
func LiveAnswer(r exercise.Result) (string, error) { return markup(answerCard(r)) }

// LiveFigures returns the figures for a page, charts first.
func LiveFigures(f report.Figures) ([]Piece, error) {
	pieces := []Piece{}
	for _, c := range f.Charts {
		if chart.IsEmpty(c) {
			pieces = append(pieces, Piece{HTML: NoticeCell(emptyChart(c)).Data[htmlMIME].(string)})
			continue
		}
		pieces = append(pieces, Piece{Chart: chart.VegaLiteObjects(c), Alt: chart.Alt(c)})
	}
	f.Charts = nil
	for _, figure := range f.All() {
		node, err := Of(figure).element()
		if err != nil {
			return nil, err
		}
		html, err := markup(node)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, Piece{HTML: html})
	}
	return pieces, nil
}

// Moving is a chart of a training that goes on.
type Moving struct {
	ID, Alt string
	Spec    map[string]any   // in Vega-Lite, without data
	Data    map[string][]any // by the names in it
}

// MovingCharts returns the charts as they stand, without those that are empty yet.
func MovingCharts(charts []report.Chart) []Moving {
	var all []Moving
	for _, c := range charts {
		if !chart.IsEmpty(c) {
			spec, data := chart.Moving(c)
			all = append(all, Moving{c.ID, chart.Alt(c), spec, data})
		}
	}
	return all
}

func markup(node g.Node) (string, error) {
	var out strings.Builder
	if err := node.Render(&out); err != nil {
		return "", fmt.Errorf("render: %w", err)
	}
	return out.String(), nil
}
