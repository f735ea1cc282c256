package nn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
	"github.com/stretchr/testify/require"
)

// The test counts the windows one by one.
func TestOutputSizeCountsWindows(t *testing.T) {
	for size := 1; size <= 32; size++ {
		for kernel := 1; kernel <= 7; kernel++ {
			for stride := 1; stride <= 4; stride++ {
				valid := 0
				for start := 0; start+kernel <= size; start += stride {
					valid++
				}
				same := 0
				for start := 0; start < size; start += stride {
					same++
				}
				require.Equal(t, valid, OutputSize(size, kernel, stride, Valid), "valid %d %d %d", size, kernel, stride)
				require.Equal(t, same, OutputSize(size, kernel, stride, Same), "same %d %d %d", size, kernel, stride)
			}
		}
	}
}

func TestWindowThatFitsNowhereIsNamed(t *testing.T) {
	convolution := func(kernel, stride int) func(x *Node) *Node {
		return func(x *Node) *Node {
			return convolve(x, Ones(x.Graph(), shapes.Make(x.DType(), slices.Repeat([]int{kernel}, x.Rank())...)), stride, Valid)
		}
	}
	for name, c := range map[string]struct {
		layer func(x *Node) *Node
		dims  []int
		says  string
	}{
		"pictures":      {convolution(3, 1), []int{1, 5, 2, 3}, "a window of size 3 does not fit into axis 2"},
		"with a stride": {convolution(3, 2), []int{1, 2, 5, 3}, "a window of size 3 does not fit into axis 1"},
		"clips":         {convolution(5, 1), []int{2, 8, 8, 4, 5}, "a window of size 5 does not fit into axis 3"},
		"even":          {convolution(2, 1), []int{1, 1, 2, 2}, "a window of size 2 does not fit into axis 1"},
		"pooling":       {func(x *Node) *Node { return MaxPool2D(x, 2) }, []int{1, 4, 1, 3}, "a window of size 2 does not fit into axis 2"},
	} {
		t.Run(name, func(t *testing.T) {
			x := Parameter(NewGraph(selected(t), t.Name()), "x", shapes.Make(dtypes.Float32, c.dims...))
			require.ErrorContains(t, exceptions.TryCatch[error](func() { c.layer(x) }), c.says)
		})
	}
}

// LeNet's first layers (LeCun et al. 1998, section II-B) go from 32 to 28 with
// a 5×5 kernel and to 14 with 2×2 pooling. ResNet's first layer (He et al.
// 2016, table 1) goes from 224 to 112 with a 7×7 kernel and stride 2.
func ExampleOutputSize() {
	fmt.Println(OutputSize(32, 5, 1, Valid), OutputSize(28, 2, 2, Valid), OutputSize(224, 7, 2, Same))
	// Output: 28 14 112
}

// The examples are a first layer on RGB with 64 filters of 3×3, and a dense
// layer from 128 to 5.
func ExampleConv2DCost() {
	fmt.Println(Conv2DCost(3, 3, 64, 32*32).Parameters, DenseCost(128, 5).Parameters)
	// Output: 1792 645
}

func TestMaxPool2DEqualsNaiveLoops(t *testing.T) {
	for _, c := range [][]int{{4, 4, 2}, {5, 7, 2}, {6, 6, 3}, {3, 3, 1}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			x := random(1, 2, c[0], c[1], 3)
			requireEqual(t, naiveMaxPool(x, c[2], c[2], Valid), call(t, func(in []*Node) *Node { return MaxPool2D(in[0], c[2]) }, x))
		})
	}
}

func TestMaxPool2DSameEqualsNaiveLoops(t *testing.T) {
	for _, c := range [][]int{{4, 5, 3}, {2, 6, 5}, {5, 5, 2}, {1, 1, 3}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			x := random(1, 2, c[0], c[1], 3)
			requireEqual(t, naiveMaxPool(x, c[2], 1, Same), call(t, func(in []*Node) *Node { return MaxPool2DSame(in[0], c[2]) }, x))
		})
	}
}

// Without ties, the gradient of Σ weight·maximum goes only to the largest
// value of each window.
func TestMaxPoolGradientGoesToTheLargest(t *testing.T) {
	for name, c := range map[string]struct {
		size, stride int
		padding      Padding
		pool         func(x *Node, size int) *Node
	}{
		"apart": {2, 2, Valid, MaxPool2D},
		"same":  {3, 1, Same, MaxPool2DSame},
	} {
		t.Run(name, func(t *testing.T) {
			x := random(3, 2, 4, 6, 3)
			weights := random(4, naiveMaxPool(x, c.size, c.stride, c.padding).dims...)
			got := call(t, func(in []*Node) *Node {
				return Gradient(ReduceAllSum(Mul(in[1], c.pool(in[0], c.size))), in[0])[0]
			}, x, weights)
			want := array{x.dims, make([]float32, len(x.values))}
			slide(x, c.size, c.stride, c.padding, func(batch, row, column, top, left int) {
				for channel := range x.dims[3] {
					best := []int{batch, max(top, 0), max(left, 0), channel}
					for i := range c.size {
						for j := range c.size {
							if inside(x, top+i, left+j) && x.at(batch, top+i, left+j, channel) > x.at(best...) {
								best = []int{batch, top + i, left + j, channel}
							}
						}
					}
					want.values[want.offset(best)] += weights.at(batch, row, column, channel)
				}
			})
			requireEqual(t, want, got)
		})
	}
}

func TestMeanPoolIsTheMean(t *testing.T) {
	x := array{[]int{1, 2, 2, 1}, []float32{1, 2, 3, 6}}
	require.Equal(t, []float32{3}, call(t, func(in []*Node) *Node { return GlobalMeanPool2D(in[0]) }, x).values)
}
