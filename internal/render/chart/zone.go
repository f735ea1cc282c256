package chart

import (
	"math"

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
