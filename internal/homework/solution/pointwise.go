package solution

import . "github.com/gomlx/gomlx/core/graph"

// Excite is squeeze-and-excitation on maps [row, column, channel]: the mean of every
// map, two dense layers without biases, and a factor from 0 to 1 for every map.
func Excite(maps, reduce, restore *Node) *Node {
	means := ReduceMean(maps, 0, 1)
	hidden := Max(Einsum("c,ch->h", means, reduce), ScalarZero(maps.Graph(), maps.DType()))
	factors := Sigmoid(Einsum("h,hc->c", hidden, restore))
	return Mul(maps, Reshape(factors, 1, 1, -1))
}
