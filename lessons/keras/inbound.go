package keras

import (
	"encoding/json"
	"errors"

	"evident/lessons/arch"
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
			calls[i].collect(node["args"])
			named, _ := node["kwargs"].(map[string]any)
			calls[i].collectNamed(named)
		case []any: // Keras 2: [[layer, call, output, {…}], …]
			calls[i].legacy = true
			calls[i].collectShort(node)
		default:
			return nil, errors.New("inbound_nodes is not a list of its calls")
		}
	}
	return calls, nil
}

// collectNamed keeps masks apart.
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

// keptTensor reads the config of a tensor of Keras 3, which has its shape.
func keptTensor(raw any) (tensor, bool) {
	config, _ := raw.(map[string]any)
	t, ok := shortTensor(config["keras_history"])
	if !ok {
		return tensor{}, false
	}
	sizes, _ := config["shape"].([]any)
	for i, size := range sizes {
		n, isNumber := size.(float64)
		switch {
		case i == 0:
			t.shape = arch.Shape{} // the batch
		case isNumber && n >= 0 && n <= largest:
			t.shape = append(t.shape, int(n))
		default:
			t.shape = append(t.shape, arch.Unknown)
		}
	}
	return t, true
}

// collectShort finds the tensors of Keras 2, the further arguments included.
func (c *call) collectShort(raw any) {
	if t, ok := shortTensor(raw); ok {
		c.reads = append(c.reads, t)
		each(raw.([]any)[3:], c.collectShort)
		return
	}
	each(raw, c.collectShort)
}

// written gathers, by layer, the shapes of outputs that the layers behind have
// written down. Keras 3 does so with every tensor; in Keras 2 a layer that
// reads one tensor says for what it was built, at its first call, and a model
// inside for what it was made.
func (a *assembly) written(calls [][]call) map[string][]arch.Shape {
	shapes := map[string][]arch.Shape{}
	keep := func(t tensor, shape arch.Shape) {
		if t.call > 0 || t.output > maxOutputs {
			return
		}
		for len(shapes[t.layer]) <= t.output {
			shapes[t.layer] = append(shapes[t.layer], nil)
		}
		shapes[t.layer][t.output] = shape
	}
	for i, all := range calls {
		for k, c := range all {
			for _, t := range c.masks {
				keep(t, t.shape)
			}
			for _, t := range c.reads {
				built := builtFor(a.layers[i])
				switch {
				case t.shape != nil:
					keep(t, t.shape)
				case (k == 0 || isModel(a.layers[i])) && len(c.reads) == 1 && len(built) == 1:
					keep(t, built[0])
				}
			}
		}
	}
	return shapes
}

// maxOutputs is the most outputs of a function for which shapes are kept.
const maxOutputs = 1000
