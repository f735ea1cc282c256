package solution

import . "github.com/gomlx/gomlx/core/graph"

// Conv is a convolution with stride 1 and without padding along a sequence x
// [steps, channels], with the kernel w [k, channels, filters] and the biases b
// [filters].
func Conv(x, w, b *Node) *Node {
	kernel, steps := w.Shape().Dimensions, x.Shape().Dim(0)-w.Shape().Dim(0)+1
	sum := InsertAxes(b, 0) // [1, filters]
	for i := range kernel[0] {
		slice := Reshape(Slice(w, AxisElem(i)), kernel[1], kernel[2])
		sum = Add(sum, MatMul(Slice(x, AxisRange(i, i+steps)), slice))
	}
	return sum
}
