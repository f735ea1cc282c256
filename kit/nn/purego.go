package nn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// This file holds methods for GoMLX's backend in pure Go (v0.1.2), whose
// operations differ greatly in speed. Matrix products use all processors, and
// vector instructions with GOEXPERIMENT=simd. Concatenation and padding copy
// contiguous memory. Slices, transpositions, sums and broadcasts are slow, because
// they update a multi-dimensional index for every value. Branches on a value's
// sign are slow too, because the processor mispredicts half of them. These methods
// therefore multiply, concatenate and compare instead. XLA does not need them,
// because it compiles loops for all these operations.

// IsPureGo reports whether the node's graph is one of the backend in pure Go.
func IsPureGo(x *Node) bool { return x.Graph().Backend().String() == gobackend.BackendName }

// atLeast returns 1 where a ≥ b, and 0 elsewhere. It converts from a number,
// because converting from bool takes a branch per value.
func atLeast(a, b *Node) *Node {
	return ConvertDType(Bitcast(GreaterOrEqual(a, b), dtypes.Uint8), a.DType())
}

// reluByMask computes ReLU. As with max(x, 0), the gradient at 0 is 1.
func reluByMask(x *Node) *Node {
	zero := ScalarZero(x.Graph(), x.DType())
	return withGradients(func(in []*Node) *Node { return Max(in[0], zero) }, []*Node{x},
		func(v *Node, in []*Node) *Node { return Mul(v, atLeast(in[0], zero)) })
}

// maxByMask returns the larger of a and b, which have the same shape. As with Max,
// the gradient goes to a where both are equal.
func maxByMask(a, b *Node) *Node {
	toFirst := func(v *Node, in []*Node) *Node { return Mul(v, atLeast(in[0], in[1])) }
	return withGradients(func(in []*Node) *Node { return Max(in[0], in[1]) }, []*Node{a, b},
		toFirst, func(v *Node, in []*Node) *Node { return Sub(v, toFirst(v, in)) })
}

// addBiasByProduct is addBias with matrix products: one with ones spreads the bias
// over all positions, and another sums its gradient.
func addBiasByProduct(x, bias *Node) *Node {
	channels := bias.Shape().Dim(0)
	positions := x.Shape().Size() / channels
	ones := func(rows, columns int) *Node { return Ones(x.Graph(), shapes.Make(x.DType(), rows, columns)) }
	forward := func(in []*Node) *Node {
		spread := MatMul(ones(positions, 1), Reshape(in[1], 1, channels))
		return Add(in[0], Reshape(spread, x.Shape().Dimensions...))
	}
	return withGradients(forward, []*Node{x, bias},
		func(v *Node, _ []*Node) *Node { return v },
		func(v *Node, _ []*Node) *Node {
			return Reshape(MatMul(ones(1, positions), Reshape(v, positions, channels)), channels)
		})
}

// productByTransposing returns x [n, channels] · matrix [channels, filters]. For
// the gradient of the matrix, xᵀ · v, the backend would transpose both factors.
func productByTransposing(x, matrix *Node) *Node {
	return withGradients(func(in []*Node) *Node { return MatMul(in[0], in[1]) }, []*Node{x, matrix},
		func(v *Node, in []*Node) *Node { return DotGeneral(v, []int{1}, nil, in[1], []int{1}, nil) },
		func(v *Node, in []*Node) *Node { return transposedProduct(in[0], v) })
}

// transposedProduct returns aᵀ · b for a [n, i] and b [n, j]: [i, j]. It
// transposes only the narrower factor and the small product.
func transposedProduct(a, b *Node) *Node {
	if b.Shape().Dim(1) < a.Shape().Dim(1) {
		return Transpose(MatMul(Transpose(b, 0, 1), a), 0, 1)
	}
	return MatMul(Transpose(a, 0, 1), b)
}

// convolveByShifts computes a convolution of stride 1 like [convolveByColumns],
// but without cutting a slice out of x for every offset. In a [pixelList] a
// neighbour is at the same distance from every pixel, so a shift of the list is a
// concatenation with zeros. The gradient of x is the convolution of the output's
// gradient with the reversed kernel.
func convolveByShifts(x, kernel *Node, paddings [][2]int) *Node {
	list := newPixelList(x, kernel.Shape().Dim(0), paddings)
	filters := kernel.Shape().Dim(-1)
	var columns *Node
	forward := func(in []*Node) *Node {
		columns = list.columns(in[0])
		return list.pixels(MatMul(columns, Reshape(in[1], -1, filters)))
	}
	return withGradients(forward, []*Node{x, kernel},
		func(v *Node, in []*Node) *Node { return convolveByShifts(v, turned(in[1]), list.turnedPaddings()) },
		func(v *Node, in []*Node) *Node {
			return ReshapeWithShape(transposedProduct(columns, list.unpixels(v)), kernel.Shape())
		})
}

// turned returns the kernel [size, …, channels, filters] reversed, for the
// backward pass: [size, …, filters, channels].
func turned(kernel *Node) *Node {
	var sides []int
	for axis := range kernel.Rank() - 2 {
		sides = append(sides, axis)
	}
	return Transpose(Reverse(kernel, sides...), -2, -1)
}

// pixelList lays out the pixels of x [batch, …, channels] one after the other, row
// by row. Before each row it puts as many zeros as a window extends beyond the
// row, and before each picture as many rows of zeros. A window that extends beyond
// the end of a row reads the zeros of the next one.
type pixelList struct {
	kernel, batch int
	paddings      [][2]int
	output        []int // sides of the convolution's output
	gaps          []int // zeros in front of each side
	strides       []int // distance in the list between neighbours along each side
	picture       int   // pixels of a picture, zeros included
	distances     []int // distances from an output's place in the list to all values of its window
	extra         int   // pictures of zeros that cover the longest distance
}

func newPixelList(x *Node, kernel int, paddings [][2]int) pixelList {
	sides := len(paddings)
	l := pixelList{kernel: kernel, batch: x.Shape().Dim(0), paddings: paddings, picture: 1,
		output: make([]int, sides), gaps: make([]int, sides), strides: make([]int, sides)}
	for i := sides - 1; i >= 0; i-- {
		side, before, after := x.Shape().Dim(i+1), paddings[i][0], paddings[i][1]
		l.output[i], l.gaps[i], l.strides[i] = side+before+after-kernel+1, max(before, after), l.picture
		l.picture *= side + l.gaps[i]
	}
	l.distances = []int{0}
	for i, stride := range l.strides {
		var all []int
		for _, distance := range l.distances {
			for offset := range kernel {
				all = append(all, distance+(l.gaps[i]-paddings[i][0]+offset)*stride)
			}
		}
		l.distances = all
	}
	l.extra = (slices.Max(l.distances) + l.picture - 1) / l.picture
	return l
}

// columns returns the windows at all places of the list, along the channels:
// [pixels, kernel·…·channels]. To reach a pixel at some distance, it moves the
// list forward by that distance. The extra pictures at the end keep all copies
// equally long.
func (l pixelList) columns(x *Node) *Node {
	for i, gap := range l.gaps {
		x = concatenate(i+1, border(x, i+1, gap, padZero), x)
	}
	list := Reshape(x, -1, x.Shape().Dim(-1))
	shifted := make([]*Node, len(l.distances))
	for i, distance := range l.distances {
		ahead := border(list, 0, l.extra*l.picture-distance, padZero)
		shifted[i] = concatenate(0, ahead, list, border(list, 0, distance, padZero))
	}
	return Concatenate(shifted, -1)
}

// pixels extracts the outputs [batch, …, filters] from the list [pixels, filters].
func (l pixelList) pixels(list *Node) *Node {
	dims, kept := []int{l.batch + l.extra}, []SliceAxisSpec{AxisRangeToEnd(l.extra)}
	for i, padded := range l.padded() {
		dims, kept = append(dims, padded), append(kept, AxisRange(0, l.output[i]))
	}
	return Slice(Reshape(list, append(dims, list.Shape().Dim(-1))...), kept...)
}

// unpixels is the inverse of pixels, with zeros everywhere except at the outputs.
func (l pixelList) unpixels(outputs *Node) *Node {
	axes := []PadAxis{{Start: l.extra}}
	for i, padded := range l.padded() {
		axes = append(axes, PadAxis{End: padded - l.output[i]})
	}
	list := Pad(outputs, ScalarZero(outputs.Graph(), outputs.DType()), axes...)
	return Reshape(list, -1, outputs.Shape().Dim(-1))
}

// padded returns the sides of a picture including the zeros in front.
func (l pixelList) padded() []int {
	sides := make([]int, len(l.strides))
	outer := l.picture
	for i, stride := range l.strides {
		sides[i], outer = outer/stride, stride
	}
	return sides
}

// turnedPaddings returns the paddings of the convolution that maps the output's
// gradient to the gradient of x.
func (l pixelList) turnedPaddings() [][2]int {
	turned := make([][2]int, len(l.paddings))
	for i, p := range l.paddings {
		turned[i] = [2]int{l.kernel - 1 - p[0], l.kernel - 1 - p[1]}
	}
	return turned
}

// maxOfWindows is MaxPool2D for a picture whose sides are multiples of size. As
// with ReduceMax, the gradient goes to all values of a window that equal its
// maximum.
func maxOfWindows(x *Node, size int) *Node {
	places := windows(x, size, size, Valid, padLowest)
	var y *Node
	forward := func(in []*Node) *Node {
		y = in[0]
		for _, place := range in[1:] {
			y = Max(y, place)
		}
		return y
	}
	gradients := make([]gradient, len(places))
	for i := range gradients {
		gradients[i] = func(v *Node, in []*Node) *Node { return Mul(v, atLeast(in[i], y)) }
	}
	return withGradients(forward, places, gradients...)
}
