package solution

import . "github.com/gomlx/gomlx/core/graph"

// CrossEntropy returns −log softmax(logits)[label] of every picture: [batch]. The
// logits are [batch, classes] and the labels [batch, 1].
func CrossEntropy(logits, labels *Node) *Node {
	// The largest logit is taken out of both terms, so that Exp cannot overflow.
	shifted := Sub(logits, ReduceAndKeep(logits, ReduceMax, -1))
	ofLabel := OneHot(Reshape(labels, -1), logits.Shape().Dim(-1), logits.DType())
	return Sub(Log(ReduceSum(Exp(shifted), -1)), ReduceSum(Mul(ofLabel, shifted), -1))
}
