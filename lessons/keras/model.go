package keras

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"evident/lessons/arch"
)

// reader builds one model.
type reader struct {
	count int // of layers read so far, those of models inside included
}

// part is a layer, or a model as a layer, with what Keras says beside its
// arguments.
type part struct {
	layer  arch.Layer
	frozen bool
	bytes  int // of one of its weights
	calls  int // of layers that one call of it makes
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

// model reads a model. The place is that of the model as a layer of another; it
// is empty for the whole.
func (r *reader) model(d described, place string, depth int) (part, error) {
	if depth > maxDepth {
		return part{}, fmt.Errorf("models lie more than %d deep in one another", maxDepth)
	}
	var config modelConfig
	if err := json.Unmarshal(d.Config, &config); err != nil {
		return part{}, fmt.Errorf("its config is not that of a model: %w", plain(err))
	}
	if config.Layers == nil {
		return part{}, notModel(d)
	}
	if len(config.Layers) == 0 {
		return part{}, errors.New("it has no layers: build the model before model.to_json()")
	}
	a := assembly{reader: r, config: config, place: place, depth: depth, index: map[string]int{}}
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
	frozen := config.Trainable != nil && !*config.Trainable
	for i := range a.model.Nodes {
		a.model.Nodes[i].Frozen = a.model.Nodes[i].Frozen || frozen
	}
	return part{layer: a.model, calls: a.calls}, nil
}

// isModel reports whether it is a model: it has layers of its own.
func isModel(d described) bool {
	if !bytes.Contains(d.Config, []byte(`"layers"`)) {
		return false // most layers, without decoding them twice
	}
	var config struct {
		Layers json.RawMessage `json:"layers"`
	}
	return json.Unmarshal(d.Config, &config) == nil && config.Layers != nil
}

func notModel(d described) error {
	if _, ok := classes[d.Class]; ok {
		return fmt.Errorf("it is one layer (%s) and not a model", d.Class)
	}
	return fmt.Errorf("the model's class %s does not say its layers; Sequential and Functional models can be counted", d.Class)
}

// plain says what is wrong without the names of Go.
func plain(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s is a JSON %s", cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return err
}

// assembly is a model on its way.
type assembly struct {
	*reader
	config modelConfig
	layers []described
	place  string
	depth  int
	model  arch.Model
	index  map[string]int // of the nodes by name
	calls  int
}

// takeApart decodes the layers as far as their arguments.
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
		switch _, twice := a.index[d.Name]; {
		case d.Name == "":
			return a.wrong(i, errors.New("it has no name"))
		case twice:
			return a.wrong(i, errors.New("another layer has the same name"))
		}
		a.index[d.Name] = i
	}
	return nil
}

// nameIn is the name of a layer in its config, the only place where those of a
// Sequential model have it.
func nameIn(raw json.RawMessage) string {
	var config struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(raw, &config) // the layer is refused where it is read
	return config.Name
}

// at is the place of a layer.
func (a *assembly) at(layer int) string {
	place := fmt.Sprintf("config.layers[%d]", layer)
	if a.place != "" {
		return a.place + "." + place
	}
	return place
}

// wrong names the layer of the error, and its place.
func (a *assembly) wrong(layer int, err error) error {
	if inner := (*arch.LayerError)(nil); errors.As(err, &inner) {
		return err
	}
	d := a.layers[layer]
	return &arch.LayerError{Name: d.Name, Class: d.Class, Place: a.at(layer), Err: err}
}

// add reads a layer and makes it a node, which is not called yet.
func (a *assembly) add(layer int, written []arch.Shape) error {
	d := a.layers[layer]
	if a.count++; a.count > maxLayers {
		return a.wrong(layer, fmt.Errorf("there are more than %d layers", maxLayers))
	}
	p, err := a.read(d, a.at(layer), a.depth, written)
	if err != nil {
		return a.wrong(layer, err)
	}
	node := arch.Node{Name: d.Name, Layer: p.layer, Frozen: p.frozen, Bytes: p.bytes, Place: a.at(layer)}
	a.model.Nodes = append(a.model.Nodes, node)
	a.calls += p.calls
	return nil
}

// called counts what the calls of a node cost beyond the first.
func (a *assembly) called(layer, calls, cost int) error {
	a.calls += max(calls-1, 0) * cost
	if a.calls > maxCalls || calls > maxCalls {
		return a.wrong(layer, fmt.Errorf("with the layers of the models that are called again and again there are more than %d calls", maxCalls))
	}
	return nil
}

// batch keeps the size of the batch that an input is declared with.
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
