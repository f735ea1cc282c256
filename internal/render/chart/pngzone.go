package chart

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/render/look"
	"evident/kit/report"
)

// zonePlotter shades the zones over the whole height. It does not report a
// data range, so a zone never stretches the axis.
type zonePlotter []report.Zone

// Plot implements [plot.Plotter].
func (z zonePlotter) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for i, zone := range z {
		c.SetColor(tintOf(i))
		c.Fill(vg.Rectangle{Min: vg.Point{X: x(zone.From), Y: c.Min.Y}, Max: vg.Point{X: x(zone.To), Y: c.Max.Y}}.Path())
	}
}

// zoneNames writes the names of the zones at their top, over the curves.
type zoneNames struct {
	zones  []report.Zone
	labels []zoneLabel
}

// Plot implements [plot.Plotter].
func (z zoneNames) Plot(c draw.Canvas, p *plot.Plot) {
	const line = 11 // points from one row of names to the next
	x, _ := p.Transforms(&c)
	style := look.Sans(p.X.Tick.Label, 8)
	style.YAlign = text.YTop
	for i, label := range z.labels {
		style.XAlign = map[string]text.XAlignment{"left": text.XLeft, "center": text.XCenter, "right": text.XRight}[label.align]
		at := vg.Point{X: x(label.x) + vg.Length(inward(label.align, 3)), Y: c.Max.Y - vg.Length(3+line*label.row)}
		edged(c, style, at, z.zones[i].Name)
	}
}

// edged writes text with a light edge, so that no line crosses it out.
func edged(c draw.Canvas, style text.Style, at vg.Point, words string) {
	edge := style
	edge.Color = look.White
	for _, shift := range []vg.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}, {X: .7, Y: .7}, {X: .7, Y: -.7}, {X: -.7, Y: .7}, {X: -.7, Y: -.7}} {
		c.FillText(edge, at.Add(shift), words)
	}
	c.FillText(style, at, words)
}
