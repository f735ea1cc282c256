// Package look holds what all drawn pictures share: colours, font and encoding.
package look

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"

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
	style.Handler = scripted{text.Plain{Fonts: font.DefaultCache}}
	return style
}

// PNG encodes the picture with a palette of its most common colours. A chart
// has few colours, so it looks the same at a third of the size.
func PNG(img image.Image) ([]byte, error) {
	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buf, paletted(img)); err != nil {
		return nil, fmt.Errorf("encode PNG: %w", err)
	}
	return buf.Bytes(), nil
}

// paletted reduces the picture to at most paletteSize colours. The rare shades
// of smoothed edges become their nearest neighbour.
func paletted(img image.Image) *image.Paletted {
	const paletteSize = 32
	bounds := img.Bounds()
	count := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	palette := commonest(count, paletteSize)
	index := make(map[color.RGBA]uint8, len(count))
	for shade := range count {
		index[shade] = uint8(palette.Index(shade))
	}
	out := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			out.SetColorIndex(x, y, index[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)])
		}
	}
	return out
}

// commonest orders the colours by frequency, and equally frequent ones by
// value, so that a picture is always encoded the same way. A colour counts more the
// farther it is from white: lines and letters cover few pixels.
func commonest(count map[color.RGBA]int, limit int) color.Palette {
	weight := func(c color.RGBA) int { return count[c] * (256 - int(min(c.R, c.G, c.B))) }
	value := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	shades := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(value(a), value(b)))
	})
	palette := make(color.Palette, 0, limit)
	for _, shade := range shades[:min(limit, len(shades))] {
		palette = append(palette, shade)
	}
	return palette
}
