package chart

import (
	"cmp"
	"image/color"
	"math"
	"sort"

	"evident/kit/report"
)

// maxShades is the number of shades of a heatmap. Each covers an equal area of
// the plane. A loss spans decades, so equal steps of its value would give almost
// the whole plane one shade. With equal steps of its rank, the edges between
// shades read like contour lines.
const maxShades = 12

// shading holds the shades of a heatmap.
type shading struct {
	bounds []float64 // between neighbouring shades, rising
	values []float64 // one value for each shade
}

// shadingOf cuts the ranks of the heatmap's values into equal parts. Values that
// are equal to six digits get the same shade, so that a symmetric function looks
// symmetric.
func shadingOf(g report.Heatmap) shading {
	sorted := make([]float64, len(g.Values))
	for i, v := range g.Values {
		sorted[i] = rounded(v)
	}
	sort.Float64s(sorted)
	n := len(sorted)
	s := shading{values: sorted[:1:1]}
	for k := 1; k < maxShades; k++ {
		// Take the next larger value, because no bound fits between two equal
		// ones.
		above := sort.Search(n, func(i int) bool { return sorted[i] > sorted[max(k*n/maxShades-1, 0)] })
		if above == n || sorted[above] == s.values[len(s.values)-1] {
			continue
		}
		s.bounds = append(s.bounds, sorted[above-1]+(sorted[above]-sorted[above-1])/2)
		s.values = append(s.values, sorted[above])
	}
	return s
}

// of returns the index of a value's shade.
func (s shading) of(value float64) int { return sort.SearchFloat64s(s.bounds, rounded(value)) }

// colours returns the colours of all shades, the lowest first.
func (s shading) colours() []color.NRGBA {
	list := make([]color.NRGBA, len(s.values))
	for i := range list {
		list[i] = mixed(heatmapLow, heatmapHigh, float64(i)/math.Max(1, float64(len(list)-1)))
	}
	return list
}

// cell is a run of rectangles with one shade in a row of a heatmap.
type cell struct{ column, row, count, shade int }

// cellsOf joins neighbours in a row that have the same shade.
func cellsOf(g report.Heatmap, s shading) []cell {
	var cells []cell
	for i, v := range g.Values {
		next := cell{column: i % g.Columns, row: i / g.Columns, count: 1, shade: s.of(v)}
		if last := len(cells) - 1; next.column > 0 && cells[last].shade == next.shade {
			cells[last].count++
			continue
		}
		cells = append(cells, next)
	}
	return cells
}

// undrawable says why the axes cannot show the chart's heatmap. It returns "" if
// they can, or if there is none.
func undrawable(chart report.Chart) string {
	g := chart.Heatmap
	switch {
	case g == nil:
		return ""
	case chart.Mark == report.Bars:
		return "bars have no plane"
	}
	reason := cmp.Or(misplaced(g.Left, chart.LogX), misplaced(g.Right, chart.LogX),
		misplaced(g.Bottom, chart.LogY), misplaced(g.Top, chart.LogY))
	if reason == "" && (interval{g.Left, g.Right}.narrow(chart.LogX) || interval{g.Bottom, g.Top}.narrow(chart.LogY)) {
		reason = "too narrow to draw"
	}
	return reason
}
