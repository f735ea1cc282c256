package solution

import . "github.com/gomlx/gomlx/core/graph"

// Hidden returns the gradients [n, h] of the sums of the hidden sigmoid units for
// n examples, given those of the output delta [n, 1], the weights of the output
// v [h], and the outputs of the hidden units a [n, h].
func Hidden(delta, v, a *Node) *Node {
	ofOutputs := Mul(delta, InsertAxes(v, 0)) // [n, 1] · [1, h]
	return Mul(ofOutputs, Mul(a, OneMinus(a)))
}
