package nn

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

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
