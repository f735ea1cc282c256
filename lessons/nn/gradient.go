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
