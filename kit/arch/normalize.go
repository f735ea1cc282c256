package arch

import (
	"cmp"
	"fmt"
	"slices"
)

// BatchNormalization scales every channel by the mean and variance of a batch.
// It keeps moving averages of both, which are not trained.
type BatchNormalization struct {
	Axis     int // axis of the channels in the shape without the batch; −1 means the last. The zero value means the first
	NoScale  bool
	NoCenter bool
	Renorm   bool // three more averages (Ioffe 2017)
}

// Infer implements [Layer]. Parameters: 4·channels, of which half are trained.
func (l BatchNormalization) Infer(inputs []Value) (Facts, error) {
	x, sizes, err := along(inputs, l.Axis)
	if err != nil {
		return Facts{}, err
	}
	facts := perValue(x, sizes, affine(l.NoScale, l.NoCenter)...)
	averages := []string{"moving_mean", "moving_variance"}
	if l.Renorm {
		averages = append(averages, "moving_stddev", "renorm_mean", "renorm_stddev")
	}
	for _, name := range averages {
		facts.Weights = append(facts.Weights, Weight{Name: name, Shape: sizes, Frozen: true})
	}
	facts.Formula = factors(append([]int{len(facts.Weights)}, sizes...)...)
	return facts, nil
}

// LayerNormalization scales every example separately. Its weights have the sizes
// of the axes that are normalized together.
type LayerNormalization struct {
	Axes     []int // as in [BatchNormalization]; nil means the last
	NoScale  bool
	NoCenter bool
	// Name is the class if it is not LayerNormalization. GroupNormalization and
	// RMSNormalization have the same weights.
	Name string
	// Groups is the number of groups of channels; 0 for no groups.
	Groups int
}

// Class returns the name in Keras.
func (l LayerNormalization) Class() string { return cmp.Or(l.Name, "LayerNormalization") }

// Infer implements [Layer]. Parameters: 2·Π axes.
func (l LayerNormalization) Infer(inputs []Value) (Facts, error) {
	axes := l.Axes
	if axes == nil {
		axes = []int{-1}
	}
	x, sizes, err := along(inputs, axes...)
	if err != nil {
		return Facts{}, err
	}
	if l.Groups != 0 && (l.Groups < 0 || sizes[0]%l.Groups != 0) {
		return Facts{}, fmt.Errorf("%d groups do not divide its %d channels", l.Groups, sizes[0])
	}
	if l.looksAround(axes, len(x.Shape)-1) {
		x.Field = x.Field.whole()
	}
	return perValue(x, sizes, affine(l.NoScale, l.NoCenter)...), nil
}

// looksAround reports whether the mean is taken over positions too.
func (l LayerNormalization) looksAround(axes []int, last int) bool {
	beside := func(axis int) bool { return axis != -1 && axis != last }
	return last > 0 && (l.Name == "GroupNormalization" || slices.ContainsFunc(axes, beside))
}

// Normalization shifts and scales its input by the mean and variance of a data
// set. It holds both and the number of examples as weights that are not trained.
type Normalization struct {
	Axes  []int // axes with a separate mean per position, as in [BatchNormalization]
	Given bool  // mean and variance are arguments, so it has no weights
}

// Infer implements [Layer]. Parameters: 2·Π axes + 1, none of which are trained.
func (l Normalization) Infer(inputs []Value) (Facts, error) {
	x, sizes, err := along(inputs, l.Axes...)
	if err != nil || l.Given {
		return passes(x.Shape, x.Field), err
	}
	facts := perValue(x, sizes, "mean", "variance")
	facts.Weights = append(facts.Weights, Weight{Name: "count", Shape: []int{}, Bytes: 4})
	for i := range facts.Weights {
		facts.Weights[i].Frozen = true
	}
	facts.Formula += " + 1"
	return facts, nil
}

// PReLU is a ReLU with a trained slope below 0 for every value.
type PReLU struct {
	Shared []int // axes that share one slope, counted from 1 as in Keras
}

// Infer implements [Layer]. Parameters: Π sizes of the axes that do not share a
// slope.
func (l PReLU) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	slopes := slices.Clone(x.Shape)
	for _, axis := range l.Shared {
		if axis < 1 || axis > len(slopes) {
			return Facts{}, fmt.Errorf("shared axis %d is not one of its input %s", axis, x.Shape)
		}
		slopes[axis-1] = 1
	}
	if slopes.Size() == Unknown {
		return Facts{}, fmt.Errorf("the axes of its input %s that are not shared have to be known", x.Shape)
	}
	return perValue(x, slopes, "alpha"), nil
}

// Scale multiplies every channel by a trained number, as LayerScale does in
// ConvNeXt.
type Scale struct {
	Name     string // its class
	Channels int
}

// Class returns the name in Keras.
func (l Scale) Class() string { return l.Name }

// Infer implements [Layer]. Parameters: Channels.
func (l Scale) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 0)
	if err := cmp.Or(err, atLeast1("channels", l.Channels)); err != nil {
		return Facts{}, err
	}
	shape, ok := Broadcast(x.Shape, Shape{l.Channels}, false)
	if !ok {
		return Facts{}, fmt.Errorf("it scales %d channels, and its input is %s", l.Channels, x.Shape)
	}
	return perValue(Value{Shape: shape, Field: x.Field}, []int{l.Channels}, "gamma"), nil
}

// along returns the only input and its sizes along the axes, in order.
func along(inputs []Value, axes ...int) (Value, []int, error) {
	x, err := any1(inputs)
	if err != nil {
		return Value{}, nil, err
	}
	kept := make([]int, len(axes))
	for i, axis := range axes {
		kept[i] = axis
		if axis < 0 {
			kept[i] += len(x.Shape)
		}
		if kept[i] < 0 || kept[i] >= len(x.Shape) {
			return Value{}, nil, fmt.Errorf("axis %d is not one of its input %s", axis, x.Shape)
		}
	}
	slices.Sort(kept)
	for i, axis := range kept {
		if kept[i] = x.Shape[axis]; kept[i] == Unknown {
			return Value{}, nil, fmt.Errorf("axis %d of its input %s has to be known", axis, x.Shape)
		}
	}
	return x, kept, nil
}

// perValue returns the facts of a layer that keeps the shape of x and has
// weights of the given sizes.
func perValue(x Value, sizes []int, names ...string) Facts {
	facts := passes(x.Shape, x.Field)
	for _, name := range names {
		facts.Weights = append(facts.Weights, Weight{Name: name, Shape: sizes})
	}
	switch len(names) {
	case 0:
	case 1:
		facts.Formula = factors(append([]int{1}, sizes...)[min(len(sizes), 1):]...)
	default:
		facts.Formula = factors(append([]int{len(names)}, sizes...)...)
	}
	return facts
}

// affine returns the names of the weights that a normalization has.
func affine(noScale, noCenter bool) []string {
	var names []string
	if !noScale {
		names = append(names, "gamma")
	}
	if !noCenter {
		names = append(names, "beta")
	}
	return names
}
