package chart

import (
	"encoding/binary"
	"encoding/json"
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"

	"evident/internal/readertest"
	"evident/kit/report"
)

// mostMarks limits the marks of an axis, whatever it shows.
const mostMarks = 250

// edgeValues are numbers that arithmetic treats specially.
var edgeValues = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, 2, 3, 10, 1e-12, math.Nextafter(1, 2), 1 << 53, 1e17,
	5e-324, -5e-324, 2.2250738585072014e-308, 1e-301, 1e-300, 1e-299, 1e299, 1e300, 1e301, math.MaxFloat64, -math.MaxFloat64, -1e300,
}

// chartOf reads a chart from bytes: first its kind, then one number for every
// point, band, zone, line and heatmap, which is one of edgeValues or any other.
func chartOf(kind uint16, title string, content []byte) report.Chart {
	number := func() float64 {
		if len(content) == 0 {
			return 1
		}
		first := int(content[0])
		content = content[1:]
		if first < 2*len(edgeValues) || len(content) < 8 {
			return edgeValues[first%len(edgeValues)]
		}
		value := math.Float64frombits(binary.LittleEndian.Uint64(content))
		content = content[8:]
		return value
	}
	bit := func(n int) bool { return kind>>n&1 == 1 }
	chart := report.Chart{
		ID: "c", Title: title, XLabel: "x", YLabel: title, Alt: "alt", LogX: bit(0), LogY: bit(1),
		Mark: []report.Mark{report.Line, report.Points, report.Bars, report.Path}[kind>>2&3],
	}
	if chart.Mark == report.Bars {
		chart.Categories = []string{"one", title, "three"}
	}
	if bit(4) {
		chart.Heatmap = &report.Heatmap{Name: title, Left: number(), Right: number(), Bottom: number(), Top: number(), Columns: 1 + int(kind>>12)}
		for range 2 * chart.Heatmap.Columns {
			chart.Heatmap.Values = append(chart.Heatmap.Values, number())
		}
	}
	if bit(5) {
		chart.Zones = []report.Zone{{Name: title, From: number(), To: number()}, {Name: "z", From: number(), To: number()}}
	}
	if bit(6) {
		chart.Rules = []report.Reference{{Name: title, Y: number()}}
	}
	for i := range int(kind >> 7 & 3) {
		curve := report.Curve{Name: title}
		for k := 0; len(content) > 0 && (i > 0 || k < 5); k++ {
			x := float64(k % 3)
			if chart.Mark != report.Bars {
				x = number()
			}
			curve.X, curve.Y = append(curve.X, x), append(curve.Y, number())
			if bit(9) {
				curve.Low, curve.High = append(curve.Low, number()), append(curve.High, number())
			}
		}
		chart.Curves = append(chart.Curves, curve)
	}
	if bit(10) && len(chart.Curves) > 0 {
		at := number()
		chart.Curves[0].DivergedAt = &at
	}
	return chart
}

// requireDrawn draws a chart in every way, without encoding the pixels, and
// checks the result.
func requireDrawn(t testing.TB, chart report.Chart) {
	p, _ := plotted(drawn(chart))
	for _, axis := range []plot.Axis{p.X, p.Y} {
		require.Less(t, axis.Min, axis.Max)
		marks := axis.Tick.Marker.Ticks(axis.Min, axis.Max)
		require.LessOrEqual(t, len(marks), mostMarks)
		for _, mark := range marks {
			require.False(t, math.IsNaN(axis.Norm(mark.Value)), "%v", mark)
		}
	}
	require.Equal(t, image.Rect(0, 0, 1280, 720), chartImage(chart).Bounds())
	_, err := json.Marshal(VegaLite(chart))
	require.NoError(t, err)
	_ = Alt(chart)
}

// FuzzChart draws any chart that a report may hold.
func FuzzChart(f *testing.F) {
	f.Add(uint16(0b01_0000011), "one point", []byte{4, 4})
	f.Add(uint16(0b10_0000011), "0 and below", []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add(uint16(0b1_0000110), "steps that no float64 counts", []byte{10, 2})
	f.Add(uint16(0b10_0000000), "neighbours", []byte{2, 2, 9, 9, 2, 2})
	f.Add(uint16(0b10_1111111), "heatmaps\nand paths", []byte{0, 2, 0, 2, 1, 5, 3, 7, 4, 5, 6, 7, 8, 20, 21, 22, 23})
	f.Add(uint16(0b1_10_1111010), "bars", []byte{0, 2, 0, 2, 1, 5, 3, 7, 4, 5, 6, 7, 8, 20, 21, 22, 23})
	f.Add(uint16(0b11_10_1101100), "", []byte{14, 19, 14, 19, 1, 5, 3, 7, 4, 5, 6, 7, 8, 20, 21, 22, 23})
	f.Fuzz(func(t *testing.T, kind uint16, title string, content []byte) {
		chart := chartOf(kind, title, content)
		if chartReport(chart).Validate() != nil {
			return
		}
		readertest.Within(t, 64*readertest.MiB+20_000*uint64(len(title)+len(content)), func() { requireDrawn(t, chart) })
	})
}

func chartReport(chart report.Chart) report.Report {
	return report.Report{Lesson: "l", Figures: report.Figures{Charts: []report.Chart{chart}}}
}
