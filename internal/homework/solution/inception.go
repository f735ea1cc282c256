package solution

import . "github.com/gomlx/gomlx/core/graph"

// Tower reduces the channels of x by a 1×1 convolution and applies two 3×3
// convolutions, with ReLU behind each of the three.
func Tower(x, reduce, first, second *Node) *Node {
	x = Einsum("bhwc,cf->bhwf", x, reduce)
	x = Max(x, ZerosLike(x))
	for _, kernel := range []*Node{first, second} {
		x = Convolve(x, kernel).PadSame().Done()
		x = Max(x, ZerosLike(x))
	}
	return x
}
