package homework

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/kit/lessontest"
	"evident/lessons/textcnn"
)

// What the exercises count is the lesson's own count, at Kim's sizes and others.
func TestTextNetIsThatOfTheLesson(t *testing.T) {
	config := textcnn.Smoke().Cost
	for _, d := range []Draw{{}, {random: exercise.Random("1")}, {random: exercise.Random("2")}} {
		n := drawTextNet(d)
		config.Published = n
		facts, err := textcnn.MeasureCost(context.Background(), lessontest.PureGo(t), config)
		require.NoError(t, err)
		s := textNet(n, true)
		require.Equal(t, facts.Published[0].Parameters, s.Total())
		require.Equal(t, facts.Published[0].MultiplyAdds, s.FLOPs()/2)
		require.Equal(t, facts.Published[0].Embeddings, s.Find("embedding").Parameters)
	}
}

// Counted one by one: every window that holds a word at least, or lies in the
// text.
func TestWindowsAreCounted(t *testing.T) {
	n := drawTextNet(Draw{})
	wide, narrow := 0, 0
	for _, k := range n.Net.Windows {
		for start := -k; start <= n.Length; start++ {
			if start+k > 0 && start < n.Length {
				wide += n.Net.Maps
			}
			if start >= 0 && start+k <= n.Length {
				narrow += n.Net.Maps
			}
		}
	}
	require.Equal(t, wide, valuesBefore(textNet(n, true)))
	require.Equal(t, narrow, valuesBefore(textNet(n, false)))
}
