package nbformat

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"evident/internal/files"
)

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
