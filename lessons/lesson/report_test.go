package lesson_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/lessons/lesson"
)

func TestReportSurvivesJSON(t *testing.T) {
	curve := lesson.Curve{Name: "rate 2.1", Low: []float64{0.5}, High: []float64{1.5}}
	curve.Add(0, 1)
	curve.Add(1, math.Inf(1))
	report := lesson.Report{
		Lesson: "inception", Title: "Inception", Scale: lesson.Smoke, Config: json.RawMessage(`{"Epochs":2}`),
		Provenance: lesson.Provenance{Backend: "xla", Seeds: []int64{1, -2}, Started: time.Date(2026, 11, 23, 0, 0, 0, 5, time.UTC), WallSeconds: 1.5},
		Claims:     []lesson.Claim{{ID: "q7a.0", Kind: lesson.Exact, Verdict: lesson.Refuted, Recorded: lesson.Supported, Samples: 1}},
		Tables:     []lesson.Table{{ID: "t", Columns: []string{"a"}, Rows: [][]string{{"1"}}}},
		Charts:     []lesson.Chart{{ID: "c", Mark: lesson.Line, LogY: true, Curves: []lesson.Curve{curve}, Rules: []lesson.Reference{{Name: "r", Y: 2}}}},
		Pictures:   []lesson.Picture{{ID: "p", PNG: []byte{0x89, 'P', 'N', 'G'}}},
	}
	require.NoError(t, report.Validate())
	encoded, err := json.Marshal(report)
	require.NoError(t, err)
	var decoded lesson.Report
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	assert.Equal(t, report, decoded)
}

func TestDivergedCurveEndsAtItsLastFinitePoint(t *testing.T) {
	for _, broken := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var curve lesson.Curve
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
	claim := lesson.Claim{ID: "q1", Kind: lesson.Exact, Verdict: lesson.Supported, Recorded: lesson.Supported}
	chart := func(c lesson.Curve) lesson.Report {
		return lesson.Report{Charts: []lesson.Chart{{ID: "loss", Curves: []lesson.Curve{c}}}}
	}
	for _, c := range []struct {
		report lesson.Report
		want   string
	}{
		{lesson.Report{Claims: []lesson.Claim{claim, claim}}, `claim id "q1" is empty or used twice`},
		{lesson.Report{Claims: []lesson.Claim{{Kind: lesson.Exact}}}, `claim id "" is empty`},
		{lesson.Report{Claims: []lesson.Claim{{ID: "q1", Kind: lesson.Exact, Verdict: "maybe"}}}, `unknown verdict "maybe"`},
		{lesson.Report{Claims: []lesson.Claim{{ID: "q1", Verdict: lesson.Refuted, Recorded: lesson.Refuted}}}, `unknown kind ""`},
		{lesson.Report{Tables: []lesson.Table{{ID: "t", Columns: []string{"a", "b"}, Rows: [][]string{{"1"}}}}}, `table "t": row 0 has 1 cells under 2 columns`},
		{lesson.Report{Tables: []lesson.Table{{ID: "t"}, {ID: "t"}}}, `table id "t"`},
		{lesson.Report{Charts: []lesson.Chart{{ID: "f"}}, Pictures: []lesson.Picture{{ID: "f"}}}, `figure id "f"`}, // both become f.png
		{lesson.Report{Diagrams: []lesson.Diagram{{ID: "d"}}}, `diagram "d" has no boxes`},
		{lesson.Report{Diagrams: []lesson.Diagram{{ID: "d", Boxes: make([]lesson.Box, 2), Arrows: []lesson.Arrow{{From: 1, To: 0}}}}}, `from box 1 to box 0 of 2`},
		{chart(lesson.Curve{Name: "y", X: []float64{1}}), `curve "y" has 1 x and 0 y values`},
		{chart(lesson.Curve{Name: "y", X: []float64{1}, Y: []float64{1}, Low: []float64{1}}), `the band of curve "y"`},
		{chart(lesson.Curve{Name: "y", X: []float64{1}, Y: []float64{math.NaN()}}), `curve "y" holds NaN`},
		{chart(lesson.Curve{Name: "y", X: []float64{1}, Y: []float64{1}, Low: []float64{math.Inf(-1)}, High: []float64{1}}), `curve "y" holds -Inf`},
		{chartReport(lesson.Chart{ID: "c", Rules: []lesson.Reference{{Name: "r", Y: math.NaN()}}}), `chart "c": line "r" is at NaN`},
		{chartReport(lesson.Chart{ID: "c", Ground: &lesson.Ground{Name: "g", Left: math.Inf(-1), Right: 1, Top: 1, Columns: 1, Values: []float64{1}}}), `ground "g" goes from (-Inf, 0)`},
		{chartReport(lesson.Chart{ID: "c", Mark: lesson.Bars, Curves: []lesson.Curve{{Name: "b", X: []float64{0}, Y: []float64{1}}}}), `a bar of "b" stands at 0, and there are 0 categories`},
		{chartReport(lesson.Chart{ID: "c", Mark: lesson.Bars, Categories: []string{"one"}, Curves: []lesson.Curve{{Name: "b", X: []float64{0.5}, Y: []float64{1}}}}), `a bar of "b" stands at 0.5`},
	} {
		assert.ErrorContains(t, c.report.Validate(), c.want)
	}
}

func chartReport(c lesson.Chart) lesson.Report {
	return lesson.Report{Charts: []lesson.Chart{c}}
}

func TestBandsEndBeforeInfinity(t *testing.T) {
	var curve lesson.Curve
	curve.AddGeometric(1, []float64{1e-250, 1e250})
	require.NoError(t, chartReport(lesson.Chart{ID: "c", Curves: []lesson.Curve{curve}}).Validate())
	assert.InDelta(t, 1, curve.Y[0], 1e-6)
	assert.Equal(t, math.MaxFloat64, curve.High[0])
}

func TestScaleByName(t *testing.T) {
	for _, name := range []string{"smoke", "default", "full"} {
		scale, err := lesson.ParseScale(name)
		require.NoError(t, err)
		assert.Equal(t, lesson.Scale(name), scale)
	}
	_, err := lesson.ParseScale("Full")
	assert.ErrorIs(t, err, lesson.ErrBadInput)
	assert.EqualError(t, err, `unknown scale "Full": use smoke, default or full`)
}

func TestBadInputKeepsItsCause(t *testing.T) {
	err := lesson.BadInputf("batch file: %w", fs.ErrNotExist)
	assert.ErrorIs(t, err, lesson.ErrBadInput)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorIs(t, errors.Join(errors.New("other"), err), lesson.ErrBadInput)
	assert.NotErrorIs(t, errors.New("bad input"), lesson.ErrBadInput)
}
