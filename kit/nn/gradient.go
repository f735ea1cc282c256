package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gradient computes the gradient of an input from the output's gradient and all
// inputs.
type gradient func(ofOutput *Node, inputs []*Node) *Node

// withGradients returns forward(inputs) with custom gradients, one for each
// input. GoMLX supports custom gradients only for the identity. One identity
// after the output therefore keeps the output's gradient, and one before each
// input replaces the gradient that came through forward. Since that gradient is
// unused, it is not computed.
func withGradients(forward func(inputs []*Node) *Node, inputs []*Node, gradients ...gradient) *Node {
	var ofOutput *Node
	marked := make([]*Node, len(inputs))
	for i, x := range inputs {
		marked[i] = IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return gradients[i](ofOutput, marked) })
	}
	return IdentityWithCustomGradient(forward(marked), func(_, v *Node) *Node {
		ofOutput = v
		return v
	})
}

// computedOnce returns x [..., channels], which must be finite, as its product
// with the identity matrix. No digit changes. XLA's CPU backend recomputes the
// inputs of an elementwise operation for each of its results, but it fuses
// nothing into a matrix product.
func computedOnce(x *Node) *Node {
	channels := x.Shape().Dim(-1)
	return matrixProduct(x, DiagonalWithValue(ScalarOne(x.Graph(), x.DType()), channels))
}
