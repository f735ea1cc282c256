package chart

import (
	"math"

	"evident/kit/report"
)

// stop is one drawn point of a path.
type stop struct {
	x, y float64
	step float64 // a fraction where the frame cuts between two steps
	cut  bool    // on the frame, where the path itself has no point
}

// piece is a stretch of a path inside the frame.
type piece []stop

// routes returns the drawn pieces of each path of the chart. A path without a
// heatmap has no frame, so it is one piece.
func routes(chart report.Chart) [][]piece {
	list := make([][]piece, len(chart.Curves))
	for i, curve := range chart.Curves {
		stops := stopsOf(curve, chart)
		switch {
		case len(stops) == 0:
		case chart.Heatmap == nil:
			list[i] = []piece{stops}
		default:
			list[i] = framed(stops, chart)
		}
	}
	return list
}

// uncutStops returns the visible points of the path itself.
func uncutStops(pieces []piece) piece {
	var list piece
	for _, stops := range pieces {
		for _, s := range stops {
			if !s.cut {
				list = append(list, s)
			}
		}
	}
	return list
}

// crowded reports whether a path has so many visible points that symbols would
// hide the line.
func crowded(pieces []piece) bool { return len(uncutStops(pieces)) > 60 }

// lastStep returns the last step of the longest path.
func lastStep(chart report.Chart) int {
	last := 0
	for _, curve := range chart.Curves {
		last = max(last, len(curve.X)-1)
	}
	return last
}

// stopsOf keeps the step numbers of the points that are drawn.
func stopsOf(curve report.Curve, chart report.Chart) piece {
	var stops piece
	for _, i := range pathSteps(curve, maxDrawn) {
		if unseen(chart, curve.X[i], curve.Y[i]) == "" {
			stops = append(stops, stop{x: curve.X[i], y: curve.Y[i], step: float64(i)})
		}
	}
	return stops
}

// pathSteps returns the steps of a path that are drawn, in order. A descent
// moves most at first, so all its first steps are kept. Of each later stretch
// only the first step and the extremes in both directions are kept, so that
// oscillations stay visible.
func pathSteps(curve report.Curve, limit int) []int {
	n, head := len(curve.X), limit/2
	if n <= limit {
		head = n
	}
	chosen := map[int]bool{0: true, n - 1: true}
	const each = 5 // points per stretch: its first and four extremes
	stretches := (limit - head - 1) / each
	for s := range stretches {
		from, to := head+s*(n-head)/stretches, head+(s+1)*(n-head)/stretches
		if from == to {
			continue
		}
		chosen[from] = true
		for _, values := range [][]float64{curve.X, curve.Y} {
			lowest, highest := extremes(values, from, to)
			chosen[lowest], chosen[highest] = true, true
		}
	}
	var steps []int
	for i := range n {
		if i < head || chosen[i] {
			steps = append(steps, i)
		}
	}
	return steps
}

// framed clips a path at the frame of the chart's heatmap. It clips in screen
// coordinates, where the lines are straight, which means the logarithms on a
// logarithmic axis.
func framed(stops piece, chart report.Chart) []piece {
	f := frameOf(chart)
	f.left, f.right = scaled(f.left, chart.LogX), scaled(f.right, chart.LogX)
	f.bottom, f.top = scaled(f.bottom, chart.LogY), scaled(f.top, chart.LogY)
	placed := make(piece, len(stops))
	for i, s := range stops {
		placed[i] = stop{x: scaled(s.x, chart.LogX), y: scaled(s.y, chart.LogY), step: s.step}
	}
	pieces := f.pieces(placed)
	for _, p := range pieces {
		for i, s := range p {
			p[i].x, p[i].y = unscaled(s.x, chart.LogX), unscaled(s.y, chart.LogY)
		}
	}
	return pieces
}

// scaled returns the position of a value along an axis.
func scaled(value float64, logarithmic bool) float64 {
	if logarithmic {
		return math.Log10(value)
	}
	return value
}

// unscaled returns the value at a position.
func unscaled(at float64, logarithmic bool) float64 {
	if logarithmic {
		return math.Pow(10, at)
	}
	return at
}

// pieces returns the parts of the path inside the frame.
func (f frame) pieces(stops piece) []piece {
	var pieces []piece
	for i, to := range stops {
		from, to, ok := f.clip(stops[max(i-1, 0)], to)
		if !ok {
			continue
		}
		last := len(pieces) - 1
		if last < 0 || pieces[last][len(pieces[last])-1] != from {
			pieces, last = append(pieces, piece{from}), last+1
		}
		if to != from {
			pieces[last] = append(pieces[last], to)
		}
	}
	return pieces
}

// clip returns the part of the way from a to b inside the frame, after Liang
// and Barsky, "A new concept and method for line clipping" (1984). It counts
// from the nearer end, because a diverging descent reaches 1e300, from where no
// digit of a crossing would be right.
func (f frame) clip(a, b stop) (from, to stop, ok bool) {
	const tooFar = 1e6 // frames away at both ends: too imprecise to say where the way passes
	if f.distance(a) > f.distance(b) {
		to, from, ok = f.clip(b, a)
		return from, to, ok
	}
	enter, leave := 0.0, 1.0
	for _, side := range [][2]float64{
		{a.x - f.left, b.x - a.x}, {f.right - a.x, a.x - b.x},
		{a.y - f.bottom, b.y - a.y}, {f.top - a.y, a.y - b.y},
	} {
		switch inside, change := side[0], side[1]; {
		case change > 0:
			enter = math.Max(enter, -inside/change)
		case change < 0:
			leave = math.Min(leave, -inside/change)
		case inside < 0:
			return from, to, false
		}
	}
	return between(a, b, enter), between(a, b, leave), enter <= leave && f.distance(a) < tooFar
}

// distance returns the distance of a point from the centre of the frame, in
// frames.
func (f frame) distance(s stop) float64 {
	x, y := (s.x-(f.left+f.right)/2)/(f.right-f.left), (s.y-(f.bottom+f.top)/2)/(f.top-f.bottom)
	return math.Max(math.Abs(x), math.Abs(y))
}

// between returns the stop at a fraction of the way from a to b.
func between(a, b stop, fraction float64) stop {
	switch fraction {
	case 0:
		return a
	case 1:
		return b
	}
	// Keep clear of both whole steps, however long the way: the slider uses the
	// step to decide whether the path is still visible.
	passed := math.Min(math.Max(fraction, 0.01), 0.99)
	return stop{
		x: a.x + fraction*(b.x-a.x), y: a.y + fraction*(b.y-a.y),
		step: a.step + passed*(b.step-a.step), cut: true,
	}
}
