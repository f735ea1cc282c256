package chart

import (
	"image"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// A PNG has 640×360 CSS pixels of 3/4 of a point each.
const (
	pngWidth    = Width * vg.Inch / 96
	pngHeight   = Height * vg.Inch / 96
	legendWidth = 60 // characters of a name
)

// The size of a chart on screen, in CSS pixels.
const (
	Width  = 640
	Height = 360
)

// PNG draws the chart as a picture of 1280×720 pixels on white, for viewers
// that do not support Vega-Lite.
func PNG(chart report.Chart) ([]byte, error) {
	return look.PNG(chartImage(chart))
}

// chartImage draws a chart that is valid, so that gonum/plot refuses none of its values.
func chartImage(chart report.Chart) image.Image {
	note := LeftOut(chart)
	chart = drawn(chart)
	if note != "" {
		chart.Title = strings.Join(append([]string{chart.Title}, noteLines(note)...), "\n")
	}
	p, legend := plotted(chart)
	canvas, area := newPNG()
	drawWithLabels(p, aroundLegends(area, chart, legend), chart)
	return canvas.Image()
}

// drawWithLabels draws the plot and the labels of its axes. gonum/plot would leave an
// empty band beside a logarithmic axis with a long label, because it takes the middle
// of the values for the middle of the axis.
func drawWithLabels(p *plot.Plot, area draw.Canvas, chart report.Chart) {
	inner := besideLabels(area, chart)
	p.Draw(inner)
	data := p.DataCanvas(inner)
	style := labelStyle()
	style.XAlign, style.YAlign = text.XCenter, text.YBottom
	area.FillText(style, vg.Point{X: data.Center().X, Y: area.Min.Y}, chart.XLabel)
	style.Rotation, style.YAlign = math.Pi/2, text.YTop
	area.FillText(style, vg.Point{X: area.Min.X, Y: data.Center().Y}, chart.YLabel)
}

// besideLabels returns the area that the labels of the axes leave.
func besideLabels(area draw.Canvas, chart report.Chart) draw.Canvas {
	var left, bottom vg.Length
	if chart.XLabel != "" {
		bottom = labelStyle().Height(chart.XLabel) + 3
	}
	if chart.YLabel != "" {
		left = labelStyle().Height(chart.YLabel) + 6
	}
	if chart.Mark == report.Bars && slanted(chart.Categories) {
		const marks = vg.Length(36) // the width of the axis and its marks
		left += max(0, labelStyle().Width(chart.Categories[0])*vg.Length(math.Cos(slant*math.Pi/180))-marks)
	}
	return draw.Crop(area, left, 0, bottom, 0)
}

// labelStyle is that of the words around a plot.
func labelStyle() text.Style { return look.Sans(text.Style{}, 9) }

// newPNG returns an empty picture, and its area within the margin.
func newPNG() (*vgimg.Canvas, draw.Canvas) {
	canvas := vgimg.NewWith(vgimg.UseWH(pngWidth, pngHeight), vgimg.UseDPI(look.DPI))
	return canvas, draw.Crop(draw.New(canvas), look.Margin, -look.Margin, look.Margin, -look.Margin)
}

// aroundLegends draws the legends and returns the remaining area for the plot: the
// curves stand below it, so that it has the whole width; the shades of a heatmap beside
// it. Legends inside the plot would hide curves.
func aroundLegends(area draw.Canvas, chart report.Chart, legend legend) draw.Canvas {
	if len(chart.Curves) > 1 {
		area = legend.drawBelow(area)
	}
	if key := newColourBar(chart.Heatmap); key != nil {
		key.draw(draw.Crop(area, area.Size().X-key.width(), 0, 0, -20))
		area = draw.Crop(area, 0, -key.width()-look.Margin, 0, 0)
	}
	return area
}

// legend names the curves.
type legend struct {
	style   text.Style
	entries []legendEntry
}

type legendEntry struct {
	name   string
	thumbs []plot.Thumbnailer
}

// Add appends a curve with the marks that it is drawn with.
func (l *legend) Add(name string, thumbs ...plot.Thumbnailer) {
	l.entries = append(l.entries, legendEntry{name, thumbs})
}

// drawBelow draws the legend in columns at the bottom, and returns the area above it.
func (l legend) drawBelow(area draw.Canvas) draw.Canvas {
	const thumb, gap, between, line = vg.Length(26), vg.Length(4), vg.Length(14), vg.Length(12)
	l.style.YAlign = text.YCenter
	wide := vg.Length(0)
	for _, entry := range l.entries {
		wide = max(wide, thumb+gap+l.style.Width(entry.name))
	}
	n := len(l.entries)
	columns := max(1, min(n, int((area.Size().X+between)/(wide+between))))
	rows := (n + columns - 1) / columns
	columns = (n + rows - 1) / rows // no last row of one
	left := area.Min.X + max(0, (area.Size().X-vg.Length(columns)*(wide+between)+between)/2)
	for i, entry := range l.entries {
		at := vg.Point{X: left + vg.Length(i%columns)*(wide+between), Y: area.Min.Y + line*vg.Length(rows-1-i/columns)}
		icon := draw.Canvas{Canvas: area.Canvas, Rectangle: vg.Rectangle{Min: at, Max: at.Add(vg.Point{X: thumb, Y: line - 3})}}
		for _, thumb := range entry.thumbs {
			thumb.Thumbnail(&icon)
		}
		area.FillText(l.style, vg.Point{X: at.X + thumb + gap, Y: at.Y + (line-3)/2}, entry.name)
	}
	return draw.Crop(area, 0, 0, line*vg.Length(rows)+look.Margin/2, 0)
}

// plotted describes the chart to gonum/plot.
func plotted(chart report.Chart) (*plot.Plot, legend) {
	p, legend := emptyPlot(chart)
	if chart.Heatmap != nil {
		p.Add(heatmapPlotter{finer(*chart.Heatmap), shadingOf(*chart.Heatmap)})
	}
	p.Add(zonePlotter(chart.Zones))
	addCurves(p, &legend, chart)
	f := frameOf(chart)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = f.left, f.right, f.bottom, f.top
	p.Add(zoneNames{chart.Zones, zoneLabels(chart)})
	for _, rule := range chart.Rules {
		addRule(p, rule)
	}
	return p, legend
}

// addCurves draws all curves that have points with the chart's mark.
func addCurves(p *plot.Plot, legend *legend, chart report.Chart) {
	if chart.Mark == report.Path {
		addPaths(p, legend, chart)
		return
	}
	add := addBars
	if chart.Mark != report.Bars {
		add = addLine
		for i, curve := range chart.Curves { // all bands below all lines
			addBand(p, curve, styleOf(i))
		}
	}
	for i, curve := range chart.Curves {
		if len(curve.X) > 0 {
			add(p, legend, chart, i)
		}
	}
}

// emptyPlot returns a plot with titles, axes and grid.
func emptyPlot(chart report.Chart) (*plot.Plot, legend) {
	p, names := plot.New(), legend{style: labelStyle()}
	p.Title.Text = chart.Title
	p.Title.Padding = vg.Points(8)
	for _, style := range []*text.Style{
		&p.Title.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label,
	} {
		*style = look.Sans(*style, 9)
	}
	p.Title.TextStyle.Font.Size = 11
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Tick.Color = look.Faint, look.Faint
	}
	gridlines := plotter.NewGrid()
	gridlines.Horizontal.Color, gridlines.Vertical.Color = look.Grid, look.Grid
	p.Add(gridlines)
	least := 0.0
	if whole(chart) {
		least = 1 // there is no half epoch
	}
	scale(&p.X, chart.LogX, least)
	scale(&p.Y, chart.LogY, 0)
	if chart.Mark == report.Bars && len(chart.Categories) > 0 {
		usual := p.Y.Padding
		p.NominalX(chart.Categories...)
		p.Y.Padding = usual // instead of an empty band, half as wide as the first name
		var marks plot.ConstantTicks
		for _, i := range labelled(chart) {
			marks = append(marks, plot.Tick{Value: float64(i), Label: chart.Categories[i]})
		}
		p.X.Tick.Marker = marks
		if slanted(chart.Categories) {
			p.X.Tick.Label.Rotation = slant * math.Pi / 180
			p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
		}
		gridlines.Vertical.Color = nil
	}
	return p, names
}

// slant is the angle of names that are too long to stand side by side, in degrees.
const slant = 30

// scale sets the marks of an axis, at least least apart, and makes it
// logarithmic.
func scale(a *plot.Axis, logarithmic bool, least float64) {
	a.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick { return linearTicks(low, high, least) })
	if logarithmic {
		a.Scale, a.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	}
}

// addLine draws the i-th curve with its symbols.
func addLine(p *plot.Plot, legend *legend, chart report.Chart, i int) {
	curve, style := chart.Curves[i], styleOf(i)
	xys := points(curve.X, curve.Y)
	var parts []plot.Thumbnailer
	if chart.Mark == report.Line {
		line := draw.LineStyle{Color: style.colour, Width: vg.Points(1.4), Dashes: lengths(style.dash)}
		parts = append(parts, &plotter.Line{XYs: xys, LineStyle: line})
	}
	if chart.Mark == report.Points || !dense(curve) {
		symbol := draw.GlyphStyle{Color: style.colour, Radius: vg.Points(2.4), Shape: style.glyph}
		parts = append(parts, &plotter.Scatter{XYs: xys, GlyphStyle: symbol})
	}
	for _, part := range parts {
		p.Add(part.(plot.Plotter))
	}
	legend.Add(lines.Shorten(curve.Name, legendWidth), parts...)
}

// addBand fills the interval around a curve, if it has one.
func addBand(p *plot.Plot, curve report.Curve, style curveStyle) {
	if len(curve.Low) == 0 {
		return
	}
	outline := points(curve.X, curve.High)
	for i := len(curve.X) - 1; i >= 0; i-- {
		outline = append(outline, plotter.XY{X: curve.X[i], Y: curve.Low[i]})
	}
	p.Add(&plotter.Polygon{XYs: []plotter.XYs{outline}, Color: withAlpha(style.colour, 0x2E)})
}

// barsWidth is the fraction of a category that its bars fill.
const barsWidth = 0.8

// addBars draws the bars of the i-th curve, beside those of the others, as
// polygons in data units. The bars of gonum/plot are offset in points, so an
// interval could not be drawn on them.
func addBars(p *plot.Plot, legend *legend, chart report.Chart, i int) {
	curve, style := chart.Curves[i], styleOf(i)
	width := barsWidth / float64(len(chart.Curves))
	base := baseline(chart)
	edge := draw.LineStyle{Color: look.Ink, Width: vg.Points(0.5)}
	interval := draw.LineStyle{Color: look.Ink, Width: vg.Points(1.2)}
	for k, x := range curve.X {
		left := x - barsWidth/2 + float64(i)*width
		outline := plotter.XYs{{X: left, Y: base}, {X: left, Y: curve.Y[k]}, {X: left + width, Y: curve.Y[k]}, {X: left + width, Y: base}}
		bar := &plotter.Polygon{XYs: []plotter.XYs{outline}, Color: style.colour, LineStyle: edge}
		p.Add(bar)
		if k == 0 {
			legend.Add(lines.Shorten(curve.Name, legendWidth), bar)
		}
		if len(curve.Low) > 0 {
			ends := plotter.XYs{{X: left + width/2, Y: curve.Low[k]}, {X: left + width/2, Y: curve.High[k]}}
			p.Add(&plotter.Line{XYs: ends, LineStyle: interval})
		}
	}
}

// baseline returns the start of bars: zero, or half the smallest value on a
// logarithmic axis, which has no zero.
func baseline(chart report.Chart) float64 {
	if !chart.LogY {
		return 0
	}
	least := math.Inf(1)
	for _, curve := range chart.Curves {
		for _, y := range curve.Y {
			least = math.Min(least, y)
		}
	}
	return least / 2
}

// addRule draws a reference line over the whole width, with its name at the right end,
// both with a light edge, so that they stand out from bars.
func addRule(p *plot.Plot, rule report.Reference) {
	ends := plotter.XYs{{X: p.X.Min, Y: rule.Y}, {X: p.X.Max, Y: rule.Y}}
	for _, style := range []draw.LineStyle{
		{Color: withAlpha(look.White, 0xB0), Width: vg.Points(2.6)},
		{Color: look.Ink, Dashes: []vg.Length{3, 3}, Width: vg.Points(1)},
	} {
		p.Add(&plotter.Line{XYs: ends, LineStyle: style})
	}
	p.Add(ruleName(rule))
}

// ruleName writes the name of a reference line.
type ruleName report.Reference

// Plot implements [plot.Plotter].
func (r ruleName) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := look.Sans(text.Style{XAlign: text.XRight, YAlign: text.YBottom}, 8)
	at := vg.Point{X: c.Max.X, Y: y(r.Y) + 2}
	if at.Y+style.Height(r.Name) > c.Max.Y {
		at.Y, style.YAlign = y(r.Y)-2, text.YTop // no room above
	}
	edged(c, style, at, r.Name)
}

func points(x, y []float64) plotter.XYs {
	xys := make(plotter.XYs, len(x))
	for i := range x {
		xys[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	return xys
}

func lengths(dash []float64) []vg.Length {
	list := make([]vg.Length, len(dash))
	for i, v := range dash {
		list[i] = vg.Length(v)
	}
	return list
}

// solid is a filled symbol with the given corners, in radii from its centre.
// gonum/plot has too few filled symbols to tell all curves apart.
type solid []vg.Point

// DrawGlyph implements [draw.GlyphDrawer].
func (s solid) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	var outline vg.Path
	for i, corner := range s {
		corner = at.Add(corner.Scale(style.Radius))
		if i == 0 {
			outline.Move(corner)
			continue
		}
		outline.Line(corner)
	}
	outline.Close()
	c.Fill(outline)
}

// The filled symbols of Vega that gonum/plot lacks.
var (
	diamondGlyph  = solid{{X: 0, Y: 1.4}, {X: 0.9, Y: 0}, {X: 0, Y: -1.4}, {X: -0.9, Y: 0}}
	downwardGlyph = solid{{X: -1.1, Y: 0.75}, {X: 1.1, Y: 0.75}, {X: 0, Y: -1.25}}
	crossGlyph    = solid{
		{X: -0.4, Y: 1.2}, {X: 0.4, Y: 1.2}, {X: 0.4, Y: 0.4}, {X: 1.2, Y: 0.4}, {X: 1.2, Y: -0.4}, {X: 0.4, Y: -0.4},
		{X: 0.4, Y: -1.2}, {X: -0.4, Y: -1.2}, {X: -0.4, Y: -0.4}, {X: -1.2, Y: -0.4}, {X: -1.2, Y: 0.4}, {X: -0.4, Y: 0.4},
	}
	leftwardGlyph = solid{{X: 0.75, Y: 1.1}, {X: 0.75, Y: -1.1}, {X: -1.25, Y: 0}}
)

// outlined is a symbol with a white edge that sets it off from the
// background.
type outlined struct{ draw.GlyphDrawer }

// DrawGlyph implements [draw.GlyphDrawer].
func (o outlined) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	edge := style
	edge.Radius += vg.Points(1)
	c.SetColor(look.White)
	o.GlyphDrawer.DrawGlyph(c, edge, at)
	c.SetColor(style.Color)
	o.GlyphDrawer.DrawGlyph(c, style, at)
}
