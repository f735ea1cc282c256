package keras_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/keras"
)

// summarized returns the summary of a file of testdata.
func summarized(t *testing.T, path string) (arch.Summary, error) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", path))
	require.NoError(t, err)
	defer file.Close()
	return keras.Summarize(file)
}

// Keras 3.15.1 counted the models as built; tf_keras 2.21 counted those that have
// its name.
func TestModelsThatPeopleHaveAreCountedAsKerasCountsThem(t *testing.T) {
	for name, want := range map[string][2]int{ // all parameters, and the trained ones
		"fine_tune_outer_false_inner_true": {390, 278}, "c13_config": {110, 110}, "keras-2.0-sequential-list": {2_720_738, 2_720_738},
		"c11_valuedim": {5_524, 5_524}, "nested_lambda_tail": {37, 37}, "ops_end_split": {0, 0}, "inf_constraint": {27, 27},
		"convlstm2d": {9_856, 9_856}, "dot": {0, 0}, "einsum": {8_256, 8_256},
		"tfkeras-nested": {59, 8}, "tfkeras-cells": {228, 228}, "tfkeras-attention": {206, 206}, "tfkeras-split": {112, 112},
		"text-numbers": {18, 18}, "text-weights": {12, 12}, "lookups": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			summary, err := summarized(t, "cases/"+name+".json")
			require.NoError(t, err)
			require.Equal(t, want, [2]int{summary.Total(), summary.Trainable()})
		})
	}
}

func TestOutputsThatTheFileKnowsAreListed(t *testing.T) {
	for _, c := range []struct{ file, layer, want string }{
		{"ops_end_split", "split", "(None, 1), (None, 2), (None, 2)"},
		{"nested_lambda_tail", "emb", "(None, 4)"},
		{"dot", "dot", "(None, 1)"},
		{"c11_valuedim", "multi_head_attention", "(None, 12, 20)"},
		{"text-weights", "text_vectorization_4", "(None, 1, 5)"},
		{"lookups", "string_lookup_6", "(None, 3, 5)"},
		{"lookups", "string_lookup_7", "(None, 6)"},
		{"lookups", "hashed_crossing", "(None, 3)"},
	} {
		summary, err := summarized(t, "cases/"+c.file+".json")
		require.NoError(t, err)
		require.Equal(t, c.want, summary.Find(c.layer).Shapes(), c.layer)
	}
}

func TestClassesOfTheUsersOwnAreNamed(t *testing.T) {
	for file, want := range map[string]string{
		"custom_dense":                  `config.layers[1]: layer "dense" (Dense): my>Dense is a class of the user's own and not Keras's`,
		"custom_softmax":                `layer "softmax" (Softmax): my>Softmax is a class of the user's own`,
		"custom_block_with_layers_list": `config.layers[1]: layer "res_block" (ResBlock): my>ResBlock is a class of the user's own`,
	} {
		_, err := summarized(t, "cases/"+file+".json")
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, want)
	}
}

// The module and the registered name of a class decide whether it belongs to
// Keras.
func TestWhoseAClassIs(t *testing.T) {
	for described, want := range map[string]string{
		``: "", `"module": "keras.layers", "registered_name": null,`: "", `"module": "keras.src.layers.core.dense", "registered_name": "Dense",`: "",
		`"module": "tf_keras.layers", "registered_name": null,`: "", `"module": "tensorflow.keras.layers",`: "",
		`"module": "keras", "registered_name": "keras>Dense",`:      "",
		`"module": null, "registered_name": null,`:                  "",
		`"module": null, "registered_name": "Custom>Dense",`:        "Custom>Dense",
		`"module": null, "registered_name": "keras>Dense",`:         "keras>Dense",
		`"module": "keras.layers", "registered_name": "my>Dense",`:  "my>Dense",
		`"module": "__main__", "registered_name": "Dense",`:         "__main__.Dense",
		`"module": "keras_hub.layers", "registered_name": "Dense",`: "keras_hub.layers.Dense",
		`"module": "kerasy", "registered_name": null,`:              "kerasy.Dense",
	} {
		_, err := line(t, `"build_input_shape": [null, 6],`, fmt.Sprintf(`{%s "class_name": "Dense", "config": {"name": "it", "units": 3}}`, described))
		if want == "" {
			require.NoError(t, err, described)
		} else {
			require.ErrorContains(t, err, fmt.Sprintf(`layer "it" (Dense): %s is a class of the user's own`, want))
		}
	}
}

func TestModelOfTheUsersOwnClassIsCountedByItsLayersWithANote(t *testing.T) {
	summary, err := summarized(t, "cases/tfkeras-own-model.json")
	require.NoError(t, err)
	require.Equal(t, 8, summary.Total())
	require.Len(t, summary.Notes, 1)
	require.Contains(t, summary.Notes[0], `weights that a model of the user's own adds by itself are not in the file: "my"`)
}

func TestLayerInTwoModelsIsCountedOnceWhereTheFileSaysThatItIsOne(t *testing.T) {
	summary, err := summarized(t, "cases/c13_config.json")
	require.NoError(t, err)
	require.Equal(t, []int{110, 110}, []int{summary.Find("dense").Parameters, summary.Find("model1").Parameters})
	require.Equal(t, "Total params: 110 (440.00 B)", summary.Totals()[0])
	require.Contains(t, summary.Notes[0], "110 parameters are those of layers that the file marks as the same as others, and are counted once")
	require.Contains(t, summary.Notes[0], "counted at every place there are 220 in all")

	text, err := os.ReadFile("testdata/cases/c13_config.json")
	require.NoError(t, err)
	without := regexp.MustCompile(`, "shared_object_id": \d+`).ReplaceAll(text, nil) // as model.to_json() writes it
	summary, err = keras.Summarize(bytes.NewReader(without))
	require.NoError(t, err)
	require.Equal(t, 220, summary.Total())
	require.Len(t, summary.Notes, 1)
	require.Equal(t, `layers of the same name and arguments stand in two models and are counted twice: "dense" (the first of them at config.layers[1] and config.layers[2].config.layers[1]); `+
		`this file does not say whether they are one layer: if they are, write the model with model.save("model.keras") and count that file, which says so`, summary.Notes[0])
	summary, err = keras.Summarize(bytes.NewReader(packed(t, map[string]string{"config.json": string(without)})))
	require.NoError(t, err)
	require.Equal(t, 220, summary.Total())
	require.Empty(t, summary.Notes) // this kind of file would have said so
}

// Keras 3.15.1 saved the files. The first occurrence of a shared layer has no id
// if it lies inside a model or a wrapper. In "shared" a Dense, a
// BatchNormalization and models with both occur in several places, once inside a
// TimeDistributed; in "cells" one LSTMCell occurs in two RNN; in "ae" an encoder
// also occurs inside a model.
func TestSharedLayersAreFoundWhereverTheyStand(t *testing.T) {
	for name, want := range map[string][2]int{"shared": {186, 163}, "shared_frozen": {186, 33}, "cells": {144, 144}, "ae": {45, 45}} {
		summary, err := summarized(t, "cases/"+name+".config.json")
		require.NoError(t, err)
		require.Equal(t, want, [2]int{summary.Total(), summary.Trainable()}, name)
		require.Len(t, summary.Notes, 1)
	}
}

// Keras 3.15.1 trains 182 of the weights if the attention is marked by its
// argument or read from a file, and 14 if it is marked afterwards. The file is the
// same in both cases.
func TestFlagThatTheFileLeavesOpenIsNoted(t *testing.T) {
	summary, err := keras.Summarize(strings.NewReader(edited(t, "attention",
		`"num_heads": 4`, `"num_heads": 4`, `"name": "multi_head_attention", "trainable": true`, `"name": "multi_head_attention", "trainable": false`)))
	require.NoError(t, err)
	require.Zero(t, summary.Find("multi_head_attention").Trainable)
	require.Len(t, summary.Notes, 1)
	require.Contains(t, summary.Notes[0], `not trained by their own flag, and counted so: "multi_head_attention"; Keras trains them when it loads this file`)
}

// A map of policies gives the type of all layers that it does not name.
func TestWeightsHaveTheTypeOfTheirPolicy(t *testing.T) {
	for policy, bytes := range map[string]string{
		`"float16"`: "56.00 B", `{"class_name": "DTypePolicy", "config": {"name": "float64"}}`: "224.00 B", `null`: "112.00 B",
		`{"class_name": "DTypePolicyMap", "config": {"default_policy": {"class_name": "DTypePolicy", "config": {"name": "float16"}}, "policy_map": {}}}`: "56.00 B",
	} {
		summary, err := line(t, `"build_input_shape": [null, 3],`, layer("Dense", "it", `"units": 7, "dtype": `+policy))
		require.NoError(t, err)
		require.Equal(t, "Total params: 28 ("+bytes+")", summary.Totals()[0], policy)
	}
}

// packed returns a ZIP file like a .keras file.
func packed(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var content bytes.Buffer
	w := zip.NewWriter(&content)
	for name, text := range files {
		entry, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(entry, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return content.Bytes()
}

// saved writes the content to a file on the disk.
func saved(t *testing.T, content []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.keras")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	file, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

func TestKerasFileIsReadWithoutItsWeights(t *testing.T) {
	content := packed(t, map[string]string{
		"metadata.json": `{"keras_version": "3.15.1"}`, "config.json": edited(t, "mlp"), "model.weights.h5": strings.Repeat("0", 1<<20),
	})
	for _, r := range []io.Reader{saved(t, content), bytes.NewReader(content)} { // from the disk and from a pipe
		summary, err := keras.Summarize(r)
		require.NoError(t, err)
		require.Equal(t, 3722, summary.Total())
	}
}

func TestKerasFileThatCannotBeReadIsToldSo(t *testing.T) {
	whole := packed(t, map[string]string{"config.json": edited(t, "mlp")})
	damaged := bytes.Clone(whole)
	copy(damaged[60:], "XXXXXXXX")
	for want, content := range map[string][]byte{
		"it is a ZIP file without config.json":            packed(t, map[string]string{"model.weights.h5": "0"}),
		"its config.json has more than 32 MB":             packed(t, map[string]string{"config.json": "{" + strings.Repeat(" ", 33<<20)}),
		"that breaks off or is damaged":                   whole[:len(whole)/2],
		"its config.json cannot be unpacked":              damaged,
		"it is empty: write it with model.to_json()":      packed(t, map[string]string{"config.json": ""}),
		"it is a ZIP file without config.json, which a .": []byte("PK\x05\x06" + strings.Repeat("\x00", 18)),
	} {
		for _, r := range []io.Reader{saved(t, content), bytes.NewReader(content)} {
			_, err := keras.Summarize(r)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "\n")
		}
	}
}

func TestPlaceOfAnErrorBehindNumbersThatJSONDoesNotHave(t *testing.T) {
	_, err := keras.Summarize(strings.NewReader(`{"a": [NaN, -Infinity, "NaN"], "b": ]}`))
	require.ErrorContains(t, err, "line 1, column 37: invalid character ']'")
}
