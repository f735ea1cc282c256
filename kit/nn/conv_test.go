package nn

import (
	"fmt"
	"maps"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"
)

// The shapes reach every method of Convolve2D: few and many channels, kernels of
// even size, strides beyond the kernel, inputs smaller than the kernel, and even
// sides with enough channels for minimal filtering.
var convolutions = []struct {
	height, width, channels, filters, kernel, stride int
	padding                                          Padding
}{
	{5, 4, 3, 2, 1, 1, Same},
	{5, 4, 3, 2, 1, 2, Valid},
	{6, 7, 2, 3, 3, 1, Same},
	{6, 7, 2, 3, 3, 1, Valid},
	{7, 6, 8, 4, 3, 2, Same},
	{7, 6, 8, 4, 3, 2, Valid},
	{8, 8, 5, 2, 5, 1, Same},
	{9, 8, 5, 2, 5, 3, Valid},
	{6, 6, 9, 2, 2, 1, Same},
	{7, 7, 9, 2, 2, 3, Valid},
	{3, 2, 4, 2, 5, 1, Same},
	{2, 2, 3, 4, 3, 1, Same},
	{6, 8, 4, 5, 3, 1, Same},
	{4, 6, winogradChannels, winogradChannels, 3, 1, Same},
}

type convolution func(x, kernel *Node, stride int, padding Padding) *Node

// ownConvolutions lists all methods except the backend's.
var ownConvolutions = map[string]convolution{
	"chosen": Convolve2D, "columns": convolveByColumns,
	"winograd": func(x, kernel *Node, stride int, padding Padding) *Node {
		if !winogradFits(x, kernel, stride, padding) {
			return convolveByColumns(x, kernel, stride, padding)
		}
		return convolveByWinograd(x, kernel)
	},
	"gradient by rows": func(x, kernel *Node, stride int, padding Padding) *Node {
		if !rowGradientFits(x, kernel, stride, padding) {
			return convolveByColumns(x, kernel, stride, padding)
		}
		return convolveWithRowGradient(x, kernel)
	},
}

func eachConvolution(t *testing.T, check func(t *testing.T, x, kernel array, stride int, padding Padding)) {
	for i, c := range convolutions {
		name := fmt.Sprintf("%dx%dx%d kernel %d stride %d %s", c.height, c.width, c.channels, c.kernel, c.stride, c.padding)
		t.Run(name, func(t *testing.T) {
			x := random(uint64(i), 2, c.height, c.width, c.channels)
			kernel := random(uint64(100+i), c.kernel, c.kernel, c.channels, c.filters)
			check(t, x, kernel, c.stride, c.padding)
		})
	}
}

func TestConvolutionEqualsNaiveLoops(t *testing.T) {
	eachConvolution(t, func(t *testing.T, x, kernel array, stride int, padding Padding) {
		want := naiveConvolution(x, kernel, stride, padding)
		ways := maps.Clone(ownConvolutions)
		ways["backend"] = convolvePlain
		for name, convolve := range ways {
			t.Log(name)
			requireEqual(t, want, call(t, func(in []*Node) *Node { return convolve(in[0], in[1], stride, padding) }, x, kernel))
		}
	})
}

// The gradients of all methods agree with the slope of the naive loops, which is
// the derivative of Σ weight·output along a random direction.
func TestConvolutionGradientEqualsFiniteDifference(t *testing.T) {
	eachConvolution(t, func(t *testing.T, x, kernel array, stride int, padding Padding) {
		weights := random(7, naiveConvolution(x, kernel, stride, padding).dims...)
		alongX, alongKernel := random(8, x.dims...), random(9, kernel.dims...)
		// The convolution is linear in each argument, so its derivative along a
		// direction is its value there, without truncation error.
		wantX := dot(weights, naiveConvolution(alongX, kernel, stride, padding))
		wantKernel := dot(weights, naiveConvolution(x, alongKernel, stride, padding))
		for name, convolve := range ownConvolutions {
			gradient := func(of int) array {
				return call(t, func(in []*Node) *Node {
					return Gradient(ReduceAllSum(Mul(in[2], convolve(in[0], in[1], stride, padding))), in[of])[0]
				}, x, kernel, weights)
			}
			require.InDelta(t, wantX, dot(gradient(0), alongX), 1e-3, name)
			require.InDelta(t, wantKernel, dot(gradient(1), alongKernel), 1e-3, name)
		}
	})
}

func dot(a, b array) float64 {
	sum := 0.0
	for i, v := range a.values {
		sum += float64(v) * float64(b.values[i])
	}
	return sum
}

func TestConv2DAddsBiasThenActivates(t *testing.T) {
	store := model.NewStore()
	x := random(1, 1, 3, 3, 2)
	// All weights are 0 and all biases −1, so ReLU leaves zeros.
	exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, in *Node) *Node {
		y := Conv2D{Filters: 4, Kernel: 3, Activation: ReLU}.Apply(scope.In("layer"), in)
		return y
	})
	require.NoError(t, err)
	_, err = exec.Compile(x.tensor().Shape())
	require.NoError(t, err)
	require.NoError(t, store.GetVariable("/layer/weights").SetValue(random(2, 3, 3, 2, 4).tensor()))
	require.NoError(t, store.GetVariable("/layer/biases").SetValue(array{[]int{4}, []float32{-99, 99, 0, 0}}.tensor()))
	y, err := exec.Call(x.tensor())
	require.NoError(t, err)
	values := y[0].Value().([][][][]float32)
	for _, row := range values[0] {
		for _, pixel := range row {
			require.Zero(t, pixel[0], "far below zero without ReLU")
			require.Greater(t, pixel[1], float32(50))
		}
	}
	require.Equal(t, Conv2DCost(3, 2, 4, 1).Parameters, store.NumParameters())
}
