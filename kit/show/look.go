package show

import (
	"fmt"
	"image/color"
	"math"

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
	{rgb(0xCC79A7), []float64{9, 3, 2, 3}, "diamond", diamondGlyph},
	{rgb(0xE69F00), []float64{4, 2}, "cross", crossGlyph},
	{rgb(0x56B4E9), []float64{12, 3}, "triangle-down", downwardGlyph},
	{rgb(0x000000), []float64{5, 2, 1, 2, 1, 2}, "triangle-left", leftwardGlyph},
}

// lookOf is the look of the i-th curve; the palette repeats after seven.
func lookOf(i int) look { return looks[i%len(looks)] }

// Neutral colours; the inks are dark enough on white (contrast above 4.5 to 1).
var (
	white = rgb(0xFFFFFF)
	ink   = rgb(0x333333)
	faint = rgb(0x6B6B6B)
	grid  = rgb(0xE6E6E6)
)

// The ground goes from one of these to the other: light and all but grey, so
// that every curve's colour stands out on it.
var (
	groundLow  = rgb(0xFBFCFD)
	groundHigh = rgb(0xA9B8C6)
)

// zoneTints fill the zones in turn, so that neighbours differ. They let the
// grid, or a ground, shine through.
var zoneTints = []color.NRGBA{withAlpha(rgb(0x009E73), 0x1F), withAlpha(rgb(0xE69F00), 0x26)}

// tintOf is the tint of the i-th zone.
func tintOf(i int) color.NRGBA { return zoneTints[i%len(zoneTints)] }

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

func hexOf(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func withAlpha(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// mixed is a colour between two, at a share of the way from the first.
func mixed(a, b color.NRGBA, share float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + share*(float64(b)-float64(a)))) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xFF}
}
