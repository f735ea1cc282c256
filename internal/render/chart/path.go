package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// stop is one drawn point of a path.
type stop struct {
	x, y float64
	step float64 // a fraction where the frame cuts between two steps
	cut  bool    // on the frame, where the path itself has no point
}

// piece is a stretch of a path inside the frame.
type piece []stop

// routes returns the drawn pieces of each path of the chart. A path without a
// heatmap has no frame, so it is one piece.
func routes(chart report.Chart) [][]piece {
	list := make([][]piece, len(chart.Curves))
	for i, curve := range chart.Curves {
		stops := stopsOf(curve, chart)
		switch {
		case len(stops) == 0:
		case chart.Heatmap == nil:
			list[i] = []piece{stops}
		default:
			list[i] = framed(stops, chart)
		}
	}
	return list
}

// uncutStops returns the visible points of the path itself.
func uncutStops(pieces []piece) piece {
	var list piece
	for _, stops := range pieces {
		for _, s := range stops {
			if !s.cut {
				list = append(list, s)
			}
		}
	}
	return list
}

// crowded reports whether a path has so many visible points that symbols would
// hide the line.
func crowded(pieces []piece) bool { return len(uncutStops(pieces)) > 60 }

// lastStep returns the last step of the longest path.
func lastStep(chart report.Chart) int {
	last := 0
	for _, curve := range chart.Curves {
		last = max(last, len(curve.X)-1)
	}
	return last
}

// stopsOf keeps the step numbers of the points that are drawn.
func stopsOf(curve report.Curve, chart report.Chart) piece {
	var stops piece
	for _, i := range pathSteps(curve, maxDrawn) {
		if unseen(chart, curve.X[i], curve.Y[i]) == "" {
			stops = append(stops, stop{x: curve.X[i], y: curve.Y[i], step: float64(i)})
		}
	}
	return stops
}

// pathSteps returns the steps of a path that are drawn, in order. A descent
// moves most at first, so all its first steps are kept. Of each later stretch
// only the first step and the extremes in both directions are kept, so that
// oscillations stay visible.
func pathSteps(curve report.Curve, limit int) []int {
	n, head := len(curve.X), limit/2
	if n <= limit {
		head = n
	}
	chosen := map[int]bool{0: true, n - 1: true}
	const each = 5 // points per stretch: its first and four extremes
	stretches := (limit - head - 1) / each
	for s := range stretches {
		from, to := head+s*(n-head)/stretches, head+(s+1)*(n-head)/stretches
		if from == to {
			continue
		}
		chosen[from] = true
		for _, values := range [][]float64{curve.X, curve.Y} {
			lowest, highest := extremes(values, from, to)
			chosen[lowest], chosen[highest] = true, true
		}
	}
	var steps []int
	for i := range n {
		if i < head || chosen[i] {
			steps = append(steps, i)
		}
	}
	return steps
}

// framed clips a path at the frame of the chart's heatmap. It clips in screen
// coordinates, where the lines are straight, which means the logarithms on a
// logarithmic axis.
func framed(stops piece, chart report.Chart) []piece {
	f := frameOf(chart)
	f.left, f.right = scaled(f.left, chart.LogX), scaled(f.right, chart.LogX)
	f.bottom, f.top = scaled(f.bottom, chart.LogY), scaled(f.top, chart.LogY)
	placed := make(piece, len(stops))
	for i, s := range stops {
		placed[i] = stop{x: scaled(s.x, chart.LogX), y: scaled(s.y, chart.LogY), step: s.step}
	}
	pieces := f.pieces(placed)
	for _, p := range pieces {
		for i, s := range p {
			p[i].x, p[i].y = unscaled(s.x, chart.LogX), unscaled(s.y, chart.LogY)
		}
	}
	return pieces
}

// scaled returns the position of a value along an axis.
func scaled(value float64, logarithmic bool) float64 {
	if logarithmic {
		return math.Log10(value)
	}
	return value
}

// unscaled returns the value at a position.
func unscaled(at float64, logarithmic bool) float64 {
	if logarithmic {
		return math.Pow(10, at)
	}
	return at
}

// pieces returns the parts of the path inside the frame.
func (f frame) pieces(stops piece) []piece {
	var pieces []piece
	for i, to := range stops {
		from, to, ok := f.clip(stops[max(i-1, 0)], to)
		if !ok {
			continue
		}
		last := len(pieces) - 1
		if last < 0 || pieces[last][len(pieces[last])-1] != from {
			pieces, last = append(pieces, piece{from}), last+1
		}
		if to != from {
			pieces[last] = append(pieces[last], to)
		}
	}
	return pieces
}

// clip returns the part of the way from a to b inside the frame, after Liang
// and Barsky, "A new concept and method for line clipping" (1984). It counts
// from the nearer end, because a diverging descent reaches 1e300, from where no
// digit of a crossing would be right.
func (f frame) clip(a, b stop) (from, to stop, ok bool) {
	const tooFar = 1e6 // frames away at both ends: too imprecise to say where the way passes
	if f.distance(a) > f.distance(b) {
		to, from, ok = f.clip(b, a)
		return from, to, ok
	}
	enter, leave := 0.0, 1.0
	for _, side := range [][2]float64{
		{a.x - f.left, b.x - a.x}, {f.right - a.x, a.x - b.x},
		{a.y - f.bottom, b.y - a.y}, {f.top - a.y, a.y - b.y},
	} {
		switch inside, change := side[0], side[1]; {
		case change > 0:
			enter = math.Max(enter, -inside/change)
		case change < 0:
			leave = math.Min(leave, -inside/change)
		case inside < 0:
			return from, to, false
		}
	}
	return between(a, b, enter), between(a, b, leave), enter <= leave && f.distance(a) < tooFar
}

// distance returns the distance of a point from the centre of the frame, in
// frames.
func (f frame) distance(s stop) float64 {
	x, y := (s.x-(f.left+f.right)/2)/(f.right-f.left), (s.y-(f.bottom+f.top)/2)/(f.top-f.bottom)
	return math.Max(math.Abs(x), math.Abs(y))
}

// between returns the stop at a fraction of the way from a to b.
func between(a, b stop, fraction float64) stop {
	switch fraction {
	case 0:
		return a
	case 1:
		return b
	}
	// Keep clear of both whole steps, however long the way: the slider uses the
	// step to decide whether the path is still visible.
	passed := math.Min(math.Max(fraction, 0.01), 0.99)
	return stop{
		x: a.x + fraction*(b.x-a.x), y: a.y + fraction*(b.y-a.y),
		step: a.step + passed*(b.step-a.step), cut: true,
	}
}

// addPaths draws whole paths, each from a ring to a filled symbol, with a
// light edge that sets it off from the heatmap. All starts and ends are drawn
// above all lines. A path that ends outside of the picture gets no end
// symbol.
func addPaths(p *plot.Plot, legend *legend, chart report.Chart) {
	all := routes(chart)
	for i, pieces := range all {
		style := styleOf(i)
		line := draw.LineStyle{Color: style.colour, Width: vg.Points(1.4)}
		edge := draw.LineStyle{Color: withAlpha(look.White, 0xB0), Width: vg.Points(3.2)}
		for _, drawn := range []draw.LineStyle{edge, line} {
			for _, stops := range pieces {
				p.Add(&plotter.Line{XYs: pointsOf(stops), LineStyle: drawn})
			}
		}
		if !crowded(pieces) {
			addStops(p, uncutStops(pieces), draw.GlyphStyle{Color: style.colour, Radius: vg.Points(1.8), Shape: style.glyph})
		}
		legend.Add(lines.Shorten(chart.Curves[i].Name, legendWidth), &plotter.Line{LineStyle: line}, &plotter.Scatter{GlyphStyle: endGlyph(style)})
	}
	for i, pieces := range all {
		addEnds(p, pieces, styleOf(i))
	}
}

// addEnds marks the start and the end of a path.
func addEnds(p *plot.Plot, pieces []piece, style curveStyle) {
	if len(pieces) == 0 {
		return
	}
	if first := pieces[0][0]; first.step == 0 { // a thicker ring than gonum/plot's
		addStops(p, piece{first}, draw.GlyphStyle{Color: style.colour, Radius: vg.Points(3.6), Shape: draw.CircleGlyph{}})
		addStops(p, piece{first}, draw.GlyphStyle{Color: look.White, Radius: vg.Points(2.2), Shape: draw.CircleGlyph{}})
	}
	final := pieces[len(pieces)-1]
	if last := final[len(final)-1]; !last.cut {
		addStops(p, piece{last}, endGlyph(style))
	}
}

func addStops(p *plot.Plot, stops piece, style draw.GlyphStyle) {
	if len(stops) > 0 {
		p.Add(&plotter.Scatter{XYs: pointsOf(stops), GlyphStyle: style})
	}
}

func endGlyph(s curveStyle) draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.colour, Radius: vg.Points(4), Shape: outlined{s.glyph}}
}

func pointsOf(stops piece) plotter.XYs {
	xys := make(plotter.XYs, len(stops))
	for i, s := range stops {
		xys[i] = plotter.XY{X: s.x, Y: s.y}
	}
	return xys
}

// stepParam is the name of the parameter that the slider sets.
const stepParam = "step"

// slider shows the paths up to a step. It starts at the end, so that readers who do
// not use it see everything.
func slider(chart report.Chart) []any {
	last := lastStep(chart)
	return []any{object{
		"name": stepParam, "value": last,
		"bind": object{"input": "range", "min": 0, "max": last, "step": 1, "name": "step "},
	}}
}

// pathRows returns the points of all paths, one object each.
func pathRows(chart report.Chart, all [][]piece) []any {
	var list []any
	for i, pieces := range all {
		for number, stops := range pieces {
			for _, s := range stops {
				row := object{"curve": chart.Curves[i].Name, "step": hundredths(s.step), "x": written(s.x), "y": written(s.y)}
				if number > 0 {
					row["piece"] = number
				}
				if s.cut {
					row["cut"] = true
				}
				list = append(list, row)
			}
		}
	}
	if len(list) == 0 {
		// All paths are outside of the picture. Vega-Lite needs a row, so add one
		// that no layer shows.
		list = []any{object{"curve": "", "step": -1, "x": frameOf(chart).left, "y": frameOf(chart).bottom, "cut": true}}
	}
	return list
}

// hundredths rounds to two decimals, which keeps all digits of a step.
func hundredths(step float64) float64 { return math.Round(step*100) / 100 }

// pathLayers returns, from back to front: each path's line with a light edge that
// sets it off from the heatmap, its steps, which carry the tooltips, its start, and
// its current position.
func pathLayers(chart report.Chart, all [][]piece) []any {
	edge := pathEncoding(chart)
	edge["detail"] = []any{nominal("curve"), nominal("piece")}
	line := pathEncoding(chart, "color")
	line["detail"] = []any{nominal("piece")}
	return []any{
		object{
			"transform": []any{upToStep()},
			"mark":      clipped(chart, object{"type": "line", "strokeWidth": 4.5, "opacity": 0.7, "color": "white", "strokeJoin": "round"}),
			"encoding":  edge,
		},
		object{
			"transform": []any{upToStep()},
			"mark":      clipped(chart, object{"type": "line", "strokeWidth": 2, "strokeJoin": "round"}),
			"encoding":  line,
		},
		stepLayer(chart, all),
		startLayer(chart),
		headLayer(chart),
	}
}

// pathEncoding maps a path to a line through its points in the order of their steps.
// Without an order, Vega-Lite would join them from left to right.
func pathEncoding(chart report.Chart, channels ...string) object {
	mapped := encoding(chart, channels...)
	mapped["order"] = object{"field": "step", "type": "quantitative"}
	return mapped
}

// stepLayer marks each step. On a path with crowded steps it marks only the one
// under the pointer.
func stepLayer(chart report.Chart, all [][]piece) object {
	var bare []any
	for i, pieces := range all {
		if crowded(pieces) {
			bare = append(bare, chart.Curves[i].Name)
		}
	}
	steps := encoding(chart, "color", "shape")
	steps["tooltip"] = pathTooltip(chart)
	shown := []any{underPointer()}
	if len(bare) > 0 { // gob would turn an empty list into null
		shown = append(shown, object{"test": object{"field": "curve", "oneOf": bare}, "value": 0})
	}
	steps["opacity"] = object{"condition": shown, "value": 1}
	return object{
		"params":    []any{pointerParam()},
		"transform": []any{upToStep(), uncut()},
		"mark":      clipped(chart, object{"type": "point", "filled": true, "size": 28}),
		"encoding":  steps,
	}
}

// startLayer rings the point that a path starts from.
func startLayer(chart report.Chart) object {
	return object{
		"transform": []any{object{"filter": "datum.step === 0"}},
		"mark":      clipped(chart, object{"type": "point", "shape": "circle", "fill": "white", "size": 70, "opacity": 1, "strokeWidth": 1.8}),
		"encoding":  pathEncoding(chart, "color"),
	}
}

// headLayer marks the last visible point of each path. A path that ended earlier
// keeps its last point; one outside of the picture has none.
func headLayer(chart report.Chart) object {
	heads := encoding(chart, "color", "shape")
	heads["tooltip"] = pathTooltip(chart)
	return object{
		"transform": []any{
			upToStep(),
			object{
				"joinaggregate": []any{object{"op": "max", "field": "step", "as": "last"}},
				"groupby":       []any{"curve"},
			},
			object{"filter": "datum.step === datum.last"},
			uncut(),
		},
		"mark":     clipped(chart, object{"type": "point", "filled": true, "size": 170, "opacity": 1, "stroke": "white", "strokeWidth": 1}),
		"encoding": heads,
	}
}

func upToStep() object { return object{"filter": "datum.step <= " + stepParam} }

// uncut removes the points on the frame, which the path itself does not have.
func uncut() object { return object{"filter": "!datum.cut"} }

func nominal(name string) object { return object{"field": name, "type": "nominal"} }

func pathTooltip(chart report.Chart) []any {
	list := tooltip(chart)
	return append([]any{list[0], field("step", "quantitative", "step")}, list[1:]...)
}
