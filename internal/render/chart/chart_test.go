package chart

import (
	"bytes"
	"encoding/json"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"

	"evident/internal/render/rendertest"
	"evident/kit/report"
)

func TestVegaLiteIsAsRecorded(t *testing.T) {
	for _, chart := range rendertest.Reports(t)[0].Charts {
		encoded, err := json.MarshalIndent(VegaLite(chart), "", " ")
		require.NoError(t, err)
		rendertest.Golden(t, chart.ID+".vl.json", append(encoded, '\n'))
	}
}

func TestChartPNGIsSharpSmallAndNotBlank(t *testing.T) {
	for _, chart := range append(rendertest.Reports(t)[0].Charts, report.Chart{ID: "empty", Title: "Nothing yet", LogX: true, LogY: true}) {
		encoded, err := PNG(chart)
		require.NoError(t, err, chart.ID)
		assert.Less(t, len(encoded), 40<<10, "%s: a notebook holds many charts", chart.ID)
		picture, err := png.Decode(bytes.NewReader(encoded))
		require.NoError(t, err)
		assert.Equal(t, 1280, picture.Bounds().Dx())
		assert.Equal(t, 720, picture.Bounds().Dy())
		colours := map[any]bool{}
		for x := range 1280 {
			for y := range 720 {
				colours[picture.At(x, y)] = true
			}
		}
		assert.Greater(t, len(colours), 3, "%s is blank", chart.ID)
	}
}

func TestChartPNGIsTheSameEveryTime(t *testing.T) {
	chart := rendertest.Reports(t)[0].Charts[0]
	first, err := PNG(chart)
	require.NoError(t, err)
	again, err := PNG(chart)
	require.NoError(t, err)
	assert.Equal(t, first, again)
}

func TestEachCurveDiffersWithoutColour(t *testing.T) {
	seen := map[string]bool{}
	for _, style := range curveStyles {
		key, err := json.Marshal([]any{dashOf(style), style.shape})
		require.NoError(t, err)
		assert.False(t, seen[string(key)], "two curves with %s", key)
		seen[string(key)] = true
	}
}

func TestThinningKeepsASpike(t *testing.T) {
	var curve report.Curve
	for i := range 10_000 {
		curve.Add(float64(i), 1)
	}
	curve.Y[4321] = 50
	thinned := thin(curve, maxDrawn)
	assert.LessOrEqual(t, len(thinned.X), maxDrawn)
	assert.Contains(t, thinned.Y, 50.0)
	assert.Equal(t, []float64{0, 9999}, []float64{thinned.X[0], thinned.X[len(thinned.X)-1]})
}

func TestMarksOfAnAxisAreRound(t *testing.T) {
	assert.Equal(t, []string{"0", "0.2", "0.4", "0.6", "0.8"}, labelsOf(linearTicks(0, 0.9, 0)))
	assert.Equal(t, []string{"1", "2", "3"}, labelsOf(linearTicks(1, 3, 1)), "no half epochs")
	assert.Equal(t, []string{"0.5", "1", "2", "5", "10"}, labelsOf(logTicks(0.3, 12)))
	assert.Equal(t, []string{"10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹", "10²", "10³", "10⁴", "10⁵"}, labelsOf(logTicks(1e-3, 1e5)))
	assert.Equal(t, []string{"0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000"}, labelsOf(logTicks(1e-3, 1e4)), "short enough")
	assert.Equal(t, []string{"2×10⁻⁷", "5×10⁻⁷"}, labelsOf(logTicks(2e-7, 9e-7)))
}

func labelsOf(ticks []plot.Tick) (list []string) {
	for _, tick := range ticks {
		if tick.Label != "" {
			list = append(list, tick.Label)
		}
	}
	return list
}

func TestLogarithmicAxisDropsWhatHasNoLogarithm(t *testing.T) {
	curve := report.Curve{X: []float64{0, 1, 2}, Y: []float64{1, -1, 4}, Low: []float64{0, -2, -1}, High: []float64{2, 0, 9}}
	shown := visible(curve, report.Chart{LogX: true, LogY: true})
	assert.Equal(t, []float64{2}, shown.X)
	assert.Equal(t, []float64{4}, shown.Low, "the band may not reach below the axis")
	assert.Equal(t, []float64{0, -2, -1}, curve.Low, "the curve itself is left alone")
}
