package fit

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/nn"
)

func TestRestoredWeightsAnswerAndTrainAsBefore(t *testing.T) {
	trained, data := newXOR(t, 0.02)
	_, err := trained.Train(t.Context(), data, Training{Seed: 3, Epochs: 2})
	require.NoError(t, err)
	weights, err := WeightsOf(trained.Store())
	require.NoError(t, err)
	other, _ := newXOR(t, 0.02)
	require.NoError(t, weights.Restore(other.Store()))
	want, err := trained.Logits(t.Context(), data)
	require.NoError(t, err)
	got, err := other.Logits(t.Context(), data)
	require.NoError(t, err)
	require.Equal(t, want, got)
	copied, err := WeightsOf(other.Store())
	require.NoError(t, err)
	require.Equal(t, weights, copied, "the optimizer's too")
}

func TestWeightsOfAnotherNetAreRefused(t *testing.T) {
	c, data := newXOR(t, 0.02)
	weights, err := WeightsOf(c.Store())
	require.NoError(t, err)
	cut := append(Weights{}, weights...)
	cut[0].Bytes = cut[0].Bytes[1:]
	more := append(Weights{}, weights[1:]...)
	for name, kept := range map[string]Weights{"cut": cut, "fewer": more} {
		require.Error(t, kept.Restore(c.Store()), name)
	}
	net, err := NewClassifier(pureGo(t), func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("out"), nn.Dense(scope.In("hidden"), x, 17), 2)
	}, data, 32, nn.SGD().GoMLX(0.1))
	require.NoError(t, err)
	before, err := net.Logits(t.Context(), data)
	require.NoError(t, err)
	require.Error(t, weights.Restore(net.Store()))
	after, err := net.Logits(t.Context(), data)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// A net of GoMLX alone has no variables before it is run.
func TestWeightsAreMadeWhereThereAreNone(t *testing.T) {
	net := func(store *model.Store) []float32 {
		out, err := model.CallOnce(pureGo(t), store, func(scope *model.Scope, x *Node) *Node { return nn.Dense(scope.In("out"), x, 2) }, [][]float32{{1, 2}})
		require.NoError(t, err)
		return out.Value().([][]float32)[0]
	}
	first, second := model.NewStore(), model.NewStore()
	want := net(first)
	weights, err := WeightsOf(first)
	require.NoError(t, err)
	require.NoError(t, weights.Restore(second))
	require.Equal(t, want, net(second))
}
