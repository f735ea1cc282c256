package keras_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/keras"
)

// edited returns a model of the archive with some texts replaced.
func edited(t *testing.T, model string, replace ...string) string {
	t.Helper()
	text := string(archive(t, "models")[model+".json"])
	for i := 0; i < len(replace); i += 2 {
		require.Contains(t, text, replace[i])
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	return text
}

func TestWhatIsWrongIsToldInOneLineWithLayerAndPlace(t *testing.T) {
	whole := edited(t, "mnist_cnn")
	for name, c := range map[string]struct{ text, want string }{
		"unknown class": {
			edited(t, "mnist_cnn", `"class_name": "MaxPooling2D"`, `"class_name": "Mystery"`),
			`config.layers[2]: layer "max_pooling2d" (Mystery): evident cannot count layers of this class`,
		},
		"unknown class inside a model": {
			edited(t, "nested", `"class_name": "BatchNormalization"`, `"class_name": "Mystery"`),
			`config.layers[2].config.layers[2]: layer "batch_normalization" (Mystery): evident cannot`,
		},
		"number as text": {
			edited(t, "mnist_cnn", `"filters": 32`, `"filters": "32"`),
			`config.layers[1]: layer "conv2d" (Conv2D): filters is "32"; it has to be a whole number`,
		},
		"missing argument": {
			edited(t, "mnist_cnn", `"filters": 32, `, ``),
			`layer "conv2d" (Conv2D): filters is missing`,
		},
		"negative": {
			edited(t, "mnist_cnn", `"filters": 32`, `"filters": -32`),
			`layer "conv2d" (Conv2D): filters is -32; it has to be 1 or more`,
		},
		"beyond 32 bits": {
			edited(t, "mnist_cnn", `"filters": 32`, `"filters": 2147483648`),
			`filters is 2147483648; it has to be a whole number up to 2147483647`,
		},
		"more than can be counted": {
			edited(t, "mnist_cnn", `"filters": 32`, `"filters": 2147483647`, `"kernel_size": [3, 3]`, `"kernel_size": [2147483647, 2147483647]`, `"padding": "valid"`, `"padding": "same"`),
			`layer "conv2d" (Conv2D): its kernel has more than 2^53 values`,
		},
		"window too large": {
			edited(t, "mnist_cnn", `"kernel_size": [3, 3]`, `"kernel_size": [29, 3]`),
			`config.layers[1]: layer "conv2d" (Conv2D): its window of 29 does not fit into the 28 positions of its input (None, 28, 28, 1)`,
		},
		"window of a wrong rank": {
			edited(t, "mnist_cnn", `"kernel_size": [3, 3]`, `"kernel_size": [3, 3, 3]`),
			`kernel_size is [3, 3, 3]; it has to be one number or 2`,
		},
		"input of a wrong rank": {
			edited(t, "mnist_cnn", `[null, 28, 28, 1]`, `[null, 28, 28]`),
			`its input (None, 28, 28) has 2 axes beside the batch, and it takes 3`,
		},
		"shape": {
			edited(t, "mnist_cnn", `[null, 28, 28, 1]`, `[null, 28, "28", 1]`),
			`config.layers[0]: layer "input_layer" (InputLayer): batch_shape is [null, 28, "28", 1]`,
		},
		"padding": {
			edited(t, "mnist_cnn", `"padding": "valid"`, `"padding": "full"`),
			`padding is "full"; it has to be valid, same or causal`,
		},
		"merge of two shapes": {
			edited(t, "merging", `"batch_shape": [null, 8, 6]`, `"batch_shape": [null, 8, 7]`),
			`layer "add" (Add): its inputs (None, 8, 7) and (None, 8, 6) do not fit`,
		},
		"reshape": {
			edited(t, "reshaping", `"target_shape": [10, -1]`, `"target_shape": [7, -1]`),
			`layer "reshape" (Reshape): the 120 values of its input (None, 5, 4, 6) do not fill the target shape [7 -1]`,
		},
		"layer that is not there": {
			edited(t, "unet", `"keras_history": ["conv2d", 0, 0]`, `"keras_history": ["conv", 0, 0]`),
			`it reads the layer "conv", which is not there`,
		},
		"call that is not there": {
			edited(t, "unet", `"keras_history": ["conv2d", 0, 0]`, `"keras_history": ["conv2d", 4, 0]`),
			`layer 1, call 4 is not there`,
		},
		"loop": {
			edited(t, "unet", `"keras_history": ["input_layer", 0, 0]`, `"keras_history": ["conv2d_1", 0, 0]`),
			`it reads its own output`,
		},
		"quantized":                   {edited(t, "mlp", `"class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "units"`, `"class_name": "QuantizedDTypePolicy", "config": {"name": "int8_from_float32"}, "registered_name": null}, "units"`), `quantized`},
		"no input":                    {noInput(t), `layer "conv2d" (Conv2D): the shape of its input is not known: call model.build(…)`},
		"truncated":                   {whole[:1500], `config.layers[2]: layer "max_pooling2d" (MaxPooling2D): line 1, column 1500: the JSON breaks off`},
		"truncated at the end":        {whole[:len(whole)-1], fmt.Sprintf("line 1, column %d: the JSON breaks off", len(whole)-1)},
		"broken JSON":                 {edited(t, "mnist_cnn", `"units": 10`, `"units": nan`), `config.layers[7]: layer "dense" (Dense): line 1, column `},
		"not a number":                {edited(t, "mnist_cnn", `"units": 10`, `"units": NaN`), `layer "dense" (Dense): units is "NaN"; it has to be a whole number`},
		"something behind":            {whole + "}", `invalid character '}' after top-level value: something stands behind the model`},
		"two models":                  {whole + whole, "something stands behind the model"},
		"lists in lists":              {`{"class_name": ` + strings.Repeat("[", 20_000), "more than 10,000 lists and objects lie in one another"},
		"nothing":                     {"  ", "it is empty"},
		"list":                        {"[1, 2]", "it is not the JSON of a model"},
		"HDF5":                        {"\x89HDF\r\n\x1a\n", "it is an HDF5 file (.h5)"},
		"gzip":                        {"\x1f\x8b\x08\x00", "it is a gzip archive: unpack it first"},
		"bzip2":                       {"BZh9", "it is a bzip2 archive: unpack it first"},
		"web page":                    {"<!DOCTYPE html><p>", "it is a web page and not the JSON of a model: write it with model.to_json()"},
		"UTF-16":                      {"\xff\xfe{\x00\"\x00", "it is text in UTF-16"},
		"UTF-16 without its mark":     {"\x00{\x00\"", "it is text in UTF-16"},
		"UTF-32":                      {"\xff\xfe\x00\x00{\x00\x00\x00", "it is text in UTF-32"},
		"pickle":                      {"\x80\x04\x95", "it is a Python pickle"},
		"YAML":                        {"class_name: Sequential\nconfig:\n", "it is YAML"},
		"Keras 1":                     {`{"class_name": "Sequential", "keras_version": "1.2.2", "config": []}`, "written by Keras 1.2.2"},
		"other JSON":                  {`{"weights": [1, 2]}`, "it is JSON, but not of a model"},
		"one layer":                   {`{"class_name": "Dense", "config": {"units": 3}}`, "it is one layer (Dense) and not a model"},
		"subclass of Model":           {`{"class_name": "Mine", "config": {"a": 1}}`, "the model's class Mine does not say its layers"},
		"registered model":            {`{"module": null, "class_name": "Mine", "registered_name": "my>Mine", "config": {"layers": []}}`, "the model is of the class my>Mine, which is not Keras's"},
		"no layers":                   {`{"class_name": "Sequential", "config": {"name": "s", "layers": []}}`, "it has no layers"},
		"layers that are none":        {`{"class_name": "Sequential", "config": {"name": "s", "layers": [3]}}`, "config.layers[0]: this does not describe a layer"},
		"lambda of an unknown output": {edited(t, "built_late", `"build_config": {"input_shape": [null, 4, 7, 3]}`, `"build_config": null`), `layer "flatten" (Flatten): the shape of its input, which layer "lambda" (Lambda) makes, is not known`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keras.Summarize(strings.NewReader(c.text))
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// noInput returns a model without any hint about its input shape.
func noInput(t *testing.T) string {
	var model map[string]any
	require.NoError(t, json.Unmarshal(archive(t, "models")["mnist_cnn.json"], &model))
	config := model["config"].(map[string]any)
	layers := config["layers"].([]any)[1:]
	delete(config, "build_input_shape")
	delete(layers[0].(map[string]any), "build_config")
	config["layers"] = layers
	text, err := json.Marshal(model)
	require.NoError(t, err)
	return string(text)
}

// A model of n levels, each of which calls the next one twice, has 2ⁿ calls.
func TestModelsThatMultiplyAreRefusedAtOnce(t *testing.T) {
	level := `{"class_name": "Sequential", "name": "m0", "config": {"name": "m0", "layers": [
		{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 3]}}, {"class_name": "ReLU", "config": {"name": "r"}}]}`
	for i := 1; i <= 19; i++ {
		read := func(layer string, call int) string {
			return fmt.Sprintf(`{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "keras_history": [%q, %d, 0]}}], "kwargs": {}}`, layer, call)
		}
		inner := fmt.Sprintf("m%d", i-1)
		level = fmt.Sprintf(`{"class_name": "Functional", "name": "m%d", "config": {"name": "m%d", "layers": [
			{"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_shape": [null, 3]}, "inbound_nodes": []},
			%s, "inbound_nodes": [%s, %s, %s]}], "input_layers": ["i", 0, 0], "output_layers": [%q, %d, 0]}`,
			i, i, level, read("i", 0), read(inner, 0), read(inner, 1), inner, map[bool]int{true: 3, false: 2}[i > 1])
	}
	_, err := keras.Summarize(strings.NewReader(level + "}"))
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "more than 1000000 calls")
}

func TestModelsThatLieTooDeepAreRefused(t *testing.T) {
	text := strings.Repeat(`{"class_name": "Sequential", "config": {"name": "s", "layers": [`, 30)
	text += `{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 3]}}` + strings.Repeat("]}}", 30)
	_, err := keras.Summarize(strings.NewReader(text))
	require.ErrorContains(t, err, "more than 20 deep")
}

func TestJSONThatWasWrittenAsJSONOnceMoreIsRead(t *testing.T) {
	text, err := json.Marshal(edited(t, "mlp"))
	require.NoError(t, err)
	summary, err := keras.Summarize(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, 3722, summary.Total()) // 20·64 + 64, 64·32, 32·10 + 10
}

func TestFileThatIsTooLargeIsRefused(t *testing.T) {
	_, err := keras.Summarize(strings.NewReader("{" + strings.Repeat(" ", 33<<20)))
	require.ErrorContains(t, err, "more than 32 MB")
}

// tf.keras 2.15 wrote the file. It counts 149 parameters, of which 143 are
// trained. It numbers the calls of nested models from 1, and records fewer
// shapes.
func TestFilesOfKeras2AreRead(t *testing.T) {
	text, err := os.ReadFile("testdata/keras2.json")
	require.NoError(t, err)
	summary, err := keras.Summarize(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, 149, summary.Total()) // 3·3·3·4 + 4, 4·5 + 5, 4·3
	require.Equal(t, 143, summary.Trainable())
	require.Equal(t, []string{"inner", "tf.__operators__.add", "inner"}, summary.Find("graph").From)
	require.Equal(t, arch.Shape{8, 8, 5}, summary.Find("add").Outputs[0])
	require.Equal(t, arch.Shape{8, 8, 3}, summary.Find("tf.__operators__.getitem").Outputs[0])
}
