package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

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
