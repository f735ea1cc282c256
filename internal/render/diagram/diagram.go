// Package diagram lays a [report.Diagram] out in layers and draws it as PNG.
package diagram

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"evident/internal/badinput"
	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// laidOut is a diagram with a place for everything. Its layers go from top to
// bottom, in the manner of Sugiyama, Tagawa and Toda (1981). A box stands one
// layer below the lowest box that points to it, and an arrow across several
// layers passes through a joint in each of them.
type laidOut struct {
	spots         []spot // the boxes in order, then the joints
	boxes         int
	routes        [][]int // for every arrow, the places that it passes
	width, height float64
}

// spot is the centre of a box or of a joint. Y counts from the top.
type spot struct {
	layer         int
	x, y          float64
	width, height float64
}

// The distances in a diagram, in points.
const (
	layerGap   = 26.0
	besideGap  = 12.0
	jointWidth = 4.0
)

// mostJoints limits the joints of a diagram. Further arrows go straight across
// boxes, which is invisible among so many lines.
const mostJoints = 20_000

// layOut finds the places for boxes of the given widths and heights.
func layOut(d report.Diagram, widths, heights []float64) laidOut {
	l := laidOut{boxes: len(d.Boxes)}
	for i, layer := range ranksOf(d) {
		l.spots = append(l.spots, spot{layer: layer, width: widths[i], height: heights[i]})
	}
	for _, arrow := range d.Arrows {
		if l.boxes+mostJoints < len(l.spots) {
			l.routes = append(l.routes, []int{arrow.From, arrow.To})
			continue
		}
		l.routes = append(l.routes, l.route(arrow))
	}
	l.setX()
	l.setY()
	return l
}

// ranksOf returns the length of the longest way to each box.
func ranksOf(d report.Diagram) []int {
	layers := make([]int, len(d.Boxes))
	arrows := slices.Clone(d.Arrows)
	slices.SortStableFunc(arrows, func(a, b report.Arrow) int { return cmp.Compare(a.From, b.From) })
	for _, arrow := range arrows { // arrows go down the list, so the rank of From is final
		layers[arrow.To] = max(layers[arrow.To], layers[arrow.From]+1)
	}
	return layers
}

// route adds the joints of an arrow and returns the places that it passes.
func (l *laidOut) route(arrow report.Arrow) []int {
	way := []int{arrow.From}
	for layer := l.spots[arrow.From].layer + 1; layer < l.spots[arrow.To].layer; layer++ {
		way = append(way, len(l.spots))
		l.spots = append(l.spots, spot{layer: layer, width: jointWidth})
	}
	return append(way, arrow.To)
}

// setX puts the places of a layer side by side, each as near as possible to the
// mean of its neighbours above, and then below, several times. Ordering by
// these means removes most crossings.
func (l *laidOut) setX() {
	layers := l.byLayer()
	wishes := make([]float64, len(l.spots))
	for _, layer := range layers {
		l.arrange(layer, wishes)
	}
	above, below := l.neighbours()
	for range 8 {
		for _, layer := range layers {
			l.middles(wishes, layer, above)
			l.arrange(layer, wishes)
		}
		for _, layer := range slices.Backward(layers) {
			l.middles(wishes, layer, below)
			l.arrange(layer, wishes)
		}
	}
	l.shiftToZero()
}

func (l *laidOut) byLayer() [][]int {
	var layers [][]int
	for i, p := range l.spots {
		for len(layers) <= p.layer {
			layers = append(layers, nil)
		}
		layers[p.layer] = append(layers[p.layer], i)
	}
	return layers
}

// neighbours returns, for each place, its neighbours along arrows in the layer
// above and in the layer below.
func (l *laidOut) neighbours() (above, below [][]int) {
	above, below = make([][]int, len(l.spots)), make([][]int, len(l.spots))
	for _, way := range l.routes {
		for i := 1; i < len(way); i++ {
			above[way[i]] = append(above[way[i]], way[i-1])
			below[way[i-1]] = append(below[way[i-1]], way[i])
		}
	}
	return above, below
}

// middles sets the wish of each place in a layer to the mean of its neighbours.
// A place without neighbours stays.
func (l *laidOut) middles(wishes []float64, layer []int, neighbours [][]int) {
	for _, i := range layer {
		wishes[i] = l.spots[i].x
		if n := len(neighbours[i]); n > 0 {
			wishes[i] = 0
			for _, j := range neighbours[i] {
				wishes[i] += l.spots[j].x / float64(n)
			}
		}
	}
}

// arrange sorts a layer by the wishes and makes room. Pushing to the right from
// the first place keeps the distances, and so does pushing to the left from the
// last place. Their mean therefore keeps them too, and favours neither side.
func (l *laidOut) arrange(layer []int, wishes []float64) {
	slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(wishes[a], wishes[b]) })
	right, left := make([]float64, len(layer)), make([]float64, len(layer))
	for k, i := range layer {
		right[k] = wishes[i]
		if k > 0 {
			right[k] = max(wishes[i], right[k-1]+l.distance(layer[k-1], i))
		}
	}
	for k, i := range slices.Backward(layer) {
		left[k] = wishes[i]
		if k < len(layer)-1 {
			left[k] = min(wishes[i], left[k+1]-l.distance(i, layer[k+1]))
		}
	}
	for k, i := range layer {
		l.spots[i].x = (right[k] + left[k]) / 2
	}
}

// distance returns the distance between the centres of two neighbours in a
// layer.
func (l *laidOut) distance(a, b int) float64 {
	return (l.spots[a].width+l.spots[b].width)/2 + besideGap
}

// shiftToZero moves everything so that the leftmost edge is 0.
func (l *laidOut) shiftToZero() {
	left, right := math.Inf(1), math.Inf(-1)
	for _, p := range l.spots {
		left, right = min(left, p.x-p.width/2), max(right, p.x+p.width/2)
	}
	for i := range l.spots {
		l.spots[i].x -= left
	}
	l.width = right - left
}

// isJoint reports whether a place is the joint of an arrow.
func (l *laidOut) isJoint(i int) bool { return i >= l.boxes }

// setY stacks the layers. A joint is as high as its layer, so that the arrow
// goes straight down beside the boxes.
func (l *laidOut) setY() {
	top := 0.0
	for _, layer := range l.byLayer() {
		high := 0.0
		for _, i := range layer {
			high = max(high, l.spots[i].height)
		}
		for _, i := range layer {
			l.spots[i].y = top + high/2
			if l.isJoint(i) {
				l.spots[i].height = high
			}
		}
		top += high + layerGap
	}
	l.height = top - layerGap
}

// The sizes of a diagram's parts, in points.
const (
	boxPadding   = 7.0
	boxLabelSize = 10.0
	boxNoteSize  = 8.0
	lineSpacing  = 3.0
)

// A diagram of many boxes is drawn with fewer pixels per point, to stay within
// diagramPixels.
const (
	diagramPixels  = 16 << 20
	diagramLetters = 100 // letters per line
)

var (
	boxFill    = look.RGB(0xF4F4F2)
	strongFill = look.RGB(0xDCEBF5)
)

// PNG draws the diagram as a picture on white, as large as necessary.
func PNG(d report.Diagram) ([]byte, error) {
	d = onItsLines(d)
	pen := newDiagramPen()
	widths, heights := make([]float64, len(d.Boxes)), make([]float64, len(d.Boxes))
	for i, box := range d.Boxes {
		widths[i], heights[i] = pen.measure(box)
	}
	layout := layOut(d, widths, heights)
	title := pen.title.Height(d.Title) + 2*look.Margin
	width := max(vg.Length(layout.width), pen.title.Width(d.Title)) + 2*look.Margin
	height := vg.Length(layout.height) + title + 2*look.Margin
	dpi := min(look.DPI, vg.Inch.Points()*math.Sqrt(diagramPixels/(width.Points()*height.Points())))
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(max(1, int(dpi))))
	pen.canvas = draw.New(canvas)
	pen.canvas.FillText(pen.title, vg.Point{X: width / 2, Y: height - look.Margin}, d.Title)
	pen.left, pen.top = (width-vg.Length(layout.width))/2, height-title
	pen.draw(d, layout)
	return look.PNG(canvas.Image())
}

// onItsLines shortens texts that are too long for a line.
func onItsLines(d report.Diagram) report.Diagram {
	short := func(text string) string { return lines.Shorten(badinput.OneLine(text), diagramLetters) }
	d.Title, d.Boxes = short(d.Title), slices.Clone(d.Boxes)
	for i, box := range d.Boxes {
		d.Boxes[i].Label, d.Boxes[i].Detail = short(box.Label), short(box.Detail)
	}
	return d
}

// diagramPen draws a diagram whose upper left corner is at (left, top).
type diagramPen struct {
	canvas             draw.Canvas
	left, top          vg.Length
	title, label, note text.Style
}

func newDiagramPen() diagramPen {
	style := func(size vg.Length, colour color.Color, y text.YAlignment) text.Style {
		s := look.Sans(plot.NewLegend().TextStyle, size)
		s.Color, s.XAlign, s.YAlign = colour, text.XCenter, y
		return s
	}
	return diagramPen{
		title: style(11, look.Ink, text.YTop),
		label: style(boxLabelSize, look.Ink, text.YTop),
		note:  style(boxNoteSize, look.Faint, text.YTop),
	}
}

// measure returns the size of a box around its two lines.
func (p diagramPen) measure(box report.Box) (width, height float64) {
	wide, high := p.label.Width(box.Label), p.label.Height(box.Label)
	if box.Detail != "" {
		wide = max(wide, p.note.Width(box.Detail))
		high += lineSpacing + p.note.Height(box.Detail)
	}
	return float64(wide) + 2*boxPadding, float64(high) + 2*boxPadding
}

// at converts a place's coordinates to the canvas's, whose Y axis points up.
func (p diagramPen) at(x, y float64) vg.Point {
	return vg.Point{X: p.left + vg.Length(x), Y: p.top - vg.Length(y)}
}

func (p diagramPen) draw(d report.Diagram, l laidOut) {
	for _, way := range l.routes {
		p.arrow(l, way)
	}
	for i, box := range d.Boxes {
		p.box(box, l.spots[i])
	}
}

func (p diagramPen) box(box report.Box, at spot) {
	low, high := p.at(at.x-at.width/2, at.y+at.height/2), p.at(at.x+at.width/2, at.y-at.height/2)
	corners := []vg.Point{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}}
	fill := boxFill
	if box.Strong {
		fill = strongFill
	}
	p.canvas.FillPolygon(fill, corners)
	p.canvas.StrokeLines(draw.LineStyle{Color: look.Faint, Width: 0.75}, append(corners, corners[0]))
	line := vg.Point{X: (low.X + high.X) / 2, Y: high.Y - boxPadding}
	p.canvas.FillText(p.label, line, box.Label)
	if box.Detail != "" {
		line.Y -= p.label.Height(box.Label) + lineSpacing
		p.canvas.FillText(p.note, line, box.Detail)
	}
}

// arrow draws the way from the lower edge of its first place to the upper edge
// of its last.
func (p diagramPen) arrow(l laidOut, way []int) {
	var points []vg.Point
	for i, index := range way {
		at := l.spots[index]
		switch i {
		case 0:
			points = append(points, p.at(at.x, at.y+at.height/2))
		case len(way) - 1:
			points = append(points, p.at(at.x, at.y-at.height/2))
		default:
			points = append(points, p.at(at.x, at.y-at.height/2), p.at(at.x, at.y+at.height/2))
		}
	}
	p.canvas.StrokeLines(draw.LineStyle{Color: look.Faint, Width: 1}, points)
	p.head(points[len(points)-2], points[len(points)-1])
}

// head draws the tip of an arrow.
func (p diagramPen) head(from, tip vg.Point) {
	const length, half = 6, 2.5
	along := tip.Sub(from)
	along = along.Scale(1 / vg.Length(math.Hypot(float64(along.X), float64(along.Y))))
	base := tip.Sub(along.Scale(length))
	across := vg.Point{X: -along.Y, Y: along.X}.Scale(half)
	p.canvas.FillPolygon(look.Faint, []vg.Point{tip, base.Add(across), base.Sub(across)})
}
