package homework

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

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
