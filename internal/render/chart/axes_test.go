package chart

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/report"
)

func lineOf(x, y []float64) report.Chart {
	return report.Chart{ID: "c", Title: "t", Mark: report.Line, XLabel: "x", YLabel: "y", Curves: []report.Curve{{Name: "curve", X: x, Y: y}}}
}

func logarithmic(chart report.Chart) report.Chart {
	chart.LogX, chart.LogY = true, true
	return chart
}

// Each of these charts once took all memory, panicked, or was hardly readable.
func TestChartsAtTheEdgesOfTheNumbersAreDrawn(t *testing.T) {
	long, names := make([]float64, 10_000), make([]string, 10_000)
	for i := range long {
		long[i], names[i] = float64(i), fmt.Sprintf("category %d", i)
	}
	heatmap := &report.Heatmap{Name: "g", Left: 1, Right: 2, Bottom: 1, Top: 2, Columns: 1, Values: []float64{5}}
	charts := map[string]report.Chart{
		"one point":                    logarithmic(lineOf([]float64{1}, []float64{0.7})),
		"one value":                    logarithmic(lineOf([]float64{1, 2}, []float64{0.7, 0.7})),
		"zeros":                        logarithmic(lineOf([]float64{0, 0}, []float64{0, -1})),
		"empty":                        logarithmic(lineOf(nil, nil)),
		"linear neighbours":            lineOf([]float64{1, 2}, []float64{1, math.Nextafter(1, 2)}),
		"logarithmic neighbours":       logarithmic(lineOf([]float64{1, 2}, []float64{1, math.Nextafter(1, 2)})),
		"all decades":                  logarithmic(lineOf([]float64{1e-300, 1e300}, []float64{1e-300, 1e300})),
		"subnormals":                   logarithmic(lineOf([]float64{5e-324, 1e-310}, []float64{5e-324, 1e-310})),
		"linear subnormals":            lineOf([]float64{0, 5e-324}, []float64{5e-324, 1e-310}),
		"the largest numbers":          lineOf([]float64{-math.MaxFloat64, math.MaxFloat64}, []float64{-math.MaxFloat64, math.MaxFloat64}),
		"steps beyond whole numbers":   lineOf([]float64{1 << 53, 1<<53 + 2}, []float64{1, 2}),
		"thousands of points":          logarithmic(lineOf(long, long)),
		"an empty curve with a line":   {ID: "c", Mark: report.Line, Curves: []report.Curve{{}}, Rules: []report.Reference{{Name: "r", Y: 3}}},
		"a heatmap of one cell":        {ID: "c", Mark: report.Path, Heatmap: heatmap, LogX: true, LogY: true, Curves: []report.Curve{{X: []float64{0, 1.5}, Y: []float64{1e305, 1.5}}}},
		"points far off the heatmap":   {ID: "c", Mark: report.Points, Heatmap: heatmap, Curves: []report.Curve{{X: []float64{1e299, 1.5}, Y: []float64{-1e299, 1.5}}}},
		"a heatmap of no width":        {ID: "c", Mark: report.Path, Heatmap: &report.Heatmap{Right: 5e-324, Top: 5e-324, Columns: 1, Values: []float64{1}}},
		"a heatmap as wide as numbers": {ID: "c", Mark: report.Path, Heatmap: &report.Heatmap{Right: math.MaxFloat64, Top: math.MaxFloat64, Columns: 1, Values: []float64{1}}},
		"a path that stands still":     {ID: "c", Mark: report.Path, Curves: []report.Curve{{X: []float64{1, 1}, Y: []float64{2, 2}}}},
		"a zone around one point": {ID: "c", Mark: report.Line, LogX: true, Curves: []report.Curve{{X: []float64{3}, Y: []float64{1}}},
			Zones: []report.Zone{{Name: "z", From: 0, To: 3}, {Name: "next", From: 3, To: math.Nextafter(3, 4)}}},
		"bands that hang below": {ID: "c", Mark: report.Line, LogY: true,
			Curves: []report.Curve{{X: []float64{1, 2}, Y: []float64{1, 2}, Low: []float64{-1, 3}, High: []float64{-2, 1}}}},
		"bars of zero":       {ID: "c", Mark: report.Bars, Categories: []string{"a", "b"}, Curves: []report.Curve{{X: []float64{0, 1}, Y: []float64{0, 0}}}},
		"logarithmic bars":   {ID: "c", Mark: report.Bars, LogX: true, LogY: true, Categories: []string{"a", "b"}, Curves: []report.Curve{{X: []float64{0, 1}, Y: []float64{0, 1e-299}, Low: []float64{0, 0}, High: []float64{1, 1}}}},
		"bars of nothing":    {ID: "c", Mark: report.Bars},
		"ten thousand names": {ID: "c", Mark: report.Bars, Categories: names, Curves: []report.Curve{{X: long, Y: long}}},
		"a name without an end": {ID: "c", Mark: report.Bars, Title: strings.Repeat("x", 1e5), YLabel: strings.Repeat("y", 1e5), Categories: []string{strings.Repeat("z", 1e5)},
			Curves: []report.Curve{{X: []float64{0}, Y: []float64{1}}}},
	}
	for name, chart := range charts {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, chartReport(chart).Validate())
			readertest.Within(t, 64*readertest.MiB, func() { requireDrawn(t, chart) })
		})
	}
}

func TestAxisOfOneValueReachesToItsHalfAndItsDouble(t *testing.T) {
	for _, c := range []struct {
		chart     report.Chart
		low, high float64
	}{
		{logarithmic(lineOf([]float64{1, 2}, []float64{0.7, 0.7})), 0.35, 1.4},
		{lineOf([]float64{1, 2}, []float64{0.7, 0.7}), 0.35, 1.05},
		{lineOf([]float64{1, 2}, []float64{-3, -3}), -4.5, -1.5},
		{lineOf([]float64{1, 2}, []float64{0, 0}), -1, 1},
	} {
		p, _ := plotted(drawn(c.chart))
		assert.InDelta(t, c.low, p.Y.Min, 1e-9)
		assert.InDelta(t, c.high, p.Y.Max, 1e-9)
		y := yEncoding(drawn(c.chart), "y")["scale"].(object)
		assert.Equal(t, []any{p.Y.Min, p.Y.Max}, y["domain"], "Vega-Lite shows the same")
	}
}

func TestChartSaysWhatItDoesNotShow(t *testing.T) {
	chart := logarithmic(lineOf([]float64{0, 1, 2, 3}, []float64{1, -1, 4, 5}))
	chart.Rules = []report.Reference{{Name: "zero", Y: 0}, {Name: "one", Y: 1}}
	note := `Not shown: 2 of 4 points, the line "zero" (a logarithmic axis has no place for 0 and below).`
	assert.Equal(t, note, LeftOut(chart))
	assert.Equal(t, "t. "+note, Alt(chart))
	assert.Equal(t, []any{note}, VegaLite(chart)["title"].(object)["subtitle"])

	assert.Equal(t, "Not shown: 1 of 2 points (too large or too small to draw).", LeftOut(lineOf([]float64{0, 1}, []float64{1, 1e301})))
	assert.Empty(t, LeftOut(lineOf([]float64{0, 1}, []float64{0, -1e300})))
	bars := report.Chart{Mark: report.Bars, Categories: make([]string, 900), Curves: []report.Curve{{X: []float64{0, 899}, Y: []float64{1, 2}}}}
	assert.Equal(t, "Not shown: 1 of 2 points (there is room for 400 categories).", LeftOut(bars))
	plane := report.Chart{Mark: report.Points, Curves: []report.Curve{{X: []float64{0, 5}, Y: []float64{0.5, 0.5}}}, Rules: []report.Reference{{Name: "above", Y: 2}, {Name: "within", Y: 1}},
		Heatmap: &report.Heatmap{Name: "g", Right: 1, Top: 1, Columns: 1, Values: []float64{1}}}
	assert.Equal(t, `Not shown: 1 of 2 points, the line "above" (outside of the picture).`, LeftOut(plane))
	assert.Equal(t, []report.Reference{{Name: "within", Y: 1}}, drawn(plane).Rules)
}

func TestMarksOfAnAxisAreFewAndReadable(t *testing.T) {
	assert.Len(t, logTicks(1e-300, 1e300), 9)
	assert.Equal(t, []string{"0.72", "0.725", "0.73", "0.735", "0.74"}, labelsOf(logTicks(0.72, 0.741)), "where no power of ten lies")
	assert.Equal(t, []string{"10⁻²⁰", "1.5×10⁻²⁰", "2×10⁻²⁰", "2.5×10⁻²⁰"}, labelsOf(linearTicks(1e-20, 2.9e-20, 0)))
	assert.Equal(t, []string{"-0.5", "0", "0.5"}, labelsOf(linearTicks(-0.5, 0.5, 0.5)))
}

func TestSomeOfManyCategoriesAreNamed(t *testing.T) {
	chart := report.Chart{Categories: make([]string, 100)}
	assert.Equal(t, []int{0, 3, 6}, labelled(chart)[:3])
	chart.Categories = chart.Categories[:40]
	assert.Len(t, labelled(chart), 40)
}

var power = regexp.MustCompile(`^(?:(.+)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$`)

// plain writes a label as in a program: 2×10⁻⁷ as 2e-7.
func plain(label string) string {
	parts := power.FindStringSubmatch(label)
	if parts == nil {
		return label
	}
	digits := strings.NewReplacer("⁻", "-", "⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")
	return cmp.Or(parts[1], "1") + "e" + digits.Replace(parts[2])
}

func TestNamesThatAreTooLongForTheirPlaceAreSlanted(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []string
		slant bool
	}{
		{[]string{"Conv2D, frame by frame and voxel by voxel", "Conv3D"}, []string{"Conv2D, frame by frame and voxel by\nvoxel", "Conv3D"}, false},
		{slices.Repeat([]string{"connected? slice by slice"}, 12), slices.Repeat([]string{"connected? slice by slice"}, 12), true},
		{slices.Repeat([]string{"thick"}, 12), slices.Repeat([]string{"thick"}, 12), false},
	} {
		got := wrapped(c.names)
		assert.Equal(t, c.want, got)
		assert.Equal(t, c.slant, slanted(got))
		assert.Equal(t, c.slant, encoding(report.Chart{Mark: report.Bars, Categories: got})["x"].(object)["axis"].(object)["labelAngle"] != 0)
	}
}

// An axis of step numbers or years starts far from 0. Its values share their
// first digits, but their labels must differ.
func TestLabelsTellTheMarksOfAnAxisApart(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		low := math.Pow(10, 12*random.Float64()-6)
		high := low * (1 + math.Pow(10, -4.9*random.Float64()))
		seen := map[string]bool{}
		for _, tick := range linearTicks(low, high, 0) {
			require.False(t, seen[tick.Label], "%g to %g has %s twice", low, high, tick.Label)
			seen[tick.Label] = true
			value, err := strconv.ParseFloat(plain(tick.Label), 64)
			require.NoError(t, err)
			require.InDelta(t, tick.Value, value, (high-low)/20, "a label is the value of its mark")
		}
	}
}
