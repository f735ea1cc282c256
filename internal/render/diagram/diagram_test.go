package diagram

import (
	"bytes"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/report"
)

// drawnDiagram draws a diagram of up to 12 boxes with random arrows.
func drawnDiagram(random *rand.Rand) (d report.Diagram, widths, heights []float64) {
	n := 2 + random.IntN(11)
	for i := range n {
		d.Boxes = append(d.Boxes, report.Box{Label: "box"})
		widths, heights = append(widths, 20+80*random.Float64()), append(heights, 10+20*random.Float64())
		for from := range i {
			if random.IntN(3) == 0 {
				d.Arrows = append(d.Arrows, report.Arrow{From: from, To: i})
			}
		}
	}
	return d, widths, heights
}

func TestNothingOverlapsInADiagram(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		d, widths, heights := drawnDiagram(random)
		l := layOut(d, widths, heights)
		for i, a := range l.spots {
			require.True(t, a.x-a.width/2 >= -1e-9 && a.x+a.width/2 <= l.width+1e-9 && a.y+a.height/2 <= l.height+1e-9, "inside the picture")
			for _, b := range l.spots[:i] {
				beside := max(a.x-b.x, b.x-a.x) >= (a.width+b.width)/2+besideGap-1e-9
				require.True(t, a.layer != b.layer || beside, "layer %d", a.layer)
			}
		}
	}
}

// Every arrow passes down layer by layer, so it crosses no box other than its
// own two.
func TestArrowsPassEveryLayerOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		d, widths, heights := drawnDiagram(random)
		l := layOut(d, widths, heights)
		for k, way := range l.routes {
			require.Equal(t, d.Arrows[k], report.Arrow{From: way[0], To: way[len(way)-1]})
			for i := 1; i < len(way); i++ {
				require.Equal(t, l.spots[way[i-1]].layer+1, l.spots[way[i]].layer)
			}
			for _, joint := range way[1 : len(way)-1] {
				require.True(t, l.isJoint(joint))
			}
		}
	}
}

func TestChainIsDrawnInOneColumn(t *testing.T) {
	d := report.Diagram{Boxes: make([]report.Box, 3), Arrows: []report.Arrow{{From: 0, To: 1}, {From: 1, To: 2}}}
	l := layOut(d, []float64{10, 50, 30}, []float64{10, 10, 10})
	require.Equal(t, 50.0, l.width)
	require.Equal(t, 3*10+2*layerGap, l.height)
	for _, s := range l.spots {
		require.InDelta(t, 25, s.x, 1e-9)
	}
}

func TestDiagramPNGIsAsLargeAsItNeeds(t *testing.T) {
	d := report.Diagram{ID: "net", Title: "A net", Boxes: []report.Box{{Label: "Input", Detail: "2×3"}}}
	small, err := PNG(d)
	require.NoError(t, err)
	d.Boxes = append(d.Boxes, report.Box{Label: "a layer with a long name", Strong: true})
	d.Arrows = []report.Arrow{{From: 0, To: 1}}
	large, err := PNG(d)
	require.NoError(t, err)
	before, err := png.DecodeConfig(bytes.NewReader(small))
	require.NoError(t, err)
	after, err := png.DecodeConfig(bytes.NewReader(large))
	require.NoError(t, err)
	require.Greater(t, after.Width, before.Width)
	require.Greater(t, after.Height, before.Height)
}

func TestDiagramOfManyBoxesStaysSmall(t *testing.T) {
	const n = 700
	d := report.Diagram{ID: "net", Title: strings.Repeat("title ", 1e4)}
	for i := range n {
		d.Boxes = append(d.Boxes, report.Box{Label: strings.Repeat("label", 1+1e4*(i%1000/999)), Detail: "a\nb"})
		if i > 0 {
			d.Arrows = append(d.Arrows, report.Arrow{From: i - 1, To: i})
		}
		if i < n-2 {
			d.Arrows = append(d.Arrows, report.Arrow{From: i, To: n - 1})
		}
	}
	require.NoError(t, report.Report{Lesson: "l", Figures: report.Figures{Diagrams: []report.Diagram{d}}}.Validate())
	var encoded []byte
	readertest.Within(t, 500*readertest.MiB, func() {
		var err error
		encoded, err = PNG(d)
		require.NoError(t, err)
	})
	size, err := png.DecodeConfig(bytes.NewReader(encoded))
	require.NoError(t, err)
	require.LessOrEqual(t, size.Width*size.Height, diagramPixels)
}
