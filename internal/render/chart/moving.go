package chart

import (
	"fmt"
	"math"
	"slices"

	"evident/kit/report"
)

// Moving describes a chart that is drawn again and again while a training goes on: a specification in Vega-Lite, and the
// data that it names. The specification changes seldom, so that a page need only exchange the data: linear axes follow
// the data by themselves, logarithmic ones end at whole decades, and nothing answers to the pointer.
func Moving(chart report.Chart) (specification map[string]any, data map[string][]any) {
	data = map[string][]any{}
	inline := func(rows []any) object {
		name := fmt.Sprintf("rows%d", len(data))
		data[name] = rows
		return object{"name": name}
	}
	description := Alt(chart)
	chart = named(drawn(chart))
	values, curves, params := rows(chart), []any(nil), []any(nil)
	switch chart.Mark {
	case report.Bars:
		curves = barLayers(chart)
	case report.Path:
		all := routes(chart)
		values, curves = pathRows(chart, all), pathLayers(chart, all)
		curves = slices.Delete(curves, 2, 3) // the single steps
		params = []any{object{"name": stepParam, "value": math.MaxInt32}}
	case report.Points:
		curves = []any{object{
			"mark":     clipped(chart, object{"type": "point", "filled": true, "size": 30, "opacity": 1, "stroke": "white", "strokeWidth": 0.8}),
			"encoding": encoding(chart, "color", "shape"),
		}}
	default:
		curves = []any{object{
			"mark":     clipped(chart, object{"type": "line", "strokeWidth": 2}),
			"encoding": encoding(chart, "color", "strokeDash"),
		}}
	}
	shown := inline(values)
	layers := slices.Concat(heatmapLayers(chart, inline), curves, ruleLayers(chart))
	specification = specificationOf(chart, description, titleOf(chart), shown, layers, params)
	specification["height"] = 300
	specification["autosize"].(object)["resize"] = true // the marks of an axis grow
	settle(layers, chart)
	return specification, data
}

// settle removes from the layers what would change with every new value.
func settle(layers []any, chart report.Chart) {
	f := frameOf(chart)
	for _, layer := range layers {
		mapped := layer.(object)["encoding"].(object)
		delete(mapped, "tooltip")
		for name, ends := range map[string]interval{"x": {f.left, f.right}, "y": {f.bottom, f.top}} {
			axis, _ := mapped[name].(object)
			scale, _ := axis["scale"].(object)
			switch {
			case scale == nil || chart.Mark == report.Bars && name == "x":
			case scale["type"] == "log":
				low, high := math.Pow(10, math.Floor(math.Log10(ends.low))), math.Pow(10, math.Ceil(math.Log10(ends.high)))
				fix(axis, low, high, false)
				axis["axis"] = markedAxis(logTicks(low, high))
			case chart.Heatmap == nil:
				delete(scale, "domain")
				delete(scale, "nice")
				axis["axis"] = object{"tickCount": 6}
			}
		}
	}
	sharingAxes(layers)
}
