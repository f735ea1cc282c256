package nbformat

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
)

// FuzzNotebook reads arbitrary bytes as an executed notebook. All messages take
// one line. The stamp changes neither code nor reports, and identifies the code
// of the outputs.
func FuzzNotebook(f *testing.F) {
	for _, seed := range []string{
		`{"cells": []}`, `null`, `{"cells": [null], "metadata": null}`, `{"CELLS": [{"cell_type": "code"}]}`,
		`{"cells": [{"cell_type": "code", "source": ["a\n", "b"], "execution_count": 1, "outputs": [
		{"output_type": "display_data", "data": {"application/vnd.evident.report+json": {"lesson": "l", "claims": [
		{"id": "l.1", "kind": "exact", "verdict": "supported", "recorded": "supported"}]}}}]}]}`,
		`{"cells": [{"cell_type": "code", "outputs": [{"output_type": "stream", "name": "stderr", "text": "\u001b[31mpanic: a\rb\u001b]0;title\u0007\n"},
		{"output_type": "error", "evalue": "\u001b[2J\u009b"}]}]}`,
		`{"cells": [{"metadata": {"nbgrader": {"grade_id": "params-conv1"}}}], "metadata": {"kernelspec": {"name": "; rm -rf /"}, "evident": {"sheet": "H4sI"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var n Notebook
		var err error
		readertest.Within(t, readertest.MiB+500*uint64(len(content)), func() { n, err = Parse(content) })
		if err != nil {
			return // the commands report it
		}
		if failed := n.Failure(); failed != "" {
			readertest.Line(t, failed)
		}
		reports, err := n.Reports()
		if err != nil {
			readertest.Line(t, err.Error())
		}
		stamped, err := Stamp(content)
		require.NoError(t, err)
		read, err := Parse(stamped)
		require.NoError(t, err)
		require.Equal(t, n.Code(), read.Code())
		require.Equal(t, n.Code(), read.Metadata.Executed)
		again, _ := read.Reports()
		require.Equal(t, reports, again)
		folded, err := Fold(stamped)
		require.NoError(t, err)
		read, err = Parse(folded)
		require.NoError(t, err)
		require.Equal(t, n.Code(), read.Code())
		again, _ = read.Reports()
		require.Equal(t, reports, again)
		twice, err := Stamp(stamped)
		require.NoError(t, err)
		require.Equal(t, string(stamped), string(twice))
	})
}
