package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Embedding looks up numbers [batch, length], which are at least 0 and below
// words, in a table of vectors: [batch, length, width]. The number 0 is padding;
// its vector is always zero. The variable "embeddings" [words, width] is in the
// scope.
func Embedding(scope *model.Scope, numbers *Node, words, width int) *Node {
	table := scope.VariableWithShape("embeddings", shapes.Make(dtypes.Float32, words, width))
	return Lookup(table.NodeValue(numbers.Graph()), numbers)
}

// Lookup is Embedding with a given table [words, width].
func Lookup(table, numbers *Node) *Node {
	vectors := Gather(table, ExpandAxes(numbers, -1))
	return Mul(vectors, ExpandAxes(Words(numbers), -1))
}

// Words returns 1 where a number stands for a word, and 0 where it is padding.
func Words(numbers *Node) *Node {
	return ConvertDType(NotEqual(numbers, ScalarZero(numbers.Graph(), numbers.DType())), dtypes.Float32)
}

// WideConv1D convolves x [batch, length, channels] along the length, with kernel −
// 1 zeros before and after: [batch, length + kernel − 1, filters]. Every window
// that holds at least one position is present. Words at the ends are thus seen at
// every place of the window, and a text may be shorter than the window (the "wide"
// convolution of Kalchbrenner et al. 2014, section 2.2). The variables "weights"
// [kernel, channels, filters] and "biases" [filters] are in the scope.
//
// On every backend, it gathers the columns of each window and takes one matrix
// product, because GoMLX v0.28.2 has a wrong gradient for kernels of even size.
func WideConv1D(scope *model.Scope, x *Node, kernel, filters int) *Node {
	columns := Concatenate(wideWindows(x, kernel), -1)
	weights := Reshape(kernelVariable(scope, x, kernel, filters), -1, filters)
	return Bias(scope, matrixProduct(columns, weights))
}

// wideWindows returns, for each offset in a window, the values of x [batch,
// length, channels] at all length + kernel − 1 positions.
func wideWindows(x *Node, kernel int) []*Node {
	if kernel == 1 {
		return []*Node{x}
	}
	batch, length, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	zeros := Zeros(x.Graph(), shapes.Make(x.DType(), batch, kernel-1, channels))
	padded := Concatenate([]*Node{zeros, x, zeros}, 1)
	nodes := make([]*Node, kernel)
	for offset := range nodes {
		nodes[offset] = SliceAxis(padded, 1, AxisRange(offset, offset+length+kernel-1))
	}
	return nodes
}

// TextFeatures returns the feature maps of Kim (2014) before pooling: a
// convolution over the words' vectors x [batch, length, width], then ReLU: [batch,
// length + kernel − 1, filters]. Windows without any word are 0, the smallest
// value of ReLU, so the maximum does not depend on the amount of padding. words
// [batch, length] is 1 at words and 0 at padding.
func TextFeatures(scope *model.Scope, x, words *Node, kernel, filters int) *Node {
	maps := ReLU(WideConv1D(scope, x, kernel, filters))
	holds := wideWindows(ExpandAxes(words, -1), kernel)
	holdsOne := holds[0]
	for _, at := range holds[1:] {
		holdsOne = Max(holdsOne, at)
	}
	return Mul(maps, holdsOne)
}

// MaxOverTime returns the largest value of each filter: [batch, positions,
// filters] becomes [batch, filters] (Collobert et al. 2011, section 3.3.2).
func MaxOverTime(maps *Node) *Node { return ReduceMax(maps, 1) }

// GRU processes x [batch, length, channels] and returns its state after the last
// word: [batch, units] (Cho et al. 2014; the form with the reset after the
// product, as in Keras). The state does not change where words [batch, length] is
// 0. The graph contains every step, so use it for short texts. Its variables are
// in the scope.
func GRU(scope *model.Scope, x, words *Node, units int) *Node {
	g, batch, length := x.Graph(), x.Shape().Dim(0), x.Shape().Dim(1)
	inputs := matrixProduct(x, scope.VariableWithShape("weights", shapes.Make(x.DType(), x.Shape().Dim(-1), 3*units)).NodeValue(g))
	inputs = Bias(scope, inputs) // [batch, length, 3·units]: update, reset, candidate
	recurrent := scope.VariableWithShape("recurrent_weights", shapes.Make(x.DType(), units, 3*units)).NodeValue(g)
	state := Zeros(g, shapes.Make(x.DType(), batch, units))
	for t := range length {
		input := Squeeze(SliceAxis(inputs, 1, AxisElem(t)), 1)
		word := SliceAxis(words, 1, AxisElem(t)) // [batch, 1]
		next := gruStep(input, MatMul(state, recurrent), state, units)
		state = Add(state, Mul(word, Sub(next, state)))
	}
	return state
}

// gruStep returns the next state:
//
//	z = σ(input_z + product_z), r = σ(input_r + product_r)
//	h = tanh(input_h + r∘product_h), state ← z∘state + (1−z)∘h
func gruStep(input, product, state *Node, units int) *Node {
	part := func(x *Node, i int) *Node { return SliceAxis(x, 1, AxisRange(i*units, (i+1)*units)) }
	update := Sigmoid(Add(part(input, 0), part(product, 0)))
	reset := Sigmoid(Add(part(input, 1), part(product, 1)))
	candidate := Tanh(Add(part(input, 2), Mul(reset, part(product, 2))))
	return Add(candidate, Mul(update, Sub(state, candidate)))
}
