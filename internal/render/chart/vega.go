package chart

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// VegaLiteMIME is the MIME type that JupyterLab draws with its built-in Vega.
const VegaLiteMIME = "application/vnd.vegalite.v5+json"

// object is a JSON object of a Vega-Lite specification. See
// https://vega.github.io/vega-lite/docs/ for its vocabulary.
type object = map[string]any

// VegaLite describes the chart in Vega-Lite 5. It sets a white background and dark text, so
// that it looks the same on a light and on a dark page.
func VegaLite(chart report.Chart) map[string]any { return vegaLite(chart, inlineData) }

// VegaLiteObjects describes the chart like [VegaLite], with its data as objects: a page may forbid the code that Vega
// makes to read comma-separated values.
func VegaLiteObjects(chart report.Chart) map[string]any {
	return vegaLite(chart, func(rows []any) object { return object{"values": rows} })
}

func vegaLite(chart report.Chart, inline func(rows []any) object) map[string]any {
	title := titleOf(chart)
	if note := LeftOut(chart); note != "" {
		title["subtitle"], title["subtitleColor"] = anys(noteLines(note)), hexOf(look.Faint)
	}
	description := Alt(chart)
	chart = named(drawn(chart))
	values, curves, params := rows(chart), []any(nil), []any(nil)
	switch chart.Mark {
	case report.Bars:
		curves = barLayers(chart)
	case report.Path:
		all := routes(chart)
		values, curves, params = pathRows(chart, all), pathLayers(chart, all), slider(chart)
	default:
		curves = lineLayers(chart)
	}
	layers := sharingAxes(slices.Concat(heatmapLayers(chart, inline), zoneLayers(chart), curves, zoneNameLayers(chart), ruleLayers(chart)))
	return specificationOf(chart, description, title, inline(values), layers, params)
}

func specificationOf(chart report.Chart, description string, title, data object, layers, params []any) object {
	specification := object{
		// The width is fixed, because JupyterLab's frame takes the width of its content: a
		// chart as wide as its container would be 0 wide.
		"$schema":     "https://vega.github.io/schema/vega-lite/v5.json",
		"description": description,
		"title":       title,
		"width":       600, "height": 320,
		"autosize":   object{"type": "fit", "contains": "padding"},
		"background": "white",
		"padding":    10,
		"data":       data,
		"layer":      layers,
		"config":     vegaConfig(chart),
	}
	if len(params) > 0 {
		specification["params"] = params
	}
	return specification
}

// titleOf is the title of a chart.
func titleOf(chart report.Chart) object {
	return object{"text": look.Typeset(chart.Title), "anchor": "start", "fontSize": 14}
}

// sharingAxes removes the marks of the axes from all layers but the first that has them:
// the layers share their axes, and a notebook has many charts.
func sharingAxes(layers []any) []any {
	seen := map[string]bool{}
	for _, layer := range layers {
		encoding := layer.(object)["encoding"].(object)
		for _, name := range []string{"x", "y"} {
			mapped, _ := encoding[name].(object)
			if mapped["axis"] == nil {
				continue
			}
			if seen[name] {
				mapped = maps.Clone(mapped)
				delete(mapped, "axis")
				encoding[name] = mapped
			}
			seen[name] = true
		}
	}
	return layers
}

// named gives a curve without a name the name of its values, because Vega-Lite treats an
// empty text as missing. It may change the list of curves, because drawn has copied it.
func named(chart report.Chart) report.Chart {
	for i := range chart.Curves {
		if chart.Curves[i].Name == "" {
			chart.Curves[i].Name = cmp.Or(chart.YLabel, "y")
		}
	}
	return chart
}

// rows returns the chart's points, one object each.
func rows(chart report.Chart) []any {
	var list []any
	for _, curve := range chart.Curves {
		for i := range curve.X {
			row := object{"curve": curve.Name, "y": written(curve.Y[i])}
			if chart.Mark == report.Bars {
				row["x"] = category(chart, curve.X[i])
			} else {
				row["x"] = written(curve.X[i])
			}
			if len(curve.Low) > 0 {
				row["low"], row["high"] = written(curve.Low[i]), written(curve.High[i])
			}
			list = append(list, row)
		}
	}
	return list
}

// written returns a value for the data of a chart: a whole number unchanged, and any other
// with nine digits, which distinguish any two 32-bit floats. All seventeen digits would make
// a notebook larger than its limit of 1 MB.
func written(v float64) float64 {
	if isWhole(v) {
		return v
	}
	return roundedTo(v, 9)
}

// isWhole reports whether a value is a whole number that a float64 holds exactly.
func isWhole(v float64) bool { return v == math.Trunc(v) && math.Abs(v) < 1<<53 }

// rounded keeps six significant digits, which is more than the shades of a picture show.
func rounded(v float64) float64 { return roundedTo(v, 6) }

func roundedTo(v float64, digits int) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// lineLayers returns, from back to front, bands, lines, and the symbols, which carry the
// tooltips. Dense curves differ in their dashes and show a symbol only under the pointer;
// others differ in their symbols. No chart uses both, because the legend would mix them.
func lineLayers(chart report.Chart) []any {
	lines, symbols, opacity := encoding(chart, "color"), encoding(chart, "color", "shape"), 1.0
	if chart.Mark == report.Line && anyDense(chart) {
		lines, symbols, opacity = encoding(chart, "color", "strokeDash"), encoding(chart, "color"), 0
	}
	layers := bandLayers(chart)
	if chart.Mark == report.Line {
		layers = append(layers, object{
			"mark":     clipped(chart, object{"type": "line", "strokeWidth": 2}),
			"encoding": lines,
		})
	}
	symbols["tooltip"] = tooltip(chart)
	symbols["opacity"] = object{"condition": underPointer(), "value": opacity}
	return append(layers, object{
		"params":   []any{pointerParam()},
		"mark":     clipped(chart, object{"type": "point", "filled": true, "size": 45}),
		"encoding": symbols,
	})
}

// pointerParam selects the point of a layer that is nearest to the pointer.
func pointerParam() object {
	return object{
		"name":   "under",
		"select": object{"type": "point", "nearest": true, "on": "mouseover", "clear": "mouseout"},
	}
}

// underPointer shows the point under the pointer.
func underPointer() object { return object{"param": "under", "empty": false, "value": 1} }

// clipped keeps a mark inside the plot if the chart's heatmap sets its axes.
func clipped(chart report.Chart, mark object) object {
	if chart.Heatmap != nil {
		mark["clip"] = true
	}
	return mark
}

// bandLayers fill the interval around each curve that has one. Each is a separate layer with
// a fixed colour, so that the legend shows lines instead of areas.
func bandLayers(chart report.Chart) []any {
	var layers []any
	for i, curve := range chart.Curves {
		if len(curve.Low) == 0 {
			continue
		}
		band := encoding(chart)
		band["y"], band["y2"] = yEncoding(chart, "low"), object{"field": "high"}
		layers = append(layers, object{
			"transform": []any{object{"filter": object{"field": "curve", "equal": curve.Name}}},
			"mark":      clipped(chart, object{"type": "area", "orient": "vertical", "opacity": 0.18, "color": hexOf(styleOf(i).colour)}),
			"encoding":  band,
		})
	}
	return layers
}

// barLayers are grouped bars, one per curve in each category, with their intervals as thin
// lines.
func barLayers(chart report.Chart) []any {
	bars := encoding(chart, "color")
	bars["xOffset"] = object{"field": "curve", "sort": anys(names(chart))}
	bars["tooltip"] = tooltip(chart)
	layers := []any{object{
		"mark":     object{"type": "bar", "stroke": hexOf(look.Ink), "strokeWidth": 0.5},
		"encoding": bars,
	}}
	if !hasBand(chart) {
		return layers
	}
	return append(layers, object{
		"mark": object{"type": "rule", "color": hexOf(look.Ink), "strokeWidth": 1.5},
		"encoding": object{
			"x":       bars["x"],
			"xOffset": bars["xOffset"],
			"y":       yEncoding(chart, "low"),
			"y2":      object{"field": "high"},
		},
	})
}

// ruleLayers are the horizontal reference lines, each with its name at the right end, both
// with a light edge, so that they stand out from bars.
func ruleLayers(chart report.Chart) []any {
	var layers []any
	for _, rule := range chart.Rules {
		data := object{"values": []any{object{"y": written(rule.Y), "name": rule.Name}}}
		y := yEncoding(chart, "y")
		line := object{"y": y, "tooltip": []any{field("name", "nominal", "line"), field("y", "quantitative", chart.YLabel)}}
		name := object{"y": y, "x": object{"value": "width"}, "text": object{"field": "name"}}
		for _, style := range []object{{"stroke": "white", "strokeWidth": 3.5, "opacity": 0.7}, {"stroke": hexOf(look.Ink), "strokeWidth": 1.5, "strokeDash": []any{3.0, 3.0}}} {
			style["type"] = "rule"
			layers = append(layers, object{"data": data, "mark": style, "encoding": line})
		}
		for _, style := range []object{{"stroke": "white", "strokeWidth": 3, "opacity": 0.8}, {"color": hexOf(look.Ink)}} {
			style["type"], style["fontSize"], style["align"], style["baseline"], style["dy"] = "text", 11, "right", "bottom", -3
			layers = append(layers, object{"data": data, "mark": style, "encoding": name})
		}
	}
	return layers
}

// encoding maps the fields of a row to the axes and to the given channels. Each channel
// distinguishes the curves; Vega-Lite joins them in one legend.
func encoding(chart report.Chart, channels ...string) object {
	f := frameOf(chart)
	x := axis("x", chart.XLabel, chart.LogX, false)
	span(x, chart.LogX, f.left, f.right, f.fixX, chart.Heatmap == nil)
	if !chart.LogX && whole(chart) {
		x["axis"] = countingAxis(chart)
	}
	if chart.Mark == report.Bars {
		x = field("x", "nominal", chart.XLabel)
		x["sort"] = anys(chart.Categories)
		x["axis"] = object{"labelAngle": 0, "labelLimit": 260, "labelExpr": `split(datum.label, "\n")`}
		if slanted(chart.Categories) {
			x["axis"].(object)["labelAngle"] = -slant
		}
		if at := labelled(chart); len(at) < len(chart.Categories) {
			var shown []any
			for _, i := range at {
				shown = append(shown, chart.Categories[i])
			}
			x["axis"].(object)["values"] = shown
		}
	}
	mapped := object{"x": x, "y": yEncoding(chart, "y")}
	for _, channel := range channels {
		mapped[channel] = channelEncoding(chart, channel)
	}
	return mapped
}

// countingAxis marks only whole numbers: each of them if there are few.
func countingAxis(chart report.Chart) object {
	x := emptyInterval()
	for _, curve := range chart.Curves {
		x.include(curve.X...)
	}
	const few = 12
	if !(x.high-x.low <= few) {
		return object{"tickCount": 8, "format": ",d"}
	}
	// Count the marks, because adding 1 does not change a number beyond 2^53.
	marks := []any{}
	for i := range int(math.Max(0, x.high-x.low+1)) {
		marks = append(marks, x.low+float64(i))
	}
	return object{"values": marks, "format": ",d"}
}

// channelEncoding maps the curves to their colours, shapes or dashes.
func channelEncoding(chart report.Chart, channel string) object {
	values := make([]any, len(chart.Curves))
	for i := range chart.Curves {
		switch style := styleOf(i); channel {
		case "color":
			values[i] = hexOf(style.colour)
		case "shape":
			values[i] = style.shape
		case "strokeDash":
			values[i] = dashOf(style)
		}
	}
	return object{
		"field": "curve", "type": "nominal", "title": nilTitle,
		"scale": object{"domain": anys(names(chart)), "range": values},
	}
}

// nilTitle stands for "no title", because gob, which carries the specification to the
// kernel, has no null.
const nilTitle = ""

// dashOf returns the dash in Vega's form: a solid line has no gaps.
func dashOf(s curveStyle) []any {
	if len(s.dash) == 0 {
		return []any{1.0, 0.0}
	}
	return anys(s.dash)
}

// yEncoding maps a field to the vertical axis. The length of a bar is its value, so bars
// start at zero; curves use the whole height.
func yEncoding(chart report.Chart, name string) object {
	const longest = 32 // characters that fit along the plot; more would displace the title
	mapped := axis(name, chart.YLabel, chart.LogY, chart.Mark == report.Bars)
	mapped["title"] = anys(lines.Wrap(chart.YLabel, longest))
	f := frameOf(chart)
	span(mapped, chart.LogY, f.bottom, f.top, f.fixY, chart.Heatmap == nil)
	return mapped
}

// span gives an axis its ends and marks. A logarithmic one has those of the PNG: Vega's own
// ends are whole decades, which would leave bands empty.
func span(mapped object, logarithmic bool, low, high float64, fixed, nice bool) {
	switch {
	case logarithmic:
		fix(mapped, low, high, false)
		mapped["axis"] = markedAxis(logTicks(low, high))
		return
	case fixed:
		fix(mapped, low, high, nice)
	}
	if size := math.Max(math.Abs(low), math.Abs(high)); size < 1e-3 || size > 1e7 {
		mapped["axis"] = markedAxis(linearTicks(low, high, 0))
	}
}

// markedAxis has marks with labels of ours.
func markedAxis(ticks []plot.Tick) object {
	ticks = slices.DeleteFunc(ticks, func(t plot.Tick) bool { return t.Label == "" })
	values, labels := make([]any, len(ticks)), ""
	for i, tick := range ticks {
		values[i] = tick.Value
		label := "'" + strings.ReplaceAll(tick.Label, "-", "−") + "'"
		if i < len(ticks)-1 { // the next one lies beyond the middle
			label = fmt.Sprintf("datum.value < %.6g ? %s : ", tick.Value/2+ticks[i+1].Value/2, label)
		}
		labels += label
	}
	return object{"values": values, "labelExpr": labels}
}

// fix sets the ends of an axis, whatever is shown. With nice, Vega moves them outwards to
// round values.
func fix(mapped object, low, high float64, nice bool) {
	scale := mapped["scale"].(object)
	scale["domain"], scale["nice"] = []any{low, high}, nice
}

func axis(name, title string, logarithmic, fromZero bool) object {
	mapped := field(name, "quantitative", title)
	mapped["stack"] = false
	if logarithmic {
		mapped["scale"] = object{"type": "log"}
	} else {
		mapped["scale"] = object{"zero": fromZero}
		mapped["axis"] = object{"tickCount": 6}
	}
	return mapped
}

func field(name, kind, title string) object {
	return object{"field": name, "type": kind, "title": title}
}

func tooltip(chart report.Chart) []any {
	x, y := field("x", "quantitative", chart.XLabel), field("y", "quantitative", chart.YLabel)
	if chart.Mark == report.Bars {
		x["type"] = "nominal"
	} else {
		x["format"] = telling(chart, func(c report.Curve) [][]float64 { return [][]float64{c.X} })
	}
	list := []any{field("curve", "nominal", "curve"), x, y}
	heights := func(c report.Curve) [][]float64 { return [][]float64{c.Y} }
	if hasBand(chart) {
		low, high := field("low", "quantitative", "from"), field("high", "quantitative", "to")
		heights = func(c report.Curve) [][]float64 { return [][]float64{c.Y, c.Low, c.High} }
		list = append(list, low, high)
	}
	for _, item := range list[2:] {
		item.(object)["format"] = telling(chart, heights)
	}
	return list
}

// telling returns the format of Vega-Lite for some values of a chart: whole numbers in full,
// others with as few digits as distinguish them, at least four.
func telling(chart report.Chart, of func(report.Curve) [][]float64) string {
	different, whole := map[float64]bool{}, true
	for _, curve := range chart.Curves {
		for _, values := range of(curve) {
			for _, v := range values {
				different[written(v)] = true
				whole = whole && isWhole(v)
			}
		}
	}
	if whole && len(different) > 0 {
		return ",d"
	}
	const most = 16 // digits of a whole number among others
	for digits := usualDigits; digits < most; digits++ {
		apart := map[float64]bool{}
		for v := range different {
			apart[roundedTo(v, digits)] = true
		}
		if len(apart) == len(different) {
			return fmt.Sprintf(".%d~g", digits)
		}
	}
	return fmt.Sprintf(".%d~g", most)
}

func hasBand(chart report.Chart) bool {
	return slices.ContainsFunc(chart.Curves, func(curve report.Curve) bool { return len(curve.Low) > 0 })
}

// vegaConfig sets fonts, colours and the legend. A single curve needs no legend; the legend
// of dense curves shows their dashes.
func vegaConfig(chart report.Chart) object {
	legend := object{
		"disable": len(chart.Curves) < 2 && chart.Heatmap == nil, "orient": "bottom", "columns": legendColumns,
		"labelColor": hexOf(look.Ink), "labelLimit": 260, "symbolSize": 90, "symbolStrokeWidth": 2,
	}
	if chart.Mark == report.Line && anyDense(chart) {
		legend["symbolType"], legend["symbolSize"] = "stroke", 400
	}
	return object{
		"view":  object{"stroke": "transparent"},
		"font":  "system-ui, -apple-system, Segoe UI, Roboto, sans-serif",
		"title": object{"color": hexOf(look.Ink)},
		"axis": object{
			"gridColor": hexOf(look.Grid), "labelColor": hexOf(look.Ink), "titleColor": hexOf(look.Ink), "titleFontWeight": "normal",
			"domainColor": hexOf(look.Faint), "tickColor": hexOf(look.Faint),
		},
		"legend": legend,
	}
}

// legendColumns is how many labels of usual length fit side by side below a chart.
const legendColumns = 3

// anys returns a list as gob carries it.
func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// inlineData returns rows of one chart as comma-separated values. JSON objects
// would repeat the names, and a notebook, which has a line for each number,
// would be several times as large.
func inlineData(rows []any) object {
	types := columnTypes(rows)
	columns := slices.Sorted(maps.Keys(types))
	var text strings.Builder
	writer := csv.NewWriter(&text)
	lines := [][]string{columns}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, column := range columns {
			if value, known := row.(object)[column]; known {
				line[i] = fmt.Sprint(value)
			}
		}
		lines = append(lines, line)
	}
	_ = writer.WriteAll(lines) // writing to a strings.Builder cannot fail
	return object{"values": text.String(), "format": object{"type": "csv", "parse": types}}
}

// columnTypes returns the columns that occur in some row, with the types that
// Vega-Lite reads them as.
func columnTypes(rows []any) object {
	types := object{}
	for _, row := range rows {
		for column, value := range row.(object) {
			switch value.(type) {
			case string:
				types[column] = "string"
			case bool:
				types[column] = "boolean"
			default:
				types[column] = "number"
			}
		}
	}
	return types
}
