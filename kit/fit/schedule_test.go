package fit

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/nn"
)

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
