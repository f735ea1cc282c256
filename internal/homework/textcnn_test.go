package homework

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/kit/lessontest"
	"evident/lessons/textcnn"

	"evident/internal/homework/solution"
)

// The exercises count as the lesson does, for Kim's sizes and others.
func TestTextNetIsThatOfTheLesson(t *testing.T) {
	config := textcnn.Smoke().Cost
	for _, d := range []draw{{}, {random: exercise.Random("1")}, {random: exercise.Random("2")}} {
		n := drawTextNet(d)
		config.Published = textcnn.CostNet{
			Net: textcnn.Net{Windows: n.Windows, Width: n.Width, Maps: n.Maps}, Length: n.Length, Words: n.Words, Units: config.Published.Units,
		}
		facts, err := textcnn.Computation.Measured(context.Background(), lessontest.PureGo(t), config)
		require.NoError(t, err)
		s := n.Summary()
		require.Equal(t, facts.Published[0].Parameters, s.Total())
		require.Equal(t, facts.Published[0].MultiplyAdds, s.FLOPs()/2)
		require.Equal(t, facts.Published[0].Embeddings, s.Find("embedding").Parameters)
	}
}

// The test counts the windows one by one: those that hold at least one word, and
// those that lie in the text.
func TestWindowsAreCounted(t *testing.T) {
	n := drawTextNet(draw{})
	wide, narrow := 0, 0
	for _, k := range n.Windows {
		for start := -k; start <= n.Length; start++ {
			if start+k > 0 && start < n.Length {
				wide += n.Maps
			}
			if start >= 0 && start+k <= n.Length {
				narrow += n.Maps
			}
		}
	}
	require.Equal(t, wide, n.valuesBefore())
	require.Equal(t, narrow, n.other().valuesBefore())
}

// Applying ReLU after the maximum instead of before gives the same.
func TestMaximumOverTimeIsTheLargestAnswer(t *testing.T) {
	for seed := range 20 {
		inputs := textcnnInputs(exercise.Random(fmt.Sprint(seed)))
		text, filters, biases := inputs[0].([][]float64), inputs[1].([][][]float64), inputs[2].([]float64)
		require.Equal(t, overTime(text, filters, biases, largest), solution.MaxOverTime(text, filters, biases))
	}
}

// A loop over the words of each text finds the same as the graph, for float32 as it
// is drawn.
func TestPoolingLooksAtWordsAlone(t *testing.T) {
	set, err := Sheet("textcnn")
	require.NoError(t, err)
	pooled := find(t, set, "textcnn.pooled").Function.Reference.(exercise.Caller)
	for seed := range 20 {
		inputs := pooledInputs(exercise.Random(fmt.Sprint(seed)))
		maps, numbers := inputs[0].([][][]float32), inputs[1].([][]int)
		var want []float64
		for i := range maps {
			for filter := range maps[i][0] {
				best := math.Inf(-1)
				for place, number := range numbers[i] {
					if number != 0 {
						best = max(best, float64(maps[i][place][filter]))
					}
				}
				want = append(want, best)
			}
		}
		arguments, err := json.Marshal(inputs)
		require.NoError(t, err)
		outcome, err := pooled.Call([]string{"float32", "int"}, arguments)
		require.NoError(t, err)
		require.Equal(t, want, outcome.Results[0].Values)
		for i, gradient := range outcome.Gradients[0].Values {
			place := i / 3 % len(numbers[0])
			if numbers[i/3/len(numbers[0])][place] == 0 {
				require.Zero(t, gradient, "no gradient reaches padding")
			}
		}
	}
}
