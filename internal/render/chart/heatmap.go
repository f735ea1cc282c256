package chart

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"sort"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// maxShades is the number of shades of a heatmap. Each covers an equal area of
// the plane. A loss spans decades, so equal steps of its value would give almost
// the whole plane one shade. With equal steps of its rank, the edges between
// shades read like contour lines.
const maxShades = 12

// shading holds the shades of a heatmap.
type shading struct {
	bounds []float64 // between neighbouring shades, rising
	values []float64 // one value for each shade
}

// shadingOf cuts the ranks of the heatmap's values into equal parts. Values that
// are equal to six digits get the same shade, so that a symmetric function looks
// symmetric.
func shadingOf(g report.Heatmap) shading {
	if len(g.Bounds) > 0 {
		return shading{bounds: g.Bounds, values: append(slices.Clone(g.Bounds), g.Bounds[len(g.Bounds)-1])}
	}
	sorted := make([]float64, len(g.Values))
	for i, v := range g.Values {
		sorted[i] = rounded(v)
	}
	sort.Float64s(sorted)
	n := len(sorted)
	s := shading{values: sorted[:1:1]}
	for k := 1; k < maxShades; k++ {
		// Take the next larger value, because no bound fits between two equal
		// ones.
		above := sort.Search(n, func(i int) bool { return sorted[i] > sorted[max(k*n/maxShades-1, 0)] })
		if above == n || sorted[above] == s.values[len(s.values)-1] {
			continue
		}
		s.bounds = append(s.bounds, sorted[above-1]+(sorted[above]-sorted[above-1])/2)
		s.values = append(s.values, sorted[above])
	}
	return s
}

// of returns the index of a value's shade.
func (s shading) of(value float64) int { return sort.SearchFloat64s(s.bounds, rounded(value)) }

// colours returns the colours of all shades, the lowest first.
func (s shading) colours() []color.NRGBA {
	list := make([]color.NRGBA, len(s.values))
	for i := range list {
		list[i] = mixed(heatmapLow, heatmapHigh, float64(i)/math.Max(1, float64(len(list)-1)))
	}
	return list
}

// cell is a run of rectangles with one shade in a row of a heatmap.
type cell struct{ column, row, count, shade int }

// cellsOf joins neighbours in a row that have the same shade.
func cellsOf(g report.Heatmap, s shading) []cell {
	var cells []cell
	for i, v := range g.Values {
		next := cell{column: i % g.Columns, row: i / g.Columns, count: 1, shade: s.of(v)}
		if last := len(cells) - 1; next.column > 0 && cells[last].shade == next.shade {
			cells[last].count++
			continue
		}
		cells = append(cells, next)
	}
	return cells
}

// finer samples a heatmap between its values, by linear interpolation along both
// axes, so that the edges between shades are smooth, as contour lines are.
func finer(g report.Heatmap) report.Heatmap {
	const times = 6
	fine := g
	fine.Columns, fine.Values = times*g.Columns, nil
	for row := range times * g.Rows() {
		below, above, up := neighbours(row, times, g.Rows())
		for column := range fine.Columns {
			left, right, along := neighbours(column, times, g.Columns)
			value := func(row int) float64 {
				return (1-along)*g.Values[row*g.Columns+left] + along*g.Values[row*g.Columns+right]
			}
			fine.Values = append(fine.Values, (1-up)*value(below)+up*value(above))
		}
	}
	return fine
}

// neighbours returns the two of n cells between whose centres that of a finer cell
// lies, and how far it lies from the first to the second: 0 to 1.
func neighbours(cell, times, n int) (first, second int, part float64) {
	place := (float64(cell)+0.5)/float64(times) - 0.5
	place = min(max(place, 0), float64(n-1))
	first = int(place)
	return first, min(first+1, n-1), place - float64(first)
}

// undrawable says why the axes cannot show the chart's heatmap. It returns "" if
// they can, or if there is none.
func undrawable(chart report.Chart) string {
	g := chart.Heatmap
	switch {
	case g == nil:
		return ""
	case chart.Mark == report.Bars:
		return "bars have no plane"
	}
	reason := cmp.Or(misplaced(g.Left, chart.LogX), misplaced(g.Right, chart.LogX),
		misplaced(g.Bottom, chart.LogY), misplaced(g.Top, chart.LogY))
	if reason == "" && (interval{g.Left, g.Right}.narrow(chart.LogX) || interval{g.Bottom, g.Top}.narrow(chart.LogY)) {
		reason = "too narrow to draw"
	}
	return reason
}

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
	style := look.Sans(text.Style{}, 8)
	return &colourBar{name: lines.Shorten(look.Typeset(g.Name), 32), labels: keyLabels(shades.bounds), colours: shades.colours(), style: style}
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

// heatmapLayers draws the chart's heatmap behind everything else: one
// rectangle for each run of cells with one shade.
func heatmapLayers(chart report.Chart, inline func(rows []any) object) []any {
	if chart.Heatmap == nil {
		return nil
	}
	g, shades := *chart.Heatmap, shadingOf(*chart.Heatmap)
	wide, high := (g.Right-g.Left)/float64(g.Columns), (g.Top-g.Bottom)/float64(g.Rows())
	x, y := encoding(chart)["x"].(object), yEncoding(chart, "y")
	x["field"], y["field"] = "left", "bottom"
	mark := object{
		"type": "rect", "clip": true,
		// Extend a pixel into the neighbours, because seams would show
		// through.
		"x2Offset": 1, "y2Offset": -1,
	}
	mapped := object{"x": x, "x2": object{"field": "right"}, "y": y, "y2": object{"field": "top"}}
	if len(shades.bounds) == 0 {
		mark["fill"] = hexOf(heatmapLow) // all values are the same, so there is no scale to show
	} else {
		mapped["fill"] = shadeScale(g.Name, shades)
	}
	return []any{object{
		"data": inline(cellRows(g, shades)),
		"transform": []any{
			// Compute from counts, which are short: a heatmap has a thousand
			// cells.
			calculated("left", g.Left, wide, "datum.c"),
			calculated("right", g.Left, wide, "(datum.c + datum.n)"),
			calculated("bottom", g.Bottom, high, "datum.r"),
			calculated("top", g.Bottom, high, "(datum.r + 1)"),
		},
		"mark":     mark,
		"encoding": mapped,
	}}
}

func calculated(name string, start, step float64, count string) object {
	return object{"as": name, "calculate": fmt.Sprintf("%v + %v * %s", start, step, count)}
}

// cellRows gives each run of cells its column, its row, its number of cells
// and its shade.
func cellRows(g report.Heatmap, shades shading) []any {
	var list []any
	for _, cell := range cellsOf(g, shades) {
		list = append(list, object{"c": cell.column, "r": cell.row, "n": cell.count, "s": cell.shade})
	}
	return list
}

// shadeScale maps the indices of shades to colours. Its legend gives each
// shade an equal length, and labels the values between them.
func shadeScale(name string, shades shading) object {
	numbers, colours := make([]any, len(shades.bounds)), make([]any, 0, maxShades)
	for i := range numbers {
		numbers[i] = i + 1
	}
	for _, colour := range shades.colours() {
		colours = append(colours, hexOf(colour))
	}
	labels := strings.ReplaceAll(strings.Join(keyLabels(shades.bounds), "', '"), "-", "−") // as on Vega's axes
	return object{
		"field": "s", "type": "quantitative", "title": look.Typeset(name),
		"scale": object{"type": "threshold", "domain": numbers, "range": colours},
		"legend": object{
			"orient": "right", "type": "gradient", "direction": "vertical",
			"labelExpr":      "['" + labels + "'][datum.value - 1]",
			"gradientLength": 220, "gradientThickness": 12, "titleFontWeight": "normal", "titleColor": hexOf(look.Ink),
		},
	}
}
