package chart

import (
	"math"

	"evident/kit/report"
)

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
