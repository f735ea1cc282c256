package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// pooled is the side of the pooling window that convolveAndPool handles together
// with the convolution.
const pooled = 2

// convolveAndPoolFits reports whether convolveAndPool can compute this convolution
// of x [batch, height, width, channels] with max pooling, and whether that was
// measured to be faster. On few channels, XLA's CPU backend spends more time on
// moving values than on multiplying them.
func convolveAndPoolFits(x, kernel *Node, stride int, padding Padding, pool int) bool {
	if pool != pooled || kernel.Shape().Dim(0) != 3 || stride != 1 || padding != Same {
		return false
	}
	_, height, width, channels := dims4(x)
	return isOnCPU(x) && !isPureGo(x) && height%pooled == 0 && width%pooled == 0 && channels <= mostPooledChannels
}

// mostPooledChannels is the largest number of channels for which convolveAndPool
// was measured to make a prediction faster and a training step no slower.
const mostPooledChannels = 8

// convolveAndPool computes a 3×3 convolution with stride 1 and padding same, and
// its maximum over 2×2 windows: [batch, height/2, width/2, filters].
//
// The convolutions at the four places of a pooling window together read 4×4
// pixels. One matrix product of these patches therefore computes all four side by
// side. Its matrix has four times as many columns, which hold the kernel at the
// four places of the patch and zeros elsewhere. This multiplies 16 values instead
// of 9, but gathers less than half as many, and the maximum is taken over
// neighbours. A training step of the image classifier takes a fifth less time on
// grey pictures, and at least a quarter less on RGB.
func convolveAndPool(x, kernel *Node) *Node {
	batch, height, width, _ := dims4(x)
	filters := kernel.Shape().Dim(-1)
	places := productOfPatches(x, kernelAtPlaces(kernel))
	return Reshape(maxOfPlaces(places, filters), batch, height/pooled, width/pooled, filters)
}

// kernelAtPlaces returns the kernel [3, 3, channels, filters] at its four places
// in a patch: [values of a patch, places·filters].
func kernelAtPlaces(kernel *Node) *Node {
	channels, filters := kernel.Shape().Dim(2), kernel.Shape().Dim(3)
	place := func(k *Node, axis, at int) *Node {
		return concatenate(axis, border(k, axis, at, padZero), k, border(k, axis, pooled-1-at, padZero))
	}
	var places []*Node
	for row := range pooled {
		for column := range pooled {
			at := Reshape(place(place(kernel, 0, row), 1, column), 2, pooled, 2, pooled, channels, filters)
			places = append(places, Reshape(TransposeAllAxes(at, 0, 2, 1, 3, 4, 5), -1, filters))
		}
	}
	return Concatenate(places, -1)
}

// patches returns the 4×4 pixels that each pooling window depends on, in blocks of
// 2×2: first the block's row and column, then the pixel's. They form the rows of
// the matrix or, for the gradient of the kernel, its columns. A product with the
// transpose would give the same, but Eigen transposes slowly.
func patches(x *Node, asRows bool) *Node {
	batch, height, width, channels := dims4(x)
	rows, columns := height/pooled, width/pooled
	padded := padAxis(padAxis(x, 1, 3, 1, Same, padZero), 2, 3, 1, Same, padZero)
	blocks := Reshape(padded, batch, rows+1, pooled, columns+1, pooled, channels)
	order, vertical, inBlock := []int{2, 4, 5, 0, 1, 3}, 4, 0
	if asRows {
		order, vertical, inBlock = []int{0, 1, 3, 2, 4, 5}, 1, 3
	}
	blocks = TransposeAllAxes(blocks, order...)
	var four []*Node
	for row := range 2 {
		for column := range 2 {
			moved := SliceAxis(blocks, vertical, AxisRange(row, row+rows))
			four = append(four, SliceAxis(moved, vertical+1, AxisRange(column, column+columns)))
		}
	}
	all := Concatenate(four, inBlock)
	windows := batch * rows * columns
	if asRows {
		return Reshape(all, windows, -1)
	}
	return Reshape(all, -1, windows)
}

// productOfPatches applies a matrix to the patches of x.
func productOfPatches(x, matrix *Node) *Node {
	return withGradients(func(in []*Node) *Node { return MatMul(in[0], in[1]) }, []*Node{patches(x, true), matrix},
		func(v *Node, in []*Node) *Node { return DotGeneral(v, []int{1}, nil, in[1], []int{1}, nil) },
		func(v *Node, _ []*Node) *Node { return MatMul(patches(x, false), v) })
}

// maxOfPlaces returns the maximum of x [n, places·filters] over the places: [n,
// filters]. Its gradient goes to every place that has the maximum. The gradient is
// built from one part per place, because XLA does not vectorise it as a whole.
// Computing v once instead of once per part saves a seventh of the image
// classifier's training step.
func maxOfPlaces(x *Node, filters int) *Node {
	const places = pooled * pooled
	largest := func(in []*Node) *Node { return ReduceMax(Reshape(in[0], -1, places, filters), 1) }
	return withGradients(largest, []*Node{x}, func(v *Node, in []*Node) *Node {
		maximum, v := largest(in), computedOnce(v)
		var parts []*Node
		for place := range places {
			part := SliceAxis(in[0], -1, AxisRange(place*filters, (place+1)*filters))
			parts = append(parts, Where(Equal(part, maximum), v, Zeros(v.Graph(), v.Shape())))
		}
		return Concatenate(parts, -1)
	})
}
