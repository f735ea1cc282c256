package keras

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"evident/kit/arch"
)

// tensor is an output of a layer's call, as Keras writes it where it is read.
type tensor struct {
	layer        string
	call, output int
	shape        arch.Shape // including the batch; nil if the file does not give it
}

// call holds the inputs of one call of a layer.
type call struct {
	reads []tensor
	masks []tensor // these mark padding and do not affect counts
	// constants says that the call also reads literal tensors.
	constants bool
	legacy    bool // in the form of Keras 2
	// asked holds the arguments that are true.
	asked map[string]bool
	args  []any // arguments without a name, in Keras 3
}

// functional reads layers that form a graph.
func (a *assembly) functional() error {
	calls := make([][]call, len(a.layers))
	legacy := false
	for i, d := range a.layers {
		var err error
		if calls[i], err = inbound(d.Inbound); err != nil {
			return a.wrong(i, err)
		}
		for _, c := range calls[i] {
			legacy = legacy || c.legacy
		}
	}
	ends, err := a.readEnds()
	if err != nil {
		return err
	}
	a.countFrom(calls, ends, legacy)
	written := a.written(calls, ends[1])
	for i, d := range a.layers {
		before := a.calls
		if err := a.add(i, written[d.Name]); err != nil {
			return err
		}
		if err := a.called(i, len(calls[i]), a.calls-before); err != nil {
			return err
		}
	}
	for i := range a.layers {
		if err := a.connect(i, calls[i], written[a.layers[i].Name]); err != nil {
			return err
		}
	}
	return a.ends(ends)
}

// countFrom finds the number from which the calls of nested models are counted.
// Keras calls such a model once when it creates it. That call has the number 0
// in the files of Keras 2, and also in Keras 3 if a Functional model is an
// output.
func (a *assembly) countFrom(calls [][]call, ends [2][]tensor, legacy bool) {
	a.fromOne, a.endFromOne = map[string]bool{}, map[string]bool{}
	for _, d := range a.layers {
		if isModel(d) {
			a.fromOne[d.Name] = legacy
			a.endFromOne[d.Name] = legacy || a.isGraph(d)
		}
	}
	for _, all := range calls {
		for _, c := range all {
			for _, t := range c.reads {
				if t.call == 0 { // so this file begins at 0
					a.fromOne[t.layer] = false
					a.endFromOne[t.layer] = a.endFromOne[t.layer] && !legacy
				}
			}
		}
	}
	for _, end := range ends {
		for _, t := range end {
			if t.call == 0 {
				a.endFromOne[t.layer] = false
				a.fromOne[t.layer] = false
			}
		}
	}
}

// isGraph reports whether the layer is a Functional model.
func (a *assembly) isGraph(d described) bool { return hasKeys(d.Config, "output_layers") }

// connect gives a node the inputs of its calls.
func (a *assembly) connect(layer int, calls []call, written []arch.Shape) error {
	node := &a.model.Nodes[layer]
	if _, ok := node.Layer.(arch.Input); ok {
		a.batch(layer)
		node.Calls = [][]arch.Ref{nil}
		return nil
	}
	if len(calls) == 0 {
		return a.wrong(layer, errors.New("it reads nothing: inbound_nodes is empty"))
	}
	for _, c := range calls {
		inputs := []arch.Ref{}
		for _, t := range c.reads {
			ref, err := a.ref(t, a.fromOne[t.layer])
			if err != nil {
				return a.wrong(layer, err)
			}
			inputs = append(inputs, ref)
		}
		if merge, ok := node.Layer.(arch.Merge); ok && c.constants {
			node.Layer = arch.Opaque{Name: merge.Operation, Outputs: written, Rule: withOperands(c, broadcast)}
		}
		if op, ok := node.Layer.(arch.Opaque); ok && isOperation(a.layers[layer]) {
			op.Rule, op.Batch = rule(a.layers[layer], c), a.model.Batch
			node.Layer = op
		}
		if as := variant(node.Layer, c); as != nil {
			if node.Variants == nil {
				node.Variants = map[int]arch.Layer{}
			}
			node.Variants[len(node.Calls)] = as
		}
		if op, ok := node.Layer.(arch.Opaque); ok && op.Inputs == nil {
			for _, t := range c.reads {
				op.Inputs = append(op.Inputs, t.shape)
			}
			node.Layer = op
		}
		node.Calls = append(node.Calls, inputs)
	}
	return nil
}

// variant returns the layer for a call that asks for more than the others, or
// nil if it asks for nothing.
func variant(layer arch.Layer, c call) arch.Layer {
	scores := c.asked["return_attention_scores"]
	switch l := layer.(type) {
	case arch.MultiHeadAttention:
		if l.Scores = scores; scores {
			return l
		}
	case arch.GroupedQueryAttention:
		if l.Scores = scores; scores {
			return l
		}
	case arch.Attention:
		if l.Scores = scores; scores {
			return l
		}
	case arch.ReversibleEmbedding:
		if l.Reverse = c.asked["reverse"]; l.Reverse {
			return l
		}
	case arch.LoRA:
		if as := variant(l.Layer, c); as != nil {
			return arch.LoRA{Layer: as, Rank: l.Rank}
		}
	}
	return nil
}

// ref finds the tensor. In some places Keras counts the calls of a nested model
// from 1, because it called the model once when it created it.
func (a *assembly) ref(t tensor, fromOne bool) (arch.Ref, error) {
	node, ok := a.index[t.layer]
	if !ok {
		return arch.Ref{}, fmt.Errorf("it reads the layer %q, which is not there", t.layer)
	}
	if fromOne {
		t.call--
	}
	return arch.Ref{Node: node, Call: t.call, Output: t.output}, nil
}

var endNames = [2]string{"input_layers", "output_layers"}

// readEnds reads the inputs and outputs of the model.
func (a *assembly) readEnds() (ends [2][]tensor, err error) {
	for i, end := range []json.RawMessage{a.config.Inputs, a.config.Outputs} {
		var raw any
		_ = json.Unmarshal(end, &raw) // a missing entry has no tensors
		if ends[i] = endTensors(raw); len(ends[i]) == 0 {
			return ends, fmt.Errorf("%s names no layer", endNames[i])
		}
	}
	return ends, nil
}

// ends finds the inputs and the outputs of the model.
func (a *assembly) ends(ends [2][]tensor) error {
	for i, refs := range []*[]arch.Ref{&a.model.Inputs, &a.model.Outputs} {
		for _, t := range ends[i] {
			ref, err := a.ref(t, a.endFromOne[t.layer])
			if err != nil {
				return fmt.Errorf("%s: %w", endNames[i], err)
			}
			*refs = append(*refs, ref)
		}
	}
	return nil
}

// endTensors finds tensors of the form [layer, call, output], single or in lists
// and objects.
func endTensors(raw any) []tensor {
	if t, ok := shortTensor(raw); ok {
		return []tensor{t}
	}
	var all []tensor
	each(raw, func(item any) { all = append(all, endTensors(item)...) })
	return all
}

// shortTensor reads [layer, call, output].
func shortTensor(raw any) (tensor, bool) {
	list, ok := raw.([]any)
	if !ok || len(list) < 3 {
		return tensor{}, false
	}
	name, ok := list[0].(string)
	call, ok1 := list[1].(float64)
	output, ok2 := list[2].(float64)
	if !ok || !ok1 || !ok2 || call < 0 || output < 0 || call > maxCalls || output > maxCalls {
		return tensor{}, false
	}
	return tensor{layer: name, call: int(call), output: int(output)}, true
}

// each visits the items of a list, or those of an object in the order of its
// keys.
func each(raw any, visit func(any)) {
	switch raw := raw.(type) {
	case []any:
		for _, item := range raw {
			visit(item)
		}
	case map[string]any:
		for _, key := range sortedKeys(raw) {
			visit(raw[key])
		}
	}
}

// isMask reports whether an argument of a call is a mask.
func isMask(name string) bool { return strings.HasSuffix(name, "mask") }

// firstKeys are the arguments of attention in the order of its inputs.
var firstKeys = []string{"query", "value", "key"}

// sortedKeys returns the keys in the order of the inputs.
func sortedKeys(object map[string]any) []string {
	keys := slices.Collect(maps.Keys(object))
	rank := func(key string) int {
		if i := slices.Index(firstKeys, key); i >= 0 {
			return i
		}
		return len(firstKeys)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a, b)) })
	return keys
}

// inbound reads the calls of a layer.
func inbound(raw json.RawMessage) ([]call, error) {
	if raw == nil {
		return nil, errors.New("it says nothing of what it reads: inbound_nodes is missing")
	}
	var nodes []any
	if json.Unmarshal(raw, &nodes) != nil {
		return nil, errors.New("inbound_nodes is not a list of its calls")
	}
	calls := make([]call, len(nodes))
	for i, node := range nodes {
		switch node := node.(type) {
		case map[string]any: // Keras 3: {"args": […], "kwargs": {…}}
			calls[i].args, _ = node["args"].([]any)
			calls[i].collect(node["args"])
			named, _ := node["kwargs"].(map[string]any)
			calls[i].collectNamed(named)
			calls[i].ask(named)
			if len(calls[i].args) > 1 {
				calls[i].ask(map[string]any{"reverse": calls[i].args[1]}) // an embedding takes it as second argument
			}
		case []any: // Keras 2: [[layer, call, output, {…}], …]
			calls[i].legacy = true
			calls[i].collectShort(node)
		default:
			return nil, errors.New("inbound_nodes is not a list of its calls")
		}
	}
	return calls, nil
}

// collectNamed reads the named arguments and separates the masks.
func (c *call) collectNamed(arguments map[string]any) {
	for _, key := range sortedKeys(arguments) {
		if isMask(key) {
			var masks call
			masks.collect(arguments[key])
			c.masks = append(c.masks, masks.reads...)
			continue
		}
		c.collect(arguments[key])
	}
}

// collect finds the tensors in the arguments of a call.
func (c *call) collect(raw any) {
	object, ok := raw.(map[string]any)
	if !ok {
		if list, _ := raw.([]any); len(list) > 0 {
			_, isNumber := list[0].(float64)
			c.constants = c.constants || isNumber
		}
		each(raw, c.collect)
		return
	}
	switch object["class_name"] {
	case "__keras_tensor__":
		if t, ok := keptTensor(object["config"]); ok {
			c.reads = append(c.reads, t)
		}
	case "__tensor__", "__numpy__":
		c.constants = true
	default:
		each(raw, c.collect)
	}
}

// keptTensor reads the config of a Keras 3 tensor, which includes its shape.
func keptTensor(raw any) (tensor, bool) {
	config, _ := raw.(map[string]any)
	t, ok := shortTensor(config["keras_history"])
	if !ok {
		return tensor{}, false
	}
	sizes, ok := config["shape"].([]any)
	if ok {
		t.shape = make(arch.Shape, len(sizes))
	}
	for i, size := range sizes {
		n, isNumber := size.(float64)
		if t.shape[i] = arch.Unknown; isNumber && n >= 0 && n <= largest {
			t.shape[i] = int(n)
		}
	}
	return t, true
}

// collectShort finds the tensors of Keras 2, including those in further
// arguments.
func (c *call) collectShort(raw any) {
	if t, ok := shortTensor(raw); ok {
		c.reads = append(c.reads, t)
		each(raw.([]any)[3:], c.collectShort)
		return
	}
	named, _ := raw.(map[string]any)
	c.ask(named)
	each(raw, c.collectShort)
}

// ask keeps the arguments that are true.
func (c *call) ask(arguments map[string]any) {
	for key, value := range arguments {
		if value == true {
			if c.asked == nil {
				c.asked = map[string]bool{}
			}
			c.asked[key] = true
		}
	}
}

// written collects, by layer, the output shapes that later layers have recorded.
// Keras 3 records them with every tensor. In Keras 2 a layer records the shape
// for which it was built, at its first call, and a nested model the shape for
// which it was created. The enclosing model may know more about the model's own
// outputs. A nested model whose calls have outputs of different shapes gets
// none.
func (a *assembly) written(calls [][]call, outputs []tensor) map[string][]arch.Shape {
	shapes, several := map[string][]arch.Shape{}, map[string]bool{}
	keep := func(t tensor, shape arch.Shape) {
		if t.output > maxOutputs {
			return
		}
		for len(shapes[t.layer]) <= t.output {
			shapes[t.layer] = append(shapes[t.layer], nil)
		}
		at := &shapes[t.layer][t.output]
		_, inside := a.fromOne[t.layer]
		switch {
		case shape == nil || !inside && t.call > 0:
		case inside && *at != nil && !slices.Equal(*at, shape):
			several[t.layer] = true
		default:
			*at = shape
		}
	}
	for i, all := range calls {
		built := builtFor(a.layers[i])
		_, isModel := a.fromOne[a.layers[i].Name]
		for k, c := range all {
			for _, t := range c.masks {
				keep(t, t.shape)
			}
			for at, t := range c.reads {
				switch {
				case t.shape != nil:
					keep(t, t.shape)
				case (k == 0 || isModel) && len(built) == len(c.reads):
					keep(t, built[at])
				}
			}
		}
	}
	for i, t := range outputs {
		var shape arch.Shape
		if i < len(a.outputs) {
			shape = a.outputs[i]
		}
		keep(t, shape)
	}
	for name := range several {
		delete(shapes, name)
	}
	return shapes
}

// maxOutputs is the largest number of outputs of a function for which shapes are
// kept.
const maxOutputs = 1000
