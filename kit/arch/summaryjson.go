package arch

import "encoding/json"

// summaryJSON is the JSON form of a [Summary]. Unknown numbers are null.
type summaryJSON struct {
	Name         string    `json:"name"`
	Class        string    `json:"class"`
	Total        int       `json:"total"`
	Trainable    int       `json:"trainable"`
	NonTrainable int       `json:"non_trainable"`
	Bytes        int       `json:"bytes"` // of all parameters
	FLOPs        *int      `json:"flops"` // for one example, two per multiply-add
	Notes        []string  `json:"notes,omitempty"`
	Layers       []rowJSON `json:"layers"`
}

type rowJSON struct {
	Name         string `json:"name"`
	Class        string `json:"class"`
	OutputShape  any    `json:"output_shape"` // as in [null, 28, 28, 3]; a list of shapes for several outputs
	Params       int    `json:"params"`
	Trainable    int    `json:"trainable"`
	NonTrainable int    `json:"non_trainable"`
	Formula      string `json:"formula"`
	FLOPs        *int   `json:"flops"`
	// ReceptiveField has a form like [7, 7] or "all". It is null if unknown, or
	// if the input has no spatial axes.
	ReceptiveField any      `json:"receptive_field"`
	Inputs         []string `json:"inputs"` // the layers that it reads
}

// MarshalJSON writes the summary as `evident summary --json` prints it.
func (s Summary) MarshalJSON() ([]byte, error) {
	bytes := s.memory()
	all := summaryJSON{
		Name: s.Name, Class: s.Kind, Total: s.Total(), Trainable: s.Trainable(), NonTrainable: s.NonTrainable(),
		Bytes: bytes.Trainable + bytes.Frozen, FLOPs: known(s.FLOPs()), Notes: s.Notes, Layers: make([]rowJSON, len(s.Rows)),
	}
	for i, row := range s.Rows {
		all.Layers[i] = rowJSON{
			Name: row.Name, Class: row.Class, OutputShape: row.outputJSON(), Params: row.Parameters,
			Trainable: row.Trainable, NonTrainable: row.NonTrainable(), Formula: row.Formula,
			FLOPs: known(row.FLOPs), ReceptiveField: row.Field.json(), Inputs: append([]string{}, row.From...),
		}
	}
	return json.Marshal(all)
}

func (r Row) outputJSON() any {
	shapes := make([]any, len(r.Whole))
	for i, shape := range r.Whole {
		if shape == nil {
			continue
		}
		sizes := []*int{}
		for _, size := range shape {
			sizes = append(sizes, known(size))
		}
		shapes[i] = sizes
	}
	if len(shapes) == 1 {
		return shapes[0]
	}
	return shapes
}

func (f Field) json() any {
	switch {
	case f.Whole:
		return "all"
	case len(f.Sizes) == 0:
		return nil
	}
	return f.Sizes
}

// known returns nil for an unknown number.
func known(n int) *int {
	if n == Unknown {
		return nil
	}
	return &n
}
