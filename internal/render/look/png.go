package look

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sort"
)

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
	const paletteSize = 64
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
// value, so that a picture is always encoded the same way.
func commonest(count map[color.RGBA]int, limit int) color.Palette {
	shades := make([]color.RGBA, 0, len(count))
	for shade := range count {
		shades = append(shades, shade)
	}
	value := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	sort.Slice(shades, func(i, j int) bool {
		if count[shades[i]] != count[shades[j]] {
			return count[shades[i]] > count[shades[j]]
		}
		return value(shades[i]) < value(shades[j])
	})
	palette := make(color.Palette, 0, limit)
	for _, shade := range shades[:min(limit, len(shades))] {
		palette = append(palette, shade)
	}
	return palette
}
