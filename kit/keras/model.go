package keras

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"evident/kit/arch"
)

// part is a layer, or a model as a layer, with what Keras records besides its
// arguments.
type part struct {
	layer  arch.Layer
	frozen bool
	bytes  int    // per weight
	shared string // as in [arch.Node]
	calls  int    // calls of layers that one call of it makes
}

// inside returns the part as a nested layer.
func (p part) inside() arch.Layer {
	if _, isModel := p.layer.(arch.Model); isModel {
		return p.layer
	}
	return arch.Marked{Layer: p.layer, Frozen: p.frozen, Bytes: p.bytes, Shared: p.shared}
}

// modelConfig is the config of a model.
type modelConfig struct {
	Name       string            `json:"name"`
	Trainable  *bool             `json:"trainable"`
	Layers     []json.RawMessage `json:"layers"`
	BuildShape json.RawMessage   `json:"build_input_shape"`
	Inputs     json.RawMessage   `json:"input_layers"`
	Outputs    json.RawMessage   `json:"output_layers"`
}

// modelConfig reads the config of a model. Before Keras 2.2.3, the config of a
// Sequential model was the list of its layers.
func (d described) modelConfig() (modelConfig, error) {
	config := modelConfig{Name: d.Name}
	to := any(&config)
	if bytes.HasPrefix(d.Config, []byte("[")) {
		to = &config.Layers
	}
	if err := json.Unmarshal(d.Config, to); err != nil {
		return config, fmt.Errorf("its config is not that of a model: %w", plain(err))
	}
	config.Name = cmp.Or(config.Name, "sequential")
	return config, nil
}

// model reads a model. The place is that of a nested model; it is empty for the
// whole model. The shapes are those of its outputs, if they are recorded.
func (r *reader) model(d described, place string, depth int, written []arch.Shape) (part, error) {
	if depth > maxDepth {
		return part{}, fmt.Errorf("models lie more than %d deep in one another", maxDepth)
	}
	if !isModel(d) {
		return part{}, notModel(d)
	}
	config, err := d.modelConfig()
	if err != nil {
		return part{}, err
	}
	if len(config.Layers) == 0 {
		return part{}, errors.New("it has no layers: build the model before model.to_json()")
	}
	if !isKerasModel(d) {
		r.foreign = append(r.foreign, config.Name)
	}
	a := assembly{reader: r, config: config, place: place, depth: depth, index: map[string]int{}, outputs: written}
	a.model = arch.Model{Name: config.Name, Kind: "Functional"}
	if err := a.takeApart(); err != nil {
		return part{}, err
	}
	read := a.functional
	if config.Outputs == nil {
		a.model.Kind, read = "Sequential", a.sequential
	}
	if err := read(); err != nil {
		return part{}, err
	}
	// The flag of the whole model applies to all its layers. For a nested model,
	// Keras 3 respects only the flags of the layers.
	if depth == 0 && config.Trainable != nil && !*config.Trainable {
		r.unsure = nil
		for i := range a.model.Nodes {
			a.model.Nodes[i].Frozen = true
		}
	}
	return part{layer: a.model, calls: a.calls}, nil
}

// isKerasModel reports whether it is a model of one of Keras's own classes. Keras
// 2.0 to 2.3 call a Functional model "Model".
func isKerasModel(d described) bool {
	return slices.Contains([]string{"Sequential", "Functional", "Model"}, d.Class) && d.foreign() == ""
}

// isModel reports whether it is a model whose layers are recorded. A model of the
// user's own class records them if it is created like a Functional model: it then
// has layers, inputs and outputs. A custom layer has neither inputs nor outputs.
func isModel(d described) bool {
	if isKerasModel(d) {
		return bytes.HasPrefix(d.Config, []byte("[")) || hasKeys(d.Config, "layers")
	}
	_, isLayer := classes[d.Class]
	return (!isLayer || d.foreign() != "") && hasKeys(d.Config, "layers", "input_layers", "output_layers")
}

// hasKeys reports whether the config has the arguments.
func hasKeys(config json.RawMessage, keys ...string) bool {
	for _, key := range keys {
		if !bytes.Contains(config, []byte(key)) {
			return false // skips most layers without decoding them twice
		}
	}
	args := argumentsOf(config)
	return !slices.ContainsFunc(keys, func(key string) bool { return !args.has(key) })
}

func notModel(d described) error {
	foreign := d.foreign()
	if _, ok := classes[d.Class]; ok && foreign == "" {
		return fmt.Errorf("it is one layer (%s) and not a model", d.Class)
	}
	if foreign != "" {
		return fmt.Errorf("the model is of the class %s, which is not Keras's, and the file does not say how its layers are joined: count it in Keras, or build a Sequential or Functional model", foreign)
	}
	return fmt.Errorf("the model's class %s does not say its layers; Sequential and Functional models can be counted", d.Class)
}

// plain describes the error without Go's names.
func plain(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s is a JSON %s", cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return err
}

// assembly is a model that is being read.
type assembly struct {
	*reader
	config modelConfig
	layers []described
	place  string
	depth  int
	model  arch.Model
	index  map[string]int // index of each node by name
	calls  int
	// fromOne and endFromOne hold the nested models whose calls are counted from
	// 1, where they are read and where they are the model's outputs.
	fromOne, endFromOne map[string]bool
	// outputs are the shapes of the model's outputs, if the enclosing model has
	// recorded them.
	outputs []arch.Shape
}

// takeApart decodes the layers down to their arguments.
func (a *assembly) takeApart() error {
	a.layers = make([]described, len(a.config.Layers))
	for i, raw := range a.config.Layers {
		d := &a.layers[i]
		if err := json.Unmarshal(raw, d); err != nil {
			return a.wrong(i, fmt.Errorf("this does not describe a layer: %w", plain(err)))
		}
		if d.Name == "" {
			d.Name = nameIn(d.Config)
		}
		if d.Name == "" && isKerasModel(*d) {
			d.Name = fmt.Sprintf("%s_%d", strings.ToLower(d.Class), i+1) // Keras 2.0 records no name
		}
		switch other, twice := a.index[d.Name]; {
		case d.Name == "":
			return a.wrong(i, errors.New("it has no name: write the model once more with model.to_json()"))
		case twice:
			return a.wrong(i, fmt.Errorf("%s has the same name: give every layer of a model its own, and write the model once more", a.at(other)))
		}
		a.index[d.Name] = i
	}
	return nil
}

// nameIn returns the name of a layer from its config, the only place where a
// Sequential model records it.
func nameIn(raw json.RawMessage) string {
	var config struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(raw, &config) // reading the layer reports the error
	return config.Name
}

// at returns the place of a layer.
func (a *assembly) at(layer int) string {
	place := fmt.Sprintf("config.layers[%d]", layer)
	if a.place != "" {
		return a.place + "." + place
	}
	return place
}

// wrong adds the name of the layer and its place to the error.
func (a *assembly) wrong(layer int, err error) error {
	if inner := (*arch.LayerError)(nil); errors.As(err, &inner) {
		return err
	}
	d := a.layers[layer]
	return &arch.LayerError{Name: d.Name, Class: d.Class, Place: a.at(layer), Err: err}
}

// add reads a layer and makes it a node without calls.
func (a *assembly) add(layer int, written []arch.Shape) error {
	d := a.layers[layer]
	if a.count++; a.count > maxLayers {
		return a.wrong(layer, fmt.Errorf("there are more than %d layers", maxLayers))
	}
	p, err := a.read(d, a.at(layer), a.depth, written)
	if err != nil {
		return a.wrong(layer, err)
	}
	a.met(d, a.at(layer))
	node := arch.Node{Name: d.Name, Layer: p.layer, Frozen: p.frozen, Bytes: p.bytes, Shared: p.shared, Place: a.at(layer)}
	a.model.Nodes = append(a.model.Nodes, node)
	a.calls += p.calls
	return nil
}

// called counts the cost of a node's calls after the first.
func (a *assembly) called(layer, calls, cost int) error {
	a.calls += max(calls-1, 0) * cost
	if a.calls > maxCalls || calls > maxCalls {
		return a.wrong(layer, fmt.Errorf("with the layers of the models that are called again and again there are more than %d calls", maxCalls))
	}
	return nil
}

// batch keeps the batch size that an input declares.
func (a *assembly) batch(layer int) {
	args := argumentsOf(a.layers[layer].Config)
	for _, key := range []string{"batch_shape", "batch_input_shape"} {
		if args.has(key) {
			if batch, _ := args.batchShape(key); args.err == nil && batch > 0 {
				a.model.Batch = batch
			}
		}
	}
}

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
