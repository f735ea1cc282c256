package pointwise

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"

	"evident/kit/arch"
	"evident/kit/fit"
)

// Support says which values of a net's input act on which of its output: all
// of them, on all positions.
type Support struct {
	Name          string
	Input, Output arch.Shape // [height, width, channels]
	acts          [][]bool   // [value of the input][value of the output]
}

// supportWeight is the value of all weights and biases. A power of two keeps
// every sum exact, so what does not depend does not change by a single bit; and
// as nothing is negative, neither ReLU nor a cancellation hides a dependence.
const supportWeight = 1.0 / 8

// MeasureSupport raises every value of a picture of ones, one after the other,
// and looks which outputs change.
func MeasureSupport(backend compute.Backend, m arch.Model) (Support, error) {
	summary, err := m.Summarize()
	if err != nil {
		return Support{}, err
	}
	rows := summary.Rows
	s := Support{Name: m.Name, Input: rows[0].Outputs[0], Output: rows[len(rows)-1].Outputs[0]}
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		return m.Graph(scope.WithInitializer(constant), x)[0]
	})
	if err != nil {
		return s, err
	}
	defer exec.Finalize()
	outputs, err := exec.Call(raisedValues(s.Input))
	if err != nil {
		return s, err
	}
	s.compare(tensors.MustCopyFlatData[float32](outputs[0]))
	return s, nil
}

func constant(g *Graph, shape shapes.Shape) *Node {
	return BroadcastToShape(Scalar(g, shape.DType, supportWeight), shape)
}

// raisedValues is a picture of ones for every value of the shape, in which that
// value is 2, and one more without any.
func raisedValues(shape arch.Shape) *tensors.Tensor {
	size := shape.Size()
	values := make([]float32, (size+1)*size)
	for i := range values {
		values[i] = 1
	}
	for i := range size {
		values[i*size+i] = 2
	}
	return tensors.FromFlatDataAndDimensions(values, append([]int{size + 1}, shape...)...)
}

// compare holds every picture's outputs against those of the last picture.
func (s *Support) compare(values []float32) {
	in, out := s.Input.Size(), s.Output.Size()
	plain := values[in*out:]
	s.acts = make([][]bool, in)
	for i := range s.acts {
		s.acts[i] = make([]bool, out)
		for j := range s.acts[i] {
			s.acts[i][j] = values[i*out+j] != plain[j]
		}
	}
}

// Pairs counts the pairs of an input channel and an output channel, and those
// that act on each other at every pixel.
func (s Support) Pairs() (acting, all int) {
	in, out := s.Input.Channels(), s.Output.Channels()
	for a := range in {
		for b := range out {
			if s.actsEverywhere(a, b) {
				acting++
			}
		}
	}
	return acting, in * out
}

func (s Support) actsEverywhere(in, out int) bool {
	for pixel := range s.Input.Spatial().Size() {
		if !s.acts[pixel*s.Input.Channels()+in][pixel*s.Output.Channels()+out] {
			return false
		}
	}
	return true
}

// Across counts the pairs of an input and an output at two pixels that are not
// the same, and those of them that act.
func (s Support) Across() (acting, all int) {
	for i, outputs := range s.acts {
		for j, acts := range outputs {
			if i/s.Input.Channels() == j/s.Output.Channels() {
				continue
			}
			all++
			if acts {
				acting++
			}
		}
	}
	return acting, all
}

// Field is the height of the box of pixels that act on the pixel in the middle
// of the output.
func (s Support) Field() int {
	height, width, channels := s.Output[0], s.Output[1], s.Output.Channels()
	middle := ((height/2)*width + width/2) * channels
	top, bottom := s.Input[0], -1
	for i, outputs := range s.acts {
		if row := i / s.Input.Channels() / s.Input[1]; slices.Contains(outputs[middle:middle+channels], true) {
			top, bottom = min(top, row), max(bottom, row)
		}
	}
	return bottom - top + 1
}

// MixingFacts say what a 1×1 convolution looks at.
type MixingFacts struct {
	Sheet     Support // 256 → 64 channels
	Pointwise Support // a 1×1 convolution on a few channels
	Depthwise Support // the same with a kernel of its own for every channel
	Stack     Support // three 1×1 convolutions with ReLU
	Fields    []Support

	// Values is the number of outputs that were compared with a matrix product
	// in every pixel, and Different how many are not the same.
	Values, Different int
}

// fieldKernels are those whose receptive fields are compared.
var fieldKernels = []int{1, 3, 5}

// MeasureMixing measures what acts on what.
func MeasureMixing(backend compute.Backend) (facts MixingFacts, err error) {
	input := func(side, channels int) arch.Input { return arch.Input{Shape: arch.Shape{side, side, channels}} }
	nets := []struct {
		to  *Support
		net arch.Model
	}{
		{&facts.Sheet, arch.Sequential("256 → 64", input(2, reductionChannels), conv(reducedTo, 1, ""))},
		{&facts.Pointwise, arch.Sequential("1×1 convolution", input(5, 4), conv(4, 1, ""))},
		{&facts.Depthwise, arch.Sequential("1×1 depthwise convolution", input(5, 4), arch.DepthwiseConv{Kernel: []int{1, 1}})},
		{&facts.Stack, arch.Sequential("three 1×1 convolutions", input(6, 3), conv(8, 1, "relu"), conv(4, 1, "relu"), conv(5, 1, "relu"))},
	}
	for _, n := range nets {
		if *n.to, err = MeasureSupport(backend, n.net); err != nil {
			return facts, err
		}
	}
	for _, kernel := range fieldKernels {
		s, err := MeasureSupport(backend, arch.Sequential("", input(9, 1), conv(2, kernel, "relu")))
		if err != nil {
			return facts, err
		}
		facts.Fields = append(facts.Fields, s)
	}
	return facts, facts.compare(backend)
}

// compare runs 256 → 64 as the backend's own convolution, and as a matrix
// product of gonum in every pixel.
func (f *MixingFacts) compare(backend compute.Backend) error {
	const pictures, side = 2, 8
	random := fit.Rand(2, forExact)
	layer := drawLayer(random, reductionChannels, reducedTo)
	x := integers(random, pictures*side*side*reductionChannels)
	got, err := run(backend, layer.apply, x, side, reductionChannels)
	if err != nil {
		return err
	}
	f.Values, f.Different = len(got), differing(got, x, mat.DenseCopyOf(layer.matrix()))
	return nil
}
