package nn

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"evident/kit/backend"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// array is a picture or kernel in row-major order. The naive loops that check
// the layers use it.
type array struct {
	dims   []int
	values []float32
}

func (a array) at(index ...int) float32 { return a.values[a.offset(index)] }

func (a array) offset(index []int) int {
	offset := 0
	for axis, i := range index {
		offset = offset*a.dims[axis] + i
	}
	return offset
}

func (a array) tensor() *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(a.values, a.dims...)
}

// random draws values between −1 and 1.
func random(seed uint64, dims ...int) array {
	generator := rand.New(rand.NewPCG(seed, 0))
	size := 1
	for _, d := range dims {
		size *= d
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = generator.Float32()*2 - 1
	}
	return array{dims, values}
}

// slide visits every output of a window over x [batch, height, width, channels],
// with the window's upper left corner in the input, which may lie outside.
func slide(x array, kernel, stride int, padding Padding, visit func(batch, row, column, top, left int)) (height, width int) {
	height, width = OutputSize(x.dims[1], kernel, stride, padding), OutputSize(x.dims[2], kernel, stride, padding)
	padTop, padLeft := 0, 0
	if padding == Same {
		padTop = max((height-1)*stride+kernel-x.dims[1], 0) / 2
		padLeft = max((width-1)*stride+kernel-x.dims[2], 0) / 2
	}
	for batch := range x.dims[0] {
		for row := range height {
			for column := range width {
				visit(batch, row, column, row*stride-padTop, column*stride-padLeft)
			}
		}
	}
	return height, width
}

func naiveConvolution(x, kernel array, stride int, padding Padding) array {
	size, channels, filters := kernel.dims[0], kernel.dims[2], kernel.dims[3]
	var values []float32
	height, width := slide(x, size, stride, padding, func(batch, _, _, top, left int) {
		for filter := range filters {
			sum := float32(0)
			for i := range size {
				for j := range size {
					if !inside(x, top+i, left+j) {
						continue
					}
					for channel := range channels {
						sum += x.at(batch, top+i, left+j, channel) * kernel.at(i, j, channel, filter)
					}
				}
			}
			values = append(values, sum)
		}
	})
	return array{[]int{x.dims[0], height, width, filters}, values}
}

func naiveMaxPool(x array, size, stride int, padding Padding) array {
	var values []float32
	height, width := slide(x, size, stride, padding, func(batch, _, _, top, left int) {
		for channel := range x.dims[3] {
			largest := float32(math.Inf(-1))
			for i := range size {
				for j := range size {
					if inside(x, top+i, left+j) {
						largest = max(largest, x.at(batch, top+i, left+j, channel))
					}
				}
			}
			values = append(values, largest)
		}
	})
	return array{[]int{x.dims[0], height, width, x.dims[3]}, values}
}

func inside(x array, row, column int) bool {
	return row >= 0 && row < x.dims[1] && column >= 0 && column < x.dims[2]
}

func selected(t testing.TB) compute.Backend {
	t.Helper()
	chosen, err := backend.Select(context.Background())
	require.NoError(t, err)
	return chosen.Backend
}

// call runs a graph with one output on arrays.
func call(t testing.TB, graph func([]*Node) *Node, args ...array) array {
	t.Helper()
	inputs := make([]any, len(args))
	for i, a := range args {
		inputs[i] = a.tensor()
	}
	output, err := CallOnce(selected(t), graph, inputs...)
	require.NoError(t, err)
	return array{output.Shape().Dimensions, tensors.MustCopyFlatData[float32](output)}
}

func requireEqual(t testing.TB, want, got array) {
	t.Helper()
	require.Equal(t, want.dims, got.dims)
	require.InDeltaSlice(t, want.values, got.values, 1e-4)
}
