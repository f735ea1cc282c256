package show

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/kit/report"
)

// groundPlotter fills the plot with the shades of a ground.
type groundPlotter struct {
	ground report.Ground
	shades shading
}

// Plot implements [plot.Plotter]. Each run of cells reaches a little into its
// right and upper neighbours, which are drawn over it: edges that only touch
// would let the page shine through.
func (g groundPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	const overlap = vg.Length(1)
	x, y := p.Transforms(&c)
	wide := (g.ground.Right - g.ground.Left) / float64(g.ground.Columns)
	high := (g.ground.Top - g.ground.Bottom) / float64(g.ground.Rows())
	colours := g.shades.colours()
	for _, cell := range cellsOf(g.ground, g.shades) {
		left, bottom := g.ground.Left+wide*float64(cell.column), g.ground.Bottom+high*float64(cell.row)
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

// shadeKey is the legend of a ground: a bar of its shades, the lowest at the
// bottom, with the values between them.
type shadeKey struct {
	name    string
	labels  []string
	colours []color.NRGBA
	style   text.Style
}

// Of each shade in the key, and of the bar.
const (
	keyStep = vg.Length(11)
	keyWide = vg.Length(10)
	keyGap  = vg.Length(4)
)

func newShadeKey(g *report.Ground) *shadeKey {
	if g == nil {
		return nil
	}
	shades := shadingOf(*g)
	if len(shades.bounds) == 0 {
		return nil // the same everywhere
	}
	style := sans(plot.NewLegend().TextStyle, 8)
	return &shadeKey{name: shortened(g.Name, legendWidth), labels: keyLabels(shades.bounds), colours: shades.colours(), style: style}
}

// width is that of the name or of the bar with its longest value.
func (k *shadeKey) width() vg.Length {
	widest := k.style.Width(k.name)
	for _, label := range k.labels {
		widest = max(widest, keyWide+keyGap+k.style.Width(label))
	}
	return widest
}

// draw puts the key at the top left of the canvas.
func (k *shadeKey) draw(c draw.Canvas) {
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

// zonePlotter shades the zones over the whole height. It says nothing of its
// range, so that a zone never stretches the axis.
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
	style := sans(p.X.Tick.Label, 8)
	style.YAlign = text.YTop
	for i, label := range z.labels {
		style.XAlign = map[string]text.XAlignment{"left": text.XLeft, "center": text.XCenter, "right": text.XRight}[label.align]
		at := vg.Point{X: x(label.x) + vg.Length(inward(label.align, 3)), Y: c.Max.Y - vg.Length(3+line*label.row)}
		edged(c, style, at, z.zones[i].Name)
	}
}

// edged writes text with a light edge, so that no line strikes it out.
func edged(c draw.Canvas, style text.Style, at vg.Point, words string) {
	edge := style
	edge.Color = white
	for _, shift := range []vg.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}, {X: .7, Y: .7}, {X: .7, Y: -.7}, {X: -.7, Y: .7}, {X: -.7, Y: -.7}} {
		c.FillText(edge, at.Add(shift), words)
	}
	c.FillText(style, at, words)
}
