package pointwise

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"evident/datasets"
)

// The sides in pixels of a drawn picture or map, of the line between two, and
// of the space between groups of them.
const tile, line, space = 64, 4, 18

// canvas is a white picture on which tiles are laid out in rows.
type canvas struct {
	*image.RGBA
	x, y int // of the next tile
}

// newCanvas has room for rows of so many groups of tiles.
func newCanvas(rows int, groups ...int) *canvas {
	width := (len(groups) - 1) * (space - line)
	for _, tiles := range groups {
		width += tiles * (tile + line)
	}
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, width-line, rows*(tile+line)-line))}
	for i := range c.Pix {
		c.Pix[i] = 255
	}
	return c
}

func (c *canvas) nextGroup() { c.x += space - line }
func (c *canvas) nextRow()   { c.x, c.y = 0, c.y+tile+line }

// add draws a square tile of side×side pixels at the next place.
func (c *canvas) add(side int, at func(pixel int) color.RGBA) {
	for y := range tile {
		for x := range tile {
			c.SetRGBA(c.x+x, c.y+y, at(y*side/tile*side+x*side/tile))
		}
	}
	c.x += tile + line
}

// addPicture draws a picture of the set.
func (c *canvas) addPicture(set datasets.Images, i int) {
	c.add(set.Width, func(pixel int) color.RGBA {
		at := i*set.PictureSize() + pixel*set.Channels
		return color.RGBA{set.Pixels[at], set.Pixels[at+1], set.Pixels[at+2], 255}
	})
}

// addChannel draws one channel of a picture in grey.
func (c *canvas) addChannel(set datasets.Images, i, channel int) {
	c.add(set.Width, func(pixel int) color.RGBA {
		v := set.Pixels[i*set.PictureSize()+pixel*set.Channels+channel]
		return color.RGBA{v, v, v, 255}
	})
}

// addMap draws a map from black at 0 to white at the largest value.
func (c *canvas) addMap(side int, values []float32) {
	largest := float32(1e-9)
	for _, v := range values {
		largest = max(largest, v)
	}
	c.add(side, func(pixel int) color.RGBA {
		v := uint8(255 * max(values[pixel], 0) / largest)
		return color.RGBA{v, v, v, 255}
	})
}

func (c *canvas) encode() ([]byte, error) {
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buffer, c); err != nil {
		return nil, fmt.Errorf("drawing a picture: %w", err)
	}
	return buffer.Bytes(), nil
}
