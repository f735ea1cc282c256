package chart

import (
	"cmp"
	"image/color"
	"math"
	"sort"

	"evident/kit/report"
)

// maxShades is the number of shades of a heatmap, each over as much of the
// plane as the others. A loss spans decades, so in even steps of its value all
// but the edge of the plane would be one shade; in even steps of its rank, the
// edges between shades read like contour lines.
const maxShades = 12

// shading are the shades of a heatmap.
type shading struct {
	bounds []float64 // between each two shades, rising
	values []float64 // one value in each shade
}

// shadingOf cuts the ranks of the heatmap's values into equal parts. Values
// that are equal to six digits have one shade, so that a symmetric function
// looks symmetric.
func shadingOf(g report.Heatmap) shading {
	sorted := make([]float64, len(g.Values))
	for i, v := range g.Values {
		sorted[i] = rounded(v)
	}
	sort.Float64s(sorted)
	n := len(sorted)
	s := shading{values: sorted[:1:1]}
	for k := 1; k < maxShades; k++ {
		// The next value, as there is no bound between two equal ones.
		above := sort.Search(n, func(i int) bool { return sorted[i] > sorted[max(k*n/maxShades-1, 0)] })
		if above == n || sorted[above] == s.values[len(s.values)-1] {
			continue
		}
		s.bounds = append(s.bounds, sorted[above-1]+(sorted[above]-sorted[above-1])/2)
		s.values = append(s.values, sorted[above])
	}
	return s
}

// of is the number of the shade of a value.
func (s shading) of(value float64) int { return sort.SearchFloat64s(s.bounds, rounded(value)) }

// colours are those of all shades, the lowest first.
func (s shading) colours() []color.NRGBA {
	list := make([]color.NRGBA, len(s.values))
	for i := range list {
		list[i] = mixed(heatmapLow, heatmapHigh, float64(i)/math.Max(1, float64(len(list)-1)))
	}
	return list
}

// cell is a run of rectangles of one shade in a row of a heatmap.
type cell struct{ column, row, count, shade int }

// cellsOf joins neighbours in a row that have one shade.
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

// undrawable says why the axes cannot show the chart's heatmap; "" where they can
// or there is none.
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
