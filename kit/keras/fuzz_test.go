package keras_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/arch"
	"evident/kit/keras"
)

// FuzzSummarize reads arbitrary bytes as a Keras model. Either its table is
// complete, its sums add up, and reading it again gives the same, or the error
// takes one line.
func FuzzSummarize(f *testing.F) {
	for _, models := range []string{"models", "operations"} {
		for name, content := range archive(f, models) {
			if small := len(content) < 8000; small && !strings.HasSuffix(name, ".facts.json") {
				f.Add(content)
			}
		}
	}
	for _, name := range []string{"c13_config", "keras-2.0-sequential-list", "tfkeras-nested", "cells.config", "inf_constraint"} {
		content, err := os.ReadFile("testdata/cases/" + name + ".json")
		require.NoError(f, err)
		f.Add(content)
	}
	f.Add(packed(f, map[string]string{"config.json": `{"class_name": "Sequential"}`}))
	f.Add([]byte(`{"class_name": "Sequential", "config": {"name": "s", "layers": [null]}}`))
	f.Add([]byte("{\"class_name\": \"My\\nown\\u001b[2J\", \"config\": {\"a\": 1}}"))
	f.Add([]byte(`{"class_name": "Sequential", "config": {"layers": [{"class_name": "A\nB", "config": {"name": "\u009b"}}]}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		var summary arch.Summary
		var err error
		readertest.Within(t, 64*readertest.MiB+1000*uint64(len(content)), func() { summary, err = keras.Summarize(bytes.NewReader(content)) })
		if err != nil {
			readertest.BadInput(t, err)
			return
		}
		requireWhole(t, summary)
		again, err := keras.Summarize(bytes.NewReader(content))
		require.NoError(t, err)
		require.Equal(t, writtenOut(t, summary), writtenOut(t, again))
	})
}

func requireWhole(t *testing.T, summary arch.Summary) {
	t.Helper()
	table := summary.LongTable("summary")
	for _, row := range table.Rows {
		require.Len(t, row, len(table.Columns))
	}
	require.GreaterOrEqual(t, summary.Trainable(), 0)
	require.GreaterOrEqual(t, summary.NonTrainable(), 0)
	require.Equal(t, summary.Total(), summary.Trainable()+summary.NonTrainable())
}

func writtenOut(t *testing.T, summary arch.Summary) string {
	t.Helper()
	text, err := json.Marshal(summary)
	require.NoError(t, err)
	return string(text)
}
