// Package arch describes the architecture of a net as plain data: a graph of
// layers with the vocabulary of Keras. From the description it derives each
// layer's output shape, parameters, multiply-adds and receptive field, prints
// the summary, and draws the net. It can also build the net in GoMLX, so that
// tests compare the derived numbers with the real net.
//
// A shape describes one example, without the batch. The channels come last.
package arch

import (
	"cmp"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Layer is a building block of a net. A layer holds its own arguments and
// derives the rest from its inputs.
type Layer interface {
	// Infer derives the layer's facts from its inputs. The error says which
	// argument or shape is impossible, without the layer's name.
	Infer(inputs []Value) (Facts, error)
}

// layers are all of them, so that gob can write nets: all but [Opaque], whose rule is a function.
var layers = []Layer{
	Activation{}, Attention{}, BatchNormalization{}, Bidirectional{}, ChannelsFirst{}, Concatenate{}, Conv{}, ConvLSTM{}, ConvTranspose{}, Crop{},
	Dense{}, DepthwiseConv{}, Dot{}, EinsumDense{}, Elementwise{}, Embedding{}, Encode{}, Flatten{}, GlobalPool{}, GroupedQueryAttention{}, Input{},
	LayerNormalization{}, LoRA{}, Marked{}, MelSpectrogram{}, Merge{}, Model{}, MultiHeadAttention{}, Normalization{}, PReLU{}, Permute{}, Pipeline{},
	Pool{}, RNN{}, Recurrent{}, RepeatVector{}, Reshape{}, Resize{}, ReversibleEmbedding{}, STFTSpectrogram{}, Scale{}, SeparableConv{},
	SpectralNormalization{}, TextVectorization{}, TimeDistributed{}, UpSample{}, ZeroPad{},
}

func init() {
	for _, layer := range layers {
		gob.Register(layer)
	}
}

// classed is a layer whose name in Keras is not that of its type.
type classed interface{ Class() string }

// classOf returns the layer's name in Keras, as in "Conv2D".
func classOf(l Layer) string {
	if named, ok := l.(classed); ok {
		return named.Class()
	}
	return reflect.TypeOf(l).Name()
}

// Value describes the data that passes between layers.
type Value struct {
	Shape Shape
	Field Field // the part of the net's input that it depends on
	// First is the size of the axis in front of the shape if that axis is not
	// the batch, as after stacking several values. 0 means the batch, and
	// [NoAxis] a number without any axis.
	First int
}

// NoAxis is the [Value.First] of a number without any axis.
const NoAxis = -2

// whole returns the shape including the axis in front of it, or nil if unknown.
func (v Value) whole(batch int) Shape {
	switch {
	case v.Shape == nil:
		return nil
	case v.First == NoAxis:
		return Shape{}
	}
	return append(Shape{cmp.Or(v.First, batch, Unknown)}, v.Shape...)
}

// wholeValue makes a value from a shape that includes the axis in front.
func wholeValue(whole Shape, batch int) Value {
	switch {
	case whole == nil:
		return Value{}
	case len(whole) == 0:
		return Value{Shape: whole, First: NoAxis}
	case whole[0] == Unknown || whole[0] == batch:
		return Value{Shape: whole[1:]}
	}
	return Value{Shape: whole[1:], First: whole[0]}
}

// Facts are derived from a layer's arguments and its inputs.
type Facts struct {
	Outputs []Value
	Weights []Weight
	// Formula shows the number of weights as an expression with numbers, as in
	// "3·7·16 + 16". It is empty for a layer without weights.
	Formula string
	// MultiplyAdds counts multiplications by a weight, each with its addition,
	// for one example. It is [Unknown] if a size is. Biases, pooling and
	// activations do not count, because their work is small in comparison.
	MultiplyAdds int
}

// Weight is one tensor of parameters.
type Weight struct {
	Name   string // the name in Keras, as in "kernel"
	Shape  []int
	Frozen bool // not changed by the optimizer, such as a moving mean
	Bytes  int  // per value; 0 means the layer's, see [Node]
	// Shared names a weight that may occur at several places of a model and
	// counts once; "" means that it occurs only here.
	Shared string
}

// Size returns the number of values in the weight.
func (w Weight) Size() int { return product(w.Shape...) }

// one returns the only input. It must have the given rank, or any rank from 1 if
// rank is 0.
func one(inputs []Value, rank int) (Value, error) {
	if len(inputs) != 1 {
		return Value{}, fmt.Errorf("it takes one input, not %d", len(inputs))
	}
	x := inputs[0]
	switch {
	case x.Shape == nil:
		return Value{}, fmt.Errorf("the shape of its input is not known")
	case len(x.Shape) == 0:
		return Value{}, fmt.Errorf("its input has no axes beside the batch")
	case rank != 0 && len(x.Shape) != rank:
		return Value{}, fmt.Errorf("its input %s has %d axes beside the batch, and it takes %d", x.Shape, len(x.Shape), rank)
	}
	return x, nil
}

// channelsOf returns the number of channels, or an error if it is unknown.
func channelsOf(x Value) (int, error) {
	if x.Shape.Channels() == Unknown {
		return 0, fmt.Errorf("the last axis of its input %s has to be known", x.Shape)
	}
	return x.Shape.Channels(), nil
}

// withChannels returns the only input, as one does, and its number of channels.
func withChannels(inputs []Value, rank int) (x Value, channels int, err error) {
	if x, err = one(inputs, rank); err == nil {
		channels, err = channelsOf(x)
	}
	return x, channels, err
}

// atLeast1 returns an error for an argument that is not positive.
func atLeast1(name string, values ...int) error {
	for _, v := range values {
		if v < 1 {
			return fmt.Errorf("%s is %d; it has to be 1 or more", name, v)
		}
	}
	return nil
}

// passes returns the facts of a layer without weights that has one output.
func passes(shape Shape, field Field) Facts {
	return Facts{Outputs: []Value{{Shape: shape, Field: field}}}
}

// Unknown marks a size, or a number derived from one, that is not known before
// the net runs, such as the length of a text.
const Unknown = -1

// Shape is the size of one example along each axis, with the channels last.
type Shape []int

// String formats the shape with its batch as Keras does, as in "(None, 28, 28,
// 3)". A nil shape is unknown and gives "?".
func (s Shape) String() string { return Value{Shape: s}.whole(0).tuple() }

// GobEncode keeps apart what gob does not: an unknown shape, which is nil, and one without axes.
func (s Shape) GobEncode() ([]byte, error) { return json.Marshal([]int(s)) }

// GobDecode reads what [Shape.GobEncode] wrote.
func (s *Shape) GobDecode(encoded []byte) error { return json.Unmarshal(encoded, (*[]int)(s)) }

// tuple formats a shape with all its axes as Python does, with a comma after a
// single one. It returns "?" for nil.
func (s Shape) tuple() string {
	switch {
	case s == nil:
		return "?"
	case len(s) == 1:
		return "(" + s.join("") + ",)"
	}
	return "(" + s.join(", ") + ")"
}

// Times formats the shape as in "28×28×3".
func (s Shape) Times() string { return s.join("×") }

func (s Shape) join(between string) string {
	sizes := make([]string, len(s))
	for i, size := range s {
		sizes[i] = strconv.Itoa(size)
		if size == Unknown {
			sizes[i] = "None"
		}
	}
	return strings.Join(sizes, between)
}

// Channels returns the size of the last axis.
func (s Shape) Channels() int { return s[len(s)-1] }

// Spatial returns the sizes of all axes except the last: [height, width], or
// [steps].
func (s Shape) Spatial() Shape { return s[:len(s)-1] }

// Size returns the number of values, or [Unknown].
func (s Shape) Size() int { return product(s...) }

// with returns the shape with another number of channels.
func (s Shape) with(channels int) Shape { return append(slices.Clone(s.Spatial()), channels) }

// countable is the largest valid count, 2⁵³, because readers of JSON represent
// whole numbers exactly up to there. Products and sums of sizes beyond it do
// not overflow, and are rejected later.
const countable = 1 << 53

// product multiplies sizes, none of which is negative. It returns [Unknown] if
// one of them is unknown.
func product(sizes ...int) int {
	all := 1
	for _, size := range sizes {
		if size == Unknown {
			return Unknown
		}
		if high, low := bits.Mul64(uint64(all), uint64(size)); high == 0 && low <= countable {
			all = int(low)
		} else {
			all = countable + 1
		}
	}
	return all
}

// sum adds numbers. It returns [Unknown] if one of them is unknown.
func sum(numbers ...int) int {
	all := 0
	for _, n := range numbers {
		if n == Unknown {
			return Unknown
		}
		all = min(all+min(n, countable+1), countable+1)
	}
	return all
}
