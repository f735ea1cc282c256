package render

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"image/png"
	"io"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/render/diagram"
	"evident/kit/report"
)

// Picture is a [report.Picture] with its forms.
type Picture report.Picture

// Text is as in [Figure].
func (p Picture) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "[picture] %s\n", titleAndAlt(p.Title, p.Alt))
	return err
}

// Image is as in [Figure].
func (p Picture) Image() ([]byte, error) { return p.PNG, nil }

// Cell shows a caption before the picture: a PNG has no title of its own.
func (p Picture) Cell() ([]Bundle, error) {
	caption, err := cardBundle(captionCard(report.Picture(p)), p.Title)
	if err != nil {
		return nil, err
	}
	return []Bundle{caption, pngBundle(p.PNG, titleAndAlt(p.Title, p.Alt), nil)}, nil
}

func (p Picture) element() (g.Node, error) { return titled("picture", p.PNG, p.Title, p.Alt), nil }

// Diagram is a [report.Diagram] with its forms.
type Diagram report.Diagram

// Text is as in [Figure].
func (d Diagram) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "[diagram] %s\n", titleAndAlt(d.Title, d.Alt))
	return err
}

// Image is as in [Figure].
func (d Diagram) Image() ([]byte, error) { return diagram.PNG(report.Diagram(d)) }

// Cell is as in [Figure].
func (d Diagram) Cell() ([]Bundle, error) {
	drawn, err := d.Image()
	if err != nil {
		return nil, err
	}
	size, err := png.DecodeConfig(bytes.NewReader(drawn))
	if err != nil {
		return nil, fmt.Errorf("diagram %q: %w", d.ID, err)
	}
	// Half the pixels: the PNG is drawn for dense screens.
	return []Bundle{pngBundle(drawn, titleAndAlt(d.Title, d.Alt), map[string]any{"width": size.Width / 2, "height": size.Height / 2})}, nil
}

func (d Diagram) element() (g.Node, error) {
	drawn, err := d.Image()
	if err != nil {
		return nil, err
	}
	return titled("diagram", drawn, d.Title, d.Alt), nil
}

// titleAndAlt says in words what a picture shows.
func titleAndAlt(title, alt string) string {
	if alt == "" {
		return title
	}
	return title + ". " + alt
}

// titled is a picture of a page with its title below.
func titled(class string, png []byte, title, alt string) g.Node {
	return h.Figure(h.Class(class), embedded(png, cmp.Or(alt, title)), h.FigCaption(h.Strong(g.Text(title))))
}

func embedded(png []byte, alt string, size ...g.Node) g.Node {
	return h.Img(h.Src("data:image/png;base64,"+base64.StdEncoding.EncodeToString(png)), h.Alt(alt), g.Group(size))
}
