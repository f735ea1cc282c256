package inception

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/lessontest"
	"evident/kit/report"
)

// What each mistake does follows from the arithmetic: equal logits pay ln 10
// whatever the labels, a softmax of probabilities cannot pay less than
// ln(1 + 9/e) = 1.4612, and a net of 64 units can learn 512 labels by heart.
func TestEachMistakeDoesWhatItMust(t *testing.T) {
	facts, err := StuckLoss.Measured(context.Background(), lessontest.PureGo(t), DefaultTrial())
	require.NoError(t, err)
	outcomes := map[string]Outcome{}
	for _, o := range facts.Outcomes {
		outcomes[o.Line] = o
	}
	guess := math.Log(10)
	require.Less(t, outcomes[""].After.Loss, guess/2, "without a mistake it learns")
	require.InDelta(t, guess, outcomes["ZeroWeights = true"].Before.Loss, 1e-6, "equal logits")
	require.InDelta(t, guess, outcomes["ZeroWeights = true"].After.Loss, 0.02, "no gradient passes a ReLU at 0")
	require.Equal(t, 1.0, outcomes["ZeroWeights = true"].Dead)
	require.InDelta(t, guess, outcomes["BlackPictures = true"].After.Loss, 0.02, "one input, so the frequencies of the classes")
	low := outcomes["LearningRate = 1e-7"]
	require.InDelta(t, low.Before.Loss, low.After.Loss, 0.02)
	require.Greater(t, outcomes["LearningRate = 10"].After.Loss, guess-0.02)
	require.Greater(t, outcomes["LearningRate = 10"].Dead, 0.5)
	require.Less(t, outcomes["ShuffledLabels = true"].After.Loss, guess/2, "the training labels are learned by heart")
	twice := outcomes["SoftmaxTwice = true"].After.Loss
	require.Greater(t, twice, math.Log(1+9/math.E), "the floor of a softmax of probabilities")
	require.Less(t, twice, guess)
	require.NoError(t, report.Figures{Tables: []report.Table{facts.table()}}.Validate())
}

func TestTrialNamesItsKnobs(t *testing.T) {
	for name, spoil := range map[string]func(*Trial){
		"Stuck.Train is 8: it must be at least BatchSize, 32": func(c *Trial) { c.Train = 8 },
		"Stuck.Epochs is 0":         func(c *Trial) { c.Epochs = 0 },
		"Stuck.Hidden is 0":         func(c *Trial) { c.Hidden = 0 },
		"Stuck.LearningRate is NaN": func(c *Trial) { c.LearningRate = math.NaN() },
	} {
		c := DefaultTrial()
		spoil(&c)
		_, err := StuckLoss.Measured(context.Background(), lessontest.PureGo(t), c)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, name)
	}
}
