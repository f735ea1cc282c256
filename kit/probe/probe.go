// Package probe finds out which values of a graph's input affect which values of its
// output. It raises one input value at a time and records which outputs change.
package probe

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat/combin"

	"evident/kit/arch"
)

// Probe is a graph and the shape of one input: axes and channels, without the batch.
type Probe struct {
	Input arch.Shape
	Graph func(scope *model.Scope, x *Node) *Node
}

// Influence says which input values affect which output values.
type Influence struct {
	Input, Output arch.Shape
	Acts          [][]bool // [value of the input][value of the output], in row-major order
}

// weight is the value of all weights. A power of two keeps sums exact, so an output stays
// equal to the last bit if it does not depend on a value. Since no weight and no input is
// negative, no ReLU, maximum or cancellation hides a dependence.
const weight = 1.0 / 8

// Measure runs all probes as one program. A probe's last input is all ones. Each of its
// other inputs has one value of 2 instead.
func Measure(backend compute.Backend, probes ...Probe) ([]Influence, error) {
	store := model.NewStore()
	defer store.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
		outputs := make([]*Node, len(probes))
		for i, p := range probes {
			outputs[i] = p.Graph(scope.In("probe%d", i).WithInitializer(constant), inputs[i])
		}
		return outputs
	})
	if err != nil {
		return nil, fmt.Errorf("building the probes: %w", err)
	}
	defer exec.Finalize()
	inputs := make([]any, len(probes))
	for i, p := range probes {
		inputs[i] = raised(p.Input)
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		return nil, fmt.Errorf("running the probes: %w", err)
	}
	influences := make([]Influence, len(probes))
	for i, p := range probes {
		influences[i] = Influence{
			Input: p.Input, Output: slices.Clone(outputs[i].Shape().Dimensions[1:]),
			Acts: changed(tensors.MustCopyFlatData[float32](outputs[i]), p.Input.Size()),
		}
	}
	return influences, nil
}

func constant(g *Graph, shape shapes.Shape) *Node {
	return BroadcastToShape(Scalar(g, shape.DType, weight), shape)
}

// raised returns a batch that holds, for each value of the shape, an input with that value
// raised, and then one without any.
func raised(shape arch.Shape) *tensors.Tensor {
	size := shape.Size()
	values := slices.Repeat([]float32{1}, (size+1)*size)
	for i := range size {
		values[i*size+i] = 2
	}
	return tensors.FromFlatDataAndDimensions(values, append([]int{size + 1}, shape...)...)
}

// changed compares the outputs of each input with those of the last one.
func changed(values []float32, inputs int) [][]bool {
	size := len(values) / (inputs + 1)
	plain := values[inputs*size:]
	acts := make([][]bool, inputs)
	for i := range acts {
		acts[i] = make([]bool, size)
		for j := range acts[i] {
			acts[i][j] = values[i*size+j] != plain[j]
		}
	}
	return acts
}

// Box is a range of positions along every axis: Low inclusive, High exclusive.
type Box struct{ Low, High []int }

// Size returns the length along an axis.
func (b Box) Size(axis int) int { return b.High[axis] - b.Low[axis] }

// ReceptiveField returns the smallest box around the input positions that affect the output
// at a position. It is empty if there are none.
func (f Influence) ReceptiveField(position ...int) Box {
	from, channels := f.Input.Spatial(), f.Output.Channels()
	first := combin.IdxFor(position, f.Output.Spatial()) * channels
	box := Box{make([]int, len(from)), make([]int, len(from))}
	for i, outputs := range f.Acts {
		if !slices.Contains(outputs[first:first+channels], true) {
			continue
		}
		for axis, at := range combin.SubFor(nil, i/f.Input.Channels(), from) {
			if box.Size(axis) == 0 {
				box.Low[axis] = at
			}
			box.Low[axis], box.High[axis] = min(box.Low[axis], at), max(box.High[axis], at+1)
		}
	}
	return box
}

// Unused returns the fraction of the input's values that affect no output, 0–1.
func (f Influence) Unused() float64 {
	unused := 0
	for _, outputs := range f.Acts {
		if !slices.Contains(outputs, true) {
			unused++
		}
	}
	return float64(unused) / float64(len(f.Acts))
}
