package nn

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
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

// To the bit, and in the same order.
func TestColumnsAreTheWindows(t *testing.T) {
	check := func(t *testing.T, x, kernel array, stride int, padding Padding) {
		size := kernel.dims[0]
		want := call(t, func(in []*Node) *Node { return Concatenate(windows(in[0], size, stride, padding, padZero), -1) }, x)
		require.Equal(t, want, call(t, func(in []*Node) *Node { return columns(in[0], size, stride, padding) }, x))
	}
	eachConvolution(t, check)
	eachVolume(t, check)
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

func TestComputedOnceChangesNoDigit(t *testing.T) {
	for _, dims := range [][]int{{300, 8}, {2, 3, 4, 5}, {7, 1}} {
		x := random(1, dims...)
		require.Equal(t, x, call(t, func(in []*Node) *Node { return computedOnce(in[0]) }, x), "%v", dims)
	}
}

// reference builds the module tower by tower with GoMLX's own layers.
func reference(scope *model.Scope, x *Node, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj int) *Node {
	conv := func(name string, x *Node, kernel, filters int) *Node {
		return ReLU(layers.Convolution(scope.In("%s", name), x).CurrentScope().Channels(filters).KernelSize(kernel).PadSame().Done())
	}
	return Concatenate([]*Node{
		conv("1x1", x, 1, f1x1),
		conv("3x3", conv("3x3_reduce", x, 1, f3x3Reduce), 3, f3x3),
		conv("5x5", conv("5x5_reduce", x, 1, f5x5Reduce), 5, f5x5),
		conv("pool_proj", MaxPool(x).Window(3).Strides(1).PadSame().Done(), 1, poolProj),
	}, -1)
}

// Both modules get the same random variables. The last biases of the towers are
// one variable in ours and four in the reference.
func TestInceptionEqualsItsTowers(t *testing.T) {
	x, last := random(1, 2, 6, 5, 3), random(9, 2+4+6+7).values
	run := func(module func(*model.Scope, *Node, int, int, int, int, int, int) *Node, biases map[string][]float32) array {
		store := model.NewStore()
		exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, in *Node) *Node { return module(scope, in, 2, 3, 4, 5, 6, 7) })
		require.NoError(t, err)
		_, err = exec.Compile(x.tensor().Shape())
		require.NoError(t, err)
		for i, name := range []string{"1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj"} {
			v := store.GetVariable("/" + name + "/weights")
			require.NoError(t, v.SetValue(random(uint64(i), v.Shape().Dimensions...).tensor()))
		}
		biases["/3x3_reduce/biases"], biases["/5x5_reduce/biases"] = []float32{.1, .2, .3}, []float32{.1, 0, .2, .3, -.1}
		for path, values := range biases {
			require.NoError(t, store.GetVariable(path).SetValue(array{[]int{len(values)}, values}.tensor()), path)
		}
		require.Equal(t, 3*2+2+3*3+3+9*3*4+4+3*5+5+25*5*6+6+3*7+7, store.NumParameters())
		y, err := exec.Call(x.tensor())
		require.NoError(t, err)
		return array{y[0].Shape().Dimensions, slices.Concat(flatten(y[0].Value().([][][][]float32))...)}
	}
	ours := run(Inception, map[string][]float32{"/biases": last})
	require.Equal(t, []int{2, 6, 5, 2 + 4 + 6 + 7}, ours.dims)
	requireEqual(t, run(reference, map[string][]float32{
		"/1x1/biases": last[:2], "/3x3/biases": last[2:6], "/5x5/biases": last[6:12], "/pool_proj/biases": last[12:],
	}), ours)
}

func TestBiasAndReLUCommuteWithMaxPooling(t *testing.T) {
	x, biases := random(1, 2, 6, 4, 5), random(2, 5)
	early := call(t, func(in []*Node) *Node { return MaxPool2D(ReLU(Add(in[0], ExpandLeftToRank(in[1], 4))), 2) }, x, biases)
	late := call(t, func(in []*Node) *Node { return ReLU(Add(MaxPool2D(in[0], 2), ExpandLeftToRank(in[1], 4))) }, x, biases)
	requireEqual(t, early, late)
}

func flatten(values [][][][]float32) [][]float32 {
	var rows [][]float32
	for _, batch := range values {
		for _, row := range batch {
			rows = append(rows, row...)
		}
	}
	return rows
}
