package chart_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/render/chart"
	"evident/kit/report"
)

func TestMovingChartChangesItsDataAlone(t *testing.T) {
	heatmap := &report.Heatmap{Name: "f", Right: 1, Top: 1, Columns: 2, Values: []float64{0.1, 0.2, 0.3, 0.9}}
	for name, c := range map[string]struct {
		chart  report.Chart
		before []float64 // heights
		after  []float64
		spec   bool // stays
	}{
		"linear":         {report.Chart{Mark: report.Line}, []float64{1, 2}, []float64{1, 2, 400, 0.013}, true},
		"in a decade":    {report.Chart{Mark: report.Line, LogY: true}, []float64{0.2, 0.9}, []float64{0.2, 0.9, 0.11}, true},
		"another decade": {report.Chart{Mark: report.Line, LogY: true}, []float64{0.2, 0.9}, []float64{0.2, 0.9, 0.01}, false},
		"path":           {report.Chart{Mark: report.Path, Heatmap: heatmap}, []float64{0.2, 0.9}, []float64{0.2, 0.9, 0.5, 7}, true},
		"points":         {report.Chart{Mark: report.Points, Heatmap: heatmap}, []float64{0.2, 0.9}, []float64{0.2, 0.5}, true},
	} {
		t.Run(name, func(t *testing.T) {
			of := func(heights []float64) (string, map[string][]any) {
				own := c.chart
				curve := report.Curve{Name: "a"}
				for i, y := range heights {
					curve.Add(float64(i)/4, y)
				}
				own.Curves = []report.Curve{curve}
				spec, data := chart.Moving(own)
				text, err := json.Marshal(spec)
				require.NoError(t, err)
				return string(text), data
			}
			spec, data := of(c.before)
			later, dataLater := of(c.after)
			if c.spec {
				require.JSONEq(t, spec, later)
			} else {
				require.NotEqual(t, spec, later)
			}
			require.NotEqual(t, data["rows0"], dataLater["rows0"])
			require.Equal(t, data["rows1"], dataLater["rows1"], "the heatmap stays")
			require.NotContains(t, spec, "tooltip")
		})
	}
}
