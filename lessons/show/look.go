package show

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg/draw"
)

// look is what tells one curve of a chart from the others: three signs, so
// that it stays readable in grey and for the colour-blind.
type look struct {
	colour color.NRGBA
	dash   []float64 // on, off, … in points; empty is a solid line
	shape  string    // of Vega-Lite
	glyph  draw.GlyphDrawer
}

// looks are the curves' looks in order. The colours are the palette of Okabe
// and Ito, "Color Universal Design" (2008), without its yellow, which
// vanishes on white.
var looks = []look{
	{rgb(0x0072B2), nil, "circle", draw.CircleGlyph{}},
	{rgb(0xD55E00), []float64{7, 3}, "square", draw.BoxGlyph{}},
	{rgb(0x009E73), []float64{2, 2}, "triangle-up", draw.PyramidGlyph{}},
	{rgb(0xCC79A7), []float64{9, 3, 2, 3}, "diamond", draw.RingGlyph{}},
	{rgb(0xE69F00), []float64{4, 2}, "cross", draw.PlusGlyph{}},
	{rgb(0x56B4E9), []float64{12, 3}, "triangle-down", draw.TriangleGlyph{}},
	{rgb(0x000000), []float64{5, 2, 1, 2, 1, 2}, "stroke", draw.CrossGlyph{}},
}

// lookOf is the look of the i-th curve; the palette repeats after seven.
func lookOf(i int) look { return looks[i%len(looks)] }

// Neutral inks, dark enough on white (contrast above 4.5 to 1).
var (
	ink   = rgb(0x333333)
	faint = rgb(0x6B6B6B)
	grid  = rgb(0xE6E6E6)
)

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

func hexOf(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func withAlpha(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}
