package fit

import (
	"context"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/kit/nn"
)

// With all inputs zero every logit is zero whatever the weights, and the
// gradient of the weights, an outer product with the inputs, is zero too. With
// inputs of one it is softmax − label, here ±1/2, for each of the two inputs.
func TestInitialGradientsOfALinearModel(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	linear := func(scope *model.Scope, x *Node) *Node {
		// A constant under the weights keeps the logits at zero.
		weights := nn.Dense(scope, x, 2)
		return Sub(weights, StopGradient(weights))
	}
	for input, want := range map[float32]float64{0: 0, 1: math.Sqrt(4 * 0.25)} {
		data := NewData([]float32{input, input}, []int{2}, []int32{0})
		norms, err := InitialGradients(context.Background(), selected.Backend, linear, data, 1, []int64{1, 2})
		require.NoError(t, err)
		require.Len(t, norms, 2)
		for _, perSeed := range norms {
			require.Len(t, perSeed, 1, "biases are left out")
			require.InDelta(t, want, perSeed[0], 1e-5)
		}
	}
}
