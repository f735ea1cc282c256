package keras

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// reader builds one model, and keeps what the file leaves open.
type reader struct {
	count   int                  // of layers read so far, those of models inside included
	shares  bool                 // the file says which of its objects are the same, as .keras does
	unsure  []string             // layers whose parts say by themselves whether they are trained, and are not in the file
	foreign []string             // models of the user's own
	stands  map[string]described // layers with weights, by their names
	twice   []string             // that stand at two places with the same arguments
}

func newReader(data []byte) *reader {
	return &reader{shares: bytes.Contains(data, []byte("shared_object_id")), stands: map[string]described{}}
}

// met keeps a layer, and finds out whether the same was there before.
func (r *reader) met(d described) {
	if r.shares || !bytes.Contains(d.Config, []byte(`_initializer"`)) {
		return // it has no weights, as a rule
	}
	before, ok := r.stands[d.Name]
	if ok && before.Class == d.Class && sameJSON(before.Config, d.Config) {
		r.twice = append(r.twice, d.Name)
	}
	r.stands[d.Name] = d
}

func sameJSON(a, b json.RawMessage) bool {
	var one, other bytes.Buffer
	return json.Compact(&one, a) == nil && json.Compact(&other, b) == nil && bytes.Equal(one.Bytes(), other.Bytes())
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
	if len(r.twice) > 0 {
		notes = append(notes, fmt.Sprintf("two models have layers of the same names and arguments, each counted twice: %s; if they are the same layers, subtract them once, or save the model as .keras, which tells", some(r.twice)))
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
