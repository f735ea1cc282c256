package keras_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/keras"
)

// facts holds Keras's answers about a model, which test/keras/export.py records.
type facts struct {
	Name         string   `json:"name"`
	Total        int      `json:"total"`
	Trainable    int      `json:"trainable"`
	NonTrainable int      `json:"non_trainable"`
	Totals       []string `json:"totals"`
	Layers       []struct {
		Name      string   `json:"name"`
		Class     string   `json:"class"`
		Shapes    [][]*int `json:"shapes"`
		Params    int      `json:"params"`
		Trainable int      `json:"trainable"`
	} `json:"layers"`
}

// archive returns the files of an archive from test/keras/export.py, in testdata unless
// a folder is named.
func archive(t testing.TB, name string) map[string][]byte {
	t.Helper()
	if filepath.Dir(name) == "." {
		name = filepath.Join("testdata", name)
	}
	file, err := os.Open(name + ".tar.gz")
	require.NoError(t, err)
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	require.NoError(t, err)
	files := map[string][]byte{}
	for packed := tar.NewReader(unpacked); ; {
		header, err := packed.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		files[header.Name], err = io.ReadAll(packed)
		require.NoError(t, err)
	}
}

func TestSmallModelsAreCountedAsKerasCountsThem(t *testing.T) {
	require.GreaterOrEqual(t, compare(t, "models"), 30)
}

func TestKerasApplicationsAreCountedAsKerasCountsThem(t *testing.T) {
	require.Equal(t, 40, compare(t, "applications"))
}

// The models come from test/keras/operations.py. The shapes of outputs that no other
// layer reads are not recorded, and follow from the arguments.
func TestOperationsScalarsAndLoRAAreCountedAsKerasCountsThem(t *testing.T) {
	require.Equal(t, 159, compare(t, "operations"))
}

// The graphs come from test/keras/graphs.py. EVIDENT_KERAS_GRAPHS may name a file with
// more graphs than the repository holds.
func TestRandomGraphsAreCountedAsKerasCountsThem(t *testing.T) {
	if more := os.Getenv("EVIDENT_KERAS_GRAPHS"); more != "" {
		require.Positive(t, compare(t, strings.TrimSuffix(more, ".tar.gz")))
	}
	require.Equal(t, 80, compare(t, "graphs"))
}

// compare checks every model of an archive, and returns their number.
func compare(t *testing.T, name string) int {
	files := archive(t, name)
	for file, content := range files {
		model, ok := strings.CutSuffix(file, ".facts.json")
		if !ok {
			continue
		}
		t.Run(model, func(t *testing.T) {
			var want facts
			require.NoError(t, json.Unmarshal(content, &want))
			got, err := keras.Summarize(bytes.NewReader(files[model+".json"]))
			require.NoError(t, err)
			agree(t, want, got)
			evaluate(t, got)
		})
	}
	return len(files) / 2
}

func agree(t *testing.T, want facts, got arch.Summary) {
	require.Equal(t, want.Name, got.Name)
	require.Len(t, got.Rows, len(want.Layers))
	for i, row := range got.Rows {
		layer := want.Layers[i]
		require.Equal(t, layer.Name, row.Name)
		require.Equal(t, layer.Class, row.Class, row.Name)
		require.Equal(t, written(layer.Shapes), row.Shapes(), row.Name)
		require.Equal(t, layer.Params, row.Parameters, row.Name)
		require.Equal(t, layer.Trainable, row.Trainable, row.Name)
	}
	require.Equal(t, want.Total, got.Total())
	require.Equal(t, want.Trainable, got.Trainable())
	require.Equal(t, want.NonTrainable, got.NonTrainable())
	require.Equal(t, want.Totals, got.Totals())
}

// written formats the shapes as a summary prints them.
func written(shapes [][]*int) string {
	texts := make([]string, len(shapes))
	for i, shape := range shapes {
		sizes := make([]string, len(shape))
		for k, size := range shape {
			sizes[k] = "None"
			if size != nil {
				sizes[k] = strconv.Itoa(*size)
			}
		}
		texts[i] = "(" + strings.Join(sizes, ", ") + ")"
		if len(shape) == 1 {
			texts[i] = "(" + sizes[0] + ",)"
		}
	}
	return strings.Join(texts, ", ")
}

// evaluate checks that each formula, evaluated as an expression, equals the count.
func evaluate(t *testing.T, s arch.Summary) {
	for _, row := range s.Rows {
		if row.Parameters == 0 {
			require.Empty(t, row.Formula, row.Name)
			continue
		}
		value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, strings.ReplaceAll(row.Formula, "·", "*"))
		require.NoError(t, err, row.Formula)
		require.Equal(t, strconv.Itoa(row.Parameters), value.Value.ExactString(), "%s: %s", row.Name, row.Formula)
	}
}
