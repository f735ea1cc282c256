package nn

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

// The gradient of Σ weight·(x + bias) with respect to x is the weight. With
// respect to a channel's bias it is the sum of that channel's weights, for
// any number of positions.
func TestBiasAddsAndItsGradientIsTheSumOverPositions(t *testing.T) {
	for _, dims := range [][]int{{5, 3}, {2, 3, 4, 3}, {4, 16, 16, 5}, {2, 8, 8, 8, 2}, {manyPositions, 1}} {
		t.Run(fmt.Sprint(dims), func(t *testing.T) {
			channels := dims[len(dims)-1]
			x, bias, weights := random(1, dims...), random(2, channels), random(3, dims...)
			sums, added := make([]float32, channels), make([]float32, len(x.values))
			for i, w := range weights.values {
				sums[i%channels] += w
				added[i] = x.values[i] + bias.values[i%channels]
			}
			requireEqual(t, array{dims, added}, call(t, func(in []*Node) *Node { return addBias(in[0], in[1]) }, x, bias))
			gradient := func(of int) array {
				return call(t, func(in []*Node) *Node {
					return Gradient(ReduceAllSum(Mul(in[2], addBias(in[0], in[1]))), in[of])[0]
				}, x, bias, weights)
			}
			require.InDeltaSlice(t, sums, gradient(1).values, 1e-4)
			requireEqual(t, weights, gradient(0))
		})
	}
}
