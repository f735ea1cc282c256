package convdims

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/kettek/apng"
)

// panel is one square of an animated picture: the colour of a pixel of a frame.
type panel struct {
	side   int // in pixels
	colour func(frame, row, column int) color.NRGBA
}

// The sizes in a film, in pixels of the screen.
const (
	screen  = 144 // about, a panel: pixels of a frame are enlarged by a whole number
	between = 8   // from panel to panel
	clock   = 5   // height of the marks below, one a frame, that show the time
)

// The colours of a film.
var (
	paper = color.NRGBA{255, 255, 255, 255}
	past  = color.NRGBA{0x33, 0x33, 0x33, 255}
	ahead = color.NRGBA{0xD8, 0xD8, 0xD8, 255}
)

// film plays panels of equal size side by side, over and over. It is an animated
// PNG: what does not know those shows the first frame.
func film(frames int, panels ...panel) ([]byte, error) {
	const framesPerSecond = 4
	animation := apng.APNG{Frames: make([]apng.Frame, frames)}
	for t := range animation.Frames {
		animation.Frames[t] = apng.Frame{Image: still(t, frames, panels), DelayNumerator: 1, DelayDenominator: framesPerSecond}
	}
	// Before it starts again, it rests.
	animation.Frames[frames-1].DelayNumerator = framesPerSecond
	var buffer bytes.Buffer
	encoder := apng.Encoder{CompressionLevel: apng.BestCompression}
	if err := encoder.Encode(&buffer, animation); err != nil {
		return nil, fmt.Errorf("drawing a film: %w", err)
	}
	return buffer.Bytes(), nil
}

// still is one frame of a film.
func still(t, frames int, panels []panel) *image.NRGBA {
	zoom := max(screen/panels[0].side, 1)
	size := panels[0].side * zoom
	canvas := image.NewNRGBA(image.Rect(0, 0, len(panels)*(size+between)-between, size+2*clock))
	fill(canvas, canvas.Rect, paper)
	for i, p := range panels {
		left := i * (size + between)
		for row := range p.side {
			for column := range p.side {
				corner := image.Pt(left+column*zoom, row*zoom)
				fill(canvas, image.Rectangle{corner, corner.Add(image.Pt(zoom, zoom))}, p.colour(t, row, column))
			}
		}
		for mark := range frames {
			tone := ahead
			if mark <= t {
				tone = past
			}
			fill(canvas, image.Rect(left+mark*size/frames, size+clock, left+(mark+1)*size/frames-1, size+2*clock), tone)
		}
	}
	return canvas
}

func fill(canvas *image.NRGBA, area image.Rectangle, tone color.NRGBA) {
	draw.Draw(canvas, area, image.NewUniform(tone), image.Point{}, draw.Src)
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
