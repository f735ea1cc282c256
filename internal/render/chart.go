package render

import (
	"fmt"
	"html"
	"io"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/render/chart"
	"evident/kit/report"
)

// Chart is a [report.Chart] that can be rendered.
type Chart report.Chart

// Text implements [Figure].
func (c Chart) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "[chart] %s\n", chart.Alt(report.Chart(c)))
	return err
}

// Image implements [Figure].
func (c Chart) Image() ([]byte, error) { return chart.PNG(report.Chart(c)) }

// Cell implements [Figure].
func (c Chart) Cell() ([]Bundle, error) {
	if chart.IsEmpty(report.Chart(c)) {
		line := strings.TrimSpace(c.Title + ": nothing to show yet. " + chart.LeftOut(report.Chart(c)))
		return []Bundle{{Data: map[string]any{htmlMIME: "<p>" + html.EscapeString(line) + "</p>", plainMIME: line}}}, nil
	}
	picture, err := c.Image()
	if err != nil {
		return nil, err
	}
	bundle := pngBundle(picture, chart.Alt(report.Chart(c)), map[string]any{"width": chart.Width, "height": chart.Height})
	bundle.Data[chart.VegaLiteMIME] = chart.VegaLite(report.Chart(c))
	return []Bundle{bundle}, nil
}

func (c Chart) element() (g.Node, error) {
	picture, err := c.Image()
	if err != nil {
		return nil, err
	}
	return h.Figure(
		embedded(picture, chart.Alt(report.Chart(c)), h.Width(fmt.Sprint(chart.Width)), h.Height(fmt.Sprint(chart.Height))),
		g.If(c.Alt != "", h.FigCaption(g.Text(c.Alt))),
	), nil
}
