package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

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
	if isPureGo(x) {
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
	if isPureGo(x) {
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
