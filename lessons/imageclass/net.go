package imageclass

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/fit"
	"evident/kit/nn"
)

// classes is the number of classes that the net tells apart.
const classes = 2

// kernel and window are the sides of every convolution and of every pooling.
const kernel, window = 3, 2

// Net is a small convolutional net: 3×3 convolutions with ReLU, each with 2×2
// max pooling behind it, a dense layer with ReLU if wanted, and a logit for each
// class.
type Net struct {
	Filters []int `role:"fixed" range:"[1, inf)" list:"1" help:"filters of the convolutions"`
	Dense   int   `role:"fixed" range:"[0, inf)" help:"units of the dense layer; 0 for none"`
}

// name of the net, for tables.
func (n Net) name() string {
	text := "convolutions " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(n.Filters)), "-"), "[]")
	if n.Dense > 0 {
		text += fmt.Sprintf(", dense %d", n.Dense)
	}
	return text
}

// recipe is how the net gets its pictures, and its regularisation.
type recipe struct {
	name    string
	how     string  // the name in a sentence
	scale   float64 // the pixels, 0–255, are multiplied by it
	slope   float64 // of the activation below 0: 0 is ReLU, above 0 leaky ReLU
	dropout float64 // fraction of the last layer's inputs switched off
	augment bool    // whether pictures are mirrored and shifted
}

// The recipes. Scaled pixels are part of the net, so that whoever uses it gives
// it pixels as files have them.
var (
	plain     = recipe{name: "as it is", scale: 1.0 / 255}
	raw       = recipe{name: "pixels 0–255", scale: 1}
	dropping  = recipe{name: "dropout", how: "dropout", scale: 1.0 / 255, dropout: 0.5}
	augmented = recipe{name: "mirrored, shifted", how: "mirrored and shifted pictures", scale: 1.0 / 255, augment: true}
)

// Network is the net for batches of uint8 pictures [batch, height, width,
// channels], scaled and with nothing against overfitting: logits [batch, 2].
func (n Net) Network() fit.Network { return n.network(plain) }

// network is the net for pictures [batch, height, width, channels] of pixels
// from 0 to 255: logits [batch, 2].
func (n Net) network(r recipe) fit.Network {
	return func(scope *model.Scope, x *Node) *Node { return n.logits(scope, r.input(scope, x), r) }
}

// input is what the first convolution gets.
func (r recipe) input(scope *model.Scope, x *Node) *Node {
	x = MulScalar(ConvertDType(x, dtypes.Float32), r.scale)
	if r.augment && scope.IsTraining(x.Graph()) {
		x = augment(scope, x)
	}
	return x
}

// activation is max(x, slope·x).
func (r recipe) activation(x *Node) *Node {
	if r.slope == 0 {
		return nn.ReLU(x)
	}
	return Max(x, MulScalar(x, r.slope))
}

// layers is the net behind the scaling of the pixels, which [Net.logits] builds
// and [Net.Model] describes.
func (n Net) layers() []arch.Layer {
	var all []arch.Layer
	for _, filters := range n.Filters {
		all = append(all,
			arch.Conv{Filters: filters, Kernel: []int{kernel, kernel}, Padding: arch.Same, Activation: "relu"},
			arch.Pool{Pooling: arch.Max, Size: []int{window, window}})
	}
	all = append(all, arch.Flatten{})
	if n.Dense > 0 {
		all = append(all, arch.Dense{Units: n.Dense, Activation: "relu"})
	}
	return append(all, arch.Dense{Units: classes})
}

// hidden are the outputs of the layers with an activation, the first one first. A
// convolution and its pooling are one, which is faster than [arch.Model.Graph].
func (n Net) hidden(scope *model.Scope, x *Node, r recipe) []*Node {
	var outputs []*Node
	for i, layer := range n.layers()[:len(n.layers())-1] {
		switch l := layer.(type) {
		case arch.Conv:
			x = nn.Conv2D{Filters: l.Filters, Kernel: kernel, MaxPool: window, Activation: r.activation}.Apply(scope.In("conv%d", i/2), x)
		case arch.Dense:
			x = r.activation(nn.Dense(scope.In("dense"), flat(x), l.Units))
		default:
			continue
		}
		outputs = append(outputs, x)
	}
	return outputs
}

// logits builds the layers, with dropout in front of the last one.
func (n Net) logits(scope *model.Scope, x *Node, r recipe) *Node {
	outputs := n.hidden(scope, x, r)
	x = layers.DropoutStatic(scope, flat(outputs[len(outputs)-1]), r.dropout)
	return nn.Dense(scope.In("logits"), x, classes)
}

// flat has one row a picture.
func flat(x *Node) *Node { return Reshape(x, x.Shape().Dim(0), -1) }

// activity is the largest output of every filter and unit in front of the logits
// over the places of a picture, layer after layer: [batch, filters and units].
func (n Net) activity(r recipe) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		var largest []*Node
		for _, output := range n.hidden(scope, r.input(scope, x), r) {
			largest = append(largest, ReduceMax(Reshape(output, output.Shape().Dim(0), -1, output.Shape().Dim(-1)), 1))
		}
		return Concatenate(largest, -1)
	}
}

// maxShift is how many pixels a picture is moved by at most, up or down and
// left or right.
const maxShift = 2

// augment mirrors one half of the pictures, left and right, and moves all.
func augment(scope *model.Scope, x *Node) *Node {
	batch := x.Shape().Dim(0)
	draw := func() *Node { return scope.RandomUniform(x.Graph(), shapes.Make(x.DType(), batch, 1, 1, 1)) }
	x = Where(BroadcastToShape(LessThan(draw(), Scalar(x.Graph(), x.DType(), 0.5)), shapes.Make(dtypes.Bool, x.Shape().Dimensions...)), Reverse(x, 2), x)
	return shift(shift(x, 1, draw()), 2, draw())
}

// shift moves every picture along an axis by −maxShift to maxShift pixels, as
// draws [batch, 1, 1, 1] between 0 and 1 say; zeros come in at the edge.
func shift(x *Node, axis int, draws *Node) *Node {
	const ways = 2*maxShift + 1
	choice := Floor(MulScalar(draws, ways))
	moved := ZerosLike(x)
	for way := range ways {
		chosen := ConvertDType(Equal(choice, Scalar(x.Graph(), x.DType(), way)), x.DType())
		moved = Add(moved, Mul(displaced(x, axis, way-maxShift), chosen))
	}
	return moved
}

// displaced moves x along an axis, towards its end for by > 0.
func displaced(x *Node, axis, by int) *Node {
	if by == 0 {
		return x
	}
	length := x.Shape().Dim(axis)
	distance := max(by, -by)
	edge := x.Shape().Clone()
	edge.Dimensions[axis] = distance
	zeros := Zeros(x.Graph(), edge)
	if by > 0 {
		return Concatenate([]*Node{zeros, SliceAxis(x, axis, AxisRange(0, length-distance))}, axis)
	}
	return Concatenate([]*Node{SliceAxis(x, axis, AxisRange(distance)), zeros}, axis)
}

// Model describes the net for pictures of a size, layer by layer.
func (n Net) Model(height, width, channels int) arch.Model {
	front := []arch.Layer{arch.Input{Shape: arch.Shape{height, width, channels}}, arch.Elementwise{Name: "Rescaling"}}
	return arch.Sequential("imageclass", append(front, n.layers()...)...)
}

// linear is logistic regression on the pixels: what can be had without a net.
func linear(scope *model.Scope, x *Node) *Node {
	x = plain.input(scope, x)
	return nn.Dense(scope.In("logits"), flat(x), classes)
}

// checkRoom returns an error when the pictures are too small for the poolings.
func (n Net) checkRoom(name string, set datasets.Images) error {
	least := leastSide(len(n.Filters))
	if min(set.Height, set.Width) < least {
		return badinput.Errorf("%s.Filters has %d convolutions, each with a pooling: that needs pictures of %d×%d pixels, and these have %d×%d",
			name, len(n.Filters), least, least, set.Height, set.Width)
	}
	return nil
}

// leastSide of a picture leaves a pixel after so many poolings.
func leastSide(poolings int) int { return 1 << poolings }
