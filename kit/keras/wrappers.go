package keras

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"evident/kit/arch"
)

// wrapper makes a layer that has other layers among its arguments, or returns
// nil for another class.
func wrapper(class string) func(n *nest) arch.Layer {
	switch class {
	case "TimeDistributed":
		return func(n *nest) arch.Layer { return arch.TimeDistributed{Layer: n.layer("layer")} }
	case "SpectralNormalization":
		return spectralNormalization
	case "Bidirectional":
		return bidirectional
	case "RNN":
		return rnn
	case "Pipeline":
		return pipeline
	}
	return nil
}

// nest holds the arguments of a layer that has other layers among them.
type nest struct {
	*reader
	*arguments
	place string
	depth int
	calls int // calls of layers that one call of it makes
}

// layer reads an argument that is a layer.
func (n *nest) layer(key string) arch.Layer {
	return n.inside(key, n.nested(key))
}

func (n *nest) inside(key string, d described) arch.Layer {
	switch {
	case n.err != nil:
		return nil
	case n.depth > maxDepth:
		n.err = fmt.Errorf("layers lie more than %d deep in one another", maxDepth)
		return nil
	}
	if d.Name == "" {
		d.Name = nameIn(d.Config)
	}
	p, err := n.read(d, n.place+"."+key, n.depth, nil)
	if err != nil {
		n.err = fmt.Errorf("its %s (%s): %w", key, d.Class, err)
		return nil
	}
	n.calls += p.calls
	return p.inside()
}

// withKernel matches the classes of layers that have a kernel or embeddings
// themselves, not in a nested layer.
var withKernel = regexp.MustCompile(`^(Dense|EinsumDense|Embedding|ReversibleEmbedding|(Depthwise)?Conv[123]D(Transpose)?)$`)

func spectralNormalization(n *nest) arch.Layer {
	if d := n.nested("layer"); d.foreign() == "" && !withKernel.MatchString(d.Class) {
		n.refuse("layer", "one with a kernel of its own, such as Dense, Conv2D or Embedding")
	}
	return arch.SpectralNormalization{Layer: n.layer("layer")}
}

// bothWays lists the layers that a Bidirectional can use.
var bothWays = []string{"SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}

func bidirectional(n *nest) arch.Layer {
	keys := []string{"layer"}
	if n.has("backward_layer") {
		keys = append(keys, "backward_layer")
	}
	for _, key := range keys {
		if d := n.nested(key); n.err == nil && !slices.Contains(bothWays, d.Class) {
			n.refuse(key, "a recurrent layer, such as LSTM: others are not counted here")
		}
	}
	l := arch.Bidirectional{Forward: n.layer("layer")}
	l.Backward = l.Forward
	if way, ok := l.Forward.(arch.Marked); ok && way.Shared != "" {
		way.Shared += " backward"
		l.Backward = way
	}
	if len(keys) == 2 {
		l.Backward = n.layer("backward_layer")
	}
	if _, written := n.values["merge_mode"]; n.has("merge_mode") || !written {
		l.Merge = n.oneOf("merge_mode", "concat", "sum", "mul", "ave")
	}
	return l
}

func rnn(n *nest) arch.Layer {
	l := arch.RNN{Sequences: n.bool("return_sequences", false), State: n.bool("return_state", false)}
	cells := []described{n.nested("cell")}
	if d := cells[0]; d.Class == "StackedRNNCells" && d.foreign() == "" {
		if err := json.Unmarshal(argumentsOf(d.Config).values["cells"], &cells); err != nil || len(cells) == 0 {
			n.refuse("cell", "one with a list of cells")
		}
	}
	for _, d := range cells {
		if n.err == nil {
			l.Cells = append(l.Cells, n.cell(d))
		}
	}
	return l
}

// cell reads the cell that an RNN applies at every step.
func (n *nest) cell(d described) arch.Layer {
	class, isCell := strings.CutSuffix(d.Class, "Cell")
	if foreign := d.foreign(); foreign != "" {
		n.err = fmt.Errorf("its cell (%s): %w", d.Class, errForeign(foreign))
		return nil
	}
	if !isCell || !slices.Contains(recurrent, class) {
		n.err = fmt.Errorf("its cell is a %s; it has to be a SimpleRNNCell, LSTMCell or GRUCell, or StackedRNNCells of these: others are not counted here", d.Class)
		return nil
	}
	args := argumentsOf(d.Config)
	l := recurrence(class, args)
	l.Sequences, l.State = true, true
	p := part{layer: l, frozen: !args.bool("trainable", true), bytes: args.bytesOf(), shared: n.shared(d)}
	if args.err != nil {
		n.err = fmt.Errorf("its cell (%s): %w", d.Class, args.err)
	}
	return p.inside()
}

func pipeline(n *nest) arch.Layer {
	var layers []described
	if json.Unmarshal(n.values["layers"], &layers) != nil {
		n.refuse("layers", "a list of layers")
	}
	l := arch.Pipeline{}
	for i, d := range layers {
		l.Layers = append(l.Layers, n.inside(fmt.Sprintf("layers[%d]", i), d))
	}
	return l
}
