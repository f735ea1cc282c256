package arch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Marked is a nested layer with properties that apply only to its own weights.
type Marked struct {
	Layer  Layer
	Frozen bool   // none of its weights is trained
	Bytes  int    // per value; 0 means that of the enclosing layer
	Shared string // as in [Node]
}

// Class returns the name in Keras.
func (l Marked) Class() string { return classOf(l.Layer) }

// Infer implements [Layer].
func (l Marked) Infer(inputs []Value) (Facts, error) {
	facts, err := l.Layer.Infer(inputs)
	facts.Weights = l.mark(facts.Weights)
	return facts, err
}

func (l Marked) mark(weights []Weight) []Weight {
	marked := slices.Clone(weights)
	for i := range marked {
		w := &marked[i]
		w.Frozen = w.Frozen || l.Frozen
		w.Bytes = cmp.Or(w.Bytes, l.Bytes)
		if l.Shared != "" && w.Shared == "" {
			w.Shared = fmt.Sprintf("%s/%d", l.Shared, i)
		}
	}
	return marked
}

// ChannelsFirst is a layer whose inputs and output have the channels before the
// spatial axes.
type ChannelsFirst struct {
	Layer Layer
	// Axes is the number of spatial axes if the channels come after the steps of a
	// sequence; 0 if the channels come first.
	Axes int
}

// Class returns the name in Keras.
func (l ChannelsFirst) Class() string { return classOf(l.Layer) }

// Infer implements [Layer].
func (l ChannelsFirst) Infer(inputs []Value) (Facts, error) {
	moved := make([]Value, len(inputs))
	for i, x := range inputs {
		moved[i] = x
		if at := l.channels(x.Shape); at >= 0 {
			moved[i].Shape = append(slices.Delete(slices.Clone(x.Shape), at, at+1), x.Shape[at])
		}
	}
	facts, err := l.Layer.Infer(moved)
	if err != nil {
		return Facts{}, fmt.Errorf("with the channels put last, %w", err)
	}
	for i, out := range facts.Outputs {
		if at := l.channels(out.Shape); at >= 0 {
			facts.Outputs[i].Shape = slices.Insert(slices.Clone(out.Shape.Spatial()), at, out.Shape.Channels())
		}
	}
	return facts, nil
}

// channels returns the axis of the channels, or −1 if the shape has no other axis.
func (l ChannelsFirst) channels(shape Shape) int {
	if len(shape) < 2 {
		return -1
	}
	if l.Axes == 0 {
		return 0
	}
	return len(shape) - l.Axes - 1
}

// SpectralNormalization divides a layer's kernel by its largest singular value. It
// keeps a vector for this, which is not trained (Miyato et al. 2018).
type SpectralNormalization struct{ Layer Layer }

// Infer implements [Layer]. Parameters: those of the layer, and one per value of
// the kernel's last axis.
func (l SpectralNormalization) Infer(inputs []Value) (Facts, error) {
	facts, err := l.Layer.Infer(inputs)
	if err != nil {
		return Facts{}, fmt.Errorf("its %s: %w", classOf(l.Layer), err)
	}
	at, err := facts.kernel()
	if err != nil {
		return Facts{}, fmt.Errorf("its %s: %w", classOf(l.Layer), err)
	}
	kernel := facts.Weights[at]
	size := kernel.Shape[len(kernel.Shape)-1]
	facts.Weights = append(facts.Weights, Weight{Name: "vector_u", Shape: []int{1, size}, Frozen: true, Bytes: kernel.Bytes})
	facts.Formula += fmt.Sprintf(" + %d", size)
	return facts, nil
}

// LoRA freezes a layer's kernel and adds the trained product of two small matrices
// (Hu et al. 2022).
type LoRA struct {
	Layer Layer
	Rank  int
}

// Class returns the name in Keras.
func (l LoRA) Class() string { return classOf(l.Layer) }

// Infer implements [Layer]. Parameters: those of the layer, and (product of the
// kernel's sizes except the last)·Rank + Rank·(last size). When the net runs, the
// product is merged into the kernel, so it adds no work per example.
func (l LoRA) Infer(inputs []Value) (Facts, error) {
	facts, err := l.Layer.Infer(inputs)
	if err != nil {
		return Facts{}, err
	}
	at, err := facts.kernel()
	if err != nil {
		return Facts{}, fmt.Errorf("%w for its lora_rank", err)
	}
	if err := atLeast1("lora_rank", l.Rank); err != nil {
		return Facts{}, err
	}
	facts.Weights[at].Frozen = true
	last := len(facts.Weights[at].Shape) - 1
	a := append(slices.Clone(facts.Weights[at].Shape[:last]), l.Rank)
	b := []int{l.Rank, facts.Weights[at].Shape[last]}
	facts.Weights = append(facts.Weights, Weight{Name: "lora_kernel_a", Shape: a}, Weight{Name: "lora_kernel_b", Shape: b})
	facts.Formula += " + " + factors(a...) + " + " + factors(b...)
	return facts, nil
}

// kernel returns the index of the layer's kernel or embeddings.
func (f Facts) kernel() (int, error) {
	at := slices.IndexFunc(f.Weights, func(w Weight) bool { return w.Name == "kernel" || w.Name == "embeddings" })
	if at < 0 {
		return at, errors.New("it has no kernel")
	}
	return at, nil
}

// Pipeline is a sequence of layers without weights.
type Pipeline struct{ Layers []Layer }

// Infer implements [Layer].
func (l Pipeline) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	for _, layer := range l.Layers {
		facts, err := layer.Infer([]Value{x})
		if err != nil {
			return Facts{}, fmt.Errorf("its %s: %w", classOf(layer), err)
		}
		if len(facts.Weights) > 0 || len(facts.Outputs) != 1 {
			return Facts{}, fmt.Errorf("its %s is not one of those that prepare data", classOf(layer))
		}
		x = facts.Outputs[0]
	}
	return passes(x.Shape, x.Field), nil
}

// Opaque is a function without weights whose computation is unknown. Its shapes
// include the batch axis, because such a function may change that axis too.
type Opaque struct {
	Name    string
	Inputs  []Shape // the inputs that the recorded outputs belong to; nil means any
	Outputs []Shape // a nil shape is unknown
	Batch   int     // as in [Model]
	// Rule derives the outputs for other inputs. A nil rule, or a nil result,
	// leaves them unknown.
	Rule func(inputs []Shape) []Shape
}

// Class returns the name in Keras.
func (l Opaque) Class() string { return l.Name }

// Infer implements [Layer]. For inputs other than the recorded ones, the output's
// shape is unknown unless the rule derives it.
func (l Opaque) Infer(inputs []Value) (Facts, error) {
	same, seesAll := len(inputs) == len(l.Inputs), len(inputs) > 0
	for i, x := range inputs {
		same = same && (l.Inputs[i] == nil || agree(x.whole(l.Batch), l.Inputs[i]))
		seesAll = seesAll && x.Field.Whole
	}
	derived := l.derive(inputs)
	facts := Facts{Outputs: make([]Value, max(len(l.Outputs), len(derived), 1))}
	for i := range facts.Outputs {
		switch {
		case same && i < len(l.Outputs) && l.Outputs[i] != nil:
			facts.Outputs[i] = wholeValue(l.Outputs[i], l.Batch)
		case i < len(derived):
			facts.Outputs[i] = wholeValue(derived[i], l.Batch)
		}
		facts.Outputs[i].Field.Whole = seesAll
	}
	return facts, nil
}

// derive applies the rule, if all inputs are known.
func (l Opaque) derive(inputs []Value) []Shape {
	if l.Rule == nil || someKnown(inputs) != nil {
		return nil
	}
	shapes := make([]Shape, len(inputs))
	for i, x := range inputs {
		shapes[i] = x.whole(l.Batch)
	}
	return l.Rule(shapes)
}
