package arch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"evident/kit/report"
)

// Summary lists the layers of a model with their derived numbers.
type Summary struct {
	Name string
	Kind string // "Sequential" or "Functional"
	Rows []Row
	// Notes say in full sentences what the counts leave open.
	Notes    []string
	Repeated Tally // weights that occur in several rows but count once
}

// Row is one layer of a [Summary].
type Row struct {
	Name, Class string
	Outputs     []Shape // of the last call, as in Keras; a layer usually has one
	Parameters  int
	Trainable   int    // parameters that the optimizer changes
	Formula     string // for the parameters; "" if there are none
	FLOPs       int    // two per multiply-add, over all calls; or [Unknown]
	Field       Field  // of the first output, in the model's input
	From        []string
	Memory      Memory
	Whole       []Shape // the outputs including the axes in front of them
}

// Memory is the size of parameters in bytes.
type Memory struct{ Trainable, Frozen int }

// Tally counts parameters.
type Tally struct {
	Parameters, Trainable int
	Memory                Memory
}

func (t *Tally) add(weights []Weight) {
	for _, w := range weights {
		t.Parameters = sum(t.Parameters, w.Size())
		if w.Frozen {
			t.Memory.Frozen += w.Bytes * w.Size()
		} else {
			t.Trainable = sum(t.Trainable, w.Size())
			t.Memory.Trainable += w.Bytes * w.Size()
		}
	}
}

// NonTrainable returns the number of parameters that the optimizer does not
// change.
func (r Row) NonTrainable() int { return r.Parameters - r.Trainable }

// Summarize derives the summary. The error is a [LayerError] that names the
// impossible layer after the names of the enclosing models.
func (m Model) Summarize() (Summary, error) {
	traced, err := m.trace(nil)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Name: m.Name, Kind: m.Class()}
	seen := map[string]bool{}
	for i, node := range m.Nodes {
		weights, _ := distinct(node.weights(traced[i]), map[string]bool{})
		s.Rows = append(s.Rows, m.row(node, traced[i], weights))
		_, again := distinct(weights, seen)
		s.Repeated.add(again)
	}
	if s.Total() > countable || s.FLOPs() > countable {
		return Summary{}, fmt.Errorf("model %q has more than 2^53 parameters or FLOPs", m.Name)
	}
	return s, nil
}

func (m Model) row(node Node, calls []Facts, weights []Weight) Row {
	var all Tally
	all.add(weights)
	row := Row{
		Name: node.Name, Class: classOf(node.Layer),
		Parameters: all.Parameters, Trainable: all.Trainable, Memory: all.Memory,
	}
	for i, call := range calls {
		row.FLOPs = sum(row.FLOPs, product(2, call.MultiplyAdds))
		for _, from := range node.Calls[i] {
			row.From = append(row.From, m.Nodes[from.Node].Name)
		}
	}
	if len(calls) > 0 {
		row.Formula = calls[0].Formula
		outputs := calls[len(calls)-1].Outputs
		for _, out := range outputs {
			row.Outputs = append(row.Outputs, out.Shape)
			row.Whole = append(row.Whole, out.whole(m.Batch))
		}
		row.Field = outputs[0].Field
	}
	return row
}

// Total returns the number of parameters. A layer that a model shares with a
// nested model appears in both rows but counts once.
func (s Summary) Total() int {
	return s.sum(func(r Row) int { return r.Parameters }) - s.Repeated.Parameters
}

// Trainable returns the number of parameters that the optimizer changes.
func (s Summary) Trainable() int {
	return s.sum(func(r Row) int { return r.Trainable }) - s.Repeated.Trainable
}

// Again returns the number of parameters that the rows list more than once.
func (s Summary) Again() int { return s.Repeated.Parameters }

// NonTrainable returns the number of the other parameters.
func (s Summary) NonTrainable() int { return s.Total() - s.Trainable() }

// FLOPs returns twice the number of multiply-adds for one example, or [Unknown].
func (s Summary) FLOPs() int { return s.sum(func(r Row) int { return r.FLOPs }) }

// sum adds up one number of every layer.
func (s Summary) sum(of func(Row) int) int {
	total := 0
	for _, row := range s.Rows {
		total = sum(total, of(row))
	}
	return total
}

// Find returns the row of the layer with the name, or the zero row.
func (s Summary) Find(name string) Row {
	for _, row := range s.Rows {
		if row.Name == name {
			return row
		}
	}
	return Row{}
}

// Totals returns the closing lines as Keras prints them, as in "Total params:
// 2,097,330 (8.00 MB)".
func (s Summary) Totals() []string {
	bytes := s.memory()
	return []string{
		"Total params: " + parameters(s.Total(), bytes.Trainable+bytes.Frozen),
		"Trainable params: " + parameters(s.Trainable(), bytes.Trainable),
		"Non-trainable params: " + parameters(s.NonTrainable(), bytes.Frozen),
	}
}

func (s Summary) memory() Memory {
	all := Memory{-s.Repeated.Memory.Trainable, -s.Repeated.Memory.Frozen}
	for _, row := range s.Rows {
		all.Trainable += row.Memory.Trainable
		all.Frozen += row.Memory.Frozen
	}
	return all
}

// parameters formats a number of parameters with their memory, as in "2,097,330
// (8.00 MB)".
func parameters(n, bytes int) string {
	return fmt.Sprintf("%s (%s)", humanize.Comma(int64(n)), readable(bytes))
}

// readable formats bytes in powers of 1,024, as Keras does.
func readable(bytes int) string {
	size, unit := float64(bytes), "B"
	for _, next := range []string{"KB", "MB", "GB", "TB", "PB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, next
	}
	return fmt.Sprintf("%.2f %s", size, unit)
}

// Table returns the summary in Keras's form: layer, output shape, parameters,
// and the totals below.
func (s Summary) Table(id string) report.Table {
	table := report.Table{ID: id, Title: s.title(), Columns: []string{"Layer (type)", "Output Shape", "Param #"}}
	for _, row := range s.listed() {
		table.Rows = append(table.Rows, []string{row.layer(), row.Shapes(), humanize.Comma(int64(row.Parameters))})
	}
	return s.closed(table)
}

// listed returns the rows that Keras prints: a Sequential model's rows without
// its input.
func (s Summary) listed() []Row {
	if s.Kind == "Sequential" && len(s.Rows) > 1 && s.Rows[0].Class == (Input{}).Class() {
		return s.Rows[1:]
	}
	return s.Rows
}

// LongTable adds the formula of every count, the FLOPs and the receptive field.
// If the net branches, it also lists the inputs of each layer.
func (s Summary) LongTable(id string) report.Table {
	table := report.Table{
		ID: id, Title: s.title(),
		Columns: []string{"Layer (type)", "Output Shape", "Param #", "Formula", "Trainable", "Non-trainable", "FLOPs", "Receptive field"},
	}
	for _, row := range s.listed() {
		table.Rows = append(table.Rows, []string{
			row.layer(), row.Shapes(), number(row.Parameters), shortened(row.Formula),
			number(row.Trainable), number(row.NonTrainable()), number(row.FLOPs), row.Field.String(),
		})
	}
	if s.branches() {
		table.Columns = append(table.Columns, "Connected to")
		for i, row := range s.listed() {
			table.Rows[i] = append(table.Rows[i], cmp.Or(strings.Join(row.From, ", "), "–"))
		}
	}
	table = s.closed(table)
	last := make([]string, len(table.Columns))
	last[0] = "Total FLOPs: " + number(s.FLOPs()) + " for one example"
	table.Rows = append(table.Rows, last)
	return table
}

// branches reports whether any layer reads something other than just the layer
// before it.
func (s Summary) branches() bool {
	for i, row := range s.Rows {
		if len(row.From) > 1 || len(row.From) == 1 && i > 0 && row.From[0] != s.Rows[i-1].Name {
			return true
		}
	}
	return false
}

// shortened omits the middle of a long sum, which occurs for a nested model.
func shortened(formula string) string {
	terms := strings.Split(formula, " + ")
	if len(terms) <= 6 {
		return formula
	}
	return fmt.Sprintf("%s + %s + … + %s (%d terms)", terms[0], terms[1], terms[len(terms)-1], len(terms))
}

func (s Summary) title() string { return fmt.Sprintf("Model: %q", s.Name) }

// closed appends the totals as rows.
func (s Summary) closed(table report.Table) report.Table {
	for _, line := range s.Totals() {
		row := make([]string, len(table.Columns))
		row[0] = line
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (r Row) layer() string { return fmt.Sprintf("%s (%s)", r.Name, r.Class) }

// Shapes formats the output's shape, or the shapes of all outputs.
func (r Row) Shapes() string {
	texts := make([]string, len(r.Whole))
	for i, shape := range r.Whole {
		texts[i] = shape.tuple()
	}
	return strings.Join(texts, ", ")
}

// number formats a count that may be unknown.
func number(n int) string {
	if n == Unknown {
		return "?"
	}
	return humanize.Comma(int64(n))
}

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
