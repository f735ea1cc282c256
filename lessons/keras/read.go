package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"evident/lessons/arch"
	"evident/lessons/lesson"
)

// The limits keep a file that is not what it says from filling the memory. The
// largest model of keras.applications has 1 MB and 1,041 layers.
const (
	maxBytes  = 32 << 20
	maxLayers = 100_000
	maxCalls  = 1_000_000 // of layers, those inside models counted at every call of the model
	maxDepth  = 20        // of models inside models
)

// Summarize reads a model and counts it. It lists the layers that Keras lists:
// those of a Sequential model are without its input.
func Summarize(r io.Reader) (arch.Summary, error) {
	model, err := Read(r)
	if err != nil {
		return arch.Summary{}, err
	}
	summary, err := model.Summarize()
	if err != nil {
		return arch.Summary{}, lesson.BadInputf("%w", err)
	}
	if summary.Kind == "Sequential" && len(summary.Rows) > 1 {
		summary.Rows = summary.Rows[1:]
	}
	return summary, nil
}

// Read reads what model.to_json() writes. Errors are [lesson.ErrBadInput], and
// name the layer and its place in the file.
func Read(r io.Reader) (arch.Model, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return arch.Model{}, lesson.BadInputf("cannot read it: %w", err)
	}
	top, err := decode(data)
	if err == nil {
		var built part
		if built, err = (&reader{}).model(top, "", 0); err == nil {
			return built.layer.(arch.Model), nil
		}
	}
	return arch.Model{}, lesson.BadInputf("%w", err)
}

// described is an object that Keras wrote: a model, a layer, or a function.
type described struct {
	Module  string          `json:"module"`
	Class   string          `json:"class_name"`
	Name    string          `json:"name"`
	Config  json.RawMessage `json:"config"`
	Inbound json.RawMessage `json:"inbound_nodes"`
	Build   json.RawMessage `json:"build_config"`
}

// decode takes the file apart as far as the description of the whole model.
func decode(data []byte) (described, error) {
	if len(data) > maxBytes {
		return described{}, errors.New("it has more than 32 MB, and a model without its weights has less: write it with model.to_json()")
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case len(data) == 0:
		return described{}, errors.New("it is empty: write it with model.to_json()")
	case data[0] == '"': // the text of to_json() was written as JSON once more
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return described{}, errors.New("it is not the JSON of a model, but a text that breaks off")
		}
		data = []byte(text)
	case data[0] != '{':
		return described{}, errors.New("it is not the JSON of a model, which begins with {: write it with model.to_json()")
	}
	var top described
	err := json.Unmarshal(data, &top)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return described{}, syntaxError(data, syntax)
	}
	if err != nil || top.Class == "" || len(top.Config) == 0 {
		return described{}, errors.New("it is JSON, but not of a model, which has class_name and config: write it with model.to_json()")
	}
	return top, nil
}
