package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
	"gonum.org/v1/plot"

	"evident/internal/render/look"
	"evident/kit/report"
)

// Charts omit numbers beyond largest, and on a logarithmic axis below smallest,
// because the length of an axis, or half a value, would otherwise overflow a
// float64.
const smallest, largest = 1e-300, 1e300

// misplaced says why an axis cannot show a value, or returns "".
func misplaced(value float64, logarithmic bool) string {
	switch {
	case logarithmic && value <= 0:
		return "a logarithmic axis has no place for 0 and below"
	case math.Abs(value) > largest, logarithmic && value < smallest:
		return "too large or too small to draw"
	}
	return ""
}

// unseen says why a chart cannot show a point, or returns "". A path may leave the
// heatmap and come back; other marks must stay on it.
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

// unseenRule says why a chart cannot show a reference line, or returns "".
func unseenRule(chart report.Chart, rule report.Reference) string {
	outside := ""
	if g := chart.Heatmap; g != nil && (rule.Y < g.Bottom || rule.Y > g.Top) {
		outside = "outside of the picture"
	}
	return cmp.Or(misplaced(rule.Y, chart.LogY), outside)
}

// interval is the range of an axis.
type interval struct{ low, high float64 }

// emptyInterval returns an interval without values.
func emptyInterval() interval { return interval{math.Inf(1), math.Inf(-1)} }

func (e *interval) include(values ...float64) {
	for _, v := range values {
		e.low, e.high = math.Min(e.low, v), math.Max(e.high, v)
	}
}

// narrow reports whether the ends agree to five digits, because an axis could not
// tell them apart.
func (e interval) narrow(logarithmic bool) bool {
	const digits = 1e-5
	if logarithmic {
		return e.high/e.low < 1+digits
	}
	size := math.Max(math.Abs(e.low), math.Abs(e.high))
	return size < smallest || e.high-e.low < digits*size
}

// widen gives an axis with one value, or none, a length. It reports whether it
// changed the axis.
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

// frameOf returns the frame of a chart as drawn, in every rendering. The axes end
// where the heatmap ends, or else where all shown values end. The frame of a path
// is fixed, because the axes would otherwise jump as the slider moves.
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

// LeftOut says which parts of a chart are not shown, and why, or returns "". It
// does not count points that are too close to others to be visible.
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

// IsEmpty reports whether the chart shows no point at all, as after a training that
// was interrupted in its first step. Vega-Lite cannot draw such a chart.
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

// onItsAxes removes what the axes cannot show: category names have no logarithm,
// and only some of them may have room; a heatmap may not fit.
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

// linearTicks marks about six round values, because gonum's own marks are too few
// to read values from. Marks are at least least apart, and their labels have
// enough digits to differ.
func linearTicks(low, high, least float64) []plot.Tick {
	const wanted = 6
	step := math.Max(least, roundStep((high-low)/wanted))
	var ticks []plot.Tick
	digits := max(usualDigits, 2+int(math.Log10(math.Max(math.Abs(low), math.Abs(high))/step)))
	for i, last := math.Ceil(low/step), math.Floor(high/step); i <= last && len(ticks) < 2*wanted; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: compact(i*step, digits)})
	}
	return ticks
}

// roundStep returns the next of 1, 2 and 5 times a power of ten.
func roundStep(step float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(step)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*decade >= step*(1-1e-9) {
			return factor * decade
		}
	}
	return 10 * decade
}

// logTicks marks each decade, and also 2 and 5 within it if there are few decades,
// with small marks between them if there is room. If that gives fewer than two
// values, it marks as on a linear axis.
func logTicks(low, high float64) []plot.Tick {
	const fewDecades = 24
	decades := math.Log10(high) - math.Log10(low)
	every := int(math.Max(1, math.Ceil(decades/8)))
	var ticks []plot.Tick
	labelled := 0
	for power := int(math.Floor(math.Log10(low))); power <= int(math.Ceil(math.Log10(high))); power++ {
		for factor := 1.0; factor < 10; factor++ {
			value := factor * math.Pow(10, float64(power))
			if value < low*(1-1e-9) || value > high*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: value}
			if (factor == 1 && power%every == 0) || (decades < 2.5 && (factor == 2 || factor == 5)) {
				tick.Label = compact(value, usualDigits)
				labelled++
			}
			if tick.Label != "" || decades <= fewDecades {
				ticks = append(ticks, tick)
			}
		}
	}
	if labelled < 2 {
		return linearTicks(low, high, 0)
	}
	if long(ticks) {
		for i, tick := range ticks {
			power := math.Round(math.Log10(tick.Value))
			if tick.Label != "" && math.Abs(math.Log10(tick.Value)-power) < 1e-9 {
				ticks[i].Label = look.Power(int(power))
			}
		}
	}
	return ticks
}

// long reports whether some labels are clearer as powers of ten. Then all powers of the
// axis are written so.
func long(ticks []plot.Tick) bool {
	return slices.ContainsFunc(ticks, func(t plot.Tick) bool { return t.Label != "" && (t.Value < 0.9e-3 || t.Value > 1.1e4) })
}

// usualDigits suffice for labels of an axis that begins near 0.
const usualDigits = 4

// compact formats a tick's value with the given number of digits: 0.25, 400, 10⁶.
func compact(value float64, digits int) string {
	if value == 0 {
		return "0" // instead of -0
	}
	text := strconv.FormatFloat(value, 'g', digits, 64)
	if size := math.Abs(value); size >= 1e-4 && size < 1e5 {
		text = strconv.FormatFloat(roundedTo(value, max(digits, 6)), 'f', -1, 64)
	}
	return look.Typeset(text)
}

// keyLabels formats rising values with as few digits as distinguish them.
func keyLabels(values []float64) []string {
	labels, largest := make([]string, len(values)), 0.0
	for _, v := range values {
		largest = math.Max(largest, math.Abs(v))
	}
	for digits := 2; digits <= 6; digits++ {
		for i, v := range values {
			if math.Abs(v) < 1e-12*largest {
				v = 0 // 9.7e-19 is what rounding left of it
			}
			labels[i] = compact(roundedTo(v, digits), usualDigits)
		}
		if len(slices.Compact(slices.Clone(labels))) == len(labels) {
			break
		}
	}
	return labels
}
