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
	return isOnCPU(x) && !IsPureGo(x) && height%pooled == 0 && width%pooled == 0 && channels <= mostPooledChannels
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

// rowGradientFits reports whether convolveWithRowGradient can compute this convolution of x
// [batch, height, width, channels].
func rowGradientFits(x, kernel *Node, stride int, padding Padding) bool {
	return x.Rank() == 4 && kernel.Shape().Dim(0)%2 == 1 && stride == 1 && padding == Same
}

// convolveWithRowGradient uses the backend's own convolution, with stride 1 and padding same,
// except for the gradient of x.
func convolveWithRowGradient(x, kernel *Node) *Node {
	plain := func(x, kernel *Node) *Node { return convolvePlain(x, kernel, 1, Same) }
	return withGradients(func(in []*Node) *Node { return plain(in[0], in[1]) }, []*Node{x, kernel},
		func(v *Node, in []*Node) *Node { return gradientByRows(v, in[1]) },
		func(v *Node, in []*Node) *Node {
			y := plain(StopGradient(in[0]), in[1])
			return Gradient(ReduceAllSum(Mul(StopGradient(v), y)), in[1])[0]
		})
}

// gradientByRows returns the gradient of the input from the gradient v of the output [batch,
// height, width, filters]. XLA computes this gradient as a convolution and gathers its size×size
// windows pixel by pixel. Here a window is one row high: each row of the kernel has separate
// channels, which are then moved up or down to their place and summed. On XLA's CPU backend, a
// step of the image classifier takes a seventh less time, and no net that was tried takes
// longer.
func gradientByRows(v, kernel *Node) *Node {
	height, size := v.Shape().Dim(1), kernel.Shape().Dim(0)
	channels, filters := kernel.Shape().Dim(2), kernel.Shape().Dim(3)
	// [row, column, channels, filters] reversed becomes [1, column, filters, row·channels].
	wide := Reshape(TransposeAllAxes(Reverse(kernel, 1), 1, 3, 0, 2), 1, size, filters, size*channels)
	rows := Convolve(v, wide).PaddingPerDim([][2]int{{}, WindowPadding(v.Shape().Dim(2), size, 1, Same)}).Done()
	var sum *Node
	for row := range size {
		own := SliceAxis(rows, -1, AxisRange(row*channels, (row+1)*channels))
		moved := every(padAxis(own, 1, size, 1, Same, padZero), 1, size-1-row, 1, height)
		if sum == nil {
			sum = moved
		} else {
			sum = Add(sum, moved)
		}
	}
	return sum
}

// These matrices define the minimal filtering F(2×2, 3×3) of Lavin and Gray (2016,
// section 4.1, after Winograd 1980). Outputs come in tiles of 2×2. Each tile y
// follows from the 4×4 inputs d around it and the kernel g,
//
//	y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A
//
// where ⊙ multiplies place by place. Summed over the channels, these are 16 matrix
// products. Each tile of 4 outputs takes 16 multiplications instead of 36.
var (
	winogradInput  = [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}} // Bᵀ
	winogradKernel = [][]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}         // G
	winogradOutput = [][]float64{{1, 1, 1, 0}, {0, 1, -1, -1}}                              // Aᵀ
)

const (
	winogradTile = 2 // height and width of a tile of outputs
	// winogradChannels is the number of channels and filters from which the saved
	// multiplications were measured to outweigh the extra sums (BenchmarkWinograd).
	// Tiles of 4×4 halve the multiplications once more, but were no faster in a
	// whole net and ten times less accurate.
	winogradChannels = 64
)

// winogradFits reports whether convolveByWinograd can compute this convolution of x
// [batch, height, width, channels].
func winogradFits(x, kernel *Node, stride int, padding Padding) bool {
	return x.Rank() == 4 && kernel.Shape().Dim(0) == 3 && stride == 1 && padding == Same &&
		x.Shape().Dim(1)%winogradTile == 0 && x.Shape().Dim(2)%winogradTile == 0
}

// winogradPays reports whether minimal filtering is faster on XLA's CPU backend.
func winogradPays(kernel *Node) bool {
	return min(kernel.Shape().Dim(-2), kernel.Shape().Dim(-1)) >= winogradChannels
}

// convolveByWinograd computes a 3×3 convolution with stride 1 and padding same of x
// [batch, height, width, channels], where height and width are even.
func convolveByWinograd(x, kernel *Node) *Node {
	return withGradients(func(in []*Node) *Node { return winograd(in[0], in[1]) }, []*Node{x, kernel},
		func(v *Node, in []*Node) *Node { return winograd(v, turned(in[1])) },
		func(v *Node, in []*Node) *Node { return winogradKernelGradient(in[0], v) })
}

func winograd(x, kernel *Node) *Node {
	batch, height, width, _ := dims4(x)
	filters := kernel.Shape().Dim(-1)
	tiles, kernels := sandwich(winogradInput, inputTiles(x)), sandwich(winogradKernel, kernelParts(kernel))
	products := eachPair(tiles, kernels, MatMul)
	var rows []*Node
	for _, row := range sandwich(winogradOutput, products) {
		rows = append(rows, Reshape(Stack(row, 1), batch, height/winogradTile, width, filters))
	}
	return Reshape(Stack(rows, 2), batch, height, width, filters)
}

// winogradKernelGradient computes the kernel's gradient from the output's gradient
// v, by the transposed operations.
func winogradKernelGradient(x, v *Node) *Node {
	outputs := sandwich(transposed(winogradOutput), outputTiles(v))
	products := eachPair(sandwich(winogradInput, inputTiles(x)), outputs, func(tile, output *Node) *Node {
		return DotGeneral(tile, []int{0}, nil, output, []int{0}, nil)
	})
	var rows []*Node
	for _, row := range sandwich(transposed(winogradKernel), products) {
		rows = append(rows, Stack(row, 0))
	}
	return Stack(rows, 0)
}

// inputTiles returns the inputs around each tile by place: 4×4 nodes [tiles,
// channels].
func inputTiles(x *Node) [][]*Node { return windowParts(x, winogradTile+2, Same) }

// outputTiles returns the tiles of y by place: 2×2 nodes [tiles, filters].
func outputTiles(y *Node) [][]*Node { return windowParts(y, winogradTile, Valid) }

// windowParts returns the windows around all tiles by place, for x of even height
// and width.
func windowParts(x *Node, size int, padding Padding) [][]*Node {
	all := windows(x, size, winogradTile, padding, padZero)
	return parts(size, func(row, column int) *Node { return Reshape(all[row*size+column], -1, x.Shape().Dim(-1)) })
}

// kernelParts returns the kernel by place: 3×3 nodes [channels, filters].
func kernelParts(kernel *Node) [][]*Node {
	return parts(3, func(row, column int) *Node {
		return Reshape(every(every(kernel, 0, row, 1, 1), 1, column, 1, 1), kernel.Shape().Dimensions[2:]...)
	})
}

// parts makes a square of nodes.
func parts(size int, at func(row, column int) *Node) [][]*Node {
	square := make([][]*Node, size)
	for row := range square {
		for column := range size {
			square[row] = append(square[row], at(row, column))
		}
	}
	return square
}

// eachPair applies a function to two squares of nodes, place by place.
func eachPair(a, b [][]*Node, of func(a, b *Node) *Node) [][]*Node {
	return parts(len(a), func(row, column int) *Node { return of(a[row][column], b[row][column]) })
}

// sandwich returns matrix · nodes · matrixᵀ.
func sandwich(matrix [][]float64, nodes [][]*Node) [][]*Node {
	combined := combineAll(matrix, transposed(nodes)) // (matrix · nodes)ᵀ
	return combineAll(matrix, transposed(combined))
}

// combineAll applies the matrix to each list of nodes.
func combineAll(matrix [][]float64, lists [][]*Node) [][]*Node {
	combined := make([][]*Node, len(lists))
	for i, nodes := range lists {
		for _, row := range matrix {
			combined[i] = append(combined[i], combination(row, nodes))
		}
	}
	return combined
}

// combination returns Σ coefficient·node. At least one coefficient must not be 0.
func combination(coefficients []float64, nodes []*Node) *Node {
	var sum *Node
	for i, c := range coefficients {
		switch {
		case c == 0:
		case sum == nil:
			sum = MulScalar(nodes[i], c)
		default:
			sum = Add(sum, MulScalar(nodes[i], c))
		}
	}
	return sum
}

func transposed[T any](matrix [][]T) [][]T {
	result := make([][]T, len(matrix[0]))
	for _, row := range matrix {
		for j, value := range row {
			result[j] = append(result[j], value)
		}
	}
	return result
}
