// Package chart draws a [report.Chart] in two ways: as Vega-Lite and as PNG. What both
// share stands once: the axes and their marks, which points are shown, the cut of
// paths and zones, the shades of a heatmap, and how curves differ.
package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"evident/internal/lines"
	"evident/kit/report"
)

// maxDrawn is the number of points of a curve that are drawn. A chart is about
// 600 pixels wide, so more would not be seen, and they would swell a notebook.
const maxDrawn = 400

// drawn is a chart as both renderings draw it: points that the axes cannot show
// are dropped (see [LeftOut]), long curves are thinned, a curve that diverged says
// so in its name, zones, reference lines and the heatmap are cut to what the
// axes can show, and the names of categories are broken into lines.
//
// Paths keep all their points here, as an index is a step: see [routes].
func drawn(chart report.Chart) report.Chart {
	chart = onItsAxes(chart)
	curves := make([]report.Curve, len(chart.Curves))
	for i, curve := range chart.Curves {
		curves[i] = curve
		if chart.Mark != report.Path {
			curves[i] = thin(visible(curve, chart), maxDrawn)
		}
		curves[i].Name = curve.Name + divergence(chart, curve)
	}
	chart.Curves, chart.Categories = curves, wrapped(chart.Categories)
	chart.Rules = shownRules(chart)
	chart.Zones = shownZones(chart)
	return chart
}

// divergence says where a curve stopped being finite; a path, at which step:
// its X is a place in the plane.
func divergence(chart report.Chart, curve report.Curve) string {
	switch {
	case curve.DivergedAt == nil:
		return ""
	case chart.Mark == report.Path:
		return fmt.Sprintf(" (diverges at step %d)", len(curve.X))
	}
	return fmt.Sprintf(" (diverges at %.4g)", *curve.DivergedAt)
}

// shownRules are the reference lines that have a place on the Y axis.
func shownRules(chart report.Chart) []report.Reference {
	var list []report.Reference
	for _, rule := range chart.Rules {
		if unseenRule(chart, rule) == "" {
			list = append(list, rule)
		}
	}
	return list
}

// wrapped breaks the names of categories into lines, so that neighbours do not
// run into each other.
func wrapped(categories []string) []string {
	const row = 64 // characters below the plot, beside a legend
	list := make([]string, len(categories))
	for i, name := range categories {
		list[i] = strings.Join(lines.Wrap(lines.Shorten(name, row), max(6, row/len(categories))), "\n")
	}
	return list
}

// visible drops the points that the chart cannot show. An end of a band that it
// cannot show is pulled to the curve itself.
func visible(curve report.Curve, chart report.Chart) report.Curve {
	kept := keep(curve, func(i int) bool { return unseen(chart, curve.X[i], curve.Y[i]) == "" })
	for _, band := range [][]float64{kept.Low, kept.High} {
		for i, end := range band {
			if unseen(chart, kept.X[i], end) != "" {
				band[i] = kept.Y[i]
			}
		}
	}
	return kept
}

// thin keeps of each stretch of the curve its lowest and its highest point, so
// that a spike of a single step is still seen.
func thin(curve report.Curve, limit int) report.Curve {
	n := len(curve.Y)
	if n <= limit {
		return curve
	}
	chosen := map[int]bool{0: true, n - 1: true}
	stretches := limit/2 - 1
	for s := range stretches {
		lowest, highest := extremes(curve.Y, s*n/stretches, (s+1)*n/stretches)
		chosen[lowest], chosen[highest] = true, true
	}
	return keep(curve, func(i int) bool { return chosen[i] })
}

// extremes are the indices of the lowest and the highest of the values with
// indices from ≤ i < to.
func extremes(values []float64, from, to int) (lowest, highest int) {
	lowest, highest = from, from
	for i := from; i < to; i++ {
		if values[i] < values[lowest] {
			lowest = i
		}
		if values[i] > values[highest] {
			highest = i
		}
	}
	return lowest, highest
}

// keep copies the points of the curve whose index passes.
func keep(curve report.Curve, passes func(int) bool) report.Curve {
	kept := report.Curve{Name: curve.Name, DivergedAt: curve.DivergedAt}
	for i := range curve.Y {
		if !passes(i) {
			continue
		}
		kept.X, kept.Y = append(kept.X, curve.X[i]), append(kept.Y, curve.Y[i])
		if len(curve.Low) > 0 {
			kept.Low, kept.High = append(kept.Low, curve.Low[i]), append(kept.High, curve.High[i])
		}
	}
	return kept
}

// names of the chart's curves, in order.
func names(chart report.Chart) []string {
	list := make([]string, len(chart.Curves))
	for i, curve := range chart.Curves {
		list[i] = curve.Name
	}
	return list
}

// dense reports whether the points of a curve lie so close that symbols on
// them would only blot the line.
func dense(curve report.Curve) bool { return len(curve.X) > 30 }

func anyDense(chart report.Chart) bool { return slices.ContainsFunc(chart.Curves, dense) }

// whole reports whether the X axis counts whole things, as in epochs. The axes of a
// path or a heatmap are those of a plane.
func whole(chart report.Chart) bool {
	if chart.Mark == report.Path || chart.Heatmap != nil {
		return false
	}
	for _, curve := range chart.Curves {
		for _, x := range curve.X {
			if x != math.Trunc(x) {
				return false
			}
		}
	}
	return true
}

// category names the position x of a bar chart.
func category(chart report.Chart, x float64) string {
	if i := int(x); i >= 0 && i < len(chart.Categories) {
		return chart.Categories[i]
	}
	return fmt.Sprintf("%g", x)
}

// Alt says in words what the chart shows and what it leaves out.
func Alt(chart report.Chart) string {
	text := chart.Title
	for _, more := range []string{chart.Alt, LeftOut(chart)} {
		if more != "" {
			text = strings.TrimSuffix(text, ".") + ". " + more
		}
	}
	return text
}

// noteLines breaks a note into lines below a chart's title.
func noteLines(note string) []string { return lines.Wrap(note, 100) }

// labelled are the categories that are named below the axis: all where they fit
// side by side, or else some at equal distances.
func labelled(chart report.Chart) []int {
	const most = 40
	every := (len(chart.Categories) + most - 1) / most
	var list []int
	for i := 0; i < len(chart.Categories); i += every {
		list = append(list, i)
	}
	return list
}
