package nn

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"
)

// volumes lists [depth, height, width] with kernels of odd and even size, which
// may not fit, and strides up to more than the kernel.
var volumes = []struct {
	depth, height, width, channels, filters, kernel, stride int
	padding                                                 Padding
}{
	{3, 5, 4, 3, 2, 1, 1, Same},
	{3, 5, 4, 3, 2, 1, 2, Valid},
	{4, 5, 6, 2, 3, 3, 1, Same},
	{4, 5, 6, 2, 3, 3, 1, Valid},
	{5, 6, 7, 1, 2, 3, 2, Same},
	{5, 6, 7, 1, 2, 2, 1, Same},
	{5, 6, 7, 1, 2, 2, 3, Valid},
	{2, 4, 3, 2, 2, 5, 1, Same},
	{4, 5, 6, 2, 2, 4, 1, Same},
}

// naiveConvolution3D sums over every window in eight loops.
func naiveConvolution3D(x, kernel array, stride int, padding Padding) array {
	size, channels, filters := kernel.dims[0], kernel.dims[3], kernel.dims[4]
	var out, before [3]int
	for axis := range 3 {
		out[axis] = OutputSize(x.dims[axis+1], size, stride, padding)
		if padding == Same {
			before[axis] = max((out[axis]-1)*stride+size-x.dims[axis+1], 0) / 2
		}
	}
	var values []float32
	for batch := range x.dims[0] {
		for z := range out[0] {
			for y := range out[1] {
				for column := range out[2] {
					for filter := range filters {
						values = append(values, naiveWindow(x, kernel, batch, filter, channels,
							[3]int{z*stride - before[0], y*stride - before[1], column*stride - before[2]}))
					}
				}
			}
		}
	}
	return array{[]int{x.dims[0], out[0], out[1], out[2], filters}, values}
}

// naiveWindow computes one output. Values outside of x count as zero.
func naiveWindow(x, kernel array, batch, filter, channels int, corner [3]int) (sum float32) {
	size := kernel.dims[0]
	for i := range size {
		for j := range size {
			for k := range size {
				z, y, column := corner[0]+i, corner[1]+j, corner[2]+k
				if z < 0 || y < 0 || column < 0 || z >= x.dims[1] || y >= x.dims[2] || column >= x.dims[3] {
					continue
				}
				for channel := range channels {
					sum += x.at(batch, z, y, column, channel) * kernel.at(i, j, k, channel, filter)
				}
			}
		}
	}
	return sum
}

func eachVolume(t *testing.T, check func(t *testing.T, x, kernel array, stride int, padding Padding)) {
	for i, c := range volumes {
		t.Run(fmt.Sprintf("%dx%dx%d kernel %d stride %d %s", c.depth, c.height, c.width, c.kernel, c.stride, c.padding), func(t *testing.T) {
			x := random(uint64(i), 2, c.depth, c.height, c.width, c.channels)
			kernel := random(uint64(50+i), c.kernel, c.kernel, c.kernel, c.channels, c.filters)
			check(t, x, kernel, c.stride, c.padding)
		})
	}
}

func TestConvolution3DEqualsNaiveLoops(t *testing.T) {
	eachVolume(t, func(t *testing.T, x, kernel array, stride int, padding Padding) {
		want := naiveConvolution3D(x, kernel, stride, padding)
		for name, convolve := range map[string]func(x, kernel *Node, stride int, padding Padding) *Node{
			"chosen": Convolve3D, "backend": convolvePlain, "columns": convolveByColumns,
		} {
			t.Log(name)
			requireEqual(t, want, call(t, func(in []*Node) *Node { return convolve(in[0], in[1], stride, padding) }, x, kernel))
		}
	})
}

// The convolution is linear in each argument. Its finite difference along a
// direction is therefore its value there, without truncation error.
func TestConvolution3DGradientEqualsFiniteDifference(t *testing.T) {
	eachVolume(t, func(t *testing.T, x, kernel array, stride int, padding Padding) {
		weights := random(7, naiveConvolution3D(x, kernel, stride, padding).dims...)
		alongX, alongKernel := random(8, x.dims...), random(9, kernel.dims...)
		gradient := func(of int) array {
			return call(t, func(in []*Node) *Node {
				return Gradient(ReduceAllSum(Mul(in[2], Convolve3D(in[0], in[1], stride, padding))), in[of])[0]
			}, x, kernel, weights)
		}
		require.InDelta(t, dot(weights, naiveConvolution3D(alongX, kernel, stride, padding)), dot(gradient(0), alongX), 1e-3)
		require.InDelta(t, dot(weights, naiveConvolution3D(x, alongKernel, stride, padding)), dot(gradient(1), alongKernel), 1e-3)
	})
}

func TestConv3DHasTheVariablesOfItsFormula(t *testing.T) {
	store := model.NewStore()
	exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, x *Node) *Node {
		return Conv3D{Filters: 4, Kernel: 3, Stride: 2, Activation: ReLU}.Apply(scope.In("layer"), x)
	})
	require.NoError(t, err)
	x := random(1, 2, 5, 6, 7, 2)
	_, err = exec.Compile(x.tensor().Shape())
	require.NoError(t, err)
	require.Equal(t, []int{3, 3, 3, 2, 4}, store.GetVariable("/layer/weights").Shape().Dimensions)
	require.Equal(t, Conv3DCost(3, 2, 4, 1).Parameters, store.NumParameters())
	require.NoError(t, store.GetVariable("/layer/biases").SetValue(array{[]int{4}, []float32{-99, 99, 0, 0}}.tensor()))
	y, err := exec.Call(x.tensor())
	require.NoError(t, err)
	require.True(t, y[0].Shape().Equal(shapes.Make(y[0].DType(), 2, 3, 3, 4, 4)), "%s", y[0].Shape())
	for _, voxel := range y[0].Value().([][][][][]float32)[0][0][0] {
		require.Zero(t, voxel[0], "far below zero without ReLU")
		require.Greater(t, voxel[1], float32(50))
	}
}

// PerFrame treats the third frame of a clip as it treats a single picture.
func TestPerFrameIsTheLayerOnEveryFrame(t *testing.T) {
	x, kernel := random(1, 2, 4, 5, 6, 3), random(2, 3, 3, 3, 2)
	own := func(in []*Node) *Node {
		return PerFrame(in[0], func(x *Node) *Node { return Convolve2D(x, in[1], 1, Valid) })
	}
	alone := func(in []*Node) *Node {
		frame := Squeeze(SliceAxis(in[0], 1, AxisElem(2)), 1)
		return ExpandAxes(Convolve2D(frame, in[1], 1, Valid), 1)
	}
	clip := call(t, own, x, kernel)
	require.Equal(t, []int{2, 4, 3, 4, 2}, clip.dims)
	third := call(t, func(in []*Node) *Node { return SliceAxis(in[0], 1, AxisElem(2)) }, clip)
	requireEqual(t, call(t, alone, x, kernel), third)
}

func BenchmarkConv3D(b *testing.B) {
	for _, channels := range []int{1, 8} {
		x, kernel := random(1, 32, 8, 12, 12, channels), random(2, 3, 3, 3, channels, 8)
		for name, convolve := range map[string]func(x, kernel *Node, stride int, padding Padding) *Node{"columns": convolveByColumns, "backend": convolvePlain} {
			b.Run(fmt.Sprintf("%s/channels=%d", name, channels), func(b *testing.B) {
				exec := MustNewExec(selected(b), func(x, kernel *Node) *Node {
					y := ReduceAllSum(Square(convolve(x, kernel, 1, Same)))
					return ReduceAllSum(Gradient(y, kernel)[0])
				})
				defer exec.Finalize()
				inputX, inputKernel := x.tensor(), kernel.tensor()
				for b.Loop() {
					_, err := exec.Call(inputX, inputKernel)
					require.NoError(b, err)
				}
			})
		}
	}
}
