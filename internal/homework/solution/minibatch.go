package solution

import . "github.com/gomlx/gomlx/core/graph"

// Spread returns the mean squared distance of the rows of g [n, d] from their
// mean, as one number.
func Spread(g *Node) *Node {
	mean := ReduceAndKeep(g, ReduceMean, 0)                   // [1, d]
	return ReduceAllMean(ReduceSum(Square(Sub(g, mean)), -1)) // a squared distance for each row, and their mean
}
