package imageclass

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"evident/datasets"
	"evident/kit/report"
)

// tile and gap are the sides in pixels of a drawn picture and of the line
// between two of them.
const tile, gap = 120, 4

// The colours of what is marked in a picture (Okabe and Ito 2008).
var (
	outlineTone = color.NRGBA{0x00, 0x9E, 0x73, 255}
	salientTone = color.NRGBA{0xD5, 0x5E, 0x00, 255}
)

// drawTiles lays pictures out in rows on white.
func drawTiles(rows [][]image.Image) ([]byte, error) {
	columns := 1
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, columns*(tile+gap)-gap, max(len(rows), 1)*(tile+gap)-gap))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	for y, row := range rows {
		for x, picture := range row {
			place := image.Rect(0, 0, tile, tile).Add(image.Pt(x*(tile+gap), y*(tile+gap)))
			draw.NearestNeighbor.Scale(canvas, place, picture, picture.Bounds(), draw.Src, nil)
		}
	}
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buffer, canvas); err != nil {
		return nil, fmt.Errorf("drawing a picture: %w", err)
	}
	return buffer.Bytes(), nil
}

// SamplesPicture shows some pictures of each class, a class a row.
func (p Pictures) SamplesPicture() (report.Picture, error) {
	const shown = 6
	rows := make([][]image.Image, len(p.Train.Classes))
	for i, label := range p.Train.Labels {
		if len(rows[label]) < shown {
			rows[label] = append(rows[label], p.Train.Picture(i))
		}
	}
	drawn, err := drawTiles(rows)
	return report.Picture{
		ID: "samples", Title: fmt.Sprintf("The pictures (%s): %s", p.name(), strings.Join(p.Train.Classes, " above, ")+" below"),
		Alt: fmt.Sprintf("A row of pictures for each class: %s.", strings.Join(p.Train.Classes, ", ")), PNG: drawn,
	}, err
}

// MistakesPicture shows the pictures that the net of the first seed is most
// surely wrong about. Where it is known, the lesion has an outline in the second
// row.
func (t TrainMeasurement) MistakesPicture() (report.Picture, error) {
	const shown = 6
	worst := t.Shown.Outcome.Worst(shown)
	set := t.Shown.Pictures.Validation
	plainRow, marked := []image.Image{}, []image.Image{}
	var names []string
	for _, i := range worst {
		plainRow = append(plainRow, set.Picture(i))
		marked = append(marked, t.Shown.outlined(i))
		names = append(names, fmt.Sprintf("%s (%.2f)", t.Classes[set.Labels[i]], t.Shown.Outcome.Probability(i)))
	}
	rows, alt := [][]image.Image{plainRow}, "Pictures that the net puts in the wrong class, the surest first."
	if t.Shown.Pictures.Lesions != nil {
		rows, alt = append(rows, marked), alt+" Below, the same with the lesions outlined."
	}
	drawn, err := drawTiles(rows)
	title := "The worst mistakes of the first seed, with their true class and the probability that the net gives " + t.Classes[1] + ": " + strings.Join(names, ", ")
	if len(worst) == 0 {
		title, alt = "The net of the first seed makes no mistake", "No picture is in the wrong class."
	}
	return report.Picture{ID: "mistakes", Title: title, Alt: alt, PNG: drawn}, err
}

// SaliencyPicture shows pictures of the second class that the net finds, and
// below each what its answer depends on.
func (t TrainMeasurement) SaliencyPicture() (report.Picture, error) {
	const shown = 6
	s := t.Shown
	rows := make([][]image.Image, 2)
	for i := range s.Outcome.Scores {
		if s.Outcome.Positive[i] && s.Outcome.right(i) && len(rows[0]) < shown {
			rows[0] = append(rows[0], s.outlined(i))
			rows[1] = append(rows[1], s.heated(i))
		}
	}
	drawn, err := drawTiles(rows)
	return report.Picture{
		ID: "saliency", Title: fmt.Sprintf("What the answer depends on: pictures of class %s above, their saliency in orange below", t.Classes[1]),
		Alt: "Pictures, with the lesion outlined in green where it is known, and below each the same picture with the pixels tinted that move the net's answer most.", PNG: drawn,
	}, err
}

// outlined is a validation picture with the edge of its lesion, where there is
// one.
func (s Shown) outlined(i int) image.Image {
	set := s.Pictures.Validation
	canvas := copied(set, i)
	if s.Pictures.Lesions == nil {
		return canvas
	}
	mask := s.Pictures.Lesions[i].Mask
	for at, inside := range mask {
		x, y := at%set.Width, at/set.Width
		if !inside && touches(mask, set.Width, set.Height, x, y) {
			canvas.SetNRGBA(x, y, outlineTone)
		}
	}
	return canvas
}

// touches reports whether a pixel to one of the four sides lies in the mask.
func touches(mask []bool, width, height, x, y int) bool {
	for _, by := range []image.Point{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		u, v := x+by.X, y+by.Y
		if u >= 0 && u < width && v >= 0 && v < height && mask[v*width+u] {
			return true
		}
	}
	return false
}

// heated is a validation picture tinted by its saliency.
func (s Shown) heated(i int) image.Image {
	canvas, values := copied(s.Pictures.Validation, i), s.Maps[i].Values
	largest := max(slices.Max(values), 1e-9)
	for at, v := range values {
		x, y := at%s.Maps[i].Width, at/s.Maps[i].Width
		canvas.SetNRGBA(x, y, mixed(canvas.NRGBAAt(x, y), salientTone, float64(v/largest)))
	}
	return canvas
}

func mixed(a, b color.NRGBA, fraction float64) color.NRGBA {
	mix := func(from, to uint8) uint8 { return uint8((1-fraction)*float64(from) + fraction*float64(to)) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

func copied(set datasets.Images, i int) *image.NRGBA {
	canvas := image.NewNRGBA(image.Rect(0, 0, set.Width, set.Height))
	draw.Draw(canvas, canvas.Rect, set.Picture(i), image.Point{}, draw.Src)
	return canvas
}
