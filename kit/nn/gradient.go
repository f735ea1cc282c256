package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gradient computes the gradient of an input from that of the output and from
// all inputs.
type gradient func(ofOutput *Node, inputs []*Node) *Node

// withGradients is forward(inputs) with gradients of one's own, one for each
// input. GoMLX has these only for the identity. So one behind the output keeps
// the output's gradient, and one before each input replaces whatever has come
// through forward by then: none of that is used, and so none is computed.
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

// computedOnce is x [..., channels], finite, as its product with the identity,
// which changes no digit. XLA's CPU backend computes what leads to an elementwise
// operation anew for each value that comes of it, as often as x is spread, but
// merges nothing into a matrix product.
func computedOnce(x *Node) *Node {
	channels := x.Shape().Dim(-1)
	return matrixProduct(x, DiagonalWithValue(ScalarOne(x.Graph(), x.DType()), channels))
}
