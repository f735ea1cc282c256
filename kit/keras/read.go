package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize"

	"evident/internal/badinput"
	"evident/kit/arch"
)

// The limits prevent a malicious file from filling the memory. The largest model of
// keras.applications has 1 MB and 1,041 layers.
const (
	maxBytes  = 32 << 20
	maxLayers = 100_000
	maxCalls  = 1_000_000 // of layers; those in nested models count at every call of the model
	maxDepth  = 20        // of nested models
)

// Summarize reads a model and counts it. It lists the layers that Keras lists, which
// for a Sequential model excludes the input. The notes say what the file leaves open.
// Errors are [badinput.Err], and name the layer and its place in the file.
func Summarize(r io.Reader) (arch.Summary, error) {
	model, notes, err := read(r)
	if err != nil {
		return arch.Summary{}, err
	}
	summary, err := model.Summarize()
	if err != nil {
		return arch.Summary{}, badinput.Errorf("%w", err)
	}
	if summary.Kind == "Sequential" && len(summary.Rows) > 1 {
		summary.Rows = summary.Rows[1:]
	}
	if again := summary.Again(); again > 0 {
		notes = append(notes, fmt.Sprintf("%s parameters are those of layers that the file marks as the same as others, and are counted once, as in the model that was saved; "+
			"counted at every place there are %s in all, as Keras counts where it makes several layers of one when it loads the file", humanize.Comma(int64(again)), humanize.Comma(int64(summary.Total()+again))))
	}
	summary.Notes = notes
	return summary, nil
}

// read reads the output of model.to_json(), or a .keras file, and returns notes on
// what it leaves open.
func read(r io.Reader) (arch.Model, []string, error) {
	data, saved, err := textOf(r)
	if err == nil {
		var top described
		if top, err = decode(data); err == nil {
			reader := newReader(data, saved)
			var built part
			if built, err = reader.whole(top); err == nil {
				return built.layer.(arch.Model), reader.notes(), nil
			}
		}
	}
	return arch.Model{}, nil, badinput.Errorf("%w", err)
}

// described is an object that Keras has written: a model, a layer, or a function.
type described struct {
	Module     *string         `json:"module"`
	Class      string          `json:"class_name"`
	Registered *string         `json:"registered_name"`
	Name       string          `json:"name"`
	Config     json.RawMessage `json:"config"`
	Inbound    json.RawMessage `json:"inbound_nodes"`
	Build      json.RawMessage `json:"build_config"`
	Shared     json.RawMessage `json:"shared_object_id"` // id of an object that occurs in several places of a .keras file
}

// decode decodes the file down to the description of the whole model.
func decode(data []byte) (described, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case len(data) == 0:
		return described{}, errors.New("it is empty: write it with model.to_json()")
	case data[0] == '"': // the text of to_json() was encoded as JSON again
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return described{}, errors.New("it is not the JSON of a model, but a text that breaks off")
		}
		data = []byte(text)
	case data[0] != '{':
		return described{}, errors.New("it is not the JSON of a model, which begins with {: write it with model.to_json()")
	}
	var top struct {
		described
		Version string `json:"keras_version"`
	}
	data, added := finite(data)
	err := json.Unmarshal(data, &top)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return described{}, syntaxError(data, added, syntax)
	}
	if strings.HasPrefix(top.Version, "0.") || strings.HasPrefix(top.Version, "1.") {
		return described{}, fmt.Errorf("written by Keras %s, and %w", top.Version, errKeras1)
	}
	if err != nil || top.Class == "" || len(top.Config) == 0 {
		return described{}, errors.New("it is JSON, but not of a model, which has class_name and config: write it with model.to_json()")
	}
	return top.described, nil
}

// errKeras1 is the error for a file of Keras 1.
var errKeras1 = errors.New("layers of Keras 1 have other names and arguments: build the model in Keras 2 or 3, and write it with model.to_json()")

// module returns the Python module of the class, or "".
func (d described) module() string {
	if d.Module == nil {
		return ""
	}
	return *d.Module
}

// kerasModules are the packages that contain Keras's own classes.
var kerasModules = []string{"keras", "tf_keras", "keras_core", "tensorflow.keras", "tensorflow.python.keras"}

// foreign returns the name of a class that does not belong to Keras, or "". Files
// from before tf.keras 2.13 name neither module nor package, except for registered
// classes, which are called "package>Class".
func (d described) foreign() string {
	registered := ""
	if d.Registered != nil {
		registered = *d.Registered
	}
	switch module := d.module(); {
	case module != "" && !ofKeras(module):
		return module + "." + d.Class
	case strings.Contains(d.Class, ">"):
		return d.Class
	case registered != "" && (module == "" || registered != d.Class && registered != "keras>"+d.Class):
		return registered
	}
	return ""
}

// errForeign returns the error for a class that does not belong to Keras.
func errForeign(class string) error {
	return fmt.Errorf("%s is a class of the user's own and not Keras's, and its weights are not in the file: count it in Keras, or build the model of Keras's layers", class)
}

func ofKeras(module string) bool {
	for _, own := range kerasModules {
		if module == own || strings.HasPrefix(module, own+".") {
			return true
		}
	}
	return false
}
