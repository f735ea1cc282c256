package chart

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/render/rendertest"
	"evident/kit/report"
)

func TestZonesAndHeatmapLieBehindTheCurves(t *testing.T) {
	chart := rendertest.PathChart()
	chart.Zones = []report.Zone{{Name: "left", From: -9, To: 0}}
	var marks []string
	for _, layer := range layersOf(t, chart) {
		marks = append(marks, markOf(layer))
	}
	assert.Equal(t, []string{"rect", "rect", "line", "line", "point", "point", "point", "text", "text"}, marks)
}

func TestZonesEndWhereTheDataEnds(t *testing.T) {
	zones := drawn(rendertest.ZoneChart()).Zones
	require.Len(t, zones, 2)
	assert.InDelta(t, 0.001, zones[0].From, 1e-12, "a logarithmic axis has no zero")
	assert.InDelta(t, 1, zones[1].To, 1e-12)

	chart := rendertest.PathChart()
	chart.Zones = []report.Zone{{Name: "left", From: -9, To: 0}, {Name: "beyond", From: 4, To: 5}}
	assert.Equal(t, []report.Zone{{Name: "left", From: -3, To: 0}}, drawn(chart).Zones)
}

func TestZonesDoNotStretchTheAxis(t *testing.T) {
	with, _ := plotted(drawn(rendertest.ZoneChart()))
	bare := rendertest.ZoneChart()
	bare.Zones = nil
	without, _ := plotted(drawn(bare))
	assert.Equal(t, []float64{without.X.Min, without.X.Max}, []float64{with.X.Min, with.X.Max})
}

func TestBarsHaveNoZones(t *testing.T) {
	chart := rendertest.BarChart()
	chart.Zones = []report.Zone{{Name: "all", From: 0, To: 2}}
	assert.Empty(t, drawn(chart).Zones)
}

func TestNamesOfZonesKeepOutOfEachOthersWay(t *testing.T) {
	chart := report.Chart{Mark: report.Line,
		Zones:  []report.Zone{{Name: "warm-up of the rate", From: 0, To: 6}, {Name: "its peak", From: 6, To: 12}, {Name: "decay", From: 12, To: 95}, {Name: "the end of it", From: 95, To: 100}},
		Curves: []report.Curve{{X: []float64{0, 100}, Y: []float64{0, 1}}}}
	labels := zoneLabels(chart)
	for i := range labels {
		labels[i].x = rounded(labels[i].x)
	}
	assert.Equal(t, []zoneLabel{
		{x: 0, align: "left", row: 0},   // would leave the plot on the left
		{x: 9, align: "center", row: 1}, // would overlap the first
		{x: 53.5, align: "center", row: 0},
		{x: 100, align: "right", row: 0},
	}, labels)
}

func TestZoneIsInTheMiddleOfALogarithmicAxis(t *testing.T) {
	labels := zoneLabels(drawn(rendertest.ZoneChart()))
	require.Len(t, labels, 2)
	assert.InDelta(t, 0.02, labels[0].x, 1e-9, "the geometric mean of 0.001 and 0.4")
	assert.False(t, slices.ContainsFunc(labels, func(l zoneLabel) bool { return l.row > 0 }))
}
