package nn

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

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
