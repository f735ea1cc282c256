package report_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/report"
)

func TestReportSurvivesJSON(t *testing.T) {
	curve := report.Curve{Name: "rate 2.1", Low: []float64{0.5}, High: []float64{1.5}}
	curve.Add(0, 1)
	curve.Add(1, math.Inf(1))
	want := report.Report{
		Lesson: "inception", Title: "Inception", Preset: "smoke", Config: json.RawMessage(`{"Epochs":2}`),
		Provenance: report.Provenance{Backend: "xla", Seeds: []int64{1, -2}, Started: time.Date(2026, 11, 23, 0, 0, 0, 5, time.UTC), WallSeconds: 1.5},
		Claims:     []claim.Claim{{ID: "q7a.0", Kind: claim.Exact, Verdict: claim.Refuted, Recorded: claim.Supported, Samples: 1}},
		Figures: report.Figures{
			Tables:   []report.Table{{ID: "t", Columns: []string{"a"}, Rows: [][]string{{"1"}}}},
			Charts:   []report.Chart{{ID: "c", Mark: report.Line, LogY: true, Curves: []report.Curve{curve}, Rules: []report.Reference{{Name: "r", Y: 2}}}},
			Pictures: []report.Picture{{ID: "p", PNG: []byte{0x89, 'P', 'N', 'G'}}},
		},
	}
	require.NoError(t, want.Validate())
	encoded, err := json.Marshal(want)
	require.NoError(t, err)
	var decoded report.Report
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	assert.Equal(t, want, decoded)
}

func TestDivergedCurveEndsAtItsLastFinitePoint(t *testing.T) {
	for _, broken := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var curve report.Curve
		curve.Add(1, 10)
		curve.Add(2, broken)
		curve.Add(3, 10)
		assert.Equal(t, []float64{1}, curve.X)
		assert.Equal(t, []float64{10}, curve.Y)
		require.NotNil(t, curve.DivergedAt)
		assert.Equal(t, 2.0, *curve.DivergedAt)
	}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	one := claim.Claim{ID: "q1", Kind: claim.Exact, Verdict: claim.Supported, Recorded: claim.Supported}
	chart := func(c report.Curve) report.Figures {
		return report.Figures{Charts: []report.Chart{{ID: "loss", Curves: []report.Curve{c}}}}
	}
	for _, c := range []struct {
		report interface{ Validate() error }
		want   string
	}{
		{report.Report{Claims: []claim.Claim{one, one}}, `claim id "q1" is empty or used twice`},
		{report.Report{Claims: []claim.Claim{{Kind: claim.Exact}}}, `claim id "" is empty`},
		{report.Report{Claims: []claim.Claim{{ID: "q1", Kind: claim.Exact, Verdict: "maybe"}}}, `unknown verdict "maybe"`},
		{report.Report{Claims: []claim.Claim{{ID: "q1", Verdict: claim.Refuted, Recorded: claim.Refuted}}}, `unknown kind ""`},
		{report.Figures{Tables: []report.Table{{ID: "t", Columns: []string{"a", "b"}, Rows: [][]string{{"1"}}}}}, `table "t": row 0 has 1 cells under 2 columns`},
		{report.Figures{Tables: []report.Table{{ID: "t"}, {ID: "t"}}}, `table id "t"`},
		{report.Figures{Charts: []report.Chart{{ID: "f"}}, Pictures: []report.Picture{{ID: "f"}}}, `figure id "f"`}, // both become f.png
		{report.Figures{Diagrams: []report.Diagram{{ID: "d"}}}, `diagram "d" has no boxes`},
		{report.Figures{Diagrams: []report.Diagram{{ID: "d", Boxes: make([]report.Box, 2), Arrows: []report.Arrow{{From: 1, To: 0}}}}}, `from box 1 to box 0 of 2`},
		{chart(report.Curve{Name: "y", X: []float64{1}}), `curve "y" has 1 x and 0 y values`},
		{chart(report.Curve{Name: "y", X: []float64{1}, Y: []float64{1}, Low: []float64{1}}), `the band of curve "y"`},
		{chart(report.Curve{Name: "y", X: []float64{1}, Y: []float64{math.NaN()}}), `curve "y" holds NaN`},
		{chart(report.Curve{Name: "y", X: []float64{1}, Y: []float64{1}, Low: []float64{math.Inf(-1)}, High: []float64{1}}), `curve "y" holds -Inf`},
		{chartReport(report.Chart{ID: "c", Rules: []report.Reference{{Name: "r", Y: math.NaN()}}}), `chart "c": line "r" is at NaN`},
		{chartReport(report.Chart{ID: "c", Heatmap: &report.Heatmap{Name: "g", Left: math.Inf(-1), Right: 1, Top: 1, Columns: 1, Values: []float64{1}}}), `heatmap "g" goes from (-Inf, 0)`},
		{chartReport(report.Chart{ID: "c", Mark: report.Bars, Curves: []report.Curve{{Name: "b", X: []float64{0}, Y: []float64{1}}}}), `a bar of "b" stands at 0, and there are 0 categories`},
		{chartReport(report.Chart{ID: "c", Mark: report.Bars, Categories: []string{"one"}, Curves: []report.Curve{{Name: "b", X: []float64{0.5}, Y: []float64{1}}}}), `a bar of "b" stands at 0.5`},
	} {
		assert.ErrorContains(t, c.report.Validate(), c.want)
	}
}

func chartReport(c report.Chart) report.Figures {
	return report.Figures{Charts: []report.Chart{c}}
}

func TestBandsEndBeforeInfinity(t *testing.T) {
	var curve report.Curve
	curve.AddGeometric(1, []float64{1e-250, 1e250, 1e-250, 1e250, 1})
	require.NoError(t, chartReport(report.Chart{ID: "c", Curves: []report.Curve{curve}}).Validate())
	assert.InDelta(t, 1, curve.Y[0], 1e-6)
	assert.Equal(t, math.MaxFloat64, curve.High[0])
}

func TestBandsOfFractionsStayBetween0And1(t *testing.T) {
	accuracies := []float64{1, 1, 0.9, 1, 1}
	var students, fractions report.Curve
	students.AddEstimate(0, accuracies)
	fractions.AddFraction(0, accuracies, 100)
	assert.Greater(t, students.High[0], 1.0)
	wilson := claim.EstimateFraction(accuracies, 100)
	assert.Equal(t, []float64{wilson.Low, wilson.High}, []float64{fractions.Low[0], fractions.High[0]})
	assert.LessOrEqual(t, fractions.High[0], 1.0)
}

func TestBandsNeedFiveSeeds(t *testing.T) {
	few, enough := []float64{1, 2}, []float64{1, 2, 1, 2, 1.5}
	var curve report.Curve
	curve.AddEstimate(0, few)
	assert.Empty(t, curve.Low)
	curve.AddEstimate(1, enough)
	curve.AddEstimate(2, few)
	require.NoError(t, chartReport(report.Chart{ID: "c", Curves: []report.Curve{curve}}).Validate())
	for i, hasBand := range []bool{false, true, false} {
		assert.Equal(t, hasBand, curve.Low[i] < curve.High[i], "point %d", i)
	}
}
