package show

import (
	"math"

	"evident/lessons/lesson"
)

// span is the range of the X axis that has something to show: the ground's,
// or else that of all points. It is empty (low > high) where there is none.
func span(chart lesson.Chart) (low, high float64) {
	if chart.Ground != nil {
		return chart.Ground.Left, chart.Ground.Right
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, curve := range chart.Curves {
		for i, x := range curve.X {
			if (!chart.LogX || x > 0) && (!chart.LogY || curve.Y[i] > 0) {
				low, high = math.Min(low, x), math.Max(high, x)
			}
		}
	}
	return low, high
}

// shownZones cuts the zones at the span of the chart, so that none stretches
// the axis, and drops those outside of it. Bars have no zones: their axis is
// one of names.
func shownZones(chart lesson.Chart) []lesson.Zone {
	if chart.Mark == lesson.Bars {
		return nil
	}
	low, high := span(chart)
	var list []lesson.Zone
	for _, zone := range chart.Zones {
		zone.From, zone.To = math.Max(zone.From, low), math.Min(zone.To, high)
		if zone.From < zone.To {
			list = append(list, zone)
		}
	}
	return list
}

// zoneLabel is where the name of a zone stands.
type zoneLabel struct {
	x     float64 // value on the X axis
	align string  // of the text to x: left, center or right
	row   int     // lines below the top
}

// zoneLabels puts each name in the middle of its zone. One that would leave
// the plot is set against the zone's edge; one that would run into another
// goes a line lower.
func zoneLabels(chart lesson.Chart) []zoneLabel {
	low, high := span(chart)
	start, length := place(low, chart.LogX), place(high, chart.LogX)-place(low, chart.LogX)
	var labels []zoneLabel
	var ends []float64 // of the names in each row so far
	for _, zone := range chart.Zones {
		from, to := (place(zone.From, chart.LogX)-start)/length, (place(zone.To, chart.LogX)-start)/length
		wide := 0.013 * float64(len([]rune(zone.Name))+2) // of the plot, by the width of a letter
		middle := (from + to) / 2
		label := zoneLabel{x: unplace(start+middle*length, chart.LogX), align: "center"}
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
