package chart

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg/draw"

	"evident/internal/render/look"
)

// curveStyle distinguishes one curve of a chart from the others in three ways, so
// that the chart stays readable in grey and for the colour-blind.
type curveStyle struct {
	colour color.NRGBA
	dash   []float64 // on, off, … in points; empty for a solid line
	shape  string    // name in Vega-Lite
	glyph  draw.GlyphDrawer
}

// curveStyles are the styles of the curves, in order. The colours are the palette of
// Okabe and Ito, "Color Universal Design" (2008), without its yellow, which is
// invisible on white.
var curveStyles = []curveStyle{
	{look.RGB(0x0072B2), nil, "circle", draw.CircleGlyph{}},
	{look.RGB(0xD55E00), []float64{7, 3}, "square", draw.BoxGlyph{}},
	{look.RGB(0x009E73), []float64{2, 2}, "triangle-up", draw.PyramidGlyph{}},
	{look.RGB(0xCC79A7), []float64{9, 3, 2, 3}, "diamond", diamondGlyph},
	{look.RGB(0xE69F00), []float64{4, 2}, "cross", crossGlyph},
	{look.RGB(0x56B4E9), []float64{12, 3}, "triangle-down", downwardGlyph},
	{look.RGB(0x000000), []float64{5, 2, 1, 2, 1, 2}, "triangle-left", leftwardGlyph},
}

// styleOf returns the style of the i-th curve; the styles repeat after seven.
func styleOf(i int) curveStyle { return curveStyles[i%len(curveStyles)] }

// A heatmap ranges between these two colours. They are light and almost grey, so
// that every curve's colour stands out.
var (
	heatmapLow  = look.RGB(0xFBFCFD)
	heatmapHigh = look.RGB(0xA9B8C6)
)

// zoneTints are the colours of the zones in turn, so that neighbours differ. They
// are transparent, so that the grid, or a heatmap, stays visible.
var zoneTints = []color.NRGBA{withAlpha(look.RGB(0x009E73), 0x1F), withAlpha(look.RGB(0xE69F00), 0x26)}

// tintOf returns the tint of the i-th zone.
func tintOf(i int) color.NRGBA { return zoneTints[i%len(zoneTints)] }

func hexOf(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func withAlpha(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// mixed returns a colour between two, at a fraction of the way from the first.
func mixed(a, b color.NRGBA, fraction float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + fraction*(float64(b)-float64(a)))) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xFF}
}
