package pointwise

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"evident/datasets"
	"evident/kit/report"
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

// shownMaps is how many maps of each kernel are drawn.
const shownMaps = 4

// Picture shows one picture of each class with its channels and some maps of
// each kernel size.
func (f MapFacts) Picture() (report.Picture, error) {
	p := report.Picture{
		ID: "maps", Title: "One trained net. From left: the picture; its red, green and blue channel; four maps each of 1×1, 3×3 and 5×5 filters",
		Alt: "Six rows of small pictures. The maps of 1×1 filters are the picture in other shades. Those of larger filters light up along edges of one direction, or are even over a texture.",
	}
	groups := []int{1, f.Pictures.Channels}
	for range f.Maps {
		groups = append(groups, shownMaps)
	}
	c := newCanvas(f.Pictures.Len(), groups...)
	for i := range f.Pictures.Len() {
		c.addPicture(f.Pictures, i)
		c.nextGroup()
		for channel := range f.Pictures.Channels {
			c.addChannel(f.Pictures, i, channel)
		}
		for _, kernel := range f.Maps {
			c.nextGroup()
			for _, k := range kernel.liveliest(shownMaps) {
				c.addMap(f.Pictures.Width, kernel.Values[i][k])
			}
		}
		c.nextRow()
	}
	var err error
	p.PNG, err = c.encode()
	return p, err
}

// Picture shows pictures of each class, and below them the same pixels in a
// random order.
func (f OrderFacts) Picture() (report.Picture, error) {
	p := report.Picture{
		ID: "shuffled", Title: "Two pictures of each class, and the same pixels in a random order",
		Alt: fmt.Sprintf("Above, pictures of the classes %v in two colours. Below each, its pixels in a random order: all look alike.", f.Pictures.Classes),
	}
	const copies = 2
	var groups []int
	var shown [][]int
	for class := range f.Pictures.Classes {
		own := ofClass(f.Pictures, class, copies)
		shown, groups = append(shown, own), append(groups, len(own))
	}
	c := newCanvas(2, groups...)
	for _, set := range []datasets.Images{f.Pictures, f.Shuffled} {
		for _, own := range shown {
			for _, i := range own {
				c.addPicture(set, i)
			}
			c.nextGroup()
		}
		c.nextRow()
	}
	var err error
	p.PNG, err = c.encode()
	return p, err
}

// ofClass are the indices of the first pictures of a class.
func ofClass(set datasets.Images, class, count int) []int {
	var found []int
	for i, label := range set.Labels {
		if int(label) == class && len(found) < count {
			found = append(found, i)
		}
	}
	return found
}
