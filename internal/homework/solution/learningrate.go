package solution

import . "github.com/gomlx/gomlx/core/graph"

// ClipNorm scales every gradient, one a row, so that its norm is at most the limit.
func ClipNorm(gradients, limit *Node) *Node {
	norms := Sqrt(ReduceAndKeep(Square(gradients), ReduceSum, -1))
	return Mul(gradients, Min(OnesLike(norms), Div(limit, norms)))
}
