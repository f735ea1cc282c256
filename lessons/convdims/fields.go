package convdims

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"evident/kit/nn"
)

// FieldFact says which pixels of a clip the outputs of a layer depend on.
type FieldFact struct {
	Layer   string
	Outputs []int  // number of outputs along frames, rows and columns; 1 where the layer has no such axis
	Field   [3]int // frames, rows and columns that one output depends on, measured
	Pairs   int    // of a pixel and an output, all of them
	Wrong   int    // of Pairs: the output depends on the pixel and should not, or the other way round
}

// MeasureFields raises every pixel of a clip of 5×6×7, one after the other, and
// looks which outputs change, of each of the three layers without padding. All
// weights are 1 and all pixels positive, so ReLU hides no dependence.
func MeasureFields(backend compute.Backend) ([]FieldFact, error) {
	const kernel = 3
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) []*Node {
		outputs := make([]*Node, len(layers))
		for i, l := range layers {
			outputs[i] = l.maps(scope.In("layer%d", i).WithInitializer(initializer.One), x, kernel, 1, nn.Valid)
		}
		return outputs
	})
	if err != nil {
		return nil, fmt.Errorf("building the layers: %w", err)
	}
	defer exec.Finalize()
	outputs, err := exec.Call(raised())
	if err != nil {
		return nil, fmt.Errorf("running the layers: %w", err)
	}
	facts := make([]FieldFact, len(layers))
	for i, l := range layers {
		dims := outputs[i].Shape().Dimensions // [pixels+1, frames, height, width, 1], or without frames
		facts[i] = FieldFact{Layer: l.name, Outputs: slices.Clone(dims[1 : len(dims)-1])}
		if len(facts[i].Outputs) == 2 {
			facts[i].Outputs = append([]int{1}, facts[i].Outputs...)
		}
		facts[i].compare(tensors.MustCopyFlatData[float32](outputs[i]), l.window(gridSizes[0], kernel))
	}
	return facts, nil
}

// raised is a batch of clips of ones, each with another pixel of 3; the last has
// none.
func raised() *tensors.Tensor {
	pixels := product(gridSizes)
	values := slices.Repeat([]float32{1}, (pixels+1)*pixels)
	for pixel := range pixels {
		values[pixel*pixels+pixel] = 3
	}
	return tensors.FromFlatDataAndDimensions(values, slices.Concat([]int{pixels + 1}, gridSizes, []int{1})...)
}

// compare goes through all pairs of a pixel and an output, given the outputs of
// all clips one after the other.
func (f *FieldFact) compare(values []float32, window [3]int) {
	pixels, size := product(gridSizes), product(f.Outputs)
	plain := values[pixels*size:]
	for output := range size {
		corner := place(output, f.Outputs)
		var on [][3]int // the pixels that the output depends on
		for pixel := range pixels {
			at := place(pixel, gridSizes)
			depends := values[pixel*size+output] != plain[output]
			f.Pairs++
			if depends != within(at, corner, window) {
				f.Wrong++
			}
			if depends {
				on = append(on, at)
			}
		}
		for axis, length := range extent(on) {
			f.Field[axis] = max(f.Field[axis], length)
		}
	}
}

// within reports whether a pixel lies in the window of the output at the corner:
// in the frames from corner[0] to corner[0]+window[0]−1, and so on along the
// other axes.
func within(at, corner, window [3]int) bool {
	inside := true
	for axis, start := range corner {
		inside = inside && at[axis] >= start && at[axis] < start+window[axis]
	}
	return inside
}

// extent is how many frames, rows and columns the pixels reach over.
func extent(pixels [][3]int) (lengths [3]int) {
	if len(pixels) == 0 {
		return lengths
	}
	low, high := pixels[0], pixels[0]
	for _, at := range pixels {
		for axis, v := range at {
			low[axis], high[axis] = min(low[axis], v), max(high[axis], v)
			lengths[axis] = high[axis] - low[axis] + 1
		}
	}
	return lengths
}

// place turns an index in row-major order into one along each of three axes.
func place(index int, sizes []int) [3]int {
	return [3]int{index / (sizes[1] * sizes[2]), index / sizes[2] % sizes[1], index % sizes[2]}
}
