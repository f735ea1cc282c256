package textcnn

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/kit/fit"
)

func TestFeaturesAreWordsAndPairs(t *testing.T) {
	require.Equal(t, []string{"not", "good", "film", "not good", "good film"}, wordsAndPairs("Not good film, then", 3))
	require.Empty(t, wordsAndPairs("", 3))
}

// By hand: of two texts of either sign, the first feature is in both positive ones,
// the second in one of either sign. With α = 1, p = (3, 2) and q = (1, 2).
func TestRatiosByHand(t *testing.T) {
	r := ratios([][]int{{0, 1}, {0}, {1}, {}}, []float64{1, 1, -1, -1}, 2)
	require.InDeltaSlice(t, []float64{math.Log(3.0 / 5 * 3 / 1), math.Log(2.0 / 5 * 3 / 2)}, r, 1e-12)
}

// The minimum agrees with that of many small steps down the gradient.
func TestMachineHasTheLeastCost(t *testing.T) {
	rows, signs := [][]int{{0, 1}, {1}, {2}, {0, 2}, {1, 2}}, []float64{1, 1, -1, -1, 1}
	scale := []float64{0.5, 2, -1, 1}
	want := make(machine, len(scale))
	for range 200_000 {
		gradient := make([]float64, len(scale))
		for f, w := range want {
			gradient[f] = 2 * w
		}
		for i, row := range rows {
			short := 1 - signs[i]*want.margin(row, scale)
			for _, f := range append([]int{3}, row...) {
				gradient[f] -= 2 * 0.7 * max(short, 0) * signs[i] * scale[f]
			}
		}
		for f := range want {
			want[f] -= 1e-3 * gradient[f]
		}
	}
	require.InDeltaSlice(t, want, minimise(rows, signs, scale, 0.7, fit.Rand(1, 1)), 1e-4)
}

func TestPairsTellWhatWordsDoNot(t *testing.T) {
	train, test := reviews.Negation(512, 1), reviews.Negation(256, 2)
	three := text.Set{Classes: []string{"a", "b", "c"}}
	for i, sentence := range []string{"red", "green", "blue", "a red", "a green", "a blue"} {
		three.Add(sentence, int32(i%3))
	}
	for _, l := range []linear{svm, nbsvm} {
		t.Run(l.name, func(t *testing.T) {
			require.Greater(t, l.learn(count(train, generatedLength), 1).accuracy(count(test, generatedLength)), 0.95)
			require.Less(t, l.learn(count(train, 1), 1).accuracy(count(test, 1)), 0.6, "the first word tells nothing")
			require.InDelta(t, 1, l.learn(count(three, 5), 1).accuracy(count(three, 5)), 0)
		})
	}
}
