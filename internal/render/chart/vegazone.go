package chart

import (
	"evident/internal/render/look"
	"evident/kit/report"
)

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

// zoneNameLayers write the names of the zones at their top, inside the plot.
// They come last and have a light edge, so that no curve crosses a name out.
func zoneNameLayers(chart report.Chart) []any {
	const line = 14 // pixels from one row of names to the next
	var layers []any
	for i, label := range zoneLabels(chart) {
		x := encoding(chart)["x"].(object)
		x["field"] = "at"
		mapped := object{"x": x, "y": object{"value": 5 + line*label.row}, "text": object{"field": "name"}}
		data := object{"values": []any{object{"at": label.x, "name": chart.Zones[i].Name}}}
		for _, style := range []object{{"stroke": "white", "strokeWidth": 3, "opacity": 0.8}, {"color": hexOf(look.Ink)}} {
			style["type"], style["fontSize"], style["baseline"] = "text", 11, "top"
			style["align"], style["dx"] = label.align, inward(label.align, 4)
			layers = append(layers, object{"data": data, "mark": style, "encoding": mapped})
		}
	}
	return layers
}

// inward moves a name away from the edge that it is set against.
func inward(align string, by float64) float64 {
	switch align {
	case "left":
		return by
	case "right":
		return -by
	}
	return 0
}
