package fit

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/nn"
	"evident/kit/progress"
)

func TestEarlyStoppingOnHistoriesMadeByHand(t *testing.T) {
	nan := math.NaN()
	accuracy := func(validation Score) float64 { return -validation.Accuracy }
	for name, c := range map[string]struct {
		rule       EarlyStopping
		values     []float64 // validation losses, and accuracies too
		stop, best int       // 0 for never
	}{
		"ever better":         {EarlyStopping{Patience: 1}, []float64{3, 2, 1}, 0, 3},
		"worse at once":       {EarlyStopping{Patience: 1}, []float64{3, 4, 1}, 2, 1},
		"better after one":    {EarlyStopping{Patience: 2}, []float64{3, 4, 2, 5, 6, 1}, 5, 3},
		"the same is no gain": {EarlyStopping{Patience: 2}, []float64{3, 3, 3, 3}, 3, 1},
		"too small gains":     {EarlyStopping{Patience: 2, MinDelta: 0.5}, []float64{3, 2.7, 2.6, 1}, 3, 1},
		"small gains add up":  {EarlyStopping{Patience: 2, MinDelta: 0.5}, []float64{3, 2.7, 2.4, 2.3, 2.2}, 5, 3},
		"rising accuracy":     {EarlyStopping{Patience: 2, Monitor: accuracy}, []float64{0.1, 0.3, 0.2, 0.2, 0.9}, 4, 2},
		"NaN is no gain":      {EarlyStopping{Patience: 2}, []float64{nan, nan, 1}, 2, 0},
		"NaN, then numbers":   {EarlyStopping{Patience: 2}, []float64{nan, 2, nan, 1}, 0, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := (&Model{}).stopper(c.rule)
			stop := 0
			for i, v := range c.values {
				s.note(i+1, Score{Loss: v, Accuracy: v})
				if s.waited >= c.rule.Patience {
					stop = i + 1
					break
				}
			}
			require.Equal(t, c.stop, stop)
			require.Equal(t, c.best, s.best)
		})
	}
}

// scripted monitors numbers of its own, one after the other.
func scripted(values ...float64) func(Score) float64 {
	i := -1
	return func(Score) float64 { i++; return values[i] }
}

func TestEarlyStoppingLeavesTheBestWeights(t *testing.T) {
	data, validation := xor(128, 1), xor(64, 2)
	net, err := NewClassifier(pureGo(t), mlp, data, 32, nn.SGD().GoMLX(0.5))
	require.NoError(t, err)
	defer net.Finalize()
	train := func(ctx context.Context, training Training) (History, [][]float32, error) {
		training.Seed, training.Validation = 7, &validation
		history, trained := net.Train(ctx, data, training)
		logits, err := net.Logits(t.Context(), validation)
		require.NoError(t, err)
		return history, logits, trained
	}
	_, afterTwo, err := train(t.Context(), Training{Epochs: 2})
	require.NoError(t, err)
	_, afterFive, err := train(t.Context(), Training{Epochs: 5})
	require.NoError(t, err)
	require.NotEqual(t, afterTwo, afterFive)

	var last progress.Update
	ctx := progress.With(t.Context(), func(p progress.Update) { last = p })
	stop := EarlyStopping{Patience: 3, Monitor: scripted(3, 1, 2, 2, 1)}
	history, logits, err := train(ctx, Training{Epochs: 9, EarlyStopping: stop})
	require.NoError(t, err)
	require.Len(t, history.Epochs, 5)
	require.Equal(t, 2, history.BestEpoch)
	require.Equal(t, afterTwo, logits)
	require.Equal(t, [2]int{20, 20}, [2]int{last.Step, last.Steps}, "who watches the progress learns that it ended")

	stop.Monitor = scripted(3, 1, 2, 2)
	history, logits, err = train(t.Context(), Training{Epochs: 4, EarlyStopping: stop})
	require.NoError(t, err)
	require.Equal(t, 2, history.BestEpoch)
	require.Equal(t, afterTwo, logits, "also where it did not stop early")

	ctx, cancel := context.WithCancel(t.Context())
	ctx = progress.With(ctx, func(p progress.Update) {
		if p.Step == 14 { // in the fourth epoch of 4 steps
			cancel()
		}
	})
	stop.Monitor = scripted(3, 1, 2)
	history, logits, err = train(ctx, Training{Epochs: 9, EarlyStopping: stop})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, history.Epochs, 3)
	require.Equal(t, afterTwo, logits, "also after an interrupt")

	stop.Monitor = scripted(3, 1)
	history, logits, err = train(t.Context(), Training{Epochs: 9, EarlyStopping: stop, LearningRate: func(step, _ int) float64 {
		if step < 2*4 {
			return 0.5
		}
		return 1e30
	}})
	require.NoError(t, err)
	require.NotNil(t, history.DivergedAt)
	require.Equal(t, afterTwo, logits, "also where it diverged")

	stop.Monitor = scripted(3, 1)
	history, logits, err = train(t.Context(), Training{Epochs: 4, EarlyStopping: stop, Validate: func(done int) bool { return done%2 == 0 }})
	require.NoError(t, err)
	require.Equal(t, 4, history.BestEpoch, "only what is scored counts")
	require.NotEqual(t, afterTwo, logits)
}

func TestBadEarlyStopping(t *testing.T) {
	c, data := newXOR(t, 0.01)
	for want, stop := range map[string]EarlyStopping{
		"a patience of -1 epochs: use 1 or more, or 0 for no early stopping":             {Patience: -1},
		"early stopping with MinDelta -1: use 0 or more":                                 {Patience: 1, MinDelta: -1},
		"early stopping with MinDelta NaN: use 0 or more":                                {Patience: 1, MinDelta: math.NaN()},
		"early stopping with a patience of 0 never stops: set Patience to 1 or more":     {MinDelta: 1},
		"early stopping watches the validation data, and there are none: set Validation": {Patience: 1},
	} {
		_, err := c.Train(t.Context(), data, Training{Epochs: 1, EarlyStopping: stop})
		readertest.BadInput(t, err)
		require.EqualError(t, err, want)
	}
}

func TestCallbackMayEndTheTraining(t *testing.T) {
	c, data := newXOR(t, 0.02)
	var lengths []int
	history, err := c.Train(t.Context(), data, Training{Seed: 1, Epochs: 5, AfterEpoch: func(h History) error {
		lengths = append(lengths, len(h.Epochs))
		if h.Epochs[len(h.Epochs)-1].Loss > 0 && len(h.Epochs) == 3 {
			return ErrStop
		}
		return nil
	}})
	require.NoError(t, err)
	require.Len(t, history.Epochs, 3)
	require.Equal(t, []int{1, 2, 3}, lengths)
	_, err = c.Train(t.Context(), data, Training{Seed: 1, Epochs: 5, AfterEpoch: func(History) error { return filepath.ErrBadPattern }})
	require.ErrorIs(t, err, filepath.ErrBadPattern)
}

// A training with early stopping and a schedule, cut off after its best epoch and
// started again, ends where it would have ended.
func TestEarlyStoppingGoesOnFromACheckpoint(t *testing.T) {
	full := func(file string) training {
		tr := cutOff(file)
		tr.LearningRate = CosineDecay(0.02)
		tr.EarlyStopping = EarlyStopping{Patience: 3, Monitor: func(validation Score) float64 { return -validation.Loss }} // best at first
		return tr
	}
	want := full("").finish(t)
	require.Less(t, want.History.BestEpoch, 3)
	require.Len(t, want.History.Epochs, want.History.BestEpoch+3)

	file := filepath.Join(t.TempDir(), "xor.training")
	full(file).stopAt(t, 3*16+5)
	got := full(file).finish(t)
	require.Contains(t, got.Notices[0], "goes on after epoch 3")
	requireSame(t, want, got)
	require.NoFileExists(t, file)

	for name, change := range map[string]func(*training){
		"learning rates": func(tr *training) { tr.LearningRate = Constant(0.02) },
		"early stopping": func(tr *training) { tr.EarlyStopping.Monitor = nil },
	} {
		t.Run(name, func(t *testing.T) {
			full(file).stopAt(t, 3*16+5)
			other := full(file)
			change(&other)
			require.Contains(t, other.finish(t).Notices[0], "is of another training (different: "+name+")")
		})
	}
}
