package pointwise

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"

	"evident/datasets"
)

// The sides in pixels of a drawn picture or map, of the line between two, and
// of the space between groups of them.
const tile, line, space = 64, 4, 18

// The width of a letter, and the height of a line of text.
const letter, heading = 8, 20

// canvas is a white picture on which tiles are laid out in rows with names.
type canvas struct {
	*image.RGBA
	margin int // for their names
	x, y   int // of the next tile
}

// group is so many tiles of a row, with a name above.
type group struct {
	name  string
	tiles int
}

// newCanvas has room for rows of so many groups of tiles.
func newCanvas(rows []string, groups ...group) *canvas {
	longest := slices.MaxFunc(rows, func(a, b string) int { return cmp.Compare(utf8.RuneCountInString(a), utf8.RuneCountInString(b)) })
	margin := letter * (utf8.RuneCountInString(longest) + 1)
	width := margin + (len(groups)-1)*(space-line)
	for _, g := range groups {
		width += g.tiles * (tile + line)
	}
	c := &canvas{margin: margin, RGBA: image.NewRGBA(image.Rect(0, 0, width-line, heading+len(rows)*(tile+line)-line))}
	for i := range c.Pix {
		c.Pix[i] = 255
	}
	c.x = margin
	for _, g := range groups {
		c.write(g.name, c.x, heading-6)
		c.x += g.tiles*(tile+line) + space - line
	}
	for i, name := range rows {
		c.write(name, 0, heading+i*(tile+line)+tile/2+letter/2)
	}
	c.x, c.y = margin, heading
	return c
}

// write sets text with its base line at y.
func (c *canvas) write(text string, x, y int) {
	drawer := font.Drawer{Dst: c, Src: image.Black, Face: inconsolata.Regular8x16, Dot: fixed.P(x, y)}
	drawer.DrawString(text)
}

func (c *canvas) nextGroup() { c.x += space - line }
func (c *canvas) nextRow()   { c.x, c.y = c.margin, c.y+tile+line }

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
