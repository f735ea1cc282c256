package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"evident/kit/report"
)

// Numbers beyond largest, and on a logarithmic axis below smallest, are not
// drawn: the length of an axis, or half a value, would leave the range of a
// float64.
const smallest, largest = 1e-300, 1e300

// misplaced says why an axis cannot show a value; "" where it can.
func misplaced(value float64, logarithmic bool) string {
	switch {
	case logarithmic && value <= 0:
		return "a logarithmic axis has no place for 0 and below"
	case math.Abs(value) > largest, logarithmic && value < smallest:
		return "too large or too small to draw"
	}
	return ""
}

// unseen says why a chart cannot show a point; "" where it can. A path may
// leave the heatmap and come back; other marks stay on it.
func unseen(chart report.Chart, x, y float64) string {
	outside := ""
	if g := chart.Heatmap; g != nil && chart.Mark != report.Path && (x < g.Left || x > g.Right || y < g.Bottom || y > g.Top) {
		outside = "outside of the picture"
	}
	if chart.Mark == report.Bars && x >= maxDrawn {
		outside = fmt.Sprintf("there is room for %d categories", maxDrawn)
	}
	return cmp.Or(misplaced(x, chart.LogX), misplaced(y, chart.LogY), outside)
}

// unseenRule says why a chart cannot show a reference line; "" where it can.
func unseenRule(chart report.Chart, rule report.Reference) string {
	outside := ""
	if g := chart.Heatmap; g != nil && (rule.Y < g.Bottom || rule.Y > g.Top) {
		outside = "outside of the picture"
	}
	return cmp.Or(misplaced(rule.Y, chart.LogY), outside)
}

// interval is what an axis shows.
type interval struct{ low, high float64 }

// emptyInterval holds no value yet.
func emptyInterval() interval { return interval{math.Inf(1), math.Inf(-1)} }

func (e *interval) include(values ...float64) {
	for _, v := range values {
		e.low, e.high = math.Min(e.low, v), math.Max(e.high, v)
	}
}

// narrow reports whether the ends agree to five digits: an axis could not tell them
// apart.
func (e interval) narrow(logarithmic bool) bool {
	const digits = 1e-5
	if logarithmic {
		return e.high/e.low < 1+digits
	}
	size := math.Max(math.Abs(e.low), math.Abs(e.high))
	return size < smallest || e.high-e.low < digits*size
}

// widen gives a length to an axis of one value, or of none, and reports
// whether it did.
func (e *interval) widen(logarithmic bool) bool {
	switch {
	case e.low > e.high && logarithmic:
		*e = interval{1, 10}
	case e.low > e.high:
		*e = interval{0, 1}
	case !e.narrow(logarithmic):
		return false
	case logarithmic:
		*e = interval{e.low / 2, e.high * 2}
	default:
		margin := math.Max(math.Abs(e.low), math.Abs(e.high)) / 2
		if margin < smallest {
			margin = 1
		}
		*e = interval{e.low - margin, e.high + margin}
	}
	return true
}

// frame is the part of the plane that a chart shows.
type frame struct {
	left, right, bottom, top float64
	fixX, fixY               bool // the points alone would not give these ends
}

// frameOf is the frame of a chart as drawn, in every rendering. The ends of its
// axes are those of the heatmap, or else those of all that is shown. A path's are
// fixed: otherwise they would jump as the slider moves.
func frameOf(chart report.Chart) frame {
	if g := chart.Heatmap; g != nil {
		return frame{g.Left, g.Right, g.Bottom, g.Top, true, true}
	}
	x, y := emptyInterval(), emptyInterval()
	for _, curve := range chart.Curves {
		if chart.Mark == report.Path {
			for _, s := range stopsOf(curve, chart) {
				x.include(s.x)
				y.include(s.y)
			}
			continue
		}
		x.include(curve.X...)
		for _, values := range [][]float64{curve.Y, curve.Low, curve.High} {
			y.include(values...)
		}
	}
	if chart.Mark == report.Bars && x.low <= x.high {
		x = interval{x.low - barsWidth/2, x.high + barsWidth/2}
		y.include(baseline(chart))
	}
	for _, rule := range chart.Rules {
		y.include(rule.Y)
	}
	fixX, fixY := x.widen(chart.LogX), y.widen(chart.LogY)
	path := chart.Mark == report.Path
	return frame{x.low, x.high, y.low, y.high, fixX || path, fixY || path}
}

// LeftOut says what of a chart is not shown, and why; "" where all of it is.
// Points that are only too close to others to be seen are not meant.
func LeftOut(chart report.Chart) string {
	seen := onItsAxes(chart)
	all, missing, parts, reasons := 0, 0, []string(nil), []string(nil)
	because := func(reason string) bool {
		if reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
		return reason != ""
	}
	for _, curve := range chart.Curves {
		all += len(curve.X)
		for i := range curve.X {
			if because(unseen(seen, curve.X[i], curve.Y[i])) {
				missing++
			}
		}
	}
	if missing > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s", missing, english.Plural(all, "point", "")))
	}
	for _, rule := range chart.Rules {
		if because(unseenRule(seen, rule)) {
			parts = append(parts, fmt.Sprintf("the line %q", rule.Name))
		}
	}
	if because(undrawable(chart)) {
		parts = append(parts, fmt.Sprintf("the shades of %q", chart.Heatmap.Name))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("Not shown: %s (%s).", strings.Join(parts, ", "), strings.Join(reasons, "; "))
}

// IsEmpty reports whether the chart shows no point at all, as that of a training
// that was interrupted in its first step: Vega-Lite cannot draw it.
func IsEmpty(chart report.Chart) bool {
	seen := onItsAxes(chart)
	for _, curve := range chart.Curves {
		for i := range curve.X {
			if unseen(seen, curve.X[i], curve.Y[i]) == "" {
				return false
			}
		}
	}
	return true
}

// onItsAxes leaves out what the axes cannot show: names below bars have no
// logarithm, and there is room for some of them; a heatmap may not fit.
func onItsAxes(chart report.Chart) report.Chart {
	if chart.Mark == report.Bars {
		chart.LogX = false
		chart.Categories = chart.Categories[:min(len(chart.Categories), maxDrawn)]
	}
	if undrawable(chart) != "" {
		chart.Heatmap = nil
	}
	return chart
}
