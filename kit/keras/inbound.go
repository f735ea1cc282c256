package keras

import (
	"encoding/json"
	"errors"
	"slices"

	"evident/kit/arch"
)

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
