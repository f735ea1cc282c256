package chart

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"evident/internal/render/look"
	"evident/internal/render/rendertest"
	"evident/kit/report"
)

// layersOf returns the layers of the chart's specification as JSON.
func layersOf(t *testing.T, chart report.Chart) []map[string]any {
	t.Helper()
	encoded, err := json.Marshal(VegaLite(chart)["layer"])
	require.NoError(t, err)
	var layers []map[string]any
	require.NoError(t, json.Unmarshal(encoded, &layers))
	return layers
}

func markOf(layer map[string]any) string { return layer["mark"].(map[string]any)["type"].(string) }

func TestSliderGoesToTheLastStepOfTheLongestPath(t *testing.T) {
	chart := rendertest.PathChart()
	params := VegaLite(chart)["params"].([]any)
	require.Len(t, params, 1)
	param := params[0].(object)
	last := len(chart.Curves[2].X) - 1
	assert.Equal(t, last, param["value"], "all is shown until the slider is moved")
	assert.Equal(t, object{"input": "range", "min": 0, "max": last, "step": 1, "name": "step "}, param["bind"])
	assert.NotContains(t, VegaLite(rendertest.LineChart()), "params")
}

func TestSliderHidesLaterSteps(t *testing.T) {
	curves := 0
	for _, layer := range layersOf(t, rendertest.PathChart()) {
		if layer["data"] != nil {
			continue // the heatmap has separate data
		}
		curves++
		first := layer["transform"].([]any)[0].(map[string]any)["filter"]
		assert.Contains(t, []any{"datum.step <= step", "datum.step === 0"}, first)
	}
	assert.Equal(t, 5, curves, "edges, lines, steps, starts and heads")
}

func TestPathIsJoinedInTheOrderOfItsSteps(t *testing.T) {
	lines := 0
	for _, layer := range layersOf(t, rendertest.PathChart()) {
		if markOf(layer) == "line" {
			lines++
			assert.Equal(t, "step", layer["encoding"].(map[string]any)["order"].(map[string]any)["field"])
		}
	}
	assert.Equal(t, 2, lines)
}

func TestPathsWithoutAHeatmapKeepTheirAxesAsTheSliderMoves(t *testing.T) {
	chart := rendertest.PathChart()
	chart.Heatmap, chart.Curves = nil, chart.Curves[:1]
	f := frameOf(chart)
	assert.Equal(t, -2.6, f.left)
	assert.Equal(t, 1.4, f.top)
	x := encoding(chart)["x"].(object)
	assert.Equal(t, []any{f.left, f.right}, x["scale"].(object)["domain"])
	assert.NotContains(t, x["axis"], "values", "a plane has no counting axis")
}

func TestPathThatDivergedSaysAtWhichStep(t *testing.T) {
	curve := report.Curve{Name: "rate 3"}
	for _, y := range []float64{1, -2, 4, math.Inf(1)} {
		curve.Add(0.5, y)
	}
	chart := drawn(report.Chart{Mark: report.Path, Curves: []report.Curve{curve}})
	assert.Equal(t, "rate 3 (diverges at step 3)", chart.Curves[0].Name)
}

func TestLongPathKeepsItsStepNumbersAndItsSwings(t *testing.T) {
	var curve report.Curve
	for i := range 10_000 {
		curve.Add(math.Cos(float64(i)), math.Sin(float64(i)))
	}
	curve.X[7777] = 9
	stops := stopsOf(curve, report.Chart{})
	assert.LessOrEqual(t, len(stops), maxDrawn)
	assert.Greater(t, len(stops), maxDrawn*3/4)
	for i, s := range stops {
		assert.Equal(t, []float64{curve.X[int(s.step)], curve.Y[int(s.step)]}, []float64{s.x, s.y})
		assert.True(t, i == 0 || s.step > stops[i-1].step)
	}
	assert.Zero(t, stops[0].step)
	assert.Equal(t, 9999.0, stops[len(stops)-1].step)
	assert.Contains(t, stops, stop{x: 9, y: curve.Y[7777], step: 7777})
}

func TestShortPathKeepsEveryStep(t *testing.T) {
	for n := range maxDrawn + 1 {
		assert.Len(t, pathSteps(report.Curve{X: make([]float64, n), Y: make([]float64, n)}, maxDrawn), n)
	}
}

func TestPathIsCutWhereItLeavesTheFrame(t *testing.T) {
	f := frame{left: 0, right: 10, bottom: 0, top: 10}
	pieces := f.pieces(piece{{x: 5, y: 5, step: 0}, {x: 5, y: 15, step: 1}, {x: 15, y: 5, step: 2}, {x: 5, y: 5, step: 3}, {x: 6, y: 5, step: 4}})
	require.Equal(t, []piece{
		{{x: 5, y: 5, step: 0}, {x: 5, y: 10, step: 0.5, cut: true}},
		{{x: 10, y: 10, step: 1.5, cut: true}}, // touches a corner
		{{x: 10, y: 5, step: 2.5, cut: true}, {x: 5, y: 5, step: 3}, {x: 6, y: 5, step: 4}},
	}, pieces)
}

func TestPathToTheEndOfTheNumbersIsCutExactly(t *testing.T) {
	f := frame{left: -1, right: 1, bottom: -1, top: 1}
	for _, far := range []stop{{x: 0.25, y: 1e300, step: 1}, {x: 0.25, y: -1e300, step: 1}} {
		edge := math.Copysign(1, far.y)
		for _, way := range []piece{{{x: 0.25, y: 0.5}, far}, {far, {x: 0.25, y: 0.5, step: 2}}} {
			pieces := f.pieces(way)
			require.Len(t, pieces, 1)
			for _, s := range pieces[0] {
				if s.cut {
					assert.NotEqual(t, math.Trunc(s.step), s.step, "between two steps")
					assert.InDelta(t, 0.25, s.x, 1e-12)
					assert.InDelta(t, edge, s.y, 1e-12)
				}
			}
		}
	}
	assert.Empty(t, f.pieces(piece{{x: 1e300, y: 1e300}, {x: -1e300, y: 1e300, step: 1}}))
}

func TestNothingOfAPathIsDrawnOutsideOfThePlot(t *testing.T) {
	chart := rendertest.PathChart()
	chart.Curves = []report.Curve{rendertest.Descent(0.24, 900)}
	encoded, err := PNG(chart)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(encoded))
	require.NoError(t, err)
	plot := plotArea(t, chart)
	blue := box(picture, func(c color.NRGBA) bool { return int(c.B) > int(c.R)+0x30 })
	assert.Greater(t, blue.Dy(), plot.Dy()*9/10, "the path leaves at the top and at the bottom")
	assert.True(t, blue.In(plot.Inset(-1)), "%v outside of %v", blue, plot)
}

// plotArea returns the inside of the chart's axes, in pixels of its PNG.
func plotArea(t *testing.T, chart report.Chart) image.Rectangle {
	p, legend := plotted(drawn(chart))
	canvas, area := newPNG()
	inside := p.DataCanvas(besideLabels(aroundLegends(area, chart, legend), chart))
	dots := func(at vg.Length) int { return int(math.Round(at.Dots(look.DPI))) }
	height := canvas.Image().Bounds().Dy()
	return image.Rect(dots(inside.Min.X), height-dots(inside.Max.Y), dots(inside.Max.X), height-dots(inside.Min.Y))
}

func TestPathsOutsideOfThePictureAreNoError(t *testing.T) {
	chart := rendertest.PathChart()
	chart.Curves = []report.Curve{{Name: "away", X: []float64{7, 8}, Y: []float64{7, 8}}}
	assert.NotEmpty(t, VegaLite(chart)["data"].(object)["values"])
	_, err := PNG(chart)
	assert.NoError(t, err)
}

// box returns the bounds of the pixels that pass.
func box(picture image.Image, passes func(color.NRGBA) bool) image.Rectangle {
	var bounds image.Rectangle
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			if passes(color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)) {
				bounds = bounds.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return bounds
}

func TestHeatmapJoinsNeighboursOfOneShade(t *testing.T) {
	g := *rendertest.HeatmapOf(rendertest.Bowl, 40, 40)
	cells := cellsOf(g, shadingOf(g))
	assert.Less(t, len(cells), 40*40/2)
	covered := 0
	for _, c := range cells {
		covered += c.count
		assert.LessOrEqual(t, c.column+c.count, 40, "no run goes on in the next row")
	}
	assert.Equal(t, 40*40, covered)
}

func TestHeatmapIsSmallEvenWhereNothingRepeats(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	chart := rendertest.PathChart()
	chart.Heatmap = rendertest.HeatmapOf(func(x, y float64) float64 { return random.NormFloat64() }, 40, 40)
	encoded, err := json.Marshal(layersOf(t, chart)[0])
	require.NoError(t, err)
	assert.Less(t, len(encoded), 60_000)
}

func TestShadesAreOfEqualAreaOverManyDecades(t *testing.T) {
	g := *rendertest.HeatmapOf(func(x, y float64) float64 { return math.Exp(10*x + y) }, 48, 40)
	shades := shadingOf(g)
	require.Len(t, shades.colours(), maxShades)
	areas := make([]int, maxShades)
	for _, cell := range cellsOf(g, shades) {
		areas[cell.shade] += cell.count
	}
	for _, area := range areas {
		assert.InDelta(t, 48*40/maxShades, area, 1)
	}
}

func TestHeatmapOfASymmetricFunctionIsSymmetric(t *testing.T) {
	g := *rendertest.HeatmapOf(func(x, y float64) float64 { return x*x - y*y }, 31, 23)
	shades := shadingOf(g)
	for i, v := range g.Values {
		assert.Equal(t, shades.of(v), shades.of(g.Values[len(g.Values)-1-i]))
	}
}

// Between the samples of a plane, interpolation is exact; beyond the outer ones the
// value stays.
func TestFinerHeatmapInterpolates(t *testing.T) {
	g := report.Heatmap{Right: 3, Top: 2, Columns: 3, Values: []float64{0, 6, 12, 3, 9, 15}}
	fine := finer(g)
	require.Equal(t, 18, fine.Columns)
	require.Equal(t, 12, fine.Rows())
	require.Equal(t, 0.0, fine.Values[0])
	require.Equal(t, 15.0, fine.Values[len(fine.Values)-1])
	at := func(column, row int) float64 { return fine.Values[row*fine.Columns+column] }
	require.InDelta(t, 6*(9.5/6-0.5)+3*(6.5/6-0.5), at(9, 6), 1e-12)
}

func TestHeatmapThatIsTheSameEverywhereHasOneShade(t *testing.T) {
	chart := rendertest.PathChart()
	chart.Heatmap = rendertest.HeatmapOf(func(x, y float64) float64 { return 7 }, 5, 3)
	heatmap := layersOf(t, chart)[0]
	values := heatmap["data"].(map[string]any)["values"].(string)
	assert.Equal(t, "c,n,r,s\n0,5,0,0\n0,5,1,0\n0,5,2,0\n", values, "one run for each row")
	assert.NotContains(t, heatmap["encoding"], "fill", "there is no scale to show")
}

func TestHeatmapFixesTheAxesAndClips(t *testing.T) {
	for _, layer := range layersOf(t, rendertest.PathChart()) {
		assert.Equal(t, true, layer["mark"].(map[string]any)["clip"])
		x := layer["encoding"].(map[string]any)["x"].(map[string]any)
		assert.Equal(t, []any{-3.0, 3.0}, x["scale"].(map[string]any)["domain"])
	}
}

func TestHeatmapNeedsAnAxisThatCanShowIt(t *testing.T) {
	chart := rendertest.PathChart()
	chart.LogX = true
	assert.Nil(t, drawn(chart).Heatmap, "it reaches to the left of zero")
	chart.Heatmap.Left = 0.1
	assert.NotNil(t, drawn(chart).Heatmap)
	_, err := PNG(chart)
	assert.NoError(t, err)
}

func TestShadesHaveLabelsThatDiffer(t *testing.T) {
	assert.Equal(t, []string{"-0.5", "1.5", "20"}, keyLabels([]float64{-0.5, 1.49, 20.3}))
	assert.Equal(t, []string{"-0.14", "0", "0.14"}, keyLabels([]float64{-0.14, 9.7e-19, 0.14}), "what rounding left of 0")
	assert.Equal(t, []string{"1.48", "1.49", "20.3"}, keyLabels([]float64{1.48, 1.49, 20.3}))
}
