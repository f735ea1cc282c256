package arch_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
)

// pointwise returns the model that the homework prints: 256×256×3 → 1×1, 8
// filters → 1×1, 16 → flatten → 2 classes.
func pointwise() arch.Model {
	return arch.Sequential("pointwise", arch.Input{Shape: arch.Shape{256, 256, 3}},
		arch.Conv{Filters: 8, Kernel: []int{1, 1}}, arch.Conv{Filters: 16, Kernel: []int{1, 1}}, arch.Flatten{}, arch.Dense{Units: 2})
}

func TestSummaryIsInTheFormOfKeras(t *testing.T) {
	summary, err := pointwise().Summarize()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"conv2d (Conv2D)", "(None, 256, 256, 8)", "32"},
		{"conv2d_1 (Conv2D)", "(None, 256, 256, 16)", "144"},
		{"flatten (Flatten)", "(None, 1048576)", "0"},
		{"dense (Dense)", "(None, 2)", "2,097,154"},
		{"Total params: 2,097,330 (8.00 MB)", "", ""},
		{"Trainable params: 2,097,330 (8.00 MB)", "", ""},
		{"Non-trainable params: 0 (0.00 B)", "", ""},
	}, summary.Table("summary").Rows)
}

func TestSummaryForMachinesHasNullForWhatIsNotKnown(t *testing.T) {
	m := arch.Model{Name: "net"}
	x := m.Add("steps", arch.Input{Shape: arch.Shape{arch.Unknown, 3}})
	conv := m.Add("conv", arch.Conv{Filters: 2, Kernel: []int{4}}, x)
	m.Add("last", arch.Recurrent{Cell: "LSTM", Units: 5, State: true}, conv)
	summary, err := m.Summarize()
	require.NoError(t, err)
	text, err := json.Marshal(summary)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"name": "net", "class": "Functional", "total": 186, "trainable": 186, "non_trainable": 0, "bytes": 744, "flops": null,
		"layers": [
			{"name": "steps", "class": "InputLayer", "output_shape": [null, null, 3], "params": 0, "trainable": 0, "non_trainable": 0,
				"formula": "", "flops": 0, "receptive_field": [1], "inputs": []},
			{"name": "conv", "class": "Conv1D", "output_shape": [null, null, 2], "params": 26, "trainable": 26, "non_trainable": 0,
				"formula": "4·3·2 + 2", "flops": null, "receptive_field": [4], "inputs": ["steps"]},
			{"name": "last", "class": "LSTM", "output_shape": [[null, 5], [null, 5], [null, 5]], "params": 160, "trainable": 160, "non_trainable": 0,
				"formula": "4·(2 + 5 + 1)·5", "flops": null, "receptive_field": "all", "inputs": ["conv"]}
		]}`, string(text))
}

func TestSharedLayerIsCountedOnceAndWorksTwice(t *testing.T) {
	m := arch.Model{Name: "twins"}
	a, b := m.Add("", arch.Input{Shape: arch.Shape{6}}), m.Add("", arch.Input{Shape: arch.Shape{6}})
	shared := m.Add("shared", arch.Dense{Units: 4}, a)
	m.Add("", arch.Concatenate{Axis: -1}, shared, again(&m, shared, b))
	summary, err := m.Summarize()
	require.NoError(t, err)
	require.Equal(t, 28, summary.Total())
	require.Equal(t, 2*2*24, summary.FLOPs())
	require.Equal(t, []string{"input_layer", "input_layer_1"}, summary.Find("shared").From)
}

func TestModelInAModelIsFrozenAndCountedWhole(t *testing.T) {
	inner := arch.Sequential("inner", arch.Input{Shape: arch.Shape{6}}, arch.Dense{Units: 4}, arch.BatchNormalization{Axis: -1})
	outer := arch.Model{Name: "outer"}
	x := outer.Add("", inner, outer.Add("", arch.Input{Shape: arch.Shape{6}}))
	outer.Add("", arch.Dense{Units: 1}, x)
	outer.Nodes[1].Frozen = true
	summary, err := outer.Summarize()
	require.NoError(t, err)
	require.Equal(t, "28 + 16", summary.Rows[1].Formula)
	require.Equal(t, []int{49, 5, 44}, []int{summary.Total(), summary.Trainable(), summary.NonTrainable()})
}

// For all sizes, a count is either right or rejected; it never overflows.
func TestSizesThatOverflowAreRefused(t *testing.T) {
	const huge = math.MaxInt32
	picture := arch.Input{Shape: arch.Shape{1 << 20, 1 << 20, 8}}
	for name, layers := range map[string][]arch.Layer{
		"kernel":    {arch.Input{Shape: arch.Shape{arch.Unknown, 8}}, arch.Conv{Filters: huge, Kernel: []int{huge}}},
		"transpose": {picture, arch.ConvTranspose{Filters: 1, Kernel: []int{1, 1}, Strides: []int{huge, huge}}},
		"upsample":  {picture, arch.UpSample{Times: []int{huge, huge}}},
		"unknown":   {arch.Input{Shape: arch.Shape{arch.Unknown, 1 << 40, 1}}, arch.UpSample{Times: []int{1, huge}}},
		"work":      {picture, arch.Dense{Units: 1 << 20}},
		"dilation":  {picture, arch.Conv{Filters: 1, Kernel: []int{huge, huge}, Dilation: []int{huge, huge}, Padding: arch.Same}},
		"input":     {arch.Input{Shape: arch.Shape{huge, huge, huge}}},
		"repeat":    {arch.Input{Shape: arch.Shape{1 << 50}}, arch.RepeatVector{Times: huge}},
		"gates":     {arch.Input{Shape: arch.Shape{3, huge}}, arch.Recurrent{Cell: "LSTM", Units: huge}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := arch.Sequential("net", layers...).Summarize()
			require.ErrorContains(t, err, "more than 2^53")
		})
	}
}

func TestImpossibleArgumentsAreRefused(t *testing.T) {
	picture := arch.Input{Shape: arch.Shape{8, 8, 3}}
	for want, layer := range map[string]arch.Layer{
		"units is 0":                      arch.Dense{},
		"filters is -1":                   arch.ConvTranspose{Filters: -1, Kernel: []int{2, 2}},
		"padding is causal":               arch.ConvTranspose{Filters: 1, Kernel: []int{2, 2}, Padding: arch.Causal},
		"2 groups do not divide its 3":    arch.LayerNormalization{Groups: 2},
		"axis 3 is not one":               arch.BatchNormalization{Axis: 3},
		"shared axis 4":                   arch.PReLU{Shared: []int{4}},
		"nothing is left of the 8":        arch.Crop{Cells: [][2]int{{4, 4}, {0, 0}}},
		"size is 0":                       arch.UpSample{Times: []int{0, 1}},
		"do not fill the target shape":    arch.Reshape{Target: []int{5, -1}},
		"sizes are 1 or more":             arch.Reshape{Target: []int{-1, -1}},
		"each of 1 to 3":                  arch.Permute{Order: []int{1, 1, 2}},
		"has 3 axes beside the batch":     arch.Recurrent{Cell: "GRU", Units: 3},
		"it takes a query":                arch.MultiHeadAttention{Heads: 2, KeyWidth: 2},
		"it scales 5 channels":            arch.Scale{Name: "LayerScale", Channels: 5},
		"unknown padding":                 arch.Pool{Pooling: arch.Max, Size: []int{2, 2}, Padding: "full"},
		"stride is given for 3 axes":      arch.Conv{Filters: 1, Kernel: []int{1, 1}, Strides: []int{1, 2, 3}},
		"its window of 9 does not fit":    arch.DepthwiseConv{Kernel: []int{9, 1}},
		"the output of its Lambda is not": arch.TimeDistributed{Layer: arch.Opaque{Name: "Lambda"}},
		"unknown merge mode":              arch.TimeDistributed{Layer: arch.Bidirectional{Forward: arch.Recurrent{Cell: "GRU", Units: 1}, Backward: arch.Recurrent{Cell: "GRU", Units: 1}, Merge: "max"}},
		"with the channels put last":      arch.ChannelsFirst{Layer: arch.Conv{Filters: 1, Kernel: []int{9, 9}}},
		"output padding is [-1]":          arch.ConvTranspose{Filters: 1, Kernel: []int{2, 2}, OutputPadding: []int{-1}},
		"8 positions of its input":        arch.SeparableConv{Filters: 1, Kernel: []int{3, 3}, Dilation: []int{4, 2}},
	} {
		t.Run(want, func(t *testing.T) {
			_, err := arch.Sequential("net", picture, layer, arch.Flatten{}).Summarize()
			require.ErrorContains(t, err, want)
		})
	}
}

// A common scale for all scores does not need the input's width, and neither
// does the additive scale (1 parameter in Keras 3.15).
func TestScaledAttentionNeedsNoWidth(t *testing.T) {
	open := arch.Value{Shape: arch.Shape{5, arch.Unknown}}
	facts, err := arch.Attention{Scale: true}.Infer([]arch.Value{open, open})
	require.NoError(t, err)
	require.Equal(t, []arch.Weight{{Name: "scale"}}, facts.Weights)
	_, err = arch.Attention{Additive: true, Scale: true}.Infer([]arch.Value{open, open})
	require.ErrorContains(t, err, "last axis")
}

// The expected shapes come from Keras 3.15.1, for Discretization with three
// boundaries.
func TestDiscretizationHasTheShapesOfKeras(t *testing.T) {
	for _, c := range []struct {
		input arch.Shape
		mode  arch.Encoding
		want  arch.Shape
	}{
		{arch.Shape{3}, arch.Numbers, arch.Shape{3}}, {arch.Shape{3}, arch.OneHot, arch.Shape{3, 4}}, {arch.Shape{3}, arch.Together, arch.Shape{4}},
		{arch.Shape{1}, arch.OneHot, arch.Shape{4}}, {arch.Shape{1}, arch.Together, arch.Shape{4}},
		{arch.Shape{2, 3}, arch.OneHot, arch.Shape{2, 3, 4}}, {arch.Shape{2, 3}, arch.Together, arch.Shape{3, 4}},
		{arch.Shape{2, 1}, arch.OneHot, arch.Shape{2, 4}}, {arch.Shape{2, 1}, arch.Together, arch.Shape{1, 4}},
		{arch.Shape{2, 3, 4}, arch.Together, arch.Shape{3, 4, 4}},
	} {
		facts, err := arch.Encode{Name: "Discretization", Mode: c.mode, Bins: 4, First: true}.Infer([]arch.Value{{Shape: c.input}})
		require.NoError(t, err)
		require.Equal(t, c.want, facts.Outputs[0].Shape, "%v %s", c.input, c.mode)
	}
}
