package textcnn

import (
	"context"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/kit/fit"
)

// reader looks into a trained net: which window of a text each filter likes
// best.
type reader struct {
	net     Net
	length  int // of the texts, in tokens
	program *fit.Program
}

// maps are what a [reader] reads: the feature maps of all windows in a row.
func (n Net) maps(l lookup) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		maps := n.features(scope, x, l)
		for i, m := range maps {
			maps[i] = Reshape(m, m.Shape().Dim(0), -1)
		}
		return Concatenate(maps, -1)
	}
}

// span is a place in a text: tokens from Start to before End, which may be cut
// short by an end of the text.
type span struct{ Start, End int }

// peak is the window in which a filter is largest, and the value there.
type peak struct {
	span
	Value float64
}

// peaks are those of every filter, in the order of the pooled features, for
// every text: [n][len(Windows)·Maps].
func (r reader) peaks(ctx context.Context, data fit.Data) ([][]peak, error) {
	maps, err := r.program.Run(ctx, data)
	all := make([][]peak, len(maps))
	for i, values := range maps {
		for _, window := range r.net.Windows {
			positions := r.length + window - 1
			for filter := range r.net.Maps {
				all[i] = append(all[i], r.peak(values[:positions*r.net.Maps], window, filter))
			}
			values = values[positions*r.net.Maps:]
		}
	}
	return all, err
}

// peak is the largest value of a filter; the first of equals.
func (r reader) peak(maps []float32, window, filter int) peak {
	best := 0
	for position := range len(maps) / r.net.Maps {
		if maps[position*r.net.Maps+filter] > maps[best*r.net.Maps+filter] {
			best = position
		}
	}
	start := best - (window - 1) // wide windows begin in front of the text
	return peak{span{max(start, 0), min(start+window, r.length)}, float64(maps[best*r.net.Maps+filter])}
}

// inside is the part of a window within a text of so many tokens.
func (w span) inside(tokens int) span { return span{min(w.Start, tokens), min(w.End, tokens)} }

// denseWeights are those of the classifier's last layer: [features][classes].
func denseWeights(net *fit.Classifier) [][]float32 {
	for v := range net.Store().IterVariables() {
		if v.Name() == "weights" && v.Trainable && slices.Contains([]string{"/logits", "logits"}, v.Scope()) {
			flat, classes := tensors.MustCopyFlatData[float32](v.MustValue()), v.Shape().Dim(1)
			return slices.Collect(slices.Chunk(flat, classes))
		}
	}
	return nil
}
