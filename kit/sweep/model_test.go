package sweep_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"evident/kit/sweep"
)

// Narrow layers have their products written out. They are those of the general formula, and so are their gradients.
func TestProductIsTheSumOfTheProducts(t *testing.T) {
	const replicas, rows = 3, 4
	random := rand.New(rand.NewPCG(1, 2))
	drawn := func(dims ...int) *tensors.Tensor {
		values := make([]float64, dims[0]*dims[1]*dims[2])
		for i := range values {
			values[i] = random.NormFloat64()
		}
		return tensors.FromFlatDataAndDimensions(values, dims...)
	}
	withGradients := func(product func(x, weights *Node) *Node) func(x, weights *Node) []*Node {
		return func(x, weights *Node) []*Node {
			y := product(x, weights)
			gradients := Gradient(ReduceAllSum(Sin(y)), x, weights)
			return []*Node{y, gradients[0], gradients[1]}
		}
	}
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		for _, width := range [][2]int{{2, 16}, {16, 2}, {1, 1}, {4, 4}, {5, 5}} {
			t.Run(fmt.Sprint(width), func(t *testing.T) {
				x, weights := drawn(replicas, rows, width[0]), drawn(replicas, width[0], width[1])
				own, err := CallOnceN(backend, withGradients(sweep.Product), x, weights)
				require.NoError(t, err)
				want, err := CallOnceN(backend, withGradients(func(x, weights *Node) *Node { return Einsum("rni,rio->rno", x, weights) }), x, weights)
				require.NoError(t, err)
				for i := range want {
					require.Equal(t, want[i].Shape(), own[i].Shape())
					require.InDeltaSlice(t, tensors.MustCopyFlatData[float64](want[i]), tensors.MustCopyFlatData[float64](own[i]), 1e-12)
				}
			})
		}
	})
}
