package nn

import (
	"fmt"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"
)

// The sides hold one pooling window or several, and the channels go from one to
// the largest permitted number.
var pooledConvolutions = [][]int{ // batch, height, width, channels, filters
	{1, 2, 2, 1, 1}, {2, 6, 4, 1, 3}, {3, 8, 8, 3, 2}, {2, 4, 10, mostPooledChannels, 5},
}

func eachPooledConvolution(t *testing.T, check func(t *testing.T, x, kernel array)) {
	for i, c := range pooledConvolutions {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			check(t, random(uint64(i), c[0], c[1], c[2], c[3]), random(uint64(100+i), 3, 3, c[3], c[4]))
		})
	}
}

func TestConvolveAndPoolEqualsNaiveLoops(t *testing.T) {
	eachPooledConvolution(t, func(t *testing.T, x, kernel array) {
		want := naiveMaxPool(naiveConvolution(x, kernel, 1, Same), 2, 2, Valid)
		requireEqual(t, want, call(t, func(in []*Node) *Node { return convolveAndPool(in[0], in[1]) }, x, kernel))
	})
}

// Random numbers give one winner in each window. The gradients are then those
// of the convolution at the winner, and zero elsewhere.
func TestConvolveAndPoolGradientEqualsThatOfOneAfterTheOther(t *testing.T) {
	eachPooledConvolution(t, func(t *testing.T, x, kernel array) {
		convolved := naiveConvolution(x, kernel, 1, Same)
		most := naiveMaxPool(convolved, 2, 2, Valid)
		weights := random(7, most.dims...)
		atWinners := array{convolved.dims, make([]float32, len(convolved.values))}
		for b := range convolved.dims[0] {
			for row := range convolved.dims[1] {
				for column := range convolved.dims[2] {
					for f := range convolved.dims[3] {
						if convolved.at(b, row, column, f) == most.at(b, row/2, column/2, f) {
							atWinners.values[convolved.offset([]int{b, row, column, f})] = weights.at(b, row/2, column/2, f)
						}
					}
				}
			}
		}
		alongX, alongKernel := random(8, x.dims...), random(9, kernel.dims...)
		gradient := func(of int) array {
			return call(t, func(in []*Node) *Node {
				return Gradient(ReduceAllSum(Mul(in[2], convolveAndPool(in[0], in[1]))), in[of])[0]
			}, x, kernel, weights)
		}
		require.InDelta(t, dot(atWinners, naiveConvolution(alongX, kernel, 1, Same)), dot(gradient(0), alongX), 1e-3)
		require.InDelta(t, dot(atWinners, naiveConvolution(x, alongKernel, 1, Same)), dot(gradient(1), alongKernel), 1e-3)
	})
}

// All places with the same maximum get the gradient, as in [MaxPool2D].
func TestConvolveAndPoolGivesTheGradientToAllWinners(t *testing.T) {
	x, kernel, weights := random(1, 1, 4, 4, 1), array{[]int{3, 3, 1, 2}, make([]float32, 18)}, random(2, 1, 2, 2, 2)
	gradients := func(pooled func(x, kernel *Node) *Node) array {
		return call(t, func(in []*Node) *Node {
			return Gradient(ReduceAllSum(Mul(in[2], pooled(in[0], in[1]))), in[1])[0]
		}, x, kernel, weights)
	}
	requireEqual(t, gradients(func(x, kernel *Node) *Node { return MaxPool2D(Convolve2D(x, kernel, 1, Same), 2) }), gradients(convolveAndPool))
}

// Pooling before the bias and the ReLU gives the same as pooling after them,
// whichever method the layer uses.
func TestConv2DWithPoolingEqualsTheLayersOneAfterTheOther(t *testing.T) {
	for name, c := range map[string]struct {
		dims []int
		conv Conv2D
	}{
		"together":        {[]int{2, 6, 8, 1}, Conv2D{Filters: 3, Kernel: 3}},
		"an odd side":     {[]int{2, 7, 8, 1}, Conv2D{Filters: 3, Kernel: 3}},
		"many channels":   {[]int{2, 6, 8, mostPooledChannels + 1}, Conv2D{Filters: 3, Kernel: 3}},
		"a larger kernel": {[]int{2, 6, 8, 1}, Conv2D{Filters: 3, Kernel: 5}},
		"a larger window": {[]int{2, 6, 9, 1}, Conv2D{Filters: 3, Kernel: 3, MaxPool: 3}},
		"valid":           {[]int{2, 6, 8, 1}, Conv2D{Filters: 3, Kernel: 3, Padding: Valid}},
		"a stride":        {[]int{2, 8, 8, 1}, Conv2D{Filters: 3, Kernel: 3, Stride: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			c.conv.MaxPool, c.conv.Activation = max(c.conv.MaxPool, 2), ReLU
			plain := c.conv
			plain.MaxPool = 0
			x := random(1, c.dims...)
			want := runConv2D(t, x, func(scope *model.Scope, x *Node) *Node { return MaxPool2D(plain.Apply(scope, x), c.conv.MaxPool) })
			requireEqual(t, want, runConv2D(t, x, c.conv.Apply))
		})
	}
}

// runConv2D runs a layer with the same weights and biases each time.
func runConv2D(t *testing.T, x array, layer func(*model.Scope, *Node) *Node) array {
	t.Helper()
	store := model.NewStore()
	exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, x *Node) *Node { return layer(scope, x) })
	require.NoError(t, err)
	_, err = exec.Compile(x.tensor().Shape())
	require.NoError(t, err)
	for i, name := range []string{"/weights", "/biases"} {
		v := store.GetVariable(name)
		require.NoError(t, v.SetValue(random(uint64(10+i), v.Shape().Dimensions...).tensor()))
	}
	y, err := exec.Call(x.tensor())
	require.NoError(t, err)
	return array{y[0].Shape().Dimensions, tensors.MustCopyFlatData[float32](y[0])}
}

// Minimal filtering requires even sides, and pays off with many channels and
// filters.
func TestWinogradFitsAndPays(t *testing.T) {
	const many = winogradChannels
	for _, c := range []struct {
		height, channels, filters, kernel, stride int
		padding                                   Padding
		fits, pays                                bool
	}{
		{8, many, many, 3, 1, Same, true, true},
		{8, many - 1, many, 3, 1, Same, true, false},
		{8, many, many - 1, 3, 1, Same, true, false},
		{7, many, many, 3, 1, Same, false, true},
		{8, many, many, 3, 2, Same, false, true},
		{8, many, many, 3, 1, Valid, false, true},
		{8, many, many, 5, 1, Same, false, true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			call(t, func(in []*Node) *Node {
				require.Equal(t, c.fits, winogradFits(in[0], in[1], c.stride, c.padding))
				require.Equal(t, c.pays, winogradPays(in[1]))
				return Add(in[0], ReduceAllSum(in[1])) // the pure-Go backend fails if an input is unused
			}, random(1, 1, c.height, 8, c.channels), random(2, c.kernel, c.kernel, c.channels, c.filters))
		})
	}
}

// BenchmarkWinograd trains a 3×3 convolution on 32 pictures, by minimal filtering
// and by the backend's own convolution in turn: value and both gradients.
func BenchmarkWinograd(b *testing.B) {
	for _, shape := range []struct{ side, channels, filters int }{
		{24, 8, 16}, {16, 24, 24}, {16, 32, 48}, {16, 64, 64}, {16, 96, 128}, {8, 128, 192},
	} {
		b.Run(fmt.Sprintf("%d×%d×%d→%d", shape.side, shape.side, shape.channels, shape.filters), func(b *testing.B) {
			on := selected(b)
			var seconds [2]float64
			var ways [2]*Exec
			for i, convolve := range []func(x, kernel *Node) *Node{
				convolveByWinograd, func(x, kernel *Node) *Node { return convolvePlain(x, kernel, 1, Same) },
			} {
				ways[i] = MustNewExec(on, func(x, kernel, weights *Node) []*Node {
					y := convolve(x, kernel)
					return append(Gradient(ReduceAllSum(Mul(weights, y)), x, kernel), y)
				})
				defer ways[i].Finalize()
			}
			inputs := []any{
				random(1, 32, shape.side, shape.side, shape.channels).tensor(),
				random(2, 3, 3, shape.channels, shape.filters).tensor(),
				random(3, 32, shape.side, shape.side, shape.filters).tensor(),
			}
			step := func(way *Exec) float64 {
				start := time.Now()
				outputs, err := way.Call(inputs...)
				require.NoError(b, err)
				elapsed := time.Since(start).Seconds()
				for _, output := range outputs {
					output.MustFinalizeAll()
				}
				return elapsed
			}
			step(ways[0]) // compile
			step(ways[1])
			for b.Loop() {
				for i, way := range ways {
					seconds[i] += step(way)
				}
			}
			b.ReportMetric(seconds[0]/seconds[1], "winograd/backend")
		})
	}
}
