package nn

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
)

// Every method for the pure-Go backend gives the same value and gradients as
// GoMLX's own operations.
func TestPureGoWaysEqualThePlainOnes(t *testing.T) {
	// Whole numbers from −2 to 2 often coincide, and are often zero.
	x, y := coarse(1, 2, 4, 6, 3), coarse(2, 2, 4, 6, 3)
	for name, c := range map[string]struct {
		way, plain func(in []*Node) *Node
		inputs     []array
	}{
		"ReLU": {
			func(in []*Node) *Node { return reluByMask(in[0]) },
			func(in []*Node) *Node { return Max(in[0], ScalarZero(in[0].Graph(), in[0].DType())) }, []array{x},
		},
		"larger of two": {
			func(in []*Node) *Node { return maxByMask(in[0], in[1]) },
			func(in []*Node) *Node { return Max(in[0], in[1]) }, []array{x, y},
		},
		"maxima of windows": {
			func(in []*Node) *Node { return maxOfWindows(in[0], 2) },
			func(in []*Node) *Node { return ReduceMax(Reshape(in[0], 2, 2, 2, 3, 2, 3), 2, 4) }, []array{x},
		},
		"bias": {
			func(in []*Node) *Node { return addBiasByProduct(in[0], in[1]) },
			func(in []*Node) *Node { return Add(in[0], ExpandLeftToRank(in[1], 4)) }, []array{x, coarse(3, 3)},
		},
		"product with a wide matrix": {
			func(in []*Node) *Node { return productByTransposing(in[0], in[1]) },
			func(in []*Node) *Node { return MatMul(in[0], in[1]) }, []array{coarse(4, 7, 3), coarse(5, 3, 5)},
		},
		"product with a narrow matrix": {
			func(in []*Node) *Node { return productByTransposing(in[0], in[1]) },
			func(in []*Node) *Node { return MatMul(in[0], in[1]) }, []array{coarse(6, 7, 5), coarse(7, 5, 3)},
		},
	} {
		t.Run(name, func(t *testing.T) { requireSameGradients(t, c.way, c.plain, c.inputs...) })
	}
}

// coarse draws whole numbers from −2 to 2.
func coarse(seed uint64, dims ...int) array {
	a := random(seed, dims...)
	for i, v := range a.values {
		a.values[i] = float32(int(3 * v))
	}
	return a
}

// Shifting reads the same windows as cutting them out, in pictures and volumes,
// for kernels of odd and even size, larger than the input, and with large
// paddings.
func TestConvolutionByShiftsEqualsThatByColumns(t *testing.T) {
	for _, c := range []struct {
		sides   []int
		kernel  int
		padding Padding
	}{
		{[]int{6, 7}, 3, Same}, {[]int{6, 7}, 3, Valid}, {[]int{8, 8}, 5, Same}, {[]int{6, 6}, 2, Same}, {[]int{5, 7}, 4, Valid},
		{[]int{3, 2}, 5, Same}, {[]int{1, 1}, 5, Same}, {[]int{9}, 3, Same}, {[]int{4, 5, 6}, 3, Same}, {[]int{2, 4, 3}, 4, Same},
	} {
		t.Run(fmt.Sprint(c.sides, " kernel ", c.kernel, " ", c.padding), func(t *testing.T) {
			inputs, kernel := []int{2}, []int{}
			for _, side := range c.sides {
				inputs, kernel = append(inputs, side), append(kernel, c.kernel)
			}
			requireSameGradients(t,
				func(in []*Node) *Node {
					return convolveByShifts(in[0], in[1], windowPaddings(in[0], c.kernel, 1, c.padding))
				},
				func(in []*Node) *Node { return convolveByColumns(in[0], in[1], 1, c.padding) },
				random(1, append(inputs, 3)...), random(2, append(kernel, 3, 4)...))
		})
	}
}

// requireSameGradients compares the values of two graphs, and the gradients of Σ
// weight·value with respect to all inputs, on the pure-Go backend.
func requireSameGradients(t *testing.T, way, plain func(in []*Node) *Node, inputs ...array) {
	t.Helper()
	own, err := backend.PureGo()
	require.NoError(t, err)
	defer own.Finalize()
	run := func(graph func(in []*Node) *Node) []*tensors.Tensor {
		args := make([]any, len(inputs))
		for i, a := range inputs {
			args[i] = a.tensor()
		}
		outputs, err := CallOnceN(own, func(in []*Node) []*Node {
			y := graph(in)
			weights := Sin(IotaFull(y.Graph(), y.Shape())) // all different
			return append(Gradient(ReduceAllSum(Mul(weights, y)), in...), y)
		}, args...)
		require.NoError(t, err)
		return outputs
	}
	got := run(way)
	for i, want := range run(plain) {
		require.Equal(t, want.Shape().Dimensions, got[i].Shape().Dimensions)
		require.InDeltaSlice(t, tensors.MustCopyFlatData[float32](want), tensors.MustCopyFlatData[float32](got[i]), 1e-4)
	}
}
