// Package nbformat reads and writes notebooks in Jupyter's format 4.5: see
// https://nbformat.readthedocs.io/en/latest/format_description.html
package nbformat

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"evident/internal/badinput"
	"evident/internal/files"
	"evident/kit/report"
)

// Notebook holds the parts of a notebook that evident reads.
type Notebook struct {
	Cells []struct {
		Kind     string   `json:"cell_type"`
		Source   Text     `json:"source"`
		Count    *int     `json:"execution_count"`
		Outputs  []Output `json:"outputs"`
		Metadata struct {
			Grader struct {
				ID string `json:"grade_id"`
			} `json:"nbgrader"`
		} `json:"metadata"`
	} `json:"cells"`
	Metadata struct {
		Executed string `json:"evident_executed"` // see [Stamp]
		Evident  struct {
			Lesson string `json:"lesson"`
			Sheet  string `json:"sheet"` // sealed, see exercise.Open
		} `json:"evident"`
	} `json:"metadata"`
}

// Output is one output of a cell.
type Output struct {
	Kind   string                     `json:"output_type"`
	Stream string                     `json:"name"`
	Text   Text                       `json:"text"`
	Name   string                     `json:"ename"`
	Value  string                     `json:"evalue"`
	Data   map[string]json.RawMessage `json:"data"`
}

// Text is a string, which a notebook may also store as a list of lines.
type Text string

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(encoded []byte) error {
	var whole string
	if json.Unmarshal(encoded, &whole) == nil {
		*t = Text(whole)
		return nil
	}
	var lines []string
	if err := json.Unmarshal(encoded, &lines); err != nil {
		return err
	}
	*t = Text(strings.Join(lines, ""))
	return nil
}

// Parse reads a notebook.
func Parse(content []byte) (Notebook, error) {
	var n Notebook
	if err := json.Unmarshal(content, &n); err != nil {
		return n, fmt.Errorf("not a notebook: %w", err)
	}
	if n.Cells == nil {
		return n, errors.New("not a notebook: it has no list of cells")
	}
	return n, nil
}

// Code returns the checksum of all code cells, which ties outputs to the code
// that produced them.
func (n Notebook) Code() string {
	hash := sha256.New()
	for _, cell := range n.Cells {
		if cell.Kind == "code" {
			fmt.Fprintf(hash, "%s\x00", cell.Source)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Sources is the notebook without what an execution adds to it: outputs, counts, and what [Stamp] and [Fold] write. Two
// notebooks with the same sources have the same cells with the same metadata, in the same order.
func Sources(content []byte) ([]byte, error) {
	return edit(content, func(n Notebook, all object) {
		cells, _ := all["cells"].([]any)
		for i := range min(len(n.Cells), len(cells)) {
			if cell, is := cells[i].(object); is {
				delete(cell, "outputs")
				delete(cell, "execution_count")
				cell["source"] = n.Cells[i].Source
				unfold(cell)
			}
		}
		metadata := within(all, "metadata")
		delete(metadata, stamp)
		delete(metadata, "language_info") // the kernel says it
	})
}

// stamp is the name of the entry that [Stamp] writes.
const stamp = "evident_executed"

// Stamp records in the notebook's metadata which code its outputs come from,
// so that a test detects stale outputs.
func Stamp(content []byte) ([]byte, error) {
	return edit(content, func(n Notebook, all object) {
		within(all, "metadata")[stamp] = n.Code()
	})
}

// Fold hides the outputs of the cells that show verdicts, and of no others: in
// JupyterLab they appear when the reader runs the cell or asks for them, so whoever
// opens the notebook can predict first. Pages of HTML show all outputs.
func Fold(content []byte) ([]byte, error) {
	return edit(content, func(n Notebook, all object) {
		cells, _ := all["cells"].([]any)
		for i, cell := range n.Cells[:min(len(n.Cells), len(cells))] {
			read, is := cells[i].(object)
			if !is || cell.Kind != "code" {
				continue
			}
			unfold(read)
			if slices.ContainsFunc(cell.Outputs, Output.showsVerdicts) {
				within(within(read, "metadata"), "jupyter")["outputs_hidden"] = true
			}
		}
	})
}

// unfold shows the outputs of a cell.
func unfold(cell object) {
	metadata := within(cell, "metadata")
	jupyter := within(metadata, "jupyter")
	delete(jupyter, "outputs_hidden")
	if len(jupyter) == 0 {
		delete(metadata, "jupyter")
	}
}

// showsVerdicts reports whether an output holds cards of package render.
func (o Output) showsVerdicts() bool {
	var page Text
	return json.Unmarshal(o.Data["text/html"], &page) == nil && strings.Contains(string(page), ` data-claim="`)
}

// edit changes a notebook, and keeps all of which evident knows nothing.
func edit(content []byte, change func(n Notebook, all object)) ([]byte, error) {
	n, err := Parse(content)
	if err != nil {
		return nil, err
	}
	var all object
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // 1.0 stays as it is written
	if err := decoder.Decode(&all); err != nil {
		return nil, err
	}
	change(n, all)
	return encoded(all)
}

// within returns the object that another one holds, which may be new.
func within(outer object, name string) object {
	inner, is := outer[name].(object)
	if !is {
		inner = object{}
		outer[name] = inner
	}
	return inner
}

// Reports returns the reports that the cells attached to their outputs.
func (n Notebook) Reports() ([]report.Report, error) {
	var found []report.Report
	for i, cell := range n.Cells {
		for _, output := range cell.Outputs {
			encoded, attached := output.Data[report.MIMEType]
			if !attached {
				continue
			}
			var report report.Report
			err := json.Unmarshal(encoded, &report)
			if err == nil {
				err = report.Validate()
			}
			if err != nil {
				return nil, fmt.Errorf("cell %d: its report cannot be read: %w", i+1, err)
			}
			found = append(found, report)
		}
	}
	return found, nil
}

// Section is the heading that a cell stands below, or "".
func (n Notebook) Section(cell int) string {
	for i := min(cell, len(n.Cells)-1); i >= 0; i-- {
		if n.Cells[i].Kind != "markdown" {
			continue
		}
		if match := heading.FindStringSubmatch(string(n.Cells[i].Source)); match != nil {
			return strings.TrimSpace(match[1])
		}
	}
	return ""
}

var heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)

// Failure names the first cell that failed with the last line of its error, or
// returns "".
func (n Notebook) Failure() string {
	for i, cell := range n.Cells {
		if reason := Failure(cell.Outputs); reason != "" {
			return badinput.OneLine(fmt.Sprintf("cell %d failed: %s", i+1, reason))
		}
	}
	return ""
}

// Failure is the line of an error that says most, or empty: the message of a panic,
// the first one of the compiler, or else the last line.
func Failure(outputs []Output) string {
	for _, output := range outputs {
		if output.Kind == "error" {
			value := plainText(output.Value)
			if output.Name == "panic" {
				return "panic: " + lastLine(value)
			}
			return cmp.Or(panicLine(outputs), compilerLine(value), lastLine(value), "no reason was given")
		}
	}
	return ""
}

var compilerStart = regexp.MustCompile(`(?m)\.go:\d+:\d+: (.+)$`)

// compilerLine is the first message of the compiler, without the place in the file
// that the kernel has made of the cells.
func compilerLine(value string) string {
	if match := compilerStart.FindStringSubmatch(value); match != nil {
		return "does not compile: " + match[1]
	}
	return ""
}

var panicStart = regexp.MustCompile(`(?m)^panic: (.+)$`)

// panicLine is the message of a panic on a kernel that is GoNB alone: there the error of
// such a cell itself is only "exit status 2".
func panicLine(outputs []Output) string {
	var written strings.Builder
	for _, output := range outputs {
		if output.Stream == "stderr" {
			written.WriteString(string(output.Text))
		}
	}
	match := panicStart.FindString(plainText(written.String()))
	return strings.TrimSpace(match)
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// plainText removes terminal colours.
func plainText(s string) string { return ansi.ReplaceAllString(s, "") }

// lastLine returns the last line of a text that is not blank.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

type object = map[string]any

// Cell is a cell to be written, without outputs.
type Cell struct {
	ID       string
	Code     bool // code instead of Markdown
	Source   string
	Metadata map[string]any
}

// MarshalJSON writes the source as lines, as Jupyter does, and adds the empty
// outputs of a code cell.
func (c Cell) MarshalJSON() ([]byte, error) {
	lines := strings.SplitAfter(c.Source, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	metadata := c.Metadata
	if metadata == nil {
		metadata = object{}
	}
	o := object{"id": c.ID, "cell_type": "markdown", "metadata": metadata, "source": lines}
	if c.Code {
		o["cell_type"], o["execution_count"], o["outputs"] = "code", nil, []any{}
	}
	return encoded(o)
}

// Write returns a notebook of the cells for evident's kernel. It adds the metadata
// to those of the kernel and the language.
func Write(cells []Cell, metadata map[string]any) ([]byte, error) {
	all := object{
		"kernelspec":    object{"display_name": "Go · evident", "language": "go", "name": "evident"},
		"language_info": object{"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "nbconvert_exporter": "", "pygments_lexer": "", "version": ""},
	}
	maps.Copy(all, metadata)
	return encoded(object{"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": all})
}

func encoded(value any) ([]byte, error) {
	var out bytes.Buffer
	err := files.WriteJSON(&out, value)
	return out.Bytes(), err
}

// fence matches a block of Go in Markdown; the text after the language is a tag.
var fence = regexp.MustCompile("(?ms)^```go *([a-z]*)\n(.*?)\n```$")

// CellsOf converts Markdown to cells: each block of Go becomes a code cell, and
// the text between two blocks a text cell.
func CellsOf(markdown string) []Cell {
	var cells []Cell
	add := func(code bool, source, tag string) {
		source = strings.Trim(source, "\n")
		if source == "" {
			return
		}
		cell := Cell{ID: fmt.Sprintf("cell-%02d", len(cells)), Code: code, Source: source}
		if tag != "" {
			cell.Metadata = object{"tags": []string{tag}}
		}
		cells = append(cells, cell)
	}
	rest := 0
	for _, block := range fence.FindAllStringSubmatchIndex(markdown, -1) {
		add(false, markdown[rest:block[0]], "")
		add(true, markdown[block[4]:block[5]], markdown[block[2]:block[3]])
		rest = block[1]
	}
	add(false, markdown[rest:], "")
	return cells
}
