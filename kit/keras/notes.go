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
	count   int                 // of layers read so far, those of models inside included
	shares  bool                // the file says which of its objects are the same, as .keras does
	unsure  []string            // layers whose parts say by themselves whether they are trained, and are not in the file
	foreign []string            // models of the user's own
	stands  map[string]standing // layers with weights, by their names
	twice   map[string]string   // places of those that stand at two with the same arguments
	labels  map[string]label    // layers that have an id, by class and name
	known   map[string]label    // the labels of all layers, where they were read before
	uses    map[string]int      // of ids
}

// standing is a layer at its place.
type standing struct {
	described
	place string
}

// label is the id of a layer that stands at several places.
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

// whole reads a model. One that says which objects are the same is read twice:
// the first place of an object may have no id, and is known by the others.
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

// shared is the id of a layer that stands at several places; "" for others.
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
		r.labels[key] = label{} // two layers of one name, and none can be told by it
	}
	r.uses[id]++
	return id
}

// withoutIDs is a config as text, without the ids of what is in it.
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

// met keeps a layer, and finds out whether the same was there before.
func (r *reader) met(d described, place string) {
	if r.shares || isModel(d) || !bytes.Contains(d.Config, []byte(`_initializer"`)) {
		return // it has no weights, as a rule
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

// some are the first names, and how many more there are.
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
