package fit

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/nn"
)

// units is a network of one layer.
func units(n int) Network {
	return func(scope *model.Scope, x *Node) *Node { return nn.Dense(scope, x, n) }
}

// four are examples of two numbers.
var four = []float32{0, 0, 0, 1, 1, 0, 1, 1}

func TestDataThatTeachNothingAreRefused(t *testing.T) {
	nan, infinite := float32(math.NaN()), float32(math.Inf(-1))
	for name, c := range map[string]struct {
		data Data
		want string
	}{
		"none":           {Data{}, "the data hold no examples: give at least one"},
		"empty":          {NewData([]float32{}, []int{2}, []int32{}), "the data hold no examples: give at least one"},
		"too short":      {NewData(four[:6], []int{2}, make([]int32, 4)), "6 values are 3 examples of the shape [2], and there are labels of 4: give each example its labels"},
		"ragged":         {NewData(four[:7], []int{2}, make([]int32, 4)), "7 values do not fill examples of the shape [2], 2 each: mend the values or the shape"},
		"flat shape":     {NewData(four, []int{2, 0}, make([]int32, 4)), "the shape [2 0] of an example: every size is 1 or more"},
		"label below 0":  {NewData(four, []int{2}, []int32{0, 1, -1, 0}), "example 2 has the label -1: labels count from 0"},
		"label too high": {NewData(four, []int{2}, []int32{0, 1, 2, 0}), "example 2 has the label 2, and the network's 2 logits are for the labels 0 to 1: give it 3 logits, or mend the label"},
		"no labels":      {NewData(four, []int{2}, nil), errNoLabels.Error()},
		"targets":        {NewTargetData(four, []int{2}, make([]float32, 4), []int{1}), errNoLabels.Error()},
		"NaN":            {NewData([]float32{0, 0, 0, nan}, []int{2}, make([]int32, 2)), "example 1 has the input NaN, at place 1: leave such examples out, or put a number in its place"},
		"float64 NaN":    {NewData([]float64{0, 0, math.NaN(), 0}, []int{2}, make([]int32, 2)), "example 1 has the input NaN, at place 0: leave such examples out, or put a number in its place"},
		"infinite":       {NewData([]float32{infinite, 0}, []int{2}, make([]int32, 1)), "example 0 has the input -Inf, at place 0: leave such examples out, or put a number in its place"},
		"pixels":         {NewData([]float32{0, 255, 17, 128}, []int{2}, make([]int32, 2)), "whole numbers from 0 to 255, as of pixels, reach the first layer as they are: scale them there, as in x = DivScalar(ConvertDType(x, dtypes.Float32), 255)"},
		"bytes":          {NewData([]uint8{0, 255, 17, 128}, []int{2}, make([]int32, 2)), "building the network: the weights /weights are Uint8, as are the inputs, and cannot take small steps: convert and scale the inputs first, as in x = DivScalar(ConvertDType(x, dtypes.Float32), 255)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewClassifier(pureGo(t), units(2), c.data, 2, nn.SGD().GoMLX(0.1))
			readertest.BadInput(t, err)
			require.EqualError(t, err, c.want)
			if name == "bytes" || name == "pixels" { // which another network could take
				return
			}
			trained, err := NewClassifier(pureGo(t), units(2), NewData(four, []int{2}, make([]int32, 4)), 1, nn.SGD().GoMLX(0.1))
			require.NoError(t, err)
			defer trained.Finalize()
			_, err = trained.Train(t.Context(), c.data, Training{Epochs: 1})
			require.EqualError(t, err, c.want)
			_, err = trained.Evaluate(t.Context(), c.data)
			require.EqualError(t, err, c.want)
			valid := NewData(four, []int{2}, make([]int32, 4))
			_, err = trained.Train(t.Context(), valid, Training{Epochs: 1, Validation: &c.data})
			require.EqualError(t, err, "validation data: "+c.want)
		})
	}
}

func TestTargetsThatTeachNothingAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		data Data
		want string
	}{
		"too few":     {NewTargetData(four, []int{2}, make([]float32, 3), []int{1}), "8 values are 4 examples of the shape [2], and there are targets of 3: give each example its targets"},
		"ragged":      {NewTargetData(four, []int{2}, make([]float32, 5), []int{2}), "5 targets do not fill examples of the target shape [2], 2 each: mend the targets or the shape"},
		"no shape":    {NewTargetData(four, []int{2}, make([]float32, 4), []int{0}), "the target shape [0]: every size is 1 or more, as in [1] for one number"},
		"NaN":         {NewTargetData(four, []int{2}, []float32{0, float32(math.NaN()), 0, 0}, []int{1}), "example 1 has the target NaN, at place 0: leave such examples out, or put a number in its place"},
		"labels":      {NewData(four, []int{2}, make([]int32, 4)), errNoTargets.Error()},
		"other shape": {NewTargetData(four, []int{2}, make([]float32, 8), []int{2}), "targets of the shape [2] for a model of targets of the shape [1]: give it such ones, or make another model"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := NewRegressor(pureGo(t), units(1), NewTargetData(four, []int{2}, make([]float32, 4), []int{1}), 2, nn.SGD().GoMLX(0.1))
			require.NoError(t, err)
			defer m.Finalize()
			_, err = m.Train(t.Context(), c.data, Training{Epochs: 1})
			readertest.BadInput(t, err)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestNetworksThatLearnNothingAreRefused(t *testing.T) {
	labelled := NewData(four, []int{2}, make([]int32, 4))
	targets := NewTargetData(four, []int{2}, make([]float32, 4), []int{1})
	convert := func(x *Node, dtype dtypes.DType) *Node { return ConvertDType(x, dtype) }
	for name, c := range map[string]struct {
		data    Data
		network Network
		loss    Loss // nil: a classifier
		want    string
	}{
		"one logit": {labelled, units(1), nil, "the network has 1 logit, whose softmax is 1 whatever the input, and nothing would be learned: give it 2 logits for two classes, or train it for targets by NewRegressor"},
		"three axes": {labelled, func(scope *model.Scope, x *Node) *Node { return InsertAxes(units(2)(scope, x), 1) }, nil,
			"the network's output is [2 1 2]: a classifier gives one logit per class, [batch, classes]; reshape it, or take the mean over the other axes"},
		"no batch": {labelled, func(scope *model.Scope, x *Node) *Node { return Reshape(units(2)(scope, x), 1, 4) }, nil,
			"the network's output is [1 4] for a batch of 2: its first axis has to be that of the examples"},
		"float64": {labelled, func(scope *model.Scope, x *Node) *Node { return convert(units(2)(scope, x), dtypes.Float64) }, nil,
			"the network's output is Float64: convert it, as in ConvertDType(y, dtypes.Float32)"},
		"nothing":    {labelled, func(scope *model.Scope, x *Node) *Node { units(2)(scope, x); return nil }, nil, "the network returned nil: return its output"},
		"no weights": {labelled, func(_ *model.Scope, x *Node) *Node { return x }, nil, "the network has no weights to train: give it a layer, as in nn.Dense(scope, x, 10)"},
		"two outputs": {targets, units(2), MeanSquaredError,
			"the network's output is [2 2] and the targets are [2 1]: make the last layer's output that of the targets"},
		"flat outputs": {targets, func(scope *model.Scope, x *Node) *Node { return Reshape(units(1)(scope, x), -1) }, MeanSquaredError,
			"the network's output is [2] and the targets are [2 1]: make the last layer's output that of the targets"},
		"mean loss": {targets, units(1), func(targets, outputs *Node) *Node { return ReduceAllMean(Abs(Sub(targets, outputs))) },
			"the loss is [] for a batch of 2: return one value per example, [batch]; the training takes the mean"},
		"no loss":    {targets, units(1), func(_, _ *Node) *Node { return nil }, "the loss returned nil: return one value per example, [batch]"},
		"whole loss": {labelled, units(1), func(labels, _ *Node) *Node { return labels }, "the loss is Int32, which has no gradient: convert the targets and outputs, as in ConvertDType(y, dtypes.Float32)"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			if c.loss == nil {
				_, err = NewClassifier(pureGo(t), c.network, c.data, 2, nn.SGD().GoMLX(0.1))
			} else {
				_, err = NewModel(pureGo(t), c.network, c.data, 2, nn.SGD().GoMLX(0.1), c.loss)
			}
			readertest.BadInput(t, err)
			require.EqualError(t, err, "building the network: "+c.want)
		})
	}
	_, err := NewClassifier(pureGo(t), units(2), labelled, 0, nn.SGD().GoMLX(0.1))
	require.EqualError(t, err, "batches of 0 examples: use 1 or more")
}

// Whole numbers that stay small, are scaled in the network, or have fractions
// beside them are no unscaled pixels.
func TestScaledPixelsAndCountsAreTaken(t *testing.T) {
	labels := []int32{0, 1}
	scaled := func(scope *model.Scope, x *Node) *Node {
		return units(2)(scope, DivScalar(ConvertDType(x, dtypes.Float32), 255))
	}
	converted := func(scope *model.Scope, x *Node) *Node {
		return units(2)(scope, Reshape(ConvertDType(x, dtypes.Float32), 2, 2))
	}
	words := func(scope *model.Scope, x *Node) *Node {
		return units(2)(scope, ReduceSum(nn.Embedding(scope, x, 256, 3), 1))
	}
	convolved := func(scope *model.Scope, x *Node) *Node {
		y := nn.Conv2D{Filters: 2, Kernel: 2, Padding: nn.Same}.Apply(scope, ConvertDType(x, dtypes.Float32))
		return ReduceMean(y, 1, 2)
	}
	for name, c := range map[string]struct {
		data    Data
		network Network
		refused bool
	}{
		"scaled in the network":      {NewData([]uint8{0, 255, 17, 128}, []int{2}, labels), scaled, false},
		"scaled before":              {NewData([]float32{0, 1, 17. / 255, 0.5}, []int{2}, labels), units(2), false},
		"counts":                     {NewData([]float32{0, 100, 17, 3}, []int{2}, labels), units(2), false},
		"with fractions":             {NewData([]float32{0, 200.5, 17, 3}, []int{2}, labels), units(2), false},
		"below zero":                 {NewData([]float32{0, 200, -17, 3}, []int{2}, labels), units(2), false},
		"above 255":                  {NewData([]float32{0, 256, 17, 3}, []int{2}, labels), units(2), false},
		"a drawing in black and one": {NewData([]uint8{0, 1, 1, 0}, []int{2}, labels), converted, false},
		"converted, not scaled":      {NewData([]uint8{0, 255, 17, 128}, []int{2}, labels), converted, true},
		"float64":                    {NewData([]float64{0, 255, 17, 128}, []int{2}, labels), units(2), true},
		"int32":                      {NewData([]int32{0, 255, 17, 128}, []int{2}, labels), converted, true},
		"words":                      {NewData([]int32{0, 255, 17, 128}, []int{2}, labels), words, false},
		"convolved":                  {NewData([]uint8{0, 255, 17, 128}, []int{2, 1, 1}, labels[:2]), convolved, true},
	} {
		t.Run(name, func(t *testing.T) {
			net, err := NewClassifier(pureGo(t), c.network, c.data, 2, nn.SGD().GoMLX(0.1))
			if c.refused {
				require.ErrorContains(t, err, "whole numbers from 0 to 255")
				return
			}
			require.NoError(t, err)
			net.Finalize()
		})
	}
}

func TestErrorsInAGraphNameTheLinesOfTheReader(t *testing.T) {
	targets := NewTargetData(four, []int{2}, make([]float32, 4), []int{1})
	var line int // above the one that fails
	here := func() { _, _, line, _ = runtime.Caller(1) }
	layer := func(x, weights *Node) *Node {
		here()
		return MatMul(x, weights)
	}
	var outer int
	mismatched := func(scope *model.Scope, x *Node) *Node {
		weights := nn.Dense(scope, x, 5)
		_, _, outer, _ = runtime.Caller(0)
		return layer(weights, x)
	}
	for name, c := range map[string]struct {
		network Network
		loss    Loss
		cause   string
	}{
		"in the network": {mismatched, MeanSquaredError, "contracting dimensions do not match: lhs[1]=5, rhs[0]=2"},
		"in the loss": {units(1), func(targets, outputs *Node) *Node {
			_, _, outer, _ = runtime.Caller(0)
			return layer(targets, outputs)
		}, "contracting dimensions do not match: lhs[1]=1, rhs[0]=2"},
		"by Go itself": {func(_ *model.Scope, x *Node) *Node {
			sizes := []int{1}
			here()
			return Reshape(x, sizes[x.Rank()])
		}, MeanSquaredError, "index out of range [2] with length 1"},
		"thrown": {func(*model.Scope, *Node) *Node {
			here()
			panic("no such layer")
		}, MeanSquaredError, "no such layer"},
	} {
		t.Run(name, func(t *testing.T) {
			outer = 0
			_, err := NewModel(pureGo(t), c.network, targets, 2, nn.SGD().GoMLX(0.1), c.loss)
			readertest.BadInput(t, err)
			require.ErrorContains(t, err, c.cause)
			want := fmt.Sprintf("(refuse_test.go:%d", line+1)
			if outer > 0 {
				want += fmt.Sprintf(", called from refuse_test.go:%d", outer+1)
			}
			require.True(t, strings.HasSuffix(err.Error(), want+")"), "%v has %v", err, want)
		})
	}
	t.Run("for other inputs", func(t *testing.T) {
		net, err := NewRegressor(pureGo(t), func(scope *model.Scope, x *Node) *Node {
			here()
			return nn.Dense(scope, x, 1)
		}, targets, 2, nn.SGD().GoMLX(0.1))
		require.NoError(t, err)
		defer net.Finalize()
		other := NewTargetData(make([]float32, 6), []int{3}, make([]float32, 2), []int{1})
		for _, use := range []func() error{
			func() error { _, err := net.Predict(t.Context(), other); return err },
			func() error { _, err := net.Evaluate(t.Context(), other); return err },
			func() error { _, err := net.Train(t.Context(), other, Training{Epochs: 1}); return err },
		} {
			err := use()
			readertest.BadInput(t, err)
			require.ErrorContains(t, err, fmt.Sprintf("(refuse_test.go:%d)", line+1))
		}
	})
}
