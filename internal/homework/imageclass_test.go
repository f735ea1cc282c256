package homework

import (
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/kit/exercise/nodes"
	"evident/lessons/imageclass"

	"evident/internal/homework/solution"
)

// The notebook prints 15,714 parameters.
func TestImageclassHasTheNumbersOfTheNotebook(t *testing.T) {
	set, err := Sheet("imageclass")
	require.NoError(t, err)
	requireRight(t, set, map[string]int{"imageclass.params": 15_714, "imageclass.steps": 38 * 10})
}

// The lesson uses ranks; the solution counts the pairs one by one.
func TestAreaIsTheShareOfPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		scores, positive := ranked(random, 2+random.IntN(5), 2+random.IntN(5))
		require.InDelta(t, solution.AUC(scores, positive), imageclass.AUC(scores, positive).Value, 1e-12)
	}
}

// Among the eight pictures of the prediction, some of each class change sides,
// and the order stays.
func TestMovedScoresCrossTheThreshold(t *testing.T) {
	before := moved(0)
	for _, by := range []float64{-2, 2} {
		for name, after := range moved(by) {
			if name == "AUC" {
				require.Equal(t, before[name], after)
			} else {
				require.NotEqual(t, before[name], after, name)
			}
		}
	}
}

// Logits 1 and −1: log(e¹ + e⁻¹) ∓ 1 = 0.126928 for the first class and 2.126928 for the
// second. With 300 in place of 1 the loss is 0 and 600, and e³⁰⁰ is no float32.
func TestCrossEntropyByHand(t *testing.T) {
	set, err := Sheet("imageclass")
	require.NoError(t, err)
	loss := find(t, set, "imageclass.loss").Function.Reference.(exercise.Caller)
	outcome, err := loss.Call([]string{"float32", "int32"}, []byte("[[[1,-1],[1,-1],[300,-300],[300,-300]],[[0],[1],[0],[1]]]"))
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{0.126928, 2.126928, 0, 600}, outcome.Results[0].Values, 1e-5)
}

// A formula that is right on paper is refused where it overflows.
func TestCrossEntropyHasToBeStable(t *testing.T) {
	set, err := Sheet("imageclass")
	require.NoError(t, err)
	answer := func(loss func(logits, labels *Node) *Node) exercise.Result {
		result, err := set.Answer("imageclass.loss", nodes.Answer(loss))
		require.NoError(t, err)
		return result
	}
	require.Equal(t, exercise.Right, answer(func(logits, labels *Node) *Node {
		return Neg(ReduceSum(Mul(OneHot(Reshape(labels, -1), 2, logits.DType()), LogSoftmax(logits)), -1))
	}).Verdict)
	unstable := answer(func(logits, labels *Node) *Node {
		ofLabel := ReduceSum(Mul(OneHot(Reshape(labels, -1), 2, logits.DType()), logits), -1)
		return Sub(Log(ReduceSum(Exp(logits), -1)), ofLabel)
	})
	require.Equal(t, exercise.Wrong, unstable.Verdict)
}
