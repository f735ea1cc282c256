package render

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html"
	"image/png"
	"io"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/render/chart"
	"evident/internal/render/diagram"
	"evident/kit/report"
)

// Picture is a [report.Picture] that can be rendered.
type Picture report.Picture

// Text implements [Figure].
func (p Picture) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "[picture] %s\n", titleAndAlt(p.Title, p.Alt))
	return err
}

// Image implements [Figure].
func (p Picture) Image() ([]byte, error) { return p.PNG, nil }

// Cell shows a caption before the picture, because a PNG has no title.
func (p Picture) Cell() ([]Bundle, error) {
	caption, err := cardBundle(captionCard(report.Picture(p)), p.Title)
	if err != nil {
		return nil, err
	}
	return []Bundle{caption, pngBundle(p.PNG, titleAndAlt(p.Title, p.Alt), nil)}, nil
}

func (p Picture) element() (g.Node, error) { return titled("picture", p.PNG, p.Title, p.Alt), nil }

// Diagram is a [report.Diagram] that can be rendered.
type Diagram report.Diagram

// Text implements [Figure].
func (d Diagram) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "[diagram] %s\n", titleAndAlt(d.Title, d.Alt))
	return err
}

// Image implements [Figure].
func (d Diagram) Image() ([]byte, error) { return diagram.PNG(report.Diagram(d)) }

// Cell implements [Figure].
func (d Diagram) Cell() ([]Bundle, error) {
	drawn, err := d.Image()
	if err != nil {
		return nil, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(drawn))
	if err != nil {
		return nil, fmt.Errorf("diagram %q: %w", d.ID, err)
	}
	// Show half the pixels, because the PNG is drawn for dense screens.
	return []Bundle{pngBundle(drawn, titleAndAlt(d.Title, d.Alt), map[string]any{"width": size.Width / 2, "height": size.Height / 2})}, nil
}

func (d Diagram) element() (g.Node, error) {
	drawn, err := d.Image()
	if err != nil {
		return nil, err
	}
	return titled("diagram", drawn, d.Title, d.Alt), nil
}

// titleAndAlt describes in words what a picture shows.
func titleAndAlt(title, alt string) string {
	if alt == "" {
		return title
	}
	return title + ". " + alt
}

// titled shows a picture on a page with its title below.
func titled(class string, png []byte, title, alt string) g.Node {
	return h.Figure(h.Class(class), embedded(png, cmp.Or(alt, title)), h.FigCaption(h.Strong(g.Text(title))))
}

func embedded(png []byte, alt string, size ...g.Node) g.Node {
	return h.Img(h.Src("data:image/png;base64,"+base64.StdEncoding.EncodeToString(png)), h.Alt(alt), g.Group(size))
}

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
		line := emptyChart(report.Chart(c))
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

// emptyChart says that a chart has nothing to show, and why.
func emptyChart(c report.Chart) string {
	return strings.TrimSpace(c.Title + ": nothing to show yet. " + chart.LeftOut(c))
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
