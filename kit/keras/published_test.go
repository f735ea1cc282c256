package keras_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/keras"
)

func application(t testing.TB, name string) arch.Summary {
	t.Helper()
	summary, err := keras.Summarize(bytes.NewReader(archive(t, "applications")[name+".json"]))
	require.NoError(t, err)
	return summary
}

// The expected fields come from the table in Araujo, Norris and Sim 2019,
// "Computing Receptive Fields of Convolutional Neural Networks" (Distill), at
// the last layer before the net reads the whole picture.
func TestReceptiveFieldsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		application, layer string
		field              int
	}{
		{"VGG16", "block5_pool", 212},
		{"ResNet50", "conv5_block3_out", 483},
		{"ResNet101", "conv5_block3_out", 1027},
		{"ResNet152", "conv5_block3_out", 1507},
		{"MobileNet", "conv_pw_13_relu", 315},
		{"InceptionV3", "mixed10", 1311},
		{"InceptionResNetV2", "conv_7b", 3039},
	} {
		row := application(t, c.application).Find(c.layer)
		require.Equal(t, []int{c.field, c.field}, row.Field.Sizes, c.application)
	}
}

// The expected multiply-adds are those in the papers, rounded in the same way.
// For Simonyan and Zisserman's net: VGG-19 as counted by He et al. 2016 (figure
// 3), 19.6·10⁹. He et al. 2016, table 1: 3.8, 7.6 and 11.3·10⁹, where stride 2
// is in the first convolution of a block, as it is here. Howard et al. 2017,
// table 4: 569·10⁶. Sandler et al. 2018, table 4: 300·10⁶.
func TestMultiplyAddsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		application string
		millions    float64
		within      float64 // tolerance for the papers' rounding
	}{
		{"VGG19", 19600, 0.01},
		{"ResNet50", 3800, 0.02},
		{"ResNet101", 7600, 0.02},
		{"ResNet152", 11300, 0.02},
		{"MobileNet", 569, 0.005},
		{"MobileNetV2", 300, 0.01},
	} {
		millions := float64(application(t, c.application).FLOPs()) / 2 / 1e6
		require.InEpsilon(t, c.millions, millions, c.within, c.application)
	}
}

// stack returns a model of n layers, as model.to_json() writes it.
func stack(n int) string {
	var text strings.Builder
	text.WriteString(`{"module": "keras", "class_name": "Sequential", "config": {"name": "stack", "layers": [
		{"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 64, 64, 3], "name": "input"}}`)
	for i := range n {
		fmt.Fprintf(&text, `, {"module": "keras.layers", "class_name": "Conv2D", "config": {"name": "conv2d_%d", "trainable": true,
			"dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null},
			"filters": 64, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "data_format": "channels_last",
			"dilation_rate": [1, 1], "groups": 1, "activation": "relu", "use_bias": true,
			"kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null},
			"kernel_regularizer": null, "bias_constraint": null}, "registered_name": null, "build_config": {"input_shape": [null, 64, 64, 3]}}`, i)
	}
	return text.String() + `]}}`
}

func TestStackOf200LayersIsCounted(t *testing.T) {
	summary, err := keras.Summarize(strings.NewReader(stack(200)))
	require.NoError(t, err)
	require.Equal(t, 3*3*3*64+64+199*(3*3*64*64+64), summary.Total())
	require.Equal(t, []int{401, 401}, summary.Rows[199].Field.Sizes)
}

func BenchmarkSummary(b *testing.B) {
	text := stack(200)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := keras.Summarize(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
