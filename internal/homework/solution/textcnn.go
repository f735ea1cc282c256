package solution

import . "github.com/gomlx/gomlx/core/graph"

// Pooled returns the largest value of each filter over the words of each text. The
// maps [text][place][filter] have a place for each of the numbers [text][place],
// which are 0 where the text has ended.
func Pooled(maps, numbers *Node) *Node {
	isWord := NotEqual(numbers, ZerosLike(numbers))
	least := Infinity(maps.Graph(), maps.DType(), -1)
	return ReduceMax(Where(isWord, maps, least), 1)
}
