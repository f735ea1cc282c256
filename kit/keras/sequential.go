package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"evident/kit/arch"
)

// sequential reads layers that follow one another.
func (a *assembly) sequential() error {
	for i := range a.layers {
		written := a.outputs
		if i+1 < len(a.layers) {
			written = builtFor(a.layers[i+1])
		}
		if err := a.add(i, written); err != nil {
			return err
		}
		if op, ok := a.model.Nodes[i].Layer.(arch.Opaque); ok && op.Inputs == nil {
			op.Inputs = builtFor(a.layers[i])
			a.model.Nodes[i].Layer = op
		}
	}
	if err := a.called(0, 1, 0); err != nil {
		return err
	}
	if _, ok := a.model.Nodes[0].Layer.(arch.Input); ok {
		a.batch(0)
	} else if err := a.declareInput(); err != nil {
		return a.wrong(0, err)
	}
	for i := range a.model.Nodes {
		inputs := []arch.Ref{}
		if i > 0 {
			inputs = append(inputs, arch.Ref{Node: i - 1})
		}
		a.model.Nodes[i].Calls = [][]arch.Ref{inputs}
	}
	a.model.Inputs = []arch.Ref{{}}
	a.model.Outputs = []arch.Ref{{Node: len(a.model.Nodes) - 1}}
	return nil
}

// declareInput adds an input to a model that does not begin with one. Its shape
// is the one for which the model or its first layer was built.
func (a *assembly) declareInput() error {
	shapes := &arguments{values: map[string]json.RawMessage{
		"build_input_shape": a.config.BuildShape,
		"batch_input_shape": argumentsOf(a.layers[0].Config).values["batch_input_shape"],
		"input_shape":       builtShape(a.layers[0]),
	}}
	for _, key := range []string{"build_input_shape", "batch_input_shape", "input_shape"} {
		if len(shapes.values[key]) > 0 && shapes.has(key) {
			batch, shape := shapes.batchShape(key)
			a.model.Batch = max(batch, 0)
			a.addInput(shape)
			return shapes.err
		}
	}
	if inner, ok := a.model.Nodes[0].Layer.(arch.Model); ok {
		if input, ok := inner.Nodes[inner.Inputs[0].Node].Layer.(arch.Input); ok {
			a.addInput(input.Shape)
			return nil
		}
	}
	return errors.New("the shape of its input is not known: call model.build(…), or begin the model with keras.Input")
}

func (a *assembly) addInput(shape arch.Shape) {
	name := "input_layer"
	if _, taken := a.index[name]; taken {
		name = "input_layer_of_" + a.config.Name
	}
	input := arch.Node{Name: name, Layer: arch.Input{Shape: shape}, Place: "the model's input"}
	a.model.Nodes = slices.Insert(a.model.Nodes, 0, input)
}

// builtShape returns the shape, including the batch, for which a layer was
// built, or nil if it is not recorded.
func builtShape(d described) json.RawMessage {
	var build struct {
		InputShape json.RawMessage `json:"input_shape"`
	}
	_ = json.Unmarshal(d.Build, &build) // treat unreadable as absent
	if bytes.Equal(build.InputShape, []byte("null")) {
		return nil
	}
	return build.InputShape
}

// builtFor returns the shapes, including the batch, for which a layer was built,
// which are the shapes of the outputs that it reads. It returns nil if they are
// not recorded.
func builtFor(d described) []arch.Shape {
	raw := builtShape(d)
	var several []json.RawMessage
	if one, ok := shape(raw); ok && len(one) > 0 {
		return []arch.Shape{one}
	}
	_ = json.Unmarshal(raw, &several) // treat unreadable as absent
	var all []arch.Shape
	for _, raw := range several {
		one, ok := shape(raw)
		if !ok || len(one) == 0 {
			return nil
		}
		all = append(all, one)
	}
	return all
}
