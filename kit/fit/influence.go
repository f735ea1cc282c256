package fit

import (
	"fmt"
	"image"

	"evident/internal/badinput"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// Influence says which input pixels act on which outputs of a graph.
type Influence struct {
	Height, Width             int      // of the input
	OutputHeight, OutputWidth int      // of the output
	changed                   [][]bool // [pixel][output position]
}

// Probe is a graph to measure on pictures [height, width, 1].
type Probe struct {
	Height, Width int
	Graph         Network
}

// MeasureInfluence raises every pixel of a picture, one after the other, and
// looks which outputs [outputHeight, outputWidth, …] of each probe change. All
// weights are one and the picture is positive, so neither ReLU nor a maximum
// hides a dependence. The probes run as one program, on the upper left corner
// of pictures as large as the largest of them.
func MeasureInfluence(backend compute.Backend, probes ...Probe) ([]Influence, error) {
	height, width := 0, 0
	for _, p := range probes {
		height, width = max(height, p.Height), max(width, p.Width)
	}
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) []*Node {
		outputs := make([]*Node, len(probes))
		for i, p := range probes {
			corner := Slice(x, AxisRange(), AxisRange(0, p.Height), AxisRange(0, p.Width))
			outputs[i] = p.Graph(scope.In("probe%d", i).WithInitializer(initializer.One), corner)
		}
		return outputs
	})
	if err != nil {
		return nil, fmt.Errorf("building the graph: %s", badinput.FirstLine(err))
	}
	defer exec.Finalize()
	outputs, err := exec.Call(raisedPixels(height, width))
	if err != nil {
		return nil, fmt.Errorf("running the graph: %s", badinput.FirstLine(err))
	}
	influences := make([]Influence, len(probes))
	for i, p := range probes {
		dims := outputs[i].Shape().Dimensions // [pixels+1, outputHeight, outputWidth, channels]
		influences[i] = Influence{Height: p.Height, Width: p.Width, OutputHeight: dims[1], OutputWidth: dims[2]}
		changed := changes(tensors.MustCopyFlatData[float32](outputs[i]), dims[0], dims[1]*dims[2], dims[3])
		for row := range p.Height {
			influences[i].changed = append(influences[i].changed, changed[row*width:row*width+p.Width]...)
		}
	}
	return influences, nil
}

// raisedPixels is a batch of height·width+1 pictures: all ones, but for one
// pixel of 3 in each; the last has none.
func raisedPixels(height, width int) *tensors.Tensor {
	pixels := height * width
	values := make([]float32, (pixels+1)*pixels)
	for i := range values {
		values[i] = 1
	}
	for pixel := range pixels {
		values[pixel*pixels+pixel] = 3
	}
	return tensors.FromFlatDataAndDimensions(values, pixels+1, height, width, 1)
}

// changes compares each picture's outputs with those of the last picture.
func changes(values []float32, pictures, positions, channels int) [][]bool {
	size := positions * channels
	plain := values[(pictures-1)*size:]
	changed := make([][]bool, pictures-1)
	for pixel := range changed {
		changed[pixel] = make([]bool, positions)
		for i, v := range values[pixel*size : (pixel+1)*size] {
			if v != plain[i] {
				changed[pixel][i/channels] = true
			}
		}
	}
	return changed
}

// ReceptiveField is the box around the pixels that act on the output at the
// given row and column; it is empty when none does.
func (f Influence) ReceptiveField(row, column int) image.Rectangle {
	var box image.Rectangle
	for pixel, outputs := range f.changed {
		if outputs[row*f.OutputWidth+column] {
			x, y := pixel%f.Width, pixel/f.Width
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return box
}

// Unused is the share of pixels that act on no output at all, 0–1.
func (f Influence) Unused() float64 {
	unused := 0
	for _, outputs := range f.changed {
		acts := false
		for _, changed := range outputs {
			acts = acts || changed
		}
		if !acts {
			unused++
		}
	}
	return float64(unused) / float64(len(f.changed))
}
