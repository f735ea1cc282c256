package nn

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Padding says how a window that extends beyond the input is treated.
type Padding int

// The two paddings of Keras: Same pads with zeros so that stride 1 keeps the
// size. Valid uses only windows that lie inside the input.
const (
	Same Padding = iota
	Valid
)

// String returns the name in Keras.
func (p Padding) String() string {
	switch p {
	case Same:
		return "same"
	case Valid:
		return "valid"
	}
	return fmt.Sprintf("Padding(%d)", int(p))
}

// OutputSize returns the number of positions of a window along an axis of
// length input:
//
//	same:  ⌈input / stride⌉
//	valid: ⌈(input − kernel + 1) / stride⌉, or 0 if the window does not fit
//
// (Dumoulin and Visin 2016, relationships 6 and 14.)
func OutputSize(input, kernel, stride int, padding Padding) int {
	if padding == Valid {
		input = max(input-kernel+1, 0)
	}
	return (input + stride - 1) / stride
}

// requireRoom panics if no window fits into an axis of x [batch, …, channels].
// The pure-Go backend would return an output without values instead.
func requireRoom(x *Node, kernel int, padding Padding) {
	for axis := 1; axis < x.Rank()-1; axis++ {
		if OutputSize(x.Shape().Dim(axis), kernel, 1, padding) == 0 {
			exceptions.Panicf("a window of size %d does not fit into axis %d of %s: take a smaller window or a larger input", kernel, axis, x.Shape())
		}
	}
}

// WindowPadding returns how many cells Same adds before and after an axis: as
// many as the last window lacks, with an odd cell after (TensorFlow's
// convention).
func WindowPadding(input, kernel, stride int, padding Padding) [2]int {
	if padding == Valid {
		return [2]int{}
	}
	total := max((OutputSize(input, kernel, stride, Same)-1)*stride+kernel-input, 0)
	return [2]int{total / 2, total - total/2}
}

// windowPaddings returns WindowPadding for every axis of x between the batch
// and the channels.
func windowPaddings(x *Node, kernel, stride int, padding Padding) [][2]int {
	paddings := make([][2]int, x.Rank()-2)
	for i := range paddings {
		paddings[i] = WindowPadding(x.Shape().Dim(i+1), kernel, stride, padding)
	}
	return paddings
}

// The values that fill a window beyond the edge.
var (
	padZero   = 0.0
	padLowest = math.Inf(-1)
)

// windows returns, for each offset in a window, the values of x [batch, …,
// channels] at all output positions. With two axes between batch and channels
// it returns kernel² nodes of shape [batch, outputHeight, outputWidth,
// channels], and with three axes kernel³. The offset along the last axis
// changes fastest.
func windows(x *Node, kernel, stride int, padding Padding, fill float64) []*Node {
	padded := x
	for axis := 1; axis < x.Rank()-1; axis++ {
		padded = padAxis(padded, axis, kernel, stride, padding, fill)
	}
	nodes := []*Node{padded}
	for axis := 1; axis < x.Rank()-1; axis++ {
		count := OutputSize(x.Shape().Dim(axis), kernel, stride, padding)
		var shifted []*Node
		for _, node := range nodes {
			for offset := range kernel {
				shifted = append(shifted, every(node, axis, offset, stride, count))
			}
		}
		nodes = shifted
	}
	return nodes
}

// every takes count elements along the axis: start, start+stride, …
func every(x *Node, axis, start, stride, count int) *Node {
	if start == 0 && stride == 1 && count == x.Shape().Dim(axis) {
		return x
	}
	return SliceAxis(x, axis, AxisRange(start, start+(count-1)*stride+1).Stride(stride))
}

// padAxis pads by concatenation: GoMLX's Pad has no gradient.
func padAxis(x *Node, axis, kernel, stride int, padding Padding, fill float64) *Node {
	amount := WindowPadding(x.Shape().Dim(axis), kernel, stride, padding)
	return concatenate(axis, border(x, axis, amount[0], fill), x, border(x, axis, amount[1], fill))
}

// concatenate joins those parts that are not nil.
func concatenate(axis int, parts ...*Node) *Node {
	var kept []*Node
	for _, part := range parts {
		if part != nil {
			kept = append(kept, part)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return Concatenate(kept, axis)
}

// border returns width cells along the axis, or nil.
func border(x *Node, axis, width int, fill float64) *Node {
	if width == 0 {
		return nil
	}
	shape := x.Shape().Clone()
	shape.Dimensions[axis] = width
	return BroadcastToShape(Scalar(x.Graph(), x.DType(), fill), shape)
}

// MaxPool2D returns the maximum over non-overlapping size×size windows of x
// [batch, height, width, channels] (stride = size, padding valid): [batch,
// height/size, width/size, channels]. It panics if no window fits into x.
//
// It reshapes each window into separate axes and reduces those. With the backend's
// pooling, the gradient (select-and-scatter) takes most of a training step, and
// the pure-Go backend has no such gradient at all. On XLA's CPU backend, the input
// of the gradient is computed once instead of once per place of a window, which
// saves a twentieth of a step of the net of question 7.
func MaxPool2D(x *Node, size int) *Node {
	requireRoom(x, size, Valid)
	batch, height, width, channels := dims4(x)
	rows, columns := height/size, width/size
	if rows*size != height || columns*size != width {
		x = Slice(x, AxisRange(), AxisRange(0, rows*size), AxisRange(0, columns*size), AxisRange())
	}
	if IsPureGo(x) {
		return maxOfWindows(x, size)
	}
	largest := ReduceMax(Reshape(x, batch, rows, size, columns, size, channels), 2, 4)
	if !isOnCPU(x) {
		return largest
	}
	return IdentityWithCustomGradient(largest, func(_, v *Node) *Node { return computedOnce(v) })
}

// MaxPool2DSame returns the maximum over the size×size neighbourhood of every
// pixel (stride 1, padding same), which keeps the shape of x. It takes the maximum
// of shifted copies of x, one axis after the other.
func MaxPool2DSame(x *Node, size int) *Node {
	return maxAlong(maxAlong(x, 1, size), 2, size)
}

func maxAlong(x *Node, axis, size int) *Node {
	larger := Max
	if IsPureGo(x) {
		larger = maxByMask
	}
	length := x.Shape().Dim(axis)
	padded := padAxis(x, axis, size, 1, Same, padLowest)
	y := every(padded, axis, 0, 1, length)
	for offset := 1; offset < size; offset++ {
		y = larger(y, every(padded, axis, offset, 1, length))
	}
	return y
}

// GlobalMeanPool2D returns the mean over height and width: [batch, channels].
func GlobalMeanPool2D(x *Node) *Node { return ReduceMean(x, 1, 2) }

func dims4(x *Node) (batch, height, width, channels int) {
	dims := x.Shape().Dimensions
	return dims[0], dims[1], dims[2], dims[3]
}
