package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// The minimal filtering F(2×2, 3×3) of Lavin and Gray (2016, section 4.1, after
// Winograd 1980): outputs come in tiles of 2×2, each from the 4×4 inputs d around
// it and the kernel g,
//
//	y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A
//
// where ⊙ is a product for every place of the tile. Summed over the channels those
// are 16 products of matrices, with 16 multiplications for 4 outputs, not 36.
var (
	winogradInput  = [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}} // Bᵀ
	winogradKernel = [][]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}         // G
	winogradOutput = [][]float64{{1, 1, 1, 0}, {0, 1, -1, -1}}                              // Aᵀ
)

const (
	winogradTile = 2 // height and width of a tile of outputs
	// winogradChannels is from how many channels and filters on the products were
	// measured to save more than the sums cost (BenchmarkWinograd). Tiles of 4×4,
	// with half of the multiplications again, were no faster in a whole net, and ten
	// times as far from the plain result.
	winogradChannels = 64
)

// winogradFits says whether convolveByWinograd computes such a convolution of x
// [batch, height, width, channels].
func winogradFits(x, kernel *Node, stride int, padding Padding) bool {
	return x.Rank() == 4 && kernel.Shape().Dim(0) == 3 && stride == 1 && padding == Same &&
		x.Shape().Dim(1)%winogradTile == 0 && x.Shape().Dim(2)%winogradTile == 0
}

// winogradPays says whether that is faster on XLA's CPU backend.
func winogradPays(kernel *Node) bool {
	return min(kernel.Shape().Dim(-2), kernel.Shape().Dim(-1)) >= winogradChannels
}

// convolveByWinograd is a 3×3 convolution with stride 1 and padding same of x
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

// winogradKernelGradient leads the gradient v of the output the same way back.
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

// inputTiles are the places of the inputs around each tile: 4×4 nodes
// [tiles, channels].
func inputTiles(x *Node) [][]*Node { return windowParts(x, winogradTile+2, Same) }

// outputTiles are the places of the tiles of y: 2×2 nodes [tiles, filters].
func outputTiles(y *Node) [][]*Node { return windowParts(y, winogradTile, Valid) }

// windowParts are the places of the windows around all tiles, for x of even
// height and width.
func windowParts(x *Node, size int, padding Padding) [][]*Node {
	all := windows(x, size, winogradTile, padding, padZero)
	return parts(size, func(row, column int) *Node { return Reshape(all[row*size+column], -1, x.Shape().Dim(-1)) })
}

// kernelParts are the places of a kernel: 3×3 nodes [channels, filters].
func kernelParts(kernel *Node) [][]*Node {
	return parts(3, func(row, column int) *Node {
		return Reshape(every(every(kernel, 0, row, 1, 1), 1, column, 1, 1), kernel.Shape().Dimensions[2:]...)
	})
}

// parts is a square of nodes.
func parts(size int, at func(row, column int) *Node) [][]*Node {
	square := make([][]*Node, size)
	for row := range square {
		for column := range size {
			square[row] = append(square[row], at(row, column))
		}
	}
	return square
}

// eachPair applies a function to the nodes of two squares place by place.
func eachPair(a, b [][]*Node, of func(a, b *Node) *Node) [][]*Node {
	return parts(len(a), func(row, column int) *Node { return of(a[row][column], b[row][column]) })
}

// sandwich is matrix · nodes · matrixᵀ.
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

// combination is Σ coefficient·node, of which one at least is not 0.
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
