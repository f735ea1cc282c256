package grading

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/exit"
	"evident/internal/homework"
	"evident/internal/nbformat"
	"evident/internal/readertest"
	"evident/kit/exercise"
)

// FuzzCheck judges a notebook with any sheet and any answer, without a key and
// with a wrong one. Whatever they hold, the command ends with a known status and
// writes exactly one line for each question.
func FuzzCheck(f *testing.F) {
	key, err := homework.NewVariant("params", 80127, "")
	require.NoError(f, err)
	sheet := `{"lesson":"params","rounds":1,"items":[{"id":"params.conv1","points":1,"form":{"kind":"count"},"right":"x","mistakes":[{"seal":"y","hint":"z"}]}]}`
	for _, answer := range []string{"352", `"352"`, "[1,\n2]", `"\u009b2J` + "\u009b" + `"`, "null", "1e999", `{"a": [1, {}]}`} {
		f.Add(sheet, answer)
	}
	f.Add(`{"rounds":1,"items":[{"id":"params.conv1","form":{"kind":"number"}},{"id":"params.conv1\n11 of 11 points","form":{"kind":"choice","options":["\u001b[2J"]}}]}`, "1")
	f.Add(`{"rounds":1,"items":[{"id":"params.count","form":{"kind":"code"},"cases":[{"inputs":[1,2],"output":3}]}]}`, "[3]")
	f.Add(`{"rounds":1000000,"items":[{"id":"params.conv1","form":{"kind":"count"}},{"id":"a","form":{"kind":"count"}},{"id":"b","form":{"kind":"count"}}]}`, "352")
	f.Fuzz(func(t *testing.T, sheet, answer string) {
		content := submission(t, sheet, answer, key.Sheet.Questions())
		path := filepath.Join(t.TempDir(), "a.ipynb")
		require.NoError(t, os.WriteFile(path, content, 0o644))
		graded, err := File(path, "")
		requireJudged(t, graded, err)
		n, err := nbformat.Parse(content)
		require.NoError(t, err)
		graded, err = key.Grade(given(n, key.Sheet.Questions()))
		requireJudged(t, graded, err)
	})
}

// submission returns a notebook with one cell for each question of the sheet and
// of the key. Each cell outputs the answer.
func submission(t *testing.T, sheet, answer string, questions []string) []byte {
	t.Helper()
	var s exercise.Sheet
	if json.Unmarshal([]byte(sheet), &s) != nil || !json.Valid([]byte(answer)) {
		t.Skip("not JSON")
	}
	encoded, err := s.Encode()
	require.NoError(t, err)
	type object = map[string]any
	var cells []object
	for _, id := range append(s.Questions(), questions...) {
		result := object{"question": id, "verdict": "right", "points": 100, "answer": json.RawMessage(answer), "unseen": []any{json.RawMessage(answer)}}
		cells = append(cells, object{"cell_type": "code", "source": "", "metadata": object{"nbgrader": object{"grade_id": homework.GradeID(id)}},
			"outputs": []object{{"output_type": "display_data", "data": object{exercise.MIMEType: result}}}})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(object{"cells": cells, "metadata": object{"evident": object{"lesson": "params", "sheet": encoded}}}))
	return out.Bytes()
}

func requireJudged(t *testing.T, graded []homework.Graded, err error) {
	t.Helper()
	if err != nil {
		readertest.BadInput(t, err)
		return
	}
	require.Contains(t, []int{0, exit.Failed, exit.BadInput}, Status(graded))
	var out bytes.Buffer
	require.NoError(t, Print(&out, graded))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, len(graded)+2, "a line for each question, an empty one, the sum")
	for _, line := range lines {
		if line != "" {
			readertest.Line(t, line)
		}
	}
}
