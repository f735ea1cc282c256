package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// fence is a block of Go in Markdown; what follows the language is a tag.
var fence = regexp.MustCompile("(?ms)^```go *([a-z]*)\n(.*?)\n```$")

// newCell is a cell as a notebook of format 4.5 has it, not run yet.
type newCell struct {
	ID       string         `json:"id"`
	Kind     string         `json:"cell_type"`
	Metadata map[string]any `json:"metadata"`
	Source   []string       `json:"source"` // lines
	*unrun                  // of code cells only
}

type unrun struct {
	Count   *int  `json:"execution_count"`
	Outputs []any `json:"outputs"`
}

// notebookOf makes a notebook of Markdown: each block of Go is a code cell, and
// the text between two of them a cell of text.
func notebookOf(markdown string) ([]byte, error) {
	var cells []newCell
	add := func(kind, source, tag string) {
		source = strings.Trim(source, "\n")
		if source == "" {
			return
		}
		cell := newCell{ID: fmt.Sprintf("cell-%02d", len(cells)), Kind: kind, Metadata: map[string]any{}, Source: strings.SplitAfter(source, "\n")}
		if tag != "" {
			cell.Metadata["tags"] = []string{tag}
		}
		if kind == "code" {
			cell.unrun = &unrun{Outputs: []any{}}
		}
		cells = append(cells, cell)
	}
	rest := 0
	for _, block := range fence.FindAllStringSubmatchIndex(markdown, -1) {
		add("markdown", markdown[rest:block[0]], "")
		add("code", markdown[block[4]:block[5]], markdown[block[2]:block[3]])
		rest = block[1]
	}
	add("markdown", markdown[rest:], "")
	var out bytes.Buffer
	err := writeJSON(&out, map[string]any{
		"cells": cells, "nbformat": 4, "nbformat_minor": 5,
		"metadata": map[string]any{
			"kernelspec":    map[string]string{"display_name": "Go · evident", "language": "go", "name": "evident"},
			"language_info": map[string]string{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
		},
	})
	return out.Bytes(), err
}
