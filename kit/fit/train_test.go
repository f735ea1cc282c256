package fit

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/readertest"
	"evident/kit/backend"
	"evident/kit/nn"
	"evident/kit/progress"
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

// Each rate is worked out by hand.
func TestSchedules(t *testing.T) {
	own := func(step, steps int) float64 { return float64(steps - step) }
	for name, c := range map[string]struct {
		schedule Schedule
		want     []float64 // of every step
	}{
		"constant":         {Constant(0.1), []float64{0.1, 0.1, 0.1}},
		"step":             {StepDecay(8, 0.5, 2), []float64{8, 8, 4, 4, 2, 2, 1}},
		"cosine":           {CosineDecay(2), []float64{2, 1 + math.Sqrt2/2, 1, 1 - math.Sqrt2/2}},
		"warm-up":          {WarmUp(3, Constant(4)), []float64{1, 2, 3, 4, 4}},
		"none to warm":     {WarmUp(0, CosineDecay(2)), []float64{2, 1 + math.Sqrt2/2, 1, 1 - math.Sqrt2/2}},
		"warm-up, cosine":  {WarmUp(1, CosineDecay(2)), []float64{1, 2, 1 + math.Sqrt2/2, 1, 1 - math.Sqrt2/2}},
		"warm-up too long": {WarmUp(3, CosineDecay(4)), []float64{1, 2, 3}},
		"own":              {own, []float64{3, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			for step, want := range c.want {
				require.InDelta(t, want, c.schedule(step, len(c.want)), 1e-12, "step %d", step)
			}
		})
	}
}

// Plain descent moves a bias by rate·gradient, which the losses tell: for the loss
// (b − 1)² from b = 0, b − 1 becomes (b − 1)(1 − 2·rate).
func TestScheduleSetsTheRateOfEveryStep(t *testing.T) {
	data := NewTargetData([]float32{0, 0}, []int{1}, []float32{1, 1}, []int{1})
	schedule := func(step, _ int) float64 { return []float64{0.1, 0, 0.25, 0.5}[step] }
	for name, o := range map[string]optimizer.Interface{
		"ours":  nn.SGD().GoMLX(7),
		"GoMLX": optimizer.StochasticGradientDescent().WithLearningRate(7).WithDecay(false).Done(),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := NewRegressor(pureGo(t), units(1), data, 1, o)
			require.NoError(t, err)
			defer m.Finalize()
			history, err := m.Train(t.Context(), data, Training{Epochs: 2, LearningRate: schedule})
			require.NoError(t, err)
			require.InDeltaSlice(t, []float64{1, 0.8 * 0.8, 0.8 * 0.8, 0.4 * 0.4}, history.Losses, 1e-6)
			require.Equal(t, 0.0, history.Epochs[0].LearningRate)
			require.Equal(t, 0.5, history.Epochs[1].LearningRate)
			history, err = m.Train(t.Context(), data, Training{Epochs: 1})
			require.NoError(t, err)
			require.InDelta(t, 13*13, history.Losses[1], 1e-3, "without a schedule the optimizer's own rate is back")
		})
	}
}

// fixed moves every weight by the gradient, and has no rate.
type fixed struct{ optimizer.Interface }

func (fixed) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	i := 0
	for v := range scope.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			v.SetNodeValue(Sub(v.NodeValue(g), gradients[i]))
			i++
		}
	}
}

func TestBadSchedules(t *testing.T) {
	data := xor(4, 1)
	for name, c := range map[string]struct {
		optimizer optimizer.Interface
		schedule  Schedule
		want      string
	}{
		"below zero": {nn.SGD().GoMLX(1), func(step, _ int) float64 { return 1 - float64(step) }, "the learning rate of step 2 of 4 is -1: a schedule returns numbers from 0"},
		"NaN":        {nn.SGD().GoMLX(1), CosineDecay(math.NaN()), "the learning rate of step 0 of 4 is NaN: a schedule returns numbers from 0"},
		"infinite":   {nn.SGD().GoMLX(1), Constant(math.Inf(1)), "the learning rate of step 0 of 4 is +Inf: a schedule returns numbers from 0"},
		"no rate":    {fixed{}, Constant(1), "the optimizer has no learning rate that a schedule could set: leave LearningRate out, or take another optimizer, as nn.Adam"},
	} {
		t.Run(name, func(t *testing.T) {
			net, err := NewClassifier(pureGo(t), mlp, data, 1, c.optimizer)
			require.NoError(t, err)
			defer net.Finalize()
			_, err = net.Train(t.Context(), data, Training{Epochs: 1, LearningRate: c.schedule})
			readertest.BadInput(t, err)
			require.EqualError(t, err, c.want)
		})
	}
}

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
