package keras_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/keras"
)

// line returns a Sequential model of the layers, with more fields in its
// config.
func line(t *testing.T, more string, layers ...string) (arch.Summary, error) {
	t.Helper()
	return keras.Summarize(strings.NewReader(fmt.Sprintf(
		`{"class_name": "Sequential", "config": {"name": "line", %s "layers": [%s]}}`, more, strings.Join(layers, ", "))))
}

func layer(class, name, arguments string) string {
	return fmt.Sprintf(`{"class_name": %q, "config": {"name": %q, %s}}`, class, name, arguments)
}

func TestInputIsFoundWhereverItsShapeIs(t *testing.T) {
	const conv = `"filters": 4, "kernel_size": 3`
	picture := layer("InputLayer", "picture", `"batch_shape": [null, 9, 8, 3]`)
	inner := fmt.Sprintf(`{"class_name": "Sequential", "config": {"name": "inner", "layers": [%s, %s]}}`, picture, layer("Conv2D", "conv", conv))
	for name, c := range map[string]struct{ more, first string }{
		"as a layer":         {``, picture + ", " + layer("Conv2D", "conv", conv)},
		"of the model":       {`"build_input_shape": [null, 9, 8, 3],`, layer("Conv2D", "conv", conv)},
		"of the first layer": {``, strings.Replace(layer("Conv2D", "conv", conv), `{`, `{"build_config": {"input_shape": [null, 9, 8, 3]}, `, 1)},
		"of Keras 2":         {``, layer("Conv2D", "conv", conv+`, "batch_input_shape": [null, 9, 8, 3]`)},
		"of a model inside":  {``, inner},
		"beside its name":    {`"build_input_shape": [null, 9, 8, 3],`, layer("Conv2D", "input_layer", conv)},
	} {
		t.Run(name, func(t *testing.T) {
			summary, err := line(t, c.more, c.first, layer("Dense", "dense", `"units": 2`))
			require.NoError(t, err)
			require.Len(t, summary.Rows, 2) // as Keras lists them, without the input
			require.Equal(t, arch.Shape{7, 6, 2}, summary.Find("dense").Outputs[0])
			require.Equal(t, 112+10, summary.Total())
		})
	}
}

func TestArgumentsAreReadInEveryForm(t *testing.T) {
	for _, c := range []struct {
		class, arguments string
		want             string // the output shape for the input (None, 8, 10, 4)
	}{
		{"ZeroPadding2D", `"padding": 2`, "(None, 12, 14, 4)"},
		{"ZeroPadding2D", `"padding": [1, 2]`, "(None, 10, 14, 4)"},
		{"ZeroPadding2D", `"padding": [[1, 0], [2, 3]]`, "(None, 9, 15, 4)"},
		{"Cropping2D", `"cropping": [[1, 0], [2, 3]]`, "(None, 7, 5, 4)"},
		{"Conv2D", `"filters": 3.0, "kernel_size": [3, 1], "strides": 2`, "(None, 3, 5, 3)"},
		{"Conv2D", `"filters": 3, "kernel_size": 1, "strides": null, "padding": "SAME", "activation": {"class_name": "function", "config": "mine"}`, "(None, 8, 10, 3)"},
		{"MaxPooling2D", `"pool_size": [2, 5], "strides": null`, "(None, 4, 2, 4)"},
		{"BatchNormalization", `"axis": [3]`, "(None, 8, 10, 4)"},
		{"Concatenate", `"axis": 2`, "(None, 8, 10, 4)"},
		{"GlobalMaxPooling2D", `"keepdims": true`, "(None, 1, 1, 4)"},
		{"GlobalMaxPooling2D", `"keepdims": true, "data_format": "channels_first"`, "(None, 8, 1, 1)"},
		{"Lambda", `"output_shape": [5, 6]`, "(None, 5, 6)"},
		{"Lambda", `"output_shape": null`, "?"},
	} {
		t.Run(c.class+c.arguments, func(t *testing.T) {
			summary, err := line(t, `"build_input_shape": [null, 8, 10, 4],`, layer(c.class, "it", c.arguments))
			require.NoError(t, err)
			require.Equal(t, c.want, summary.Find("it").Shapes())
		})
	}
}

func TestArgumentsThatAreImpossibleAreNamed(t *testing.T) {
	for _, c := range []struct{ class, arguments, want string }{
		{"ZeroPadding2D", `"padding": -1`, "padding is -1; it has to be 0 or more at each side"},
		{"ZeroPadding2D", `"padding": [1, 2, 3]`, "padding is [1, 2, 3]; it has to be one number, one for each axis or two for each"},
		{"ZeroPadding1D", `"other": 1`, "padding is missing"},
		{"BatchNormalization", `"axis": 0`, "axis is 0; it has to be an axis behind the batch"},
		{"BatchNormalization", `"axis": [1, 2]`, "axis is [1, 2]; it has to be one axis"},
		{"BatchNormalization", `"scale": "yes"`, `scale is "yes"; it has to be true or false`},
		{"BatchNormalization", `"trainable": 1`, `trainable is 1; it has to be true or false`},
		{"Conv2D", `"filters": 1, "kernel_size": 1, "groups": 0`, "groups is 0; it has to be 1 or more"},
		{"Conv2D", `"filters": 1, "kernel_size": 1, "padding": 3`, "padding is 3; it has to be a text"},
		{"Conv2D", `"filters": 1.5, "kernel_size": 1`, "filters is 1.5; it has to be a whole number"},
		{"Conv2D", `"filters": 1`, "kernel_size is missing"},
		{"Reshape", `"other": 1`, "target_shape is missing"},
		{"Bidirectional", `"layer": 3`, "layer is 3; it has to be a layer"},
		{"Bidirectional", `"layer": {"class_name": "Dense", "config": {"units": 3}}`, "it has to be a recurrent layer, such as LSTM"},
		{"Bidirectional", `"layer": {"class_name": "GRU", "config": {}}`, "layer (GRU): units is missing"},
		{"TimeDistributed", `"layer": {"class_name": "Mystery", "config": {}}`, "its layer (Mystery): evident cannot count layers of this class"},
		{"Bidirectional", `"layer": {"module": "mine", "class_name": "LSTM", "registered_name": "LSTM", "config": {"units": 3}}`, "its layer (LSTM): mine.LSTM is a class of the user's own"},
		{"MultiHeadAttention", `"num_heads": 2, "key_dim": 3, "output_shape": "4"`, `output_shape is "4"; it has to be a whole number or a list of them`},
		{"RNN", `"cell": {"class_name": "MyCell", "config": {"units": 3}}`, "its cell is a MyCell; it has to be a SimpleRNNCell, LSTMCell or GRUCell, or StackedRNNCells of these"},
		{"RNN", `"cell": {"class_name": "LSTMCell", "registered_name": "my>LSTMCell", "config": {"units": 3}}`, "its cell (LSTMCell): my>LSTMCell is a class of the user's own"},
		{"RNN", `"cell": {"class_name": "StackedRNNCells", "config": {"cells": []}}`, "it has to be one with a list of cells"},
		{"SpectralNormalization", `"layer": {"class_name": "ReLU", "config": {}}`, "it has to be one with a kernel of its own, such as Dense"},
		{"SpectralNormalization", `"layer": {"class_name": "LSTM", "config": {"units": 3}}`, "it has to be one with a kernel of its own"},
		{"SpectralNormalization", `"layer": {"class_name": "Sequential", "config": {"name": "in", "layers": []}}`, "it has to be one with a kernel of its own"},
		{"Dense", `"units": 4, "dtype": "int8_from_float32"`, "it has to be a type that is not quantized"},
		{"EinsumDense", `"equation": "abcd,dd->abcd", "output_shape": [8, 10, 3]`, `its equation "abcd,dd->abcd" is none of the forms`},
		{"EinsumDense", `"equation": "abcd,ad->abc", "output_shape": [8, 10]`, "does not keep the batch"},
		{"EinsumDense", `"equation": "abcd,de->abce", "output_shape": [8, 3]`, "its output_shape gives 2 sizes beside the batch, and its equation names 3"},
		{"Dot", `"axes": 0`, "axes is 0; it has to be an axis behind the batch"},
		{"Dot", `"axes": 1`, "it takes two inputs, not 1"},
		{"Discretization", `"output_mode": "many"`, `output_mode is "many"; it has to be int, one_hot, multi_hot, count or tf_idf`},
		{"Convolution2D", `"nb_filter": 3, "nb_row": 3, "nb_col": 3`, "layers of Keras 1 have other names and arguments"},
		{"Dense", `"units": 4, "lora_rank": -2`, "lora_rank is -2; it has to be 1 or more"},
		{"Dense", `"units": 4, "lora_rank": "two"`, `lora_rank is "two"; it has to be a whole number`},
		{"ReLU", `"lora_rank": 2`, "it has no kernel for its lora_rank"},
		{"Dense", `"units": 4, "quantization_config": {"a": 1}`, "before model.quantize(…), or count it in Keras"},
	} {
		t.Run(c.class+c.arguments, func(t *testing.T) {
			_, err := line(t, `"build_input_shape": [null, 8, 10, 4],`, layer(c.class, "it", c.arguments))
			require.ErrorContains(t, err, fmt.Sprintf(`config.layers[0]: layer "it" (%s): `, c.class))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestClassesAreListedForTheHelp(t *testing.T) {
	require.Contains(t, keras.Classes(), "Conv2DTranspose")
	require.IsIncreasing(t, keras.Classes())
}
