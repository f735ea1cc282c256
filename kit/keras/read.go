// Package keras reads the architecture of a Keras model, without Python and
// without its weights. It reads the JSON of model.to_json() and .keras files, from
// Keras 3 and in the older forms of Keras 2. The result is an [arch.Model], which
// counts the parameters of every layer.
//
// A layer or model with several calls counts once. If a layer occurs both in a
// model and in a nested model, the file describes it twice. A .keras file says
// that both are the same layer, which then counts once. The output of
// model.to_json() does not say so; the layer then counts twice, with a note.
//
// The package rejects classes that do not belong to Keras, and names them, because
// the file does not describe their weights. Trainable parameters are those that
// Keras 3 trains: it respects the flags of every layer and of the whole model, but
// not those of nested models and wrappers.
package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
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
	return slices.ContainsFunc(kerasModules, func(own string) bool { return strings.HasPrefix(module+".", own+".") })
}

// reader builds one model, and keeps what the file leaves open.
type reader struct {
	count   int                 // number of layers read so far, including those of nested models
	shares  bool                // the file identifies shared objects, as .keras does
	unsure  []string            // layers whose parts have flags for training that are not in the file
	foreign []string            // models of the user's own classes
	stands  map[string]standing // layers with weights, by name
	twice   map[string]string   // layers that occur twice with the same arguments, with their places
	labels  map[string]label    // layers that have an id, by class and name
	known   map[string]label    // labels of all layers, from an earlier reading
	uses    map[string]int      // number of uses of each id
}

// standing is a layer at its place.
type standing struct {
	described
	place string
}

// label is the id of a layer that occurs in several places.
type label struct {
	id     string
	config string
}

func newReader(data []byte, saved bool) *reader {
	return &reader{
		shares: saved || bytes.Contains(data, []byte("shared_object_id")),
		stands: map[string]standing{}, twice: map[string]string{}, labels: map[string]label{}, uses: map[string]int{},
	}
}

// whole reads a model. It reads a file that identifies shared objects twice,
// because the first occurrence of an object may have no id; the later ones
// reveal it.
func (r *reader) whole(top described) (part, error) {
	if r.shares {
		first := *r
		first.stands, first.uses = map[string]standing{}, map[string]int{}
		if p, err := first.model(top, "", 0, nil); err != nil {
			return p, err
		}
		r.known, r.labels = r.labels, map[string]label{}
	}
	return r.model(top, "", 0, nil)
}

// shared returns the id of a layer that occurs in several places, or "".
func (r *reader) shared(d described) string {
	if !r.shares {
		return ""
	}
	key, id := d.Class+" "+nameIn(d.Config), string(d.Shared)
	if known := r.known[key]; id == "" || id == "null" {
		if id = known.id; id == "" || known.config != withoutIDs(d.Config) {
			return ""
		}
	} else if other, ok := r.labels[key]; !ok {
		r.labels[key] = label{id, withoutIDs(d.Config)}
	} else if other.id != id {
		r.labels[key] = label{} // two layers of one name cannot be told apart by it
	}
	r.uses[id]++
	return id
}

// withoutIDs returns a config as text, without the ids inside it.
func withoutIDs(config json.RawMessage) string {
	var value any
	_ = json.Unmarshal(config, &value) // it was read before
	text, _ := json.Marshal(dropIDs(value))
	return string(text)
}

func dropIDs(value any) any {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "shared_object_id")
		for _, item := range value {
			dropIDs(item)
		}
	case []any:
		for _, item := range value {
			dropIDs(item)
		}
	}
	return value
}

// met records a layer, and detects one that occurred before.
func (r *reader) met(d described, place string) {
	if r.shares || isModel(d) || !bytes.Contains(d.Config, []byte(`_initializer"`)) {
		return // usually has no weights
	}
	before, ok := r.stands[d.Name]
	if ok && before.Class == d.Class && r.twice[d.Name] == "" && withoutIDs(before.Config) == withoutIDs(d.Config) {
		r.twice[d.Name] = before.place + " and " + place
	}
	r.stands[d.Name] = standing{d, place}
}

// notes say what the file leaves open.
func (r *reader) notes() []string {
	var notes []string
	if len(r.foreign) > 0 {
		notes = append(notes, fmt.Sprintf("counted are the layers that the file lists; weights that a model of the user's own adds by itself are not in the file: %s", some(r.foreign)))
	}
	if len(r.unsure) > 0 {
		notes = append(notes, fmt.Sprintf("not trained by their own flag, and counted so: %s; Keras trains them when it loads this file, since their parts are not in it", some(r.unsure)))
	}
	if names := slices.Sorted(maps.Keys(r.twice)); len(names) > 0 {
		notes = append(notes, fmt.Sprintf("layers of the same name and arguments stand in two models and are counted twice: %s (the first of them at %s); "+
			"this file does not say whether they are one layer: if they are, write the model with model.save(\"model.keras\") and count that file, which says so",
			some(names), r.twice[names[0]]))
	}
	lone := 0
	for _, uses := range r.uses {
		if uses == 1 {
			lone++
		}
	}
	if lone > 0 {
		notes = append(notes, fmt.Sprintf("%d of the layers are marked as those of another place too, which was not found: they may be counted twice", lone))
	}
	return notes
}

// some lists the first names, and how many more there are.
func some(names []string) string {
	const most = 3
	quoted := make([]string, min(len(names), most))
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%q", names[i])
	}
	text := strings.Join(quoted, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
