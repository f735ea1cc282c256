package chart

import (
	"fmt"
	"strings"

	"evident/internal/render/look"
	"evident/kit/report"
)

// heatmapLayers draws the chart's heatmap behind everything else: one
// rectangle for each run of cells with one shade.
func heatmapLayers(chart report.Chart) []any {
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
		"data": inlineData(cellRows(g, shades)),
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
		"field": "s", "type": "quantitative", "title": name,
		"scale": object{"type": "threshold", "domain": numbers, "range": colours},
		"legend": object{
			"orient": "right", "type": "gradient", "direction": "vertical",
			"labelExpr":      "['" + labels + "'][datum.value - 1]",
			"gradientLength": 220, "gradientThickness": 12, "titleFontWeight": "normal", "titleColor": hexOf(look.Ink),
		},
	}
}
