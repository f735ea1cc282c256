// Package look holds what all drawn pictures share: colours, font and encoding.
package look

import (
	"image/color"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Neutral colours. The text colours are dark enough on white (contrast above 4.5 to 1).
var (
	White = RGB(0xFFFFFF)
	Ink   = RGB(0x333333)
	Faint = RGB(0x6B6B6B)
	Grid  = RGB(0xE6E6E6)
)

// RGB returns an opaque colour, as in 0xRRGGBB.
func RGB(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

// DPI gives two pixels per CSS pixel: pictures are shown at half their size, so they are sharp on a dense
// screen.
const DPI = 2 * 96

// Margin is the white edge around a picture.
const Margin = vg.Length(8)

// Sans returns the style with our font, size and colour.
func Sans(style text.Style, size vg.Length) text.Style {
	style.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	style.Color = Ink
	return style
}
