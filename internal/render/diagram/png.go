package diagram

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"evident/internal/badinput"
	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// The sizes of a diagram's parts, in points.
const (
	boxPadding   = 7.0
	boxLabelSize = 10.0
	boxNoteSize  = 8.0
	lineSpacing  = 3.0
)

// A diagram of many boxes is drawn with fewer pixels per point, to stay within
// diagramPixels.
const (
	diagramPixels  = 16 << 20
	diagramLetters = 100 // letters per line
)

var (
	boxFill    = look.RGB(0xF4F4F2)
	strongFill = look.RGB(0xDCEBF5)
)

// PNG draws the diagram as a picture on white, as large as necessary.
func PNG(d report.Diagram) ([]byte, error) {
	d = onItsLines(d)
	pen := newDiagramPen()
	widths, heights := make([]float64, len(d.Boxes)), make([]float64, len(d.Boxes))
	for i, box := range d.Boxes {
		widths[i], heights[i] = pen.measure(box)
	}
	layout := layOut(d, widths, heights)
	title := pen.title.Height(d.Title) + 2*look.Margin
	width := max(vg.Length(layout.width), pen.title.Width(d.Title)) + 2*look.Margin
	height := vg.Length(layout.height) + title + 2*look.Margin
	dpi := min(look.DPI, vg.Inch.Points()*math.Sqrt(diagramPixels/(width.Points()*height.Points())))
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(max(1, int(dpi))))
	pen.canvas = draw.New(canvas)
	pen.canvas.FillText(pen.title, vg.Point{X: width / 2, Y: height - look.Margin}, d.Title)
	pen.left, pen.top = (width-vg.Length(layout.width))/2, height-title
	pen.draw(d, layout)
	return look.PNG(canvas.Image())
}

// onItsLines shortens texts that are too long for a line.
func onItsLines(d report.Diagram) report.Diagram {
	short := func(text string) string { return lines.Shorten(badinput.OneLine(text), diagramLetters) }
	d.Title, d.Boxes = short(d.Title), slices.Clone(d.Boxes)
	for i, box := range d.Boxes {
		d.Boxes[i].Label, d.Boxes[i].Detail = short(box.Label), short(box.Detail)
	}
	return d
}

// diagramPen draws a diagram whose upper left corner is at (left, top).
type diagramPen struct {
	canvas             draw.Canvas
	left, top          vg.Length
	title, label, note text.Style
}

func newDiagramPen() diagramPen {
	style := func(size vg.Length, colour color.Color, y text.YAlignment) text.Style {
		s := look.Sans(plot.NewLegend().TextStyle, size)
		s.Color, s.XAlign, s.YAlign = colour, text.XCenter, y
		return s
	}
	return diagramPen{
		title: style(11, look.Ink, text.YTop),
		label: style(boxLabelSize, look.Ink, text.YTop),
		note:  style(boxNoteSize, look.Faint, text.YTop),
	}
}

// measure returns the size of a box around its two lines.
func (p diagramPen) measure(box report.Box) (width, height float64) {
	wide, high := p.label.Width(box.Label), p.label.Height(box.Label)
	if box.Detail != "" {
		wide = max(wide, p.note.Width(box.Detail))
		high += lineSpacing + p.note.Height(box.Detail)
	}
	return float64(wide) + 2*boxPadding, float64(high) + 2*boxPadding
}

// at converts a place's coordinates to the canvas's, whose Y axis points up.
func (p diagramPen) at(x, y float64) vg.Point {
	return vg.Point{X: p.left + vg.Length(x), Y: p.top - vg.Length(y)}
}

func (p diagramPen) draw(d report.Diagram, l laidOut) {
	for _, way := range l.routes {
		p.arrow(l, way)
	}
	for i, box := range d.Boxes {
		p.box(box, l.spots[i])
	}
}

func (p diagramPen) box(box report.Box, at spot) {
	low, high := p.at(at.x-at.width/2, at.y+at.height/2), p.at(at.x+at.width/2, at.y-at.height/2)
	corners := []vg.Point{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}}
	fill := boxFill
	if box.Strong {
		fill = strongFill
	}
	p.canvas.FillPolygon(fill, corners)
	p.canvas.StrokeLines(draw.LineStyle{Color: look.Faint, Width: 0.75}, append(corners, corners[0]))
	line := vg.Point{X: (low.X + high.X) / 2, Y: high.Y - boxPadding}
	p.canvas.FillText(p.label, line, box.Label)
	if box.Detail != "" {
		line.Y -= p.label.Height(box.Label) + lineSpacing
		p.canvas.FillText(p.note, line, box.Detail)
	}
}

// arrow draws the way from the lower edge of its first place to the upper edge
// of its last.
func (p diagramPen) arrow(l laidOut, way []int) {
	var points []vg.Point
	for i, index := range way {
		at := l.spots[index]
		switch i {
		case 0:
			points = append(points, p.at(at.x, at.y+at.height/2))
		case len(way) - 1:
			points = append(points, p.at(at.x, at.y-at.height/2))
		default:
			points = append(points, p.at(at.x, at.y-at.height/2), p.at(at.x, at.y+at.height/2))
		}
	}
	p.canvas.StrokeLines(draw.LineStyle{Color: look.Faint, Width: 1}, points)
	p.head(points[len(points)-2], points[len(points)-1])
}

// head draws the tip of an arrow.
func (p diagramPen) head(from, tip vg.Point) {
	const length, half = 6, 2.5
	along := tip.Sub(from)
	along = along.Scale(1 / vg.Length(math.Hypot(float64(along.X), float64(along.Y))))
	base := tip.Sub(along.Scale(length))
	across := vg.Point{X: -along.Y, Y: along.X}.Scale(half)
	p.canvas.FillPolygon(look.Faint, []vg.Point{tip, base.Add(across), base.Sub(across)})
}
