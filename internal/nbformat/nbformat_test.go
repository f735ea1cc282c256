package nbformat

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachBlockOfGoIsACell(t *testing.T) {
	content, err := Write(CellsOf("# Title\n\nText.\n\n```go\nvar a = 1\nvar b = 2\n```\n\n```go knobs\nvar c = 3\n```\n\nThe end.\n"), nil)
	require.NoError(t, err)
	n, err := Parse(content)
	require.NoError(t, err)
	var kinds, sources []string
	for _, cell := range n.Cells {
		kinds, sources = append(kinds, cell.Kind), append(sources, string(cell.Source))
	}
	require.Equal(t, []string{"markdown", "code", "code", "markdown"}, kinds)
	require.Equal(t, []string{"# Title\n\nText.", "var a = 1\nvar b = 2", "var c = 3", "The end."}, sources)
	require.Equal(t, 1, strings.Count(string(content), `"tags"`))
	require.Equal(t, 2, strings.Count(string(content), `"execution_count": null`), "text is not run")
}

func TestStampNamesTheCodeAndKeepsTheRest(t *testing.T) {
	before := []byte(`{"cells":[{"cell_type":"code","source":["a := 1 < 2\n","b"],"outputs":[]}],"metadata":{"kernelspec":{"name":"evident"}},"nbformat":4}`)
	after, err := Stamp(before)
	require.NoError(t, err)
	n, err := Parse(after)
	require.NoError(t, err)
	require.Equal(t, n.Code(), n.Metadata.Executed)
	require.Contains(t, string(after), "1 < 2")
	require.Contains(t, string(after), "kernelspec")
	again, err := Stamp(after)
	require.NoError(t, err)
	require.Equal(t, string(after), string(again))
}

func TestSourcesDoNotChangeWithAnExecution(t *testing.T) {
	const before = `{"cells": [{"cell_type": "code", "metadata": {"tags": ["x"]}, "source": ["a\n", "b"], "outputs": [], "execution_count": null}], "metadata": {"k": 1}, "nbformat": 4}`
	const after = `{"cells": [{"cell_type": "code", "metadata": {"tags": ["x"], "jupyter": {"outputs_hidden": true}}, "source": "a\nb", "execution_count": 3,
		"outputs": [{"output_type": "stream", "name": "stdout", "text": "c"}]}], "metadata": {"k": 1, "language_info": {"name": "go"}, "evident_executed": "ab"}, "nbformat": 4}`
	want, err := Sources([]byte(before))
	require.NoError(t, err)
	require.JSONEq(t, `{"cells": [{"cell_type": "code", "metadata": {"tags": ["x"]}, "source": "a\nb"}], "metadata": {"k": 1}, "nbformat": 4}`, string(want))
	got, err := Sources([]byte(after))
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
	moved, err := Sources([]byte(strings.Replace(before, "a", "A", 1)))
	require.NoError(t, err)
	require.NotEqual(t, string(want), string(moved))
}

func TestCellsWithVerdictsAreFolded(t *testing.T) {
	cell := func(metadata, outputs string) string {
		return `{"cell_type": "code", "metadata": ` + metadata + `, "outputs": [` + outputs + `], "source": "1 < 2"}`
	}
	const (
		text     = `{"output_type": "stream", "name": "stdout", "text": " data-claim=\"q1\""}`
		verdicts = `{"output_type": "display_data", "data": {"text/html": ["<p>\n", "<div data-claim=\"q1\">"], "n": 1.0}}`
	)
	for name, c := range map[string]struct{ before, after string }{
		"verdicts":               {cell(`{"tags": ["a"]}`, text+","+verdicts), cell(`{"jupyter": {"outputs_hidden": true}, "tags": ["a"]}`, text+","+verdicts)},
		"verdicts, open before":  {cell(`{"jupyter": {"outputs_hidden": false}}`, verdicts), cell(`{"jupyter": {"outputs_hidden": true}}`, verdicts)},
		"without metadata":       {cell(`null`, verdicts), cell(`{"jupyter": {"outputs_hidden": true}}`, verdicts)},
		"no verdicts":            {cell(`{}`, text), cell(`{}`, text)},
		"no verdicts any longer": {cell(`{"jupyter": {"outputs_hidden": true}}`, text), cell(`{}`, text)},
		"a folded source":        {cell(`{"jupyter": {"outputs_hidden": true, "source_hidden": true}}`, text), cell(`{"jupyter": {"source_hidden": true}}`, text)},
		"text":                   {`{"cell_type": "markdown", "metadata": {"jupyter": {"a": 1}}, "source": "a"}`, `{"cell_type": "markdown", "metadata": {"jupyter": {"a": 1}}, "source": "a"}`},
	} {
		t.Run(name, func(t *testing.T) {
			folded, err := Fold([]byte(`{"cells": [` + c.before + `], "nbformat": 4}`))
			require.NoError(t, err)
			require.JSONEq(t, `{"cells": [`+c.after+`], "nbformat": 4}`, string(folded))
			if strings.Contains(c.after, "1.0") {
				require.Contains(t, string(folded), `"n": 1.0`)
			}
			again, err := Fold(folded)
			require.NoError(t, err)
			require.Equal(t, string(folded), string(again))
		})
	}
}

// https://nbformat.readthedocs.io/en/latest/format_description.html: a source
// is a list of lines with their line ends, and only code cells have outputs.
func TestCellsAreWrittenAsJupyterDoes(t *testing.T) {
	for name, c := range map[string]struct {
		cell Cell
		want string
	}{
		"text":          {Cell{ID: "a", Source: "one\ntwo"}, `{"cell_type":"markdown","id":"a","metadata":{},"source":["one\n","two"]}`},
		"a last end":    {Cell{ID: "a", Source: "one\n"}, `{"cell_type":"markdown","id":"a","metadata":{},"source":["one\n"]}`},
		"an empty line": {Cell{ID: "a", Source: "\n"}, `{"cell_type":"markdown","id":"a","metadata":{},"source":["\n"]}`},
		"nothing":       {Cell{ID: "a"}, `{"cell_type":"markdown","id":"a","metadata":{},"source":[]}`},
		"code": {Cell{ID: "a", Code: true, Source: "1 < 2", Metadata: object{"nbgrader": object{"points": 1}}},
			`{"cell_type":"code","execution_count":null,"id":"a","metadata":{"nbgrader":{"points":1}},"outputs":[],"source":["1 < 2"]}`},
	} {
		content, err := Write([]Cell{c.cell}, object{"evident": object{"sheet": "<sealed>"}})
		require.NoError(t, err)
		require.Contains(t, string(content), `"<sealed>"`, "text stays as it is")
		var read struct {
			Cells    []json.RawMessage
			Metadata map[string]json.RawMessage
		}
		require.NoError(t, json.Unmarshal(content, &read))
		require.JSONEq(t, c.want, string(read.Cells[0]), name)
		require.Contains(t, read.Metadata, "kernelspec")
	}
}

func TestSectionIsTheHeadingAbove(t *testing.T) {
	n, err := Parse([]byte(`{"cells": [{"cell_type": "code", "source": "# no heading"}, {"cell_type": "markdown", "source": ["# Title\n", "text"]},
		{"cell_type": "code", "source": "a"}, {"cell_type": "markdown", "source": "## 1 · Floor \n\nText"}, {"cell_type": "markdown", "source": "Why: #1"},
		{"cell_type": "code", "source": "b"}]}`))
	require.NoError(t, err)
	for cell, want := range []string{"", "Title", "Title", "1 · Floor", "1 · Floor", "1 · Floor", "1 · Floor"} {
		require.Equal(t, want, n.Section(cell), "cell %d", cell)
	}
	require.Empty(t, Notebook{}.Section(3))
}
