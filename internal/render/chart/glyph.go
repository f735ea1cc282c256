package chart

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/render/look"
)

// solid is a filled symbol with the given corners, in radii from its centre.
// gonum/plot has too few filled symbols to tell all curves apart.
type solid []vg.Point

// DrawGlyph implements [draw.GlyphDrawer].
func (s solid) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	var outline vg.Path
	for i, corner := range s {
		corner = at.Add(corner.Scale(style.Radius))
		if i == 0 {
			outline.Move(corner)
			continue
		}
		outline.Line(corner)
	}
	outline.Close()
	c.Fill(outline)
}

// The filled symbols of Vega that gonum/plot lacks.
var (
	diamondGlyph  = solid{{X: 0, Y: 1.4}, {X: 0.9, Y: 0}, {X: 0, Y: -1.4}, {X: -0.9, Y: 0}}
	downwardGlyph = solid{{X: -1.1, Y: 0.75}, {X: 1.1, Y: 0.75}, {X: 0, Y: -1.25}}
	crossGlyph    = solid{
		{X: -0.4, Y: 1.2}, {X: 0.4, Y: 1.2}, {X: 0.4, Y: 0.4}, {X: 1.2, Y: 0.4}, {X: 1.2, Y: -0.4}, {X: 0.4, Y: -0.4},
		{X: 0.4, Y: -1.2}, {X: -0.4, Y: -1.2}, {X: -0.4, Y: -0.4}, {X: -1.2, Y: -0.4}, {X: -1.2, Y: 0.4}, {X: -0.4, Y: 0.4},
	}
	leftwardGlyph = solid{{X: 0.75, Y: 1.1}, {X: 0.75, Y: -1.1}, {X: -1.25, Y: 0}}
)

// outlined is a symbol with a white edge that sets it off from the
// background.
type outlined struct{ draw.GlyphDrawer }

// DrawGlyph implements [draw.GlyphDrawer].
func (o outlined) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	edge := style
	edge.Radius += vg.Points(1)
	c.SetColor(look.White)
	o.GlyphDrawer.DrawGlyph(c, edge, at)
	c.SetColor(style.Color)
	o.GlyphDrawer.DrawGlyph(c, style, at)
}
