package textcnn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"

	"evident/datasets/text"
	"evident/kit/fit"
	"evident/kit/nn"
)

// Net is the model of Kim (2014): word vectors, filters for each size of window,
// the largest value of each filter over time, dropout, and a dense layer.
type Net struct {
	Width   int     `role:"fixed" range:"[1, inf)" help:"values of a word vector"`
	Windows []int   `role:"fixed" range:"[1, inf)" list:"1" help:"sizes of the windows, in words"`
	Maps    int     `role:"fixed" range:"[1, inf)" help:"filters of each window"`
	Dropout float64 `role:"fixed" range:"[0, 1)" help:"fraction of the pooled features that is left out in training"`
}

// widest is the largest window.
func (n Net) widest() int { return slices.Max(n.Windows) }

// size is the number of pooled features.
func (n Net) size() int { return len(n.Windows) * n.Maps }

// lookup turns numbers of words [batch, length] into vectors
// [batch, length, width].
type lookup func(scope *model.Scope, numbers *Node) *Node

// learned is a table that is trained with the net, for an encoder of so many
// words.
func learned(words, width int) lookup {
	return func(scope *model.Scope, numbers *Node) *Node {
		return nn.Embedding(scope.In("embedding"), numbers, words+int(text.Unknown)+1, width)
	}
}

// given is a table [words][width] that is not trained.
func given(vectors [][]float32) lookup {
	return func(_ *model.Scope, numbers *Node) *Node {
		return nn.Lookup(ConstTensor(numbers.Graph(), tensors.FromValue(vectors)), numbers)
	}
}

// Network is the classifier on numbers of words [batch, length], for a
// vocabulary of so many words: logits [batch, classes].
//
//	embedding              [batch, length, Width]
//	wide convolution k     [batch, length + k − 1, Maps], for each window k
//	maximum over time      [batch, Maps]
//	joined, dropout        [batch, len(Windows)·Maps]
//	dense                  [batch, classes]
func (n Net) Network(words, classes int) fit.Network {
	return n.network(learned(words, n.Width), classes)
}

func (n Net) network(l lookup, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		pooled := n.pooled(scope, x, l)
		return nn.Dense(scope.In("logits"), layers.DropoutStatic(scope, pooled, n.Dropout), classes)
	}
}

// untrained is the network in which the dense layer alone is trained.
func (n Net) untrained(l lookup, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("logits"), StopGradient(n.pooled(scope, x, l)), classes)
	}
}

// features are the maps of every window in front of the pooling.
func (n Net) features(scope *model.Scope, x *Node, l lookup) []*Node {
	vectors, words := l(scope, x), nn.Words(x)
	maps := make([]*Node, len(n.Windows))
	for i, window := range n.Windows {
		maps[i] = nn.TextFeatures(scope.In("window%d", i), vectors, words, window, n.Maps)
	}
	return maps
}

// pooled are the features behind the maximum over time:
// [batch, len(Windows)·Maps].
func (n Net) pooled(scope *model.Scope, x *Node, l lookup) *Node {
	maps := n.features(scope, x, l)
	for i, m := range maps {
		maps[i] = nn.MaxOverTime(m)
	}
	return Concatenate(maps, -1)
}

// flattened is the same net without pooling: every position of every map has
// weights of its own in the dense layer.
func (n Net) flattened(l lookup, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		maps := n.features(scope, x, l)
		for i, m := range maps {
			maps[i] = Reshape(m, m.Shape().Dim(0), -1)
		}
		return nn.Dense(scope.In("logits"), Concatenate(maps, -1), classes)
	}
}

// bagOfWords adds up one weight for every word and class, however the words are
// ordered: a logistic regression on their counts. All weights start at 0 (they
// are one row of values, see [fit.Model.Reset]), so that a word that was not
// in training says nothing.
func bagOfWords(words, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		rows := words + int(text.Unknown) + 1
		flat := scope.In("counts").VariableWithShape("weights", shapes.Make(dtypes.Float32, rows*classes))
		table := Reshape(flat.NodeValue(x.Graph()), rows, classes)
		return nn.Bias(scope.In("logits"), ReduceSum(nn.Lookup(table, x), 1))
	}
}

// recurrent reads the words one after the other, with as many values of state as
// units.
func recurrent(words, width, units, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		state := nn.GRU(scope.In("gru"), learned(words, width)(scope, x), nn.Words(x), units)
		return nn.Dense(scope.In("logits"), state, classes)
	}
}
