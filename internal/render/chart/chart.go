// Package chart draws a [report.Chart] in two ways: as Vega-Lite and as PNG. Both
// share the axes and their marks, the choice of visible points, the clipping of paths
// and zones, the shades of a heatmap, and the styles of curves.
package chart

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// maxDrawn is the largest number of points that are drawn of a curve. A chart is about
// 600 pixels wide, so more points would be invisible, and they would enlarge the
// notebook.
const maxDrawn = 400

// drawn returns a chart as both renderings draw it. It drops points that the axes
// cannot show (see [LeftOut]), thins long curves, adds a note to the name of a curve
// that diverged, clips zones, reference lines and the heatmap to the axes, breaks the
// names of categories into lines, and typesets all words.
//
// Paths keep all their points here, because an index is a step: see [routes].
func drawn(chart report.Chart) report.Chart {
	chart = onItsAxes(chart)
	curves := make([]report.Curve, len(chart.Curves))
	for i, curve := range chart.Curves {
		curves[i] = curve
		if chart.Mark != report.Path {
			curves[i] = thin(visible(curve, chart), maxDrawn)
		}
		curves[i].Name = look.Typeset(curve.Name + divergence(chart, curve))
	}
	chart.Curves, chart.Categories = curves, wrapped(chart.Categories)
	chart.Rules = shownRules(chart)
	chart.Zones = shownZones(chart)
	for _, words := range []*string{&chart.Title, &chart.XLabel, &chart.YLabel} {
		*words = look.Typeset(*words)
	}
	return chart
}

// divergence says where a curve stopped being finite. For a path it gives the step,
// because its X is a place in the plane.
func divergence(chart report.Chart, curve report.Curve) string {
	switch {
	case curve.DivergedAt == nil:
		return ""
	case chart.Mark == report.Path:
		return fmt.Sprintf(" (diverges at step %d)", len(curve.X))
	}
	return fmt.Sprintf(" (diverges at %.4g)", *curve.DivergedAt)
}

// shownRules returns the reference lines that have a place on the Y axis.
func shownRules(chart report.Chart) []report.Reference {
	var list []report.Reference
	for _, rule := range chart.Rules {
		if unseenRule(chart, rule) == "" {
			rule.Name = look.Typeset(rule.Name)
			list = append(list, rule)
		}
	}
	return list
}

// wrapped breaks the names of categories into lines, so that neighbours do not
// overlap. Names that are slanted stay on one line.
func wrapped(categories []string) []string {
	const longest = 28 // characters of a slanted name
	list := make([]string, len(categories))
	for i, name := range categories {
		list[i] = strings.Join(lines.Wrap(lines.Shorten(look.Typeset(name), rowLength), room(len(categories))), "\n")
	}
	if slanted(list) {
		for i, name := range categories {
			list[i] = lines.Shorten(look.Typeset(name), longest)
		}
	}
	return list
}

// rowLength is how many characters fit below the plot.
const rowLength = 80

// room is how many of them a category has.
func room(categories int) int { return max(6, rowLength/categories) }

// slanted reports whether the names of categories are written at an angle, because a
// word is longer than its room.
func slanted(categories []string) bool {
	for _, name := range categories {
		for line := range strings.SplitSeq(name, "\n") {
			if len([]rune(line)) > room(len(categories)) {
				return true
			}
		}
	}
	return false
}

// visible drops the points that the chart cannot show. It moves an end of a band that
// the chart cannot show to the curve.
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

// thin keeps the lowest and the highest point of each stretch of the curve, so that a
// spike of a single step stays visible.
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

// extremes returns the indices of the lowest and the highest of the values with
// indices from ≤ i < to.
func extremes(values []float64, from, to int) (lowest, highest int) {
	return from + floats.MinIdx(values[from:to]), from + floats.MaxIdx(values[from:to])
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

// names returns the names of the chart's curves, in order.
func names(chart report.Chart) []string {
	list := make([]string, len(chart.Curves))
	for i, curve := range chart.Curves {
		list[i] = curve.Name
	}
	return list
}

// dense reports whether the points of a curve lie so close that symbols would hide the
// line.
func dense(curve report.Curve) bool { return len(curve.X) > 30 }

func anyDense(chart report.Chart) bool { return slices.ContainsFunc(chart.Curves, dense) }

// whole reports whether the X axis counts whole things, such as epochs. The axes of a
// path or a heatmap do not, because they span a plane.
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

// category returns the name of position x in a bar chart.
func category(chart report.Chart, x float64) string {
	if i := int(x); i >= 0 && i < len(chart.Categories) {
		return chart.Categories[i]
	}
	return fmt.Sprintf("%g", x)
}

// Alt describes in words what the chart shows and what it leaves out.
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

// labelled returns the categories that get a label below the axis: all of them if they
// fit side by side, or else some at equal distances.
func labelled(chart report.Chart) []int {
	const most = 40
	every := (len(chart.Categories) + most - 1) / most
	var list []int
	for i := 0; i < len(chart.Categories); i += every {
		list = append(list, i)
	}
	return list
}

// curveStyle distinguishes one curve of a chart from the others in three ways, so
// that the chart stays readable in grey and for the colour-blind.
type curveStyle struct {
	colour color.NRGBA
	dash   []float64 // on, off, … in points; empty for a solid line
	shape  string    // name in Vega-Lite
	glyph  draw.GlyphDrawer
}

// curveStyles are the styles of the curves, in order. The colours are the palette of
// Okabe and Ito, "Color Universal Design" (2008), without its yellow, which is
// invisible on white.
var curveStyles = []curveStyle{
	{look.RGB(0x0072B2), nil, "circle", draw.CircleGlyph{}},
	{look.RGB(0xD55E00), []float64{7, 3}, "square", draw.BoxGlyph{}},
	{look.RGB(0x009E73), []float64{2, 2}, "triangle-up", draw.PyramidGlyph{}},
	{look.RGB(0xCC79A7), []float64{9, 3, 2, 3}, "diamond", diamondGlyph},
	{look.RGB(0xE69F00), []float64{4, 2}, "cross", crossGlyph},
	{look.RGB(0x56B4E9), []float64{12, 3}, "triangle-down", downwardGlyph},
	{look.RGB(0x000000), []float64{5, 2, 1, 2, 1, 2}, "triangle-left", leftwardGlyph},
}

// styleOf returns the style of the i-th curve; the styles repeat after seven.
func styleOf(i int) curveStyle { return curveStyles[i%len(curveStyles)] }

// A heatmap ranges between these two colours. They are light and almost grey, so
// that every curve's colour stands out.
var (
	heatmapLow  = look.RGB(0xFBFCFD)
	heatmapHigh = look.RGB(0xA9B8C6)
)

// zoneTints are the colours of the zones in turn, so that neighbours differ. They
// are transparent, so that the grid, or a heatmap, stays visible.
var zoneTints = []color.NRGBA{withAlpha(look.RGB(0x009E73), 0x1F), withAlpha(look.RGB(0xE69F00), 0x26)}

// tintOf returns the tint of the i-th zone.
func tintOf(i int) color.NRGBA { return zoneTints[i%len(zoneTints)] }

func hexOf(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func withAlpha(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// mixed returns a colour between two, at a fraction of the way from the first.
func mixed(a, b color.NRGBA, fraction float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + fraction*(float64(b)-float64(a)))) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xFF}
}
