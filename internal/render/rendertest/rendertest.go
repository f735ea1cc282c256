// Package rendertest holds the reports and charts that the rendering tests
// share.
package rendertest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares got with testdata/name; -update rewrites the file.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to make it")
	require.Equal(t, string(want), string(got))
}

// Reports returns reports with everything that a report can hold: all verdicts,
// one of which differs from the record, all marks, bands, logarithms, reference
// lines, zones, a heatmap, curves that diverged, a table, a picture, and text
// that must be escaped in HTML.
func Reports(t testing.TB) []report.Report {
	low, high := 0.01, 0.04
	return []report.Report{{
		Lesson: "inception", Title: "What an Inception module buys", Preset: "smoke",
		Config: json.RawMessage(`{"Epochs":2,"Filters":[64,96]}`),
		Knobs: []report.Knob{
			{Path: "Epochs", Role: "fixed", Value: "2", Help: "passes over the data"},
			{Path: "Filters", Role: "compared", Value: "[64,96]", Help: "filters of each <layer>"},
		},
		Provenance: report.Provenance{
			Backend: "xla: PJRT plugin cpu v0.112", Go: "go1.26.8", GoMLX: "v0.28.2", Commit: "0123abc+dirty",
			Machine: "linux/amd64, 2 processors", DataSet: "shapes (train)", DataHash: "9f86d081884c7d659a2feaa0c55ad015",
			Seeds: []int64{1, 2, 3, 4, 5}, Started: time.Date(2026, 11, 23, 21, 4, 0, 0, time.UTC), WallSeconds: 95.4,
		},
		Claims: []claim.Claim{
			{ID: "q7a.0", Source: "Q7 (a)", Statement: "The module keeps height and width.", Kind: claim.Exact, Rule: "the output shape equals [batch, 32, 32, 256]",
				Verdict: claim.Supported, Recorded: claim.Supported, Evidence: "All 4 inputs came out at their own height and width.", Samples: 1},
			{ID: "q7a.1", Source: "Q7 (a) 1", Statement: "Parallel filters see several scales & so learn <more>.", Kind: claim.Sampled, Rule: "the 95 % interval of the difference in accuracy is above 0.01",
				RuleDate: "2026-11-24", Verdict: claim.Refuted, Recorded: claim.Refuted, Evidence: "Accuracy differs by -0.02 [-0.031, -0.009] over 5 seeds.", Samples: 5, PValue: &low},
			{ID: "q7a.2", Source: "Q7 (a) 2", Statement: "The 1×1 convolutions before the 3×3 and 5×5 ones save most of the work.", Kind: claim.Exact, Rule: "multiplications fall below one half",
				Verdict: claim.Refuted, Recorded: claim.Supported, Evidence: "They fall to 0.61 of those without, which is more than the 0.5 that the rule allows, whatever the input's height and width.", Samples: 1},
			{ID: "q7a.3", Source: "Q7 (a) 3", Statement: "The reduction saves work and overfits less.", Kind: claim.Sampled, Rule: "by its parts",
				Verdict: claim.Mixed, Recorded: claim.Mixed, Evidence: "(a) supported: It saves 0.6. (b) refuted: The gap grows.", Samples: 5, Parts: []claim.Claim{
					{ID: "q7a.3a", Statement: "The reduction saves work.", Kind: claim.Exact, Rule: "fewer multiplications", RuleDate: "2026-11-24",
						Verdict: claim.Supported, Recorded: claim.Supported, Evidence: "It saves 0.6.", Samples: 1},
					{ID: "q7a.3b", Statement: "The reduction overfits less.", Kind: claim.Sampled, Rule: "the gap is smaller by 0.01", RuleDate: "2026-11-30", Revision: "nothing overfitted before",
						Verdict: claim.Refuted, Recorded: claim.Refuted, Evidence: "The gap grows.", Samples: 5, PValue: &high},
				}},
			{ID: "q7a.4", Source: "Q7 (a) 4", Statement: "Pooling tolerates shifts.", Kind: claim.Sampled, Rule: "the distance is smaller by 0.1",
				Verdict: claim.Inconclusive, Recorded: claim.Supported, Evidence: "Too few seeds.", Samples: 2},
			{ID: "q7.t", Source: "Q7", Statement: "Validation accuracy on CIFAR-10 reaches .7343 in ten epochs.", Kind: claim.Sampled, Rule: "the best epoch is at or above .7343",
				Verdict: claim.Unmeasured, Recorded: claim.Supported, Evidence: "Needs CIFAR-10; this run used shapes.", Samples: 2},
		},
		Figures: report.Figures{
			Tables: []report.Table{{ID: "epochs", Title: "Epoch by epoch", Columns: []string{"epoch", "training loss", "validation accuracy", "the sheet's"},
				Rows: [][]string{{"1", "1.6034", "51.2 %", "0.4982"}, {"2", "1.1820", "61.0 %", "0.6010"}}}},
			Charts: []report.Chart{LineChart(), BarChart(), PointChart(), EpochChart(), PathChart(), ZoneChart()},
			Pictures: []report.Picture{{ID: "shapes", Title: "The ten shapes", Alt: "Ten small coloured squares in a row.",
				PNG: squares(t)}},
		},
	}, {
		Lesson: "params", Title: "Counting parameters", Preset: "smoke",
		Provenance: report.Provenance{Backend: "go", Go: "go1.26.8", GoMLX: "v0.28.2", Machine: "linux/amd64, 2 processors",
			Started: time.Date(2026, 11, 23, 21, 6, 0, 0, time.UTC), WallSeconds: 0.2},
		Claims: []claim.Claim{{ID: "q3a.1", Source: "Q3 (a)", Statement: "Pooling has no parameters.", Kind: claim.Exact, Rule: "GoMLX creates no variable",
			Verdict: claim.Supported, Recorded: claim.Supported, Evidence: "0 variables in 3 layers.", Samples: 1}},
	}}
}

// LineChart has a band, and a curve that diverges.
func LineChart() report.Chart {
	smooth, wild := report.Curve{Name: "rate 0.01"}, report.Curve{Name: "rate 2.1"}
	for i := range 900 {
		x := float64(i)
		y := 2.3*math.Exp(-x/300) + 0.1*math.Abs(math.Sin(x/7)) + 0.05
		smooth.X, smooth.Y = append(smooth.X, x), append(smooth.Y, y)
		smooth.Low, smooth.High = append(smooth.Low, y*0.8), append(smooth.High, y*1.2)
	}
	for i := range 37 {
		wild.Add(float64(i), 2.3*math.Pow(1.12, float64(i)))
	}
	wild.Add(37, math.Inf(1))
	return report.Chart{ID: "loss", Title: "Training loss", Alt: "The loss at rate 0.01 falls; at 2.1 it grows until it is not finite.",
		Mark: report.Line, XLabel: "step", YLabel: "loss", LogY: true, Curves: []report.Curve{smooth, wild}}
}

// BarChart has a reference line and bands.
func BarChart() report.Chart {
	return report.Chart{ID: "accuracy", Title: "Validation accuracy by variant", Alt: "The module without the 5×5 branch comes close to the full one.",
		Mark: report.Bars, XLabel: "variant", YLabel: "accuracy", Categories: []string{"full", "no 5×5", "no pooling, but twice as wide"},
		Rules: []report.Reference{{Name: "the sheet: .7343", Y: 0.7343}},
		Curves: []report.Curve{
			{Name: "training", X: []float64{0, 1, 2}, Y: []float64{0.81, 0.79, 0.7}, Low: []float64{0.79, 0.77, 0.66}, High: []float64{0.83, 0.81, 0.74}},
			{Name: "validation", X: []float64{0, 1, 2}, Y: []float64{0.72, 0.71, 0.62}, Low: []float64{0.7, 0.69, 0.6}, High: []float64{0.74, 0.73, 0.64}},
		}}
}

// PointChart has a point that its axis cannot show.
func PointChart() report.Chart {
	return report.Chart{ID: "cost", Title: "Accuracy against work", Alt: "More work, better accuracy, with less and less gained.",
		Mark: report.Points, XLabel: "multiplications", YLabel: "accuracy", LogX: true,
		Curves: []report.Curve{{Name: "nets", X: []float64{1e6, 1e7, 1e8, 0}, Y: []float64{0.5, 0.63, 0.7, 0.1}}}}
}

// EpochChart is a learning curve.
func EpochChart() report.Chart {
	return report.Chart{ID: "epochs-accuracy", Title: "Accuracy by epoch", Alt: "Both rise; validation lags behind.",
		Mark: report.Line, XLabel: "epoch", YLabel: "accuracy", Rules: []report.Reference{{Name: "chance", Y: 0.1}},
		Curves: []report.Curve{
			{Name: "training", X: []float64{1, 2, 3, 4}, Y: []float64{0.45, 0.6, 0.7, 0.76}},
			{Name: "validation", X: []float64{1, 2, 3, 4}, Y: []float64{0.47, 0.58, 0.65, 0.68}, Low: []float64{0.45, 0.56, 0.63, 0.66}, High: []float64{0.49, 0.6, 0.67, 0.7}},
		}}
}

// Bowl is the loss of [Descent].
func Bowl(x, y float64) float64 { return x*x + 5*y*y }

// PathChart holds a descent that arrives, one that oscillates, and one that
// leaves the picture and diverges.
func PathChart() report.Chart {
	return report.Chart{ID: "descent", Title: "Descents on x² + 5y²", Alt: "Rate 0.05 arrives, 0.18 swings, 0.24 diverges.",
		Mark: report.Path, XLabel: "x", YLabel: "y", Heatmap: HeatmapOf(Bowl, 16, 12),
		Curves: []report.Curve{Descent(0.05, 20), Descent(0.18, 12), Descent(0.24, 900)}}
}

// Descent returns the path of a descent on [Bowl].
func Descent(rate float64, steps int) report.Curve {
	curve := report.Curve{Name: fmt.Sprintf("rate %v", rate)}
	x, y := -2.6, 1.4
	for range steps + 1 {
		curve.Add(x, y)
		x, y = x-rate*2*x, y-rate*10*y
		if math.Abs(y) > 1e100 {
			y = math.Inf(1)
		}
	}
	return curve
}

// HeatmapOf returns the function over (-3, -2) to (3, 2).
func HeatmapOf(f func(x, y float64) float64, columns, rows int) *report.Heatmap {
	g := &report.Heatmap{Name: "loss", Left: -3, Right: 3, Bottom: -2, Top: 2, Columns: columns}
	for row := range rows {
		for column := range columns {
			g.Values = append(g.Values, f(-3+6*(float64(column)+0.5)/float64(columns), -2+4*(float64(row)+0.5)/float64(rows)))
		}
	}
	return g
}

// ZoneChart has a zone.
func ZoneChart() report.Chart {
	chart := report.Chart{ID: "rates", Title: "Final loss against rate", Alt: "The loss falls up to a rate of 0.4, above which no run is stable.",
		Mark: report.Line, XLabel: "learning rate", YLabel: "final loss", LogX: true, LogY: true,
		Zones: []report.Zone{{Name: "stable", From: 0, To: 0.4}, {Name: "unstable", From: 0.4, To: 100}}}
	var curve report.Curve
	for i := range 13 {
		rate := math.Pow(10, -3+float64(i)/4)
		curve.Add(rate, 2*math.Exp(-rate*40)+0.02+math.Max(0, rate-0.4)*30)
	}
	chart.Curves = []report.Curve{curve}
	return chart
}

func squares(t testing.TB) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 32))
	for x := range 320 {
		for y := range 32 {
			img.Set(x, y, color.RGBA{R: uint8(x / 32 * 25), G: uint8(200 - x/32*15), B: 120, A: 255})
		}
	}
	var buf bytes.Buffer
	require.NoError(t, png.Encode(&buf, img))
	return buf.Bytes()
}
