package show

import (
	"fmt"
	"strings"

	"evident/kit/report"
)

// groundLayers are the chart's ground, behind everything: one rectangle for
// each run of cells of one shade.
func groundLayers(chart report.Chart) []any {
	if chart.Ground == nil {
		return nil
	}
	g, shades := *chart.Ground, shadingOf(*chart.Ground)
	wide, high := (g.Right-g.Left)/float64(g.Columns), (g.Top-g.Bottom)/float64(g.Rows())
	x, y := encoding(chart)["x"].(object), height(chart, "y")
	x["field"], y["field"] = "left", "bottom"
	mark := object{
		"type": "rect", "clip": true,
		// A pixel into the neighbours, or seams would shine through.
		"x2Offset": 1, "y2Offset": -1,
	}
	mapped := object{"x": x, "x2": object{"field": "right"}, "y": y, "y2": object{"field": "top"}}
	if len(shades.bounds) == 0 {
		mark["fill"] = hexOf(groundLow) // the same everywhere: there is no scale to show
	} else {
		mapped["fill"] = shadeScale(g.Name, shades)
	}
	return []any{object{
		"data": inlineData(cellRows(g, shades)),
		"transform": []any{
			// From counts, which are short: a ground has a thousand cells.
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

// cellRows give each run of cells its column, its row, its number of cells and
// its shade.
func cellRows(g report.Ground, shades shading) []any {
	var list []any
	for _, cell := range cellsOf(g, shades) {
		list = append(list, object{"c": cell.column, "r": cell.row, "n": cell.count, "s": cell.shade})
	}
	return list
}

// shadeScale maps the numbers of shades to colours. Its legend gives each an
// equal length, and says the values between them.
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
			"gradientLength": 220, "gradientThickness": 12, "titleFontWeight": "normal", "titleColor": hexOf(ink),
		},
	}
}

// zoneLayers shade the chart's zones over the whole height.
func zoneLayers(chart report.Chart) []any {
	var layers []any
	for i, zone := range chart.Zones {
		x := encoding(chart)["x"].(object)
		x["field"] = "from"
		tint := tintOf(i)
		layers = append(layers, object{
			"data":     object{"values": []any{object{"from": zone.From, "to": zone.To}}},
			"mark":     object{"type": "rect", "color": hexOf(tint), "opacity": rounded(float64(tint.A) / 0xFF)},
			"encoding": object{"x": x, "x2": object{"field": "to"}},
		})
	}
	return layers
}

// zoneNameLayers name the zones at their top, inside the plot. They come last
// and have a light edge, as no curve may strike a name out.
func zoneNameLayers(chart report.Chart) []any {
	const line = 14 // pixels from one row of names to the next
	var layers []any
	for i, label := range zoneLabels(chart) {
		x := encoding(chart)["x"].(object)
		x["field"] = "at"
		mapped := object{"x": x, "y": object{"value": 5 + line*label.row}, "text": object{"field": "name"}}
		data := object{"values": []any{object{"at": label.x, "name": chart.Zones[i].Name}}}
		for _, style := range []object{{"stroke": "white", "strokeWidth": 3, "opacity": 0.8}, {"color": hexOf(ink)}} {
			style["type"], style["fontSize"], style["baseline"] = "text", 11, "top"
			style["align"], style["dx"] = label.align, inward(label.align, 4)
			layers = append(layers, object{"data": data, "mark": style, "encoding": mapped})
		}
	}
	return layers
}

// inward moves a name that stands against an edge away from it.
func inward(align string, by float64) float64 {
	switch align {
	case "left":
		return by
	case "right":
		return -by
	}
	return 0
}
