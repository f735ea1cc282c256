package keras

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
