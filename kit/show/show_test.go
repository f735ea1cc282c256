package show

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"

	"evident/kit/claim"
	"evident/kit/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with testdata/name; -update rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to make it")
	assert.Equal(t, string(want), string(got))
}

// dataURIs are left out of goldens: how a picture is smoothed may vary between
// machines. Pictures have a test of their own.
var dataURIs = regexp.MustCompile(`data:image/png;base64,[^"]+`)

func TestHTMLReportIsAsRecorded(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, fixedReports(t)))
	golden(t, "report.html", dataURIs.ReplaceAll(page.Bytes(), []byte("data:image/png;base64,…")))
}

func TestHTMLReportNeedsNothingFromOutside(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, fixedReports(t)))
	html := page.String()
	for _, reference := range regexp.MustCompile(`(?:src|href|url|@import)\s*[=(]\s*["']?([^"'\s>)]+)`).FindAllStringSubmatch(html, -1) {
		assert.Regexp(t, `^(#|data:image/png;base64,)`, reference[1])
	}
	assert.NotContains(t, html, "<script")
}

func TestHTMLReportDescribesEveryPicture(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, fixedReports(t)))
	images := regexp.MustCompile(`<img[^>]*>`).FindAllString(page.String(), -1)
	require.Len(t, images, 7)
	for _, tag := range images {
		assert.Regexp(t, `alt="[^"]+"`, tag)
	}
}

func TestHTMLReportEscapesText(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, fixedReports(t)))
	assert.Contains(t, page.String(), "&amp; so learn &lt;more&gt;")
	assert.NotContains(t, page.String(), "<more>")
}

func TestHTMLReportOfNothingSaysSo(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, HTML(&page, nil))
	assert.Contains(t, page.String(), "No claims were judged.")
}

func TestHTMLReportRefusesAnInvalidReport(t *testing.T) {
	var page bytes.Buffer
	broken := report.Report{Claims: []claim.Claim{{ID: "q1", Verdict: "perhaps"}}}
	assert.ErrorContains(t, HTML(&page, []report.Report{broken}), `unknown verdict "perhaps"`)
	assert.Zero(t, page.Len(), "nothing is written of a report that cannot be rendered")
}

func TestVerdictTableIsAsRecorded(t *testing.T) {
	var plain, coloured bytes.Buffer
	require.NoError(t, VerdictTable(&plain, fixedReports(t), Style{}))
	golden(t, "verdicts.txt", plain.Bytes())
	require.NoError(t, VerdictTable(&coloured, fixedReports(t), Style{Color: true}))
	withoutColour := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured.String(), "")
	assert.Equal(t, plain.String(), withoutColour, "colour must not move a column")
}

func TestVerdictTableKeepsToItsWidth(t *testing.T) {
	for _, width := range []int{80, 100, 140} {
		var table bytes.Buffer
		require.NoError(t, VerdictTable(&table, fixedReports(t), Style{Width: width}))
		rows, _, _ := strings.Cut(table.String(), "\n\n")
		for _, row := range strings.Split(rows, "\n") {
			assert.LessOrEqual(t, len([]rune(row)), width, row)
		}
	}
}

func TestTextReportIsAsRecorded(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, Text(&text, fixedReports(t)[0], Style{}))
	golden(t, "report.txt", text.Bytes())
}

func TestVegaLiteIsAsRecorded(t *testing.T) {
	for _, chart := range fixedReports(t)[0].Charts {
		encoded, err := json.MarshalIndent(vegaLite(chart), "", " ")
		require.NoError(t, err)
		golden(t, chart.ID+".vl.json", append(encoded, '\n'))
	}
}

func TestChartPNGIsSharpSmallAndNotBlank(t *testing.T) {
	for _, chart := range append(fixedReports(t)[0].Charts, report.Chart{ID: "empty", Title: "Nothing yet", LogX: true, LogY: true}) {
		encoded, err := ChartPNG(chart)
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
	chart := fixedReports(t)[0].Charts[0]
	first, err := ChartPNG(chart)
	require.NoError(t, err)
	again, err := ChartPNG(chart)
	require.NoError(t, err)
	assert.Equal(t, first, again)
}

func TestEachCurveDiffersWithoutColour(t *testing.T) {
	seen := map[string]bool{}
	for _, look := range looks {
		key, err := json.Marshal([]any{dashOf(look), look.shape})
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
	assert.Equal(t, []string{"0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000", "1e5"}, labelsOf(logTicks(1e-3, 1e5))[:9])
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

// The kernel gets bundles as gob, which fails on what it does not know.
func TestBundlesReachTheKernel(t *testing.T) {
	found := fixedReports(t)[0]
	found.Config = nil // encoded as null, which gob cannot carry
	bundles := []bundle{pictureBundle(found.Pictures[0])}
	builds := []func() (bundle, error){
		func() (bundle, error) { return reportBundle(found) },
		func() (bundle, error) { return claimsBundle(found.Claims) },
		func() (bundle, error) { return tableBundle(found.Tables[0]) },
		func() (bundle, error) { return captionBundle(found.Pictures[0]) },
	}
	for _, chart := range found.Charts {
		builds = append(builds, func() (bundle, error) { return chartBundle(chart) })
	}
	for _, build := range builds {
		built, err := build()
		require.NoError(t, err)
		bundles = append(bundles, built)
	}
	register()
	for _, sent := range bundles {
		var pipe bytes.Buffer
		require.NoError(t, gob.NewEncoder(&pipe).Encode(&sent))
		var received protocol.DisplayData
		require.NoError(t, gob.NewDecoder(&pipe).Decode(&received))
		assert.Equal(t, sent.Data, received.Data)
		assert.Contains(t, received.Data, protocol.MIMETextPlain, "every viewer gets something")
	}
}

func TestReportIsReadBackFromItsBundle(t *testing.T) {
	found := fixedReports(t)[0]
	sent, err := reportBundle(found)
	require.NoError(t, err)
	encoded, err := json.Marshal(sent.Data[report.MIMEType])
	require.NoError(t, err)
	var read report.Report
	require.NoError(t, json.Unmarshal(encoded, &read))
	read.Config, found.Config = nil, nil // the order of its keys may differ
	assert.Equal(t, found, read)
}

func TestVerdictCardIsFoundByItsClaim(t *testing.T) {
	page, err := fragment(claimCards(fixedReports(t)[0].Claims))
	require.NoError(t, err)
	assert.Contains(t, page, `<div class="evident-verdict" data-claim="q7a.0" data-verdict="supported">`)
	assert.Contains(t, page, `<div class="evident-verdict" data-claim="q7a.2" data-verdict="refuted">`)
	assert.Equal(t, 1, strings.Count(page, "differs from the record: supported"))
}

func TestHeadlinesAreTheMarkedTables(t *testing.T) {
	reports := []report.Report{{Figures: report.Figures{Tables: []report.Table{
		{ID: "a", Title: "A table", Columns: []string{"x"}, Rows: [][]string{{"1"}}},
		{ID: "b", Title: "The headline", Columns: []string{"epoch", "accuracy"}, Rows: [][]string{{"1", "0.5"}}, Headline: true},
	}}}}
	var written strings.Builder
	require.NoError(t, Headlines(&written, reports))
	require.Equal(t, "The headline\n  epoch  accuracy\n      1       0.5\n\n", written.String())
}

func TestChartWithoutPointsSaysSo(t *testing.T) {
	shown, err := chartBundle(report.Chart{ID: "loss", Title: "Loss <so far>", Curves: []report.Curve{{Name: "training"}}})
	require.NoError(t, err)
	require.Equal(t, "Loss <so far>: nothing to show yet.", shown.Data["text/plain"])
	require.Contains(t, shown.Data["text/html"], "&lt;so far&gt;")
	require.NotContains(t, shown.Data, vegaLiteMIME)
}
