// Package nn holds layers that GoMLX lacks or computes more slowly, with
// formulas for their shapes, parameters and costs. It also holds the
// optimizers.
//
// Every layer computes the same function as its plain counterpart in GoMLX;
// tests compare values and gradients. Inputs have the channels last: [batch,
// height, width, channels], with a depth before the height in three
// dimensions. Like all of GoMLX's graph functions, layers panic on impossible
// shapes. Package fit turns the panic into an error.
package nn

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Activation is an elementwise function of a layer's output; nil means the identity.
type Activation func(*Node) *Node

// ReLU returns max(x, 0).
func ReLU(x *Node) *Node {
	if IsPureGo(x) {
		return reluByMask(x)
	}
	return Max(x, ScalarZero(x.Graph(), x.DType()))
}

// Conv2D is a two-dimensional convolution with the parameters of the Keras layer of the same
// name.
type Conv2D struct {
	Filters    int
	Kernel     int     // height and width of the kernel
	Stride     int     // 0 means 1
	Padding    Padding // the zero value is Same
	MaxPool    int     // side of the max pooling after it, see [MaxPool2D]; 0 for none
	Activation Activation
	NoBias     bool
}

// Apply convolves x [batch, height, width, channels] and returns [batch, OutputSize(height),
// OutputSize(width), Filters], with height and width divided by MaxPool if that is set. The
// variables "weights" [Kernel, Kernel, channels, Filters] and "biases" [Filters] are in the
// scope.
//
// Apply takes the maximum before the bias and the activation, so that these process fewer
// values. For a monotone activation such as ReLU the result is the same.
func (c Conv2D) Apply(scope *model.Scope, x *Node) *Node {
	kernel, stride := kernelVariable(scope, x, c.Kernel, c.Filters), max(c.Stride, 1)
	if convolveAndPoolFits(x, kernel, stride, c.Padding, c.MaxPool) {
		return finish(scope, convolveAndPool(x, kernel), c.NoBias, c.Activation)
	}
	y := Convolve2D(x, kernel, stride, c.Padding)
	if c.MaxPool > 0 {
		y = MaxPool2D(y, c.MaxPool)
	}
	return finish(scope, y, c.NoBias, c.Activation)
}

// finish adds the bias and applies the activation, if there are any.
func finish(scope *model.Scope, y *Node, noBias bool, activation Activation) *Node {
	if !noBias {
		y = Bias(scope, y)
	}
	if activation != nil {
		y = activation(y)
	}
	return y
}

// Bias adds the variable "biases", one value per channel, to x [..., channels].
func Bias(scope *model.Scope, x *Node) *Node {
	return addBias(x, biasVariable(scope, x, x.Shape().Dim(-1)))
}

// addBias adds one value per channel to x [..., channels]. The gradient of the bias is the
// sum of the output's gradient over all positions. XLA's sum over the leading axes runs on
// one processor and recomputes everything that led to its input. Over many positions, a
// matrix product with ones takes a tenth of the time.
func addBias(x, bias *Node) *Node {
	channels := bias.Shape().Dim(0)
	positions := x.Shape().Size() / channels
	if IsPureGo(x) {
		return addBiasByProduct(x, bias)
	}
	if positions < manyPositions {
		return Add(x, ExpandLeftToRank(bias, x.Rank()))
	}
	return withGradients(func(in []*Node) *Node { return Add(in[0], ExpandLeftToRank(in[1], x.Rank())) }, []*Node{x, bias},
		func(v *Node, _ []*Node) *Node { return v },
		func(v *Node, _ []*Node) *Node { return sumByProduct(Reshape(v, positions, channels)) })
}

// manyPositions is the number of positions from which the product was measured to be faster.
const manyPositions = 1024

// sumByProduct sums x [n, channels] over its first axis.
func sumByProduct(x *Node) *Node {
	// XLA turns a product with a vector back into a sum, so use more than one column.
	const columns = 8
	ones := Ones(x.Graph(), shapes.Make(x.DType(), x.Shape().Dim(0), columns))
	sums := DotGeneral(ones, []int{0}, nil, x, []int{0}, nil)
	return Reshape(Slice(sums, AxisElem(0)), -1)
}

// kernelVariable returns "weights" [kernel, …, channels of x, filters], with one side for
// each spatial axis of x [batch, …, channels].
func kernelVariable(scope *model.Scope, x *Node, kernel, filters int) *Node {
	dims := slices.Repeat([]int{kernel}, x.Rank()-2)
	shape := shapes.Make(x.DType(), append(dims, x.Shape().Dim(-1), filters)...)
	return scope.VariableWithShape("weights", shape).NodeValue(x.Graph())
}

// biasVariable returns "biases" [filters].
func biasVariable(scope *model.Scope, x *Node, filters int) *Node {
	return scope.VariableWithShape("biases", shapes.Make(x.DType(), filters)).NodeValue(x.Graph())
}

// Dense applies a fully connected layer to x [batch, inputs], with the variables "weights"
// [inputs, units] and "biases" [units] in the scope.
func Dense(scope *model.Scope, x *Node, units int) *Node {
	weights := scope.VariableWithShape("weights", shapes.Make(x.DType(), x.Shape().Dim(-1), units))
	return Bias(scope, MatMul(x, weights.NodeValue(x.Graph())))
}

// Convolve2D returns the convolution (cross-correlation) of x [batch, height, width,
// channels] with the kernel [kernel, kernel, channels, filters]. It chooses the fastest
// method:
//
//   - For 1×1 kernels, a matrix product per pixel.
//   - Image-to-columns with one matrix product on the pure-Go backend, for windows with few
//     values (the first layer on RGB), and for kernels of even size, because their gradient
//     is wrong in GoMLX v0.28.2.
//   - On XLA's CPU backend, minimal filtering for 3×3 kernels on many channels, and a gradient
//     of x by rows for other kernels.
//   - The backend's own convolution otherwise.
//
// It panics if no window fits into x.
func Convolve2D(x, kernel *Node, stride int, padding Padding) *Node {
	return convolve(x, kernel, stride, padding)
}

// convolve is Convolve2D for any number of axes between the batch and the channels.
func convolve(x, kernel *Node, stride int, padding Padding) *Node {
	size, window := kernel.Shape().Dim(0), kernel.Shape().Size()/kernel.Shape().Dim(-1)
	requireRoom(x, size, padding)
	switch {
	case size == 1:
		return pointwise(x, kernel, stride)
	case IsPureGo(x) && stride == 1:
		return convolveByShifts(x, kernel, windowPaddings(x, size, stride, padding))
	case size%2 == 0, window <= fewColumns, IsPureGo(x):
		return convolveByColumns(x, kernel, stride, padding)
	case !isOnCPU(x): // a GPU's own convolutions are fast
	case winogradFits(x, kernel, stride, padding) && winogradPays(kernel):
		return convolveByWinograd(x, kernel)
	case rowGradientFits(x, kernel, stride, padding):
		return convolveWithRowGradient(x, kernel)
	}
	return convolvePlain(x, kernel, stride, padding)
}

// isOnCPU reports whether the graph runs on a CPU.
func isOnCPU(x *Node) bool {
	return strings.Contains(x.Graph().Backend().DeviceDescription(0), "CPU")
}

// fewColumns is the largest window for which gathering columns was measured to be faster than
// XLA's convolution. XLA's filter gradient is slow on few channels (BenchmarkConv3D).
const fewColumns = 32

// convolvePlain uses the backend's own convolution.
func convolvePlain(x, kernel *Node, stride int, padding Padding) *Node {
	return Convolve(x, kernel).Strides(stride).PaddingPerDim(windowPaddings(x, kernel.Shape().Dim(0), stride, padding)).Done()
}

// pointwise is a convolution with kernel size 1: it applies the same [channels, filters]
// matrix to every pixel.
func pointwise(x, kernel *Node, stride int) *Node {
	for axis := 1; axis < x.Rank()-1; axis++ {
		x = every(x, axis, 0, stride, OutputSize(x.Shape().Dim(axis), 1, stride, Valid))
	}
	channels, filters := kernel.Shape().Dim(-2), kernel.Shape().Dim(-1)
	return matrixProduct(x, Reshape(kernel, channels, filters))
}

// convolveByColumns gathers the neighbourhood of every output pixel along the channels
// ("im2col") and applies the kernel as one matrix. It works for any number of axes between
// the batch and the channels.
func convolveByColumns(x, kernel *Node, stride int, padding Padding) *Node {
	return matrixProduct(columns(x, kernel.Shape().Dim(0), stride, padding), Reshape(kernel, -1, kernel.Shape().Dim(-1)))
}

// columns joins [windows] along the channels. It joins the shifts along one axis after the
// other, last axis first: XLA then compiles and copies fewer and longer pieces. A Conv3D of
// side 3 on one channel compiles in 0.7 s in place of 1.2, and trains in 0.6 of the time.
func columns(x *Node, kernel, stride int, padding Padding) *Node {
	joined := x
	for axis := x.Rank() - 2; axis > 0; axis-- {
		joined = padAxis(joined, axis, kernel, stride, padding, padZero)
		count := OutputSize(x.Shape().Dim(axis), kernel, stride, padding)
		shifted := make([]*Node, kernel)
		for offset := range shifted {
			shifted[offset] = every(joined, axis, offset, stride, count)
		}
		joined = Concatenate(shifted, -1)
	}
	return joined
}

// matrixProduct applies a matrix [channels, filters] to the last axis of x.
func matrixProduct(x, matrix *Node) *Node {
	dims := slices.Clone(x.Shape().Dimensions)
	product := MatMul
	if IsPureGo(x) {
		product = productByTransposing
	}
	y := product(Reshape(x, -1, dims[len(dims)-1]), matrix)
	dims[len(dims)-1] = matrix.Shape().Dim(-1)
	return Reshape(y, dims...)
}

// Conv3D is a three-dimensional convolution with the parameters of the Keras
// layer of the same name. Use it for clips, whose frames are the depth, and for
// volumes.
type Conv3D struct {
	Filters    int
	Kernel     int     // depth, height and width of the kernel
	Stride     int     // 0 means 1
	Padding    Padding // the zero value is Same
	Activation Activation
	NoBias     bool
}

// Apply convolves x [batch, depth, height, width, channels] and returns [batch,
// OutputSize(depth), OutputSize(height), OutputSize(width), Filters]. The
// variables "weights" [Kernel, Kernel, Kernel, channels, Filters] and "biases"
// [Filters] are in the scope.
func (c Conv3D) Apply(scope *model.Scope, x *Node) *Node {
	y := Convolve3D(x, kernelVariable(scope, x, c.Kernel, c.Filters), max(c.Stride, 1), c.Padding)
	return finish(scope, y, c.NoBias, c.Activation)
}

// Convolve3D returns the convolution (cross-correlation) of x [batch, depth,
// height, width, channels] with the kernel [kernel, kernel, kernel, channels,
// filters].
//
// It chooses its method as [Convolve2D] does, and panics if no window fits into
// x.
func Convolve3D(x, kernel *Node, stride int, padding Padding) *Node {
	return convolve(x, kernel, stride, padding)
}

// PerFrame applies a layer for pictures to every frame of x [batch, frames,
// height, width, channels] with the same weights, as Keras's TimeDistributed
// does. The result has the same frames: [batch, frames, …], where … is what the
// layer returns.
func PerFrame(x *Node, layer func(pictures *Node) *Node) *Node {
	dims := x.Shape().Dimensions
	y := layer(Reshape(x, append([]int{-1}, dims[2:]...)...))
	return Reshape(y, slices.Concat(dims[:2], y.Shape().Dimensions[1:])...)
}

// Conv3DCost returns the cost of a kernel×kernel×kernel convolution with bias
// from in to filters channels, evaluated at the given number of positions:
//
//	parameters    kernel³ · in · filters + filters
//	multiply-adds positions · kernel³ · in · filters
func Conv3DCost(kernel, in, filters, positions int) Cost {
	weights := kernel * kernel * kernel * in * filters
	return Cost{Parameters: weights + filters, MultiplyAdds: positions * weights}
}

// Inception is the module of GoogLeNet (Szegedy et al. 2015, figure 2b): four
// towers on one input, joined along the channels.
//
//	1: 1×1                  f1x1 filters
//	2: 1×1 reduce → 3×3     f3x3Reduce, f3x3
//	3: 1×1 reduce → 5×5     f5x5Reduce, f5x5
//	4: 3×3 max pool → 1×1   poolProj
//
// All convolutions keep the size and end in ReLU, so [batch, height, width,
// channels] becomes [batch, height, width, f1x1+f3x3+f5x5+poolProj]. The scope
// holds the variables, as everywhere in GoMLX; the other arguments are the
// module's seven.
func Inception(scope *model.Scope, input *Node, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj int) *Node {
	return ReLU(Bias(scope, InceptionLinear(scope, input, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj)))
}

// InceptionLinear is [Inception] without the last biases and ReLU of its
// towers. They treat every channel alike and are monotone, so the caller may
// apply them after the towers are joined, and even after a max pooling.
func InceptionLinear(scope *model.Scope, input *Node, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj int) *Node {
	// The three 1×1 convolutions of the input run as one matrix product.
	tower1, reduced := sharedPointwise(input,
		layer{scope.In("1x1"), f1x1}, layer{scope.In("3x3_reduce"), f3x3Reduce}, layer{scope.In("5x5_reduce"), f5x5Reduce})
	tower2 := Conv2D{Filters: f3x3, Kernel: 3, NoBias: true}.Apply(scope.In("3x3"), reduced[0])
	tower3 := Conv2D{Filters: f5x5, Kernel: 5, NoBias: true}.Apply(scope.In("5x5"), reduced[1])
	tower4 := Conv2D{Filters: poolProj, Kernel: 1, NoBias: true}.Apply(scope.In("pool_proj"), MaxPool2DSame(input, 3))
	return Concatenate([]*Node{tower1, tower2, tower3, tower4}, -1)
}

// layer is a 1×1 convolution with its own variables.
type layer struct {
	scope   *model.Scope
	filters int
}

// sharedPointwise applies several 1×1 convolutions to the same x: the first
// without bias and activation, the others with bias and ReLU.
func sharedPointwise(x *Node, first layer, others ...layer) (linear *Node, activated []*Node) {
	if IsPureGo(x) { // splitting the product would cost more than it saves
		for _, l := range others {
			activated = append(activated, Conv2D{Filters: l.filters, Kernel: 1, Activation: ReLU}.Apply(l.scope, x))
		}
		return Conv2D{Filters: first.filters, Kernel: 1, NoBias: true}.Apply(first.scope, x), activated
	}
	kernels := []*Node{kernelVariable(first.scope, x, 1, first.filters)}
	var biases []*Node
	for _, l := range others {
		kernels = append(kernels, kernelVariable(l.scope, x, 1, l.filters))
		biases = append(biases, biasVariable(l.scope, x, l.filters))
	}
	joined := pointwise(x, Concatenate(kernels, -1), 1)
	linear = SliceAxis(joined, -1, AxisRange(0, first.filters))
	rest := ReLU(addBias(SliceAxis(joined, -1, AxisRangeToEnd(first.filters)), Concatenate(biases, -1)))
	start := 0
	for _, l := range others {
		activated = append(activated, SliceAxis(rest, -1, AxisRange(start, start+l.filters)))
		start += l.filters
	}
	return linear, activated
}

// gradient computes the gradient of an input from the output's gradient and all
// inputs.
type gradient func(ofOutput *Node, inputs []*Node) *Node

// withGradients returns forward(inputs) with custom gradients, one for each
// input. GoMLX supports custom gradients only for the identity. One identity
// after the output therefore keeps the output's gradient, and one before each
// input replaces the gradient that came through forward. Since that gradient is
// unused, it is not computed.
func withGradients(forward func(inputs []*Node) *Node, inputs []*Node, gradients ...gradient) *Node {
	var ofOutput *Node
	marked := make([]*Node, len(inputs))
	for i, x := range inputs {
		marked[i] = IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return gradients[i](ofOutput, marked) })
	}
	return IdentityWithCustomGradient(forward(marked), func(_, v *Node) *Node {
		ofOutput = v
		return v
	})
}

// computedOnce returns x [..., channels], which must be finite, as its product
// with the identity matrix. No digit changes. XLA's CPU backend recomputes the
// inputs of an elementwise operation for each of its results, but it fuses
// nothing into a matrix product.
func computedOnce(x *Node) *Node {
	channels := x.Shape().Dim(-1)
	return matrixProduct(x, DiagonalWithValue(ScalarOne(x.Graph(), x.DType()), channels))
}

// Cost counts the trained values of a layer, and its multiplications (each
// with its addition) for one example.
type Cost struct {
	Parameters   int
	MultiplyAdds int
}

// Plus adds two costs.
func (c Cost) Plus(other Cost) Cost {
	return Cost{c.Parameters + other.Parameters, c.MultiplyAdds + other.MultiplyAdds}
}

// Conv2DCost returns the cost of a kernel×kernel convolution with bias from
// in to filters channels, evaluated at the given number of positions:
//
//	parameters    kernel² · in · filters + filters
//	multiply-adds positions · kernel² · in · filters
func Conv2DCost(kernel, in, filters, positions int) Cost {
	weights := kernel * kernel * in * filters
	return Cost{Parameters: weights + filters, MultiplyAdds: positions * weights}
}

// DenseCost returns the cost of a fully connected layer with bias.
func DenseCost(inputs, units int) Cost { return Conv2DCost(1, inputs, units, 1) }
