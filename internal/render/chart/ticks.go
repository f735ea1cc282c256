package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

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
	return ticks
}

// usualDigits suffice for labels of an axis that begins near 0.
const usualDigits = 4

// compact formats a tick's value with the given number of digits: 0.25, 400, 1e6.
func compact(value float64, digits int) string {
	if value == 0 {
		return "0" // instead of -0
	}
	text := strconv.FormatFloat(value, 'g', digits, 64)
	if size := math.Abs(value); size >= 1e-4 && size < 1e5 {
		text = strconv.FormatFloat(roundedTo(value, max(digits, 6)), 'f', -1, 64)
	}
	return strings.NewReplacer("e+0", "e", "e+", "e", "e-0", "e-").Replace(text)
}

// keyLabels formats rising values with as few digits as distinguish them.
func keyLabels(values []float64) []string {
	labels := make([]string, len(values))
	for digits := 2; digits <= 6; digits++ {
		for i, v := range values {
			labels[i] = compact(roundedTo(v, digits), usualDigits)
		}
		if len(slices.Compact(slices.Clone(labels))) == len(labels) {
			break
		}
	}
	return labels
}
