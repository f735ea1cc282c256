package inception

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"

	"evident/datasets"
	"evident/kit/fit"
	"evident/kit/report"
)

// StageMaps are the first channels of one stage for one picture.
type StageMaps struct {
	Stage  string
	Side   int         // height and width of a map
	Values [][]float32 // [channel][row·Side + column]
}

// shownChannels is how many maps of a stage are drawn.
const shownChannels = 8

// stageMaps runs one picture through the net and keeps some maps of each stage.
func stageMaps(ctx context.Context, net *fit.Classifier, n Net, picture datasets.Images) ([]StageMaps, error) {
	var maps []StageMaps
	graph := func(scope *model.Scope, x *Node) *Node {
		var flat []*Node
		for _, s := range n.layers(scope, x, inceptionBlock, halve) {
			dims := s.output.Shape().Dimensions
			shown := min(dims[3], shownChannels)
			maps = append(maps, StageMaps{Stage: s.name, Side: dims[1], Values: make([][]float32, shown)})
			channelsFirst := TransposeAllAxes(SliceAxis(s.output, -1, AxisRange(0, shown)), 0, 3, 1, 2)
			flat = append(flat, Reshape(channelsFirst, dims[0], -1))
		}
		return Concatenate(flat, -1)
	}
	program, err := net.Program(graph)
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	outputs, err := program.Run(ctx, fit.ImageData(picture))
	if err != nil {
		return nil, err
	}
	rest := outputs[0]
	for _, m := range maps {
		for channel := range m.Values {
			m.Values[channel], rest = rest[:m.Side*m.Side], rest[m.Side*m.Side:]
		}
	}
	return maps, nil
}

// tile and gap are the sides in pixels of a drawn picture or map and of the line between
// two of them. The labels of the rows and columns of maps stand left and above.
const (
	tile, gap       = 64, 4
	leftLabels, top = 100, 20
)

// drawMaps lays the stages out as rows of maps with their labels, dark to bright from the
// smallest to the largest value of each map.
func drawMaps(stages []StageMaps) ([]byte, error) {
	canvas := image.NewGray(image.Rect(0, 0, leftLabels+shownChannels*(tile+gap)-gap, top+len(stages)*(tile+gap)-gap))
	for i := range canvas.Pix {
		canvas.Pix[i] = 255
	}
	for column := range shownChannels {
		write(canvas, leftLabels+column*(tile+gap), 14, fmt.Sprintf("ch. %d", column+1))
	}
	for row, stage := range stages {
		y := top + row*(tile+gap)
		write(canvas, 0, y+tile/2-4, stage.Stage)
		write(canvas, 0, y+tile/2+12, fmt.Sprintf("%d×%d", stage.Side, stage.Side))
		for column, values := range stage.Values {
			drawMap(canvas, leftLabels+column*(tile+gap), y, stage.Side, values)
		}
	}
	return encode(canvas)
}

// write sets a line of text whose baseline begins at (x, y).
func write(canvas *image.Gray, x, y int, text string) {
	drawer := font.Drawer{Dst: canvas, Src: image.Black, Face: inconsolata.Regular8x16, Dot: fixed.P(x, y)}
	drawer.DrawString(text)
}

func drawMap(canvas *image.Gray, left, top, side int, values []float32) {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	spread := max(high-low, 1e-9)
	for y := range tile {
		for x := range tile {
			v := values[y*side/tile*side+x*side/tile]
			canvas.SetGray(left+x, top+y, color.Gray{Y: uint8(255 * (v - low) / spread)})
		}
	}
}

// shownSamples is how many pictures of a class are drawn.
const shownSamples = 2

// samplesOf are the first pictures of every class.
func samplesOf(set datasets.Images) datasets.Images {
	some := set
	some.Pixels, some.Labels = nil, nil
	var taken [classes]int
	size := set.PictureSize()
	for i, label := range set.Labels {
		if taken[label] < shownSamples {
			some.Pixels, some.Labels = append(some.Pixels, set.Pixels[i*size:][:size]...), append(some.Labels, label)
			taken[label]++
		}
	}
	return some
}

// drawSamples shows pictures of every class, one class a column.
func drawSamples(set datasets.Images) ([]byte, error) {
	canvas := image.NewRGBA(image.Rect(0, 0, classes*(tile+gap)-gap, shownSamples*(tile+gap)-gap))
	for i := range canvas.Pix {
		canvas.Pix[i] = 255
	}
	var drawn [classes]int
	for i, label := range set.Labels {
		drawPicture(canvas, int(label)*(tile+gap), drawn[label]*(tile+gap), set, i)
		drawn[label]++
	}
	return encode(canvas)
}

func drawPicture(canvas *image.RGBA, left, top int, set datasets.Images, i int) {
	pixels := set.Pixels[i*set.PictureSize() : (i+1)*set.PictureSize()]
	for y := range tile {
		for x := range tile {
			at := (y*set.Height/tile*set.Width + x*set.Width/tile) * set.Channels
			canvas.SetRGBA(left+x, top+y, color.RGBA{pixels[at], pixels[at+1], pixels[at+2], 255})
		}
	}
}

func encode(picture image.Image) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buffer, picture); err != nil {
		return nil, fmt.Errorf("drawing a picture: %w", err)
	}
	return buffer.Bytes(), nil
}

// samplesPicture introduces the data set.
func samplesPicture(set datasets.Images) (report.Picture, error) {
	drawn, err := drawSamples(set)
	return report.Picture{
		ID: "samples", Title: "The pictures: " + set.Name,
		Alt: fmt.Sprintf("Two pictures of each of the ten classes: %v.", set.Classes), PNG: drawn,
	}, err
}

// mapsPicture shows what the trained net makes of one test picture.
func mapsPicture(stages []StageMaps) (report.Picture, error) {
	drawn, err := drawMaps(stages)
	alt := "Rows of small grey maps for one test picture:"
	for _, s := range stages {
		alt += fmt.Sprintf(" %s (%d×%d),", s.Stage, s.Side, s.Side)
	}
	return report.Picture{
		ID: "maps", Title: "From pixels to features: the first channels of each stage, for one test picture",
		Alt: alt + " in the order in which the net computes them, from the top.", PNG: drawn,
	}, err
}
