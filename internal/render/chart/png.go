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
	legendWidth = 32 // characters of a name, to leave room for the plot
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
	p.Draw(besideLegends(area, chart, legend))
	return canvas.Image()
}

// newPNG returns an empty picture, and its area within the margin.
func newPNG() (*vgimg.Canvas, draw.Canvas) {
	canvas := vgimg.NewWith(vgimg.UseWH(pngWidth, pngHeight), vgimg.UseDPI(look.DPI))
	return canvas, draw.Crop(draw.New(canvas), look.Margin, -look.Margin, look.Margin, -look.Margin)
}

// besideLegends draws the legends and returns the remaining area for the plot.
// Legends inside the plot would hide curves.
func besideLegends(area draw.Canvas, chart report.Chart, legend plot.Legend) draw.Canvas {
	var wide, high vg.Length
	if len(chart.Curves) > 1 {
		size := legend.Rectangle(area).Size()
		wide, high = size.X, size.Y+2*look.Margin
	}
	key := newColourBar(chart.Heatmap)
	if key != nil {
		wide = max(wide, key.width())
	}
	if wide == 0 {
		return area
	}
	column := draw.Crop(area, area.Size().X-wide, 0, 0, -20)
	if high > 0 {
		legend.Draw(column)
	}
	if key != nil {
		key.draw(draw.Crop(column, 0, 0, 0, -high))
	}
	return draw.Crop(area, 0, -wide-look.Margin, 0, 0)
}

// plotted describes the chart to gonum/plot.
func plotted(chart report.Chart) (*plot.Plot, plot.Legend) {
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
func addCurves(p *plot.Plot, legend *plot.Legend, chart report.Chart) {
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
func emptyPlot(chart report.Chart) (*plot.Plot, plot.Legend) {
	p, legend := plot.New(), plot.NewLegend()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = chart.Title, chart.XLabel, chart.YLabel
	p.Title.Padding = vg.Points(8)
	for _, style := range []*text.Style{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle,
		&p.X.Tick.Label, &p.Y.Tick.Label, &legend.TextStyle,
	} {
		*style = look.Sans(*style, 9)
	}
	p.Title.TextStyle.Font.Size = 11
	legend.Top, legend.Left, legend.Padding, legend.ThumbnailWidth = true, true, vg.Points(3), vg.Points(26)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Tick.Color = look.Faint, look.Faint
		a.Label.Padding = vg.Points(3)
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
		p.NominalX(chart.Categories...)
		var marks plot.ConstantTicks
		for _, i := range labelled(chart) {
			marks = append(marks, plot.Tick{Value: float64(i), Label: chart.Categories[i]})
		}
		p.X.Tick.Marker = marks
		gridlines.Vertical.Color = nil
	}
	return p, legend
}

// scale sets the marks of an axis, at least least apart, and makes it
// logarithmic.
func scale(a *plot.Axis, logarithmic bool, least float64) {
	a.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick { return linearTicks(low, high, least) })
	if logarithmic {
		a.Scale, a.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	}
}

// addLine draws the i-th curve with its symbols.
func addLine(p *plot.Plot, legend *plot.Legend, chart report.Chart, i int) {
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
func addBars(p *plot.Plot, legend *plot.Legend, chart report.Chart, i int) {
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

// addRule draws a reference line over the whole width, with its name at the
// right end.
func addRule(p *plot.Plot, rule report.Reference) {
	ends := plotter.XYs{{X: p.X.Min, Y: rule.Y}, {X: p.X.Max, Y: rule.Y}}
	style := look.Sans(text.Style{Handler: plot.DefaultTextHandler}, 8)
	style.Color, style.XAlign = look.Faint, text.XRight
	p.Add(
		&plotter.Line{XYs: ends, LineStyle: draw.LineStyle{Color: look.Faint, Dashes: []vg.Length{3, 3}, Width: vg.Points(1)}},
		&plotter.Labels{XYs: ends[1:], Labels: []string{rule.Name}, TextStyle: []text.Style{style}, Offset: vg.Point{Y: 2}},
	)
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
