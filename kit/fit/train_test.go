package fit

import (
	"context"
	"testing"

	"evident/kit/backend"
	"evident/kit/progress"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/nn"
)

// xor is a task that a linear model cannot solve: two inputs, label = whether
// their signs differ.
func xor(n int, seed int64) Data {
	random := Rand(seed, 99)
	values, labels := make([]float32, 0, 2*n), make([]int32, n)
	for i := range n {
		a, b := random.Float32()*2-1, random.Float32()*2-1
		values = append(values, a, b)
		if (a > 0) != (b > 0) {
			labels[i] = 1
		}
	}
	return NewData(values, []int{2}, labels)
}

func mlp(scope *model.Scope, x *Node) *Node {
	hidden := nn.ReLU(nn.Dense(scope.In("hidden"), x, 16))
	return nn.Dense(scope.In("out"), hidden, 2)
}

func newXOR(t *testing.T, rate float64) (*Classifier, Data) {
	t.Helper()
	data := xor(512, 1)
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	c, err := NewClassifier(selected.Backend, mlp, data, 32, optimizer.Adam().LearningRate(rate).Done())
	require.NoError(t, err)
	t.Cleanup(c.Finalize)
	return c, data
}

func TestTrainingSolvesXOR(t *testing.T) {
	c, data := newXOR(t, 0.02)
	validation := xor(300, 2)
	history, err := c.Train(context.Background(), data, Training{Seed: 7, Epochs: 20, Validation: &validation})
	require.NoError(t, err)
	require.Len(t, history.Epochs, 20)
	require.Len(t, history.Losses, 20*16)
	require.Greater(t, history.Epochs[19].Validation.Accuracy, 0.93)
}

func TestValidationIsScoredWhereItIsAskedFor(t *testing.T) {
	c, data := newXOR(t, 0.02)
	validation := xor(64, 2)
	training := Training{Seed: 7, Epochs: 4, Validation: &validation, Validate: func(done int) bool { return done%2 == 0 }}
	history, err := c.Train(context.Background(), data, training)
	require.NoError(t, err)
	require.Zero(t, history.Epochs[0].Validation)
	require.NotZero(t, history.Epochs[1].Validation)
	require.Zero(t, history.Epochs[2].Validation)
	last, err := c.Evaluate(context.Background(), validation)
	require.NoError(t, err)
	require.Equal(t, last, history.Epochs[3].Validation)
}

func TestSameSeedSameTraining(t *testing.T) {
	c, data := newXOR(t, 0.02)
	run := func(seed int64) []float64 {
		history, err := c.Train(context.Background(), data, Training{Seed: seed, Epochs: 2})
		require.NoError(t, err)
		return history.Losses
	}
	first := run(3)
	require.NotEqual(t, first, run(4), "another seed")
	require.Equal(t, first, run(3), "the optimizer's state was reset too")
}

func TestDivergenceIsAnOutcome(t *testing.T) {
	data := xor(512, 1)
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	// A step of 1e30 along the gradient overflows within a few steps.
	sgd := optimizer.StochasticGradientDescent().WithLearningRate(1e30).Done()
	c, err := NewClassifier(selected.Backend, mlp, data, 32, sgd)
	require.NoError(t, err)
	defer c.Finalize()
	history, err := c.Train(context.Background(), data, Training{Seed: 1, Epochs: 3})
	require.NoError(t, err)
	require.NotNil(t, history.DivergedAt)
	require.Len(t, history.Losses, *history.DivergedAt, "only finite losses are kept")
	again, err := c.Train(context.Background(), data, Training{Seed: 2, Epochs: 1})
	require.NoError(t, err)
	require.NotEmpty(t, again.Losses, "the next seed starts afresh")
}

func TestCancelledTrainingKeepsItsHistory(t *testing.T) {
	c, data := newXOR(t, 0.01)
	ctx, cancel := context.WithCancel(context.Background())
	ctx = progress.With(ctx, func(p progress.Update) {
		if p.Step == 20 { // in the second epoch of 16 steps
			cancel()
		}
	})
	history, err := c.Train(ctx, data, Training{Task: "xor", Seed: 1, Epochs: 100})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, history.Epochs, 1)
	require.Len(t, history.Losses, 20)
}

func TestBadTrainings(t *testing.T) {
	c, data := newXOR(t, 0.01)
	_, err := c.Train(context.Background(), data, Training{Epochs: 0})
	require.ErrorIs(t, err, badinput.Err)
	_, err = c.Train(context.Background(), xor(31, 1), Training{Epochs: 1})
	require.ErrorContains(t, err, "31 examples do not fill a batch of 32")
}

func TestEvaluateCountsEveryExampleOnce(t *testing.T) {
	c, _ := newXOR(t, 0.01)
	data := xor(45, 3) // not a multiple of the batch
	logits, err := c.Logits(context.Background(), data)
	require.NoError(t, err)
	require.Len(t, logits, 45)
	score, err := c.Evaluate(context.Background(), data)
	require.NoError(t, err)
	require.Equal(t, ScoreLogits(logits, data.Labels()), score)
}

// 2 inputs, 16 hidden units, 2 outputs, each with its bias.
func TestParametersAreThoseThatAreTrained(t *testing.T) {
	c, _ := newXOR(t, 0.01)
	require.Equal(t, (2*16+16)+(16*2+2), c.Parameters())
	require.Greater(t, c.Store().NumParameters(), 2*c.Parameters(), "Adam keeps two moments beside them")
}
