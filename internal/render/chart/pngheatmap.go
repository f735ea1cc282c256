package chart

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// heatmapPlotter fills the plot with the shades of a heatmap.
type heatmapPlotter struct {
	heatmap report.Heatmap
	shades  shading
}

// Plot implements [plot.Plotter]. Each run of cells extends a little into its
// right and upper neighbours, which are drawn over it. Without this overlap,
// the page would show through between the cells.
func (g heatmapPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	const overlap = vg.Length(1)
	x, y := p.Transforms(&c)
	wide := (g.heatmap.Right - g.heatmap.Left) / float64(g.heatmap.Columns)
	high := (g.heatmap.Top - g.heatmap.Bottom) / float64(g.heatmap.Rows())
	colours := g.shades.colours()
	for _, cell := range cellsOf(g.heatmap, g.shades) {
		left, bottom := g.heatmap.Left+wide*float64(cell.column), g.heatmap.Bottom+high*float64(cell.row)
		c.SetColor(colours[cell.shade])
		c.Fill(vg.Rectangle{
			Min: vg.Point{X: x(left), Y: y(bottom)},
			Max: vg.Point{
				X: min(x(left+wide*float64(cell.count))+overlap, c.Max.X),
				Y: min(y(bottom+high)+overlap, c.Max.Y),
			},
		}.Path())
	}
}

// colourBar is the legend of a heatmap: a bar of its shades, the lowest at the
// bottom, with the values between them.
type colourBar struct {
	name    string
	labels  []string
	colours []color.NRGBA
	style   text.Style
}

// The height of each shade and the width of the bar.
const (
	keyStep = vg.Length(11)
	keyWide = vg.Length(10)
	keyGap  = vg.Length(4)
)

func newColourBar(g *report.Heatmap) *colourBar {
	if g == nil {
		return nil
	}
	shades := shadingOf(*g)
	if len(shades.bounds) == 0 {
		return nil // all values are the same
	}
	style := look.Sans(plot.NewLegend().TextStyle, 8)
	return &colourBar{name: lines.Shorten(g.Name, legendWidth), labels: keyLabels(shades.bounds), colours: shades.colours(), style: style}
}

// width returns the width of the name, or of the bar with its longest value.
func (k *colourBar) width() vg.Length {
	widest := k.style.Width(k.name)
	for _, label := range k.labels {
		widest = max(widest, keyWide+keyGap+k.style.Width(label))
	}
	return widest
}

// draw puts the legend at the top left of the canvas.
func (k *colourBar) draw(c draw.Canvas) {
	name := k.style
	name.YAlign = text.YTop
	c.FillText(name, vg.Point{X: c.Min.X, Y: c.Max.Y}, k.name)
	bottom := c.Max.Y - 16 - keyStep*vg.Length(len(k.colours))
	for i, colour := range k.colours {
		low := bottom + keyStep*vg.Length(i)
		c.SetColor(colour)
		c.Fill(vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: low}, Max: vg.Point{X: c.Min.X + keyWide, Y: low + keyStep}}.Path())
	}
	value := k.style
	value.YAlign = text.YCenter
	for i, label := range k.labels {
		c.FillText(value, vg.Point{X: c.Min.X + keyWide + keyGap, Y: bottom + keyStep*vg.Length(i+1)}, label)
	}
}
