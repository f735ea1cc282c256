package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/render/look"
	"evident/kit/report"
)

// shownZones clips the zones at the ends of the X axis, so that none
// stretches it, and drops those outside. Bar charts have no zones, because
// their axis has names.
func shownZones(chart report.Chart) []report.Zone {
	if chart.Mark == report.Bars {
		return nil
	}
	f := frameOf(chart)
	var list []report.Zone
	for _, zone := range chart.Zones {
		zone.From, zone.To = math.Max(zone.From, f.left), math.Min(zone.To, f.right)
		if zone.From < zone.To {
			zone.Name = look.Typeset(zone.Name)
			list = append(list, zone)
		}
	}
	return list
}

// zoneLabel is the place of a zone's name.
type zoneLabel struct {
	x     float64 // value on the X axis
	align string  // of the text relative to x: left, center or right
	row   int     // lines below the top
}

// zoneLabels puts each name in the middle of its zone. A name that would
// leave the plot is aligned with the zone's edge; one that would overlap
// another moves down a line.
func zoneLabels(chart report.Chart) []zoneLabel {
	f := frameOf(chart)
	start, length := scaled(f.left, chart.LogX), scaled(f.right, chart.LogX)-scaled(f.left, chart.LogX)
	var labels []zoneLabel
	var ends []float64 // end of the last name in each row so far
	for _, zone := range chart.Zones {
		from, to := (scaled(zone.From, chart.LogX)-start)/length, (scaled(zone.To, chart.LogX)-start)/length
		wide := 0.013 * float64(len([]rune(zone.Name))+2) // fraction of the plot, by the width of a letter
		middle := (from + to) / 2
		label := zoneLabel{x: unscaled(start+middle*length, chart.LogX), align: "center"}
		left := middle - wide/2
		switch {
		case left < 0:
			label.x, label.align, left = zone.From, "left", from
		case left+wide > 1:
			label.x, label.align, left = zone.To, "right", to-wide
		}
		for label.row < len(ends) && ends[label.row] > left {
			label.row++
		}
		if label.row == len(ends) {
			ends = append(ends, 0)
		}
		ends[label.row] = left + wide
		labels = append(labels, label)
	}
	return labels
}

// zonePlotter shades the zones over the whole height. It does not report a
// data range, so a zone never stretches the axis.
type zonePlotter []report.Zone

// Plot implements [plot.Plotter].
func (z zonePlotter) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for i, zone := range z {
		c.SetColor(tintOf(i))
		c.Fill(vg.Rectangle{Min: vg.Point{X: x(zone.From), Y: c.Min.Y}, Max: vg.Point{X: x(zone.To), Y: c.Max.Y}}.Path())
	}
}

// zoneNames writes the names of the zones at their top, over the curves.
type zoneNames struct {
	zones  []report.Zone
	labels []zoneLabel
}

// Plot implements [plot.Plotter].
func (z zoneNames) Plot(c draw.Canvas, p *plot.Plot) {
	const line = 11 // points from one row of names to the next
	x, _ := p.Transforms(&c)
	style := look.Sans(p.X.Tick.Label, 8)
	style.YAlign = text.YTop
	for i, label := range z.labels {
		style.XAlign = map[string]text.XAlignment{"left": text.XLeft, "center": text.XCenter, "right": text.XRight}[label.align]
		at := vg.Point{X: x(label.x) + vg.Length(inward(label.align, 3)), Y: c.Max.Y - vg.Length(3+line*label.row)}
		edged(c, style, at, z.zones[i].Name)
	}
}

// edged writes text with a light edge, so that no line crosses it out.
func edged(c draw.Canvas, style text.Style, at vg.Point, words string) {
	edge := style
	edge.Color = look.White
	for _, shift := range []vg.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}, {X: .7, Y: .7}, {X: .7, Y: -.7}, {X: -.7, Y: .7}, {X: -.7, Y: -.7}} {
		c.FillText(edge, at.Add(shift), words)
	}
	c.FillText(style, at, words)
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
