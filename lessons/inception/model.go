package inception

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/fit"
	"evident/kit/nn"
)

// Net is a convolution and two Inception modules, with pooling after the first
// two of the three.
type Net struct {
	Stem          int `role:"fixed" range:"[1, inf)" help:"filters of the first 3×3 convolution"`
	First, Second Module
}

// Module is the number of filters of an Inception module.
type Module struct {
	F1x1       int `role:"fixed" range:"[1, inf)" help:"filters of the 1×1 convolution"`
	F3x3Reduce int `role:"fixed" range:"[1, inf)" help:"filters of the 1×1 convolution in front of the 3×3"`
	F3x3       int `role:"fixed" range:"[1, inf)" help:"filters of the 3×3 convolution"`
	F5x5Reduce int `role:"fixed" range:"[1, inf)" help:"filters of the 1×1 convolution in front of the 5×5"`
	F5x5       int `role:"fixed" range:"[1, inf)" help:"filters of the 5×5 convolution"`
	PoolProj   int `role:"fixed" range:"[1, inf)" help:"filters of the 1×1 convolution behind the pooling"`
}

// The first modules of GoogLeNet (Szegedy et al. 2015, table 1).
var (
	inception3a = Module{64, 96, 128, 16, 32, 32}
	inception3b = Module{128, 128, 192, 32, 96, 64}
)

// Filters is the number of channels that come out of the module.
func (m Module) Filters() int { return m.F1x1 + m.F3x3 + m.F5x5 + m.PoolProj }

// Cost is what the module takes at a number of pixels, for one picture: six
// convolutions, with the reductions in front of the 3×3 and the 5×5.
func (m Module) Cost(inputs, pixels int) nn.Cost {
	return nn.Conv2DCost(1, inputs, m.F1x1, pixels).
		Plus(nn.Conv2DCost(1, inputs, m.F3x3Reduce, pixels)).
		Plus(nn.Conv2DCost(3, m.F3x3Reduce, m.F3x3, pixels)).
		Plus(nn.Conv2DCost(1, inputs, m.F5x5Reduce, pixels)).
		Plus(nn.Conv2DCost(5, m.F5x5Reduce, m.F5x5, pixels)).
		Plus(nn.Conv2DCost(1, inputs, m.PoolProj, pixels))
}

// NaiveCost is the same without the reductions.
func (m Module) NaiveCost(inputs, pixels int) nn.Cost {
	return nn.Conv2DCost(1, inputs, m.F1x1, pixels).
		Plus(nn.Conv2DCost(3, inputs, m.F3x3, pixels)).
		Plus(nn.Conv2DCost(5, inputs, m.F5x5, pixels)).
		Plus(nn.Conv2DCost(1, inputs, m.PoolProj, pixels))
}

// list is the six numbers in the order of the paper.
func (m Module) list() []int {
	return []int{m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj}
}

// Block turns a feature map [batch, height, width, channels] into one of the
// same height and width: an Inception module, or what it is compared with. Its
// last biases and ReLU are left to the net, which pools first. The budget is
// the number of parameters that the module has at this place.
type Block func(scope *model.Scope, x *Node, m Module, budget int) *Node

// classes is the number of classes in both data sets.
const classes = 10

// Network is the net with Inception modules and max pooling, for batches of
// uint8 pictures [batch, 32, 32, 3]: logits [batch, 10].
func (n Net) Network() fit.Network { return n.With(inceptionBlock) }

// With is the net with the block in the place of its modules.
func (n Net) With(b Block) fit.Network { return n.network(b, halve) }

// batchOf is the shape of a batch of pictures.
func batchOf(side int) shapes.Shape { return shapes.Make(dtypes.Uint8, 2, side, side, 3) }

// network is the lesson's net on uint8 pictures [batch, 32, 32, 3]:
//
//	conv 3×3 (Stem)  [batch, 32, 32, Stem]
//	max pool 2×2     [batch, 16, 16, Stem]
//	module First     [batch, 16, 16, First.Filters()]
//	max pool 2×2     [batch, 8, 8, First.Filters()]
//	module Second    [batch, 8, 8, Second.Filters()]
//	global mean      [batch, Second.Filters()]
//	dense            [batch, 10]
func (n Net) network(b Block, downsample func(*Node) *Node) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		layers := n.layers(scope, x, b, downsample)
		return nn.Dense(scope.In("logits"), nn.GlobalMeanPool2D(layers[len(layers)-1].output), classes)
	}
}

// stage is the output of one stage of the net, by its name.
type stage struct {
	name   string
	output *Node // [batch, height, width, channels]
}

// layers builds the net up to its last feature map and keeps every stage.
func (n Net) layers(scope *model.Scope, x *Node, b Block, downsample func(*Node) *Node) []stage {
	pixels := AddScalar(MulScalar(ConvertDType(x, dtypes.Float32), 2.0/255), -1)
	// Pooling before bias and ReLU gives the same (see nn.InceptionLinear), and
	// there is a quarter of the values left to work on.
	finish := func(name string, linear *Node) *Node { return nn.ReLU(nn.Bias(scope.In("%s_bias", name), linear)) }
	stem := finish("stem", downsample(linear(scope, "stem", pixels, 3, n.Stem)))
	first := b(scope.In("first"), stem, n.First, n.First.Cost(n.Stem, 1).Parameters)
	firstEnd := finish("first", downsample(first))
	second := b(scope.In("second"), firstEnd, n.Second, n.Second.Cost(n.First.Filters(), 1).Parameters)
	outputs := []*Node{pixels, stem, firstEnd, finish("second", second)}
	names, _ := n.stages()
	all := make([]stage, len(outputs))
	for i, output := range outputs {
		all[i] = stage{names[i], output}
	}
	return all
}

// halve is the max pooling between the stages.
func halve(x *Node) *Node { return nn.MaxPool2D(x, 2) }

// everySecond takes every second pixel: as many outputs as halve, without the
// maximum.
func everySecond(x *Node) *Node {
	return Slice(x, AxisRange(), AxisRange().Stride(2), AxisRange().Stride(2), AxisRange())
}

// inceptionBlock is the module as published.
func inceptionBlock(scope *model.Scope, x *Node, m Module, _ int) *Node {
	return nn.InceptionLinear(scope, x, m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj)
}

// towers joins convolutions of the input: what the variants of the module have
// in common.
func towers(outputs ...*Node) *Node { return Concatenate(outputs, -1) }

// conv ends in bias and ReLU, linear in neither.
func conv(scope *model.Scope, name string, x *Node, kernel, filters int) *Node {
	return nn.Conv2D{Filters: filters, Kernel: kernel, Activation: nn.ReLU}.Apply(scope.In("%s", name), x)
}

func linear(scope *model.Scope, name string, x *Node, kernel, filters int) *Node {
	return nn.Conv2D{Filters: filters, Kernel: kernel, NoBias: true}.Apply(scope.In("%s", name), x)
}

// naiveBlock has no 1×1 reductions (Szegedy et al. 2015, figure 2a), but for
// the one that keeps the pooling tower at PoolProj channels.
func naiveBlock(scope *model.Scope, x *Node, m Module, _ int) *Node {
	return towers(
		linear(scope, "1x1", x, 1, m.F1x1),
		linear(scope, "3x3", x, 3, m.F3x3),
		linear(scope, "5x5", x, 5, m.F5x5),
		linear(scope, "pool_proj", nn.MaxPool2DSame(x, 3), 1, m.PoolProj))
}

// poollessBlock is the module with its fourth tower reading the input itself:
// the same parameters, without the pooling.
func poollessBlock(scope *model.Scope, x *Node, m Module, _ int) *Node {
	return towers(
		linear(scope, "1x1", x, 1, m.F1x1),
		linear(scope, "3x3", conv(scope, "3x3_reduce", x, 1, m.F3x3Reduce), 3, m.F3x3),
		linear(scope, "5x5", conv(scope, "5x5_reduce", x, 1, m.F5x5Reduce), 5, m.F5x5),
		linear(scope, "pool_proj", x, 1, m.PoolProj))
}

// plainBlock is two 3×3 convolutions of equal width, as deep as the module's
// longest tower, with as many parameters as the budget allows. At equal
// parameters and equal resolution the multiply-adds are equal too. Its weights begin
// √2 times as large, as He et al. (2015) advise for ReLU: where they do not, some of
// these nets never begin to learn.
func plainBlock(scope *model.Scope, x *Node, _ Module, budget int) *Node {
	width := plainWidth(x.Shape().Dim(-1), budget)
	first := nn.ReLU(nn.Bias(scope.In("between"), MulScalar(linear(scope, "first", x, 3, width), math.Sqrt2)))
	return MulScalar(linear(scope, "second", first, 3, width), math.Sqrt2)
}

// plainWidth is the largest width whose plainBlock stays within the budget,
// and at least 1.
func plainWidth(inputs, budget int) int {
	width := 1
	for plainCost(inputs, width+1, 1).Parameters <= budget {
		width++
	}
	return width
}

func plainCost(inputs, width, positions int) nn.Cost {
	return nn.Conv2DCost(3, inputs, width, positions).Plus(nn.Conv2DCost(3, width, width, positions))
}
