package convdims

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"
)

// panel is a row of a strip: a clip or a volume, one frame or slice beside the
// other.
type panel struct {
	name   string
	side   int // in pixels
	colour func(frame, row, column int) color.NRGBA
}

// The sizes in a strip, in pixels of the screen.
const (
	screen  = 72 // about, a frame: its pixels are enlarged by a whole number
	between = 6  // from frame to frame
	letter  = 8  // width of a character
	heading = 20 // height of a line of text
)

var paper = color.NRGBA{255, 255, 255, 255}

// strip draws the frames of every panel in a row, with the panels' names on the
// left and the numbers of the frames, from 1, above. The panels are of one size.
func strip(what string, frames int, panels ...panel) ([]byte, error) {
	zoom := max(screen/panels[0].side, 1)
	size, margin := panels[0].side*zoom, 0
	for _, p := range panels {
		margin = max(margin, letter*(len([]rune(p.name))+1))
	}
	canvas := newCanvas(margin+frames*(size+between)-between, heading+len(panels)*(size+between)-between)
	for t := range frames {
		label(canvas, fmt.Sprintf("%s %d", what, t+1), margin+t*(size+between), heading-6)
	}
	for i, p := range panels {
		top := heading + i*(size+between)
		label(canvas, p.name, 0, top+size/2+letter/2)
		for at := range frames * p.side * p.side {
			t, row, column := at/(p.side*p.side), at/p.side%p.side, at%p.side
			corner := image.Pt(margin+t*(size+between)+column*zoom, top+row*zoom)
			fill(canvas, image.Rectangle{corner, corner.Add(image.Pt(zoom, zoom))}, p.colour(t, row, column))
		}
	}
	return encoded(canvas)
}

func newCanvas(width, height int) *image.NRGBA {
	canvas := image.NewNRGBA(image.Rect(0, 0, width, height))
	fill(canvas, canvas.Rect, paper)
	return canvas
}

func encoded(canvas *image.NRGBA) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buffer, canvas); err != nil {
		return nil, fmt.Errorf("drawing a picture: %w", err)
	}
	return buffer.Bytes(), nil
}

func fill(canvas *image.NRGBA, area image.Rectangle, tone color.NRGBA) {
	draw.Draw(canvas, area, image.NewUniform(tone), image.Point{}, draw.Src)
}

// label writes text with its base line at y.
func label(canvas *image.NRGBA, text string, x, y int) {
	drawer := font.Drawer{Dst: canvas, Src: image.Black, Face: inconsolata.Regular8x16, Dot: fixed.P(x, y)}
	drawer.DrawString(text)
}

// grey is dark for the ground at 0 and light for what has 1, with room for noise.
func grey(value float32) color.NRGBA {
	level := uint8(255 * min(max((value+0.5)/2, 0), 1))
	return color.NRGBA{level, level, level, 255}
}

// tinted is a grey mixed half and half with a colour.
func tinted(shade, with color.NRGBA) color.NRGBA {
	half := func(a, b uint8) uint8 { return uint8((int(a) + int(b)) / 2) }
	return color.NRGBA{half(shade.R, with.R), half(shade.G, with.G), half(shade.B, with.B), 255}
}
