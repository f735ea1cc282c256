package render

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/forecast"
	"evident/internal/render/rendertest"
	"evident/kit/claim"
	"evident/kit/report"
)

// dataURIs matches pictures, which the goldens omit because smoothing may vary
// between machines. Separate tests check pictures.
var dataURIs = regexp.MustCompile(`data:image/png;base64,[^"]+`)

func TestHTMLReportIsAsRecorded(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, Page(&page, rendertest.Reports(t)))
	rendertest.Golden(t, "report.html", dataURIs.ReplaceAll(page.Bytes(), []byte("data:image/png;base64,…")))
}

func TestHTMLReportNeedsNothingFromOutside(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, Page(&page, rendertest.Reports(t)))
	html := page.String()
	for _, reference := range regexp.MustCompile(`(?:src|href|url|@import)\s*[=(]\s*["']?([^"'\s>)]+)`).FindAllStringSubmatch(html, -1) {
		assert.Regexp(t, `^(#|data:image/png;base64,)`, reference[1])
	}
	assert.NotContains(t, html, "<script")
}

func TestHTMLReportDescribesEveryPicture(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, Page(&page, rendertest.Reports(t)))
	images := regexp.MustCompile(`<img[^>]*>`).FindAllString(page.String(), -1)
	require.Len(t, images, 7)
	for _, tag := range images {
		assert.Regexp(t, `alt="[^"]+"`, tag)
	}
}

func TestHTMLReportEscapesText(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, Page(&page, rendertest.Reports(t)))
	assert.Contains(t, page.String(), "&amp; so learn &lt;more&gt;")
	assert.NotContains(t, page.String(), "<more>")
}

func TestHTMLReportOfNothingSaysSo(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, Page(&page, nil))
	assert.Contains(t, page.String(), "No claims were judged.")
}

func TestHTMLReportRefusesAnInvalidReport(t *testing.T) {
	var page bytes.Buffer
	broken := report.Report{Claims: []claim.Claim{{ID: "q1", Verdict: "perhaps"}}}
	assert.ErrorContains(t, Page(&page, []report.Report{broken}), `unknown verdict "perhaps"`)
	assert.Zero(t, page.Len(), "nothing is written of a report that cannot be rendered")
}

func TestVerdictTableIsAsRecorded(t *testing.T) {
	var plain, coloured bytes.Buffer
	require.NoError(t, VerdictTable(&plain, rendertest.Reports(t), Style{}))
	rendertest.Golden(t, "verdicts.txt", plain.Bytes())
	require.NoError(t, VerdictTable(&coloured, rendertest.Reports(t), Style{Color: true}))
	withoutColour := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured.String(), "")
	assert.Equal(t, plain.String(), withoutColour, "colour must not move a column")
}

func TestClaimWithoutARecordIsMarkedNowhere(t *testing.T) {
	own := rendertest.Reports(t)[:1]
	claim.Unrecord(own[0].Claims)
	var table, page bytes.Buffer
	require.NoError(t, VerdictTable(&table, own, Style{}))
	require.NoError(t, Page(&page, own))
	assert.Contains(t, table.String(), "✘ refuted       –")
	assert.Contains(t, table.String(), "for these data there is no record")
	assert.Contains(t, page.String(), "For these data (6 of 6 claims) there is no record")
	assert.NotContains(t, table.String()+page.String(), "differs from")
	assert.NotContains(t, page.String(), "⚠")
}

func TestVerdictTableKeepsToItsWidth(t *testing.T) {
	for _, width := range []int{80, 100, 140} {
		var table bytes.Buffer
		require.NoError(t, VerdictTable(&table, rendertest.Reports(t), Style{Width: width}))
		rows, _, _ := strings.Cut(table.String(), "\n\n")
		for _, row := range strings.Split(rows, "\n") {
			assert.LessOrEqual(t, len([]rune(row)), width, row)
		}
	}
}

func TestKeptExperimentsSayWhenAndByWhichCommit(t *testing.T) {
	reports := rendertest.Reports(t)
	experiments := reports[1].Experiments
	again, dirty := experiments[0], experiments[0]
	again.Name, dirty.Name, dirty.Commit = "Sums", "Shapes", "4567def+dirty"
	reports[1].Experiments = append(experiments, again, dirty)
	var lines bytes.Buffer
	require.NoError(t, Kept(&lines, reports))
	require.Equal(t, "kept: measured 22 Nov 2026, 14:02 UTC, commit 0123abc: params.layers, params.sums\n"+
		"kept: measured 22 Nov 2026, 14:02 UTC, commit 4567def+dirty: params.shapes\n", lines.String())
}

func TestTextReportIsAsRecorded(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, TextReport(&text, rendertest.Reports(t)[0], Style{}))
	rendertest.Golden(t, "report.txt", text.Bytes())
}

func TestVerdictCardIsFoundByItsClaim(t *testing.T) {
	page, err := fragment(claimCards(rendertest.Reports(t)[0].Claims, nil))
	require.NoError(t, err)
	assert.Contains(t, page, `<div class="evident-verdict" data-claim="q7a.0" data-verdict="supported">`)
	assert.Contains(t, page, `<div class="evident-verdict" data-claim="q7a.2" data-verdict="refuted">`)
	assert.Equal(t, 1, strings.Count(page, "differs from the record: supported"))
}

func TestCardsWriteNumbersAndSymbolsAsInAPaper(t *testing.T) {
	bundle, err := ClaimsCell([]claim.Claim{{
		ID: "q0.1", Statement: "Above 2/λ_max it rises.", Rule: "at 1e-06 of it", Kind: claim.Exact, Verdict: claim.Supported, Evidence: "Sign test: p = 7.86e-05.",
	}}, nil)
	require.NoError(t, err)
	for _, want := range []string{"Above 2/λₘₐₓ it rises.", "at 10⁻⁶ of it", "p = 7.86×10⁻⁵."} {
		require.Contains(t, bundle.Data["text/html"], want)
	}
}

func TestPredictionsStandBesideTheirVerdicts(t *testing.T) {
	part := claim.Claim{ID: "q1b", Kind: claim.Exact, Verdict: claim.Refuted, Recorded: claim.Refuted}
	claims := []claim.Claim{
		{ID: "q1", Kind: claim.Exact, Verdict: claim.Refuted, Recorded: claim.Refuted, Parts: []claim.Claim{part}},
		{ID: "q2", Kind: claim.Exact, Verdict: claim.Supported, Recorded: claim.Supported},
		{ID: "q3", Kind: claim.Exact, Verdict: claim.Supported, Recorded: claim.Supported},
	}
	predicted := forecast.Predictions{{ID: "q1", P: 0.7}, {ID: "q1b", P: 0.2}, {ID: "q2", P: 1, After: true}, {ID: "q9", P: 0.4}}
	shown, err := ClaimsCell(claims, predicted)
	require.NoError(t, err)
	require.Equal(t, `CLAIM  KIND   VERDICT      RECORDED   YOU                       EVIDENCE
q1     exact  ✘ refuted    refuted    70 %; b: 20 %
q2     exact  ✔ supported  supported  100 %, after the verdict
q3     exact  ✔ supported  supported  –
`, shown.Data[plainMIME])
	marks := regexp.MustCompile(`data-claim="(\w+)"|you: [^<]*`).FindAllString(shown.Data[htmlMIME].(string), -1)
	require.Equal(t, []string{`data-claim="q1"`, "you: 70 %", `data-claim="q1b"`, "you: 20 %", `data-claim="q2"`, "you: 100 %, after the verdict", `data-claim="q3"`}, marks)
	r := rendertest.Reports(t)[1]
	shown, err = ReportCell(r, forecast.Predictions{{ID: r.Claims[0].ID, P: 0.25}})
	require.NoError(t, err)
	require.Contains(t, shown.Data[htmlMIME], "you: 25 %")
	require.Contains(t, shown.Data[plainMIME], "25 %")
	require.Equal(t, r, shown.Data[report.MIMEType], "the report is as it was measured")
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
	for _, c := range []struct {
		chart report.Chart
		want  string
	}{
		{report.Chart{ID: "loss", Title: "Loss <so far>", Curves: []report.Curve{{Name: "training"}}}, "Loss <so far>: nothing to show yet."},
		{report.Chart{ID: "loss", Title: "t", LogY: true, Curves: []report.Curve{{X: []float64{1, 2}, Y: []float64{0, 0}}}},
			"t: nothing to show yet. Not shown: 2 of 2 points (a logarithmic axis has no place for 0 and below)."},
	} {
		shown, err := Chart(c.chart).Cell()
		require.NoError(t, err)
		require.Equal(t, []Bundle{{Data: map[string]any{plainMIME: c.want, htmlMIME: "<p>" + html.EscapeString(c.want) + "</p>"}}}, shown)
	}
}

func TestPageShowsDiagrams(t *testing.T) {
	d := report.Diagram{ID: "net", Title: "A <small> net", Alt: "Two layers.", Boxes: []report.Box{{Label: "Input"}}}
	var page bytes.Buffer
	require.NoError(t, Page(&page, []report.Report{{Lesson: "params", Figures: report.Figures{Diagrams: []report.Diagram{d}}}}))
	require.Contains(t, page.String(), `alt="Two layers."`)
	require.Contains(t, page.String(), "A &lt;small&gt; net")
}
