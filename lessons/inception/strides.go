package inception

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/arch"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/probe"
	"evident/kit/progress"
)

// StrideFacts are the measurements on strides.
type StrideFacts struct {
	Sizes      []SizeFact
	Mismatches []SizeFact // of Sizes: built and formula differ
	SameKept   int        // of those with padding same, how many kept the size at stride 1
	SameLost   int        // … and how many kept a size above 1 at a larger stride
	SameCount  int        // how many had padding same and stride 1
	Fields     []FieldFact
	Unused     []UnusedFact
}

// SizeFact is one convolution along an axis: what it gave and what the formula
// says.
type SizeFact struct {
	Size, Kernel, Stride int
	Padding              nn.Padding
	Built, Formula       int
}

// FieldFact is the receptive field of a stack of 3×3 convolutions that all
// have the same stride.
type FieldFact struct{ Stride, Depth, Measured, Formula int }

// UnusedFact is the share of input pixels that no output depends on, and how
// far the window moves from one output to the next.
type UnusedFact struct {
	Kernel, Stride    int
	Moved             int
	Measured, Formula float64
}

// MeasureStrides checks the arithmetic of strides against convolutions that
// the backend really runs.
func MeasureStrides(ctx context.Context, backend compute.Backend, c StrideConfig) (StrideFacts, error) {
	var facts StrideFacts
	for i, size := range c.Sizes {
		progress.ReportTask(ctx, "output sizes", i+1, len(c.Sizes))
		if err := ctx.Err(); err != nil {
			return facts, err
		}
		sizes, err := outputSizes(backend, size, c)
		if err != nil {
			return facts, err
		}
		facts.Sizes = append(facts.Sizes, sizes...)
	}
	facts.countSizes()
	if err := facts.measureFields(backend, c); err != nil {
		return facts, err
	}
	return facts, facts.measureUnused(backend, c)
}

// outputSizes runs every kernel, stride and padding on one input size, as one
// program, and reads the shapes of what comes out. Along one axis is enough:
// the axes of a convolution do not know of each other.
func outputSizes(backend compute.Backend, size int, c StrideConfig) ([]SizeFact, error) {
	var facts []SizeFact
	for _, kernel := range c.Kernels {
		for _, stride := range c.Strides {
			for _, padding := range []nn.Padding{nn.Same, nn.Valid} {
				fact := SizeFact{Size: size, Kernel: kernel, Stride: stride, Padding: padding}
				fact.Formula = nn.OutputSize(size, kernel, stride, padding)
				facts = append(facts, fact)
			}
		}
	}
	run := func(x *Node) []*Node {
		var outputs []*Node
		for _, f := range facts {
			if f.fits() {
				outputs = append(outputs, f.convolve(x))
			}
		}
		return outputs
	}
	outputs, err := CallOnceN(backend, run, tensors.FromFlatDataAndDimensions(make([]float32, size), 1, size, 1))
	if err != nil {
		return nil, fmt.Errorf("convolutions on %d pixels: %w", size, err)
	}
	for i := range facts {
		if facts[i].fits() {
			facts[i].Built = outputs[0].Shape().Dim(1)
			outputs = outputs[1:]
		}
	}
	return facts, nil
}

// fits reports whether the window lies inside the input at least once. Where
// it does not, there is no convolution to run, and the formula says 0.
func (f SizeFact) fits() bool { return f.Padding == nn.Same || f.Kernel <= f.Size }

func (f SizeFact) convolve(x *Node) *Node {
	kernel := BroadcastToDims(ScalarOne(x.Graph(), x.DType()), f.Kernel, 1, 1)
	convolution := Convolve(x, kernel).Strides(f.Stride)
	if f.Padding == nn.Same {
		return convolution.PadSame().Done()
	}
	return convolution.NoPadding().Done()
}

func (s *StrideFacts) countSizes() {
	for _, f := range s.Sizes {
		if f.Built != f.Formula {
			s.Mismatches = append(s.Mismatches, f)
		}
		kept := f.Built == f.Size
		switch {
		case f.Padding != nn.Same:
		case f.Stride == 1:
			s.SameCount++
			if kept {
				s.SameKept++
			}
		case kept && f.Size > 1:
			s.SameLost++
		}
	}
}

// strided is a 3×3 convolution, or of another size, without padding.
func strided(scope *model.Scope, name string, x *Node, kernel, stride int) *Node {
	return nn.Conv2D{Filters: 1, Kernel: kernel, Stride: stride, Padding: nn.Valid}.Apply(scope.In("%s", name), x)
}

// fieldDepth is how many convolutions are stacked to see the receptive field
// grow. Three with stride 4 see 3 + 2·4 + 2·16 = 43 pixels.
const fieldDepth = 3

func (s *StrideFacts) measureFields(backend compute.Backend, c StrideConfig) error {
	var probes []probe.Probe
	for _, stride := range c.Strides {
		field := 1
		for depth, jump := 1, 1; depth <= fieldDepth; depth, jump = depth+1, jump*stride {
			field += 2 * jump
			s.Fields = append(s.Fields, FieldFact{Stride: stride, Depth: depth, Formula: field})
			probes = append(probes, probe.Probe{Input: arch.Shape{field, field, 1}, Graph: stackOf(depth, stride)})
		}
	}
	influences, err := probe.Measure(backend, probes...)
	for i, influence := range influences {
		s.Fields[i].Measured = influence.ReceptiveField(0, 0).Size(1)
	}
	return err
}

func stackOf(depth, stride int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		for i := range depth {
			x = strided(scope, fmt.Sprint(i), x, 3, stride)
		}
		return x
	}
}

// windowsAlong is how many windows fit exactly along the axes of the pictures
// of measureUnused, so that no rest at the edge is mistaken for a gap.
const windowsAlong = 4

func (s *StrideFacts) measureUnused(backend compute.Backend, c StrideConfig) error {
	var probes []probe.Probe
	for _, kernel := range c.Kernels {
		for _, stride := range c.Strides {
			side := kernel + (windowsAlong-1)*stride
			used := float64(min(windowsAlong*kernel, side)) / float64(side)
			s.Unused = append(s.Unused, UnusedFact{Kernel: kernel, Stride: stride, Formula: 1 - used*used})
			probes = append(probes, probe.Probe{Input: arch.Shape{side, side, 1}, Graph: func(scope *model.Scope, x *Node) *Node {
				return strided(scope, "conv", x, kernel, stride)
			}})
		}
	}
	influences, err := probe.Measure(backend, probes...)
	for i, influence := range influences {
		s.Unused[i].Measured = influence.Unused()
		s.Unused[i].Moved = influence.ReceptiveField(0, 1).Low[1] - influence.ReceptiveField(0, 0).Low[1]
	}
	return err
}
