package arch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/lessontest"
)

// module returns four towers on one input, with a layer of each class that
// can be built.
func module() arch.Model {
	m := arch.Model{Name: "module"}
	x := m.Add("", arch.Input{Shape: arch.Shape{8, 8, 4}})
	a := m.Add("", arch.Conv{Filters: 6, Kernel: []int{1, 1}, Activation: "relu"}, x)
	b := m.Add("", arch.Conv{Filters: 6, Kernel: []int{3, 2}, Padding: arch.Same, Groups: 2, NoBias: true}, x)
	c := m.Add("", arch.DepthwiseConv{Kernel: []int{3, 3}, Padding: arch.Same, Dilation: []int{2}, Multiplier: 2}, x)
	d := m.Add("", arch.Pool{Pooling: arch.Max, Size: []int{3, 3}, Strides: []int{1, 1}, Padding: arch.Same}, x)
	joined := m.Add("", arch.Concatenate{Axis: -1}, a, b, c, d)
	squeezed := m.Add("", arch.GlobalPool{Pooling: arch.Average, Axes: 2, KeepAxes: true}, joined)
	gate := m.Add("", arch.Dense{Units: 24, Activation: "sigmoid"}, squeezed)
	scaled := m.Add("", arch.Merge{Operation: "Multiply"}, joined, gate)
	small := m.Add("", arch.Pool{Pooling: arch.Average, Size: []int{2, 2}}, scaled)
	shared := m.Add("twice", arch.Conv{Filters: 24, Kernel: []int{3, 3}, Padding: arch.Same}, small)
	again := again(&m, shared, shared)
	added := m.Add("", arch.Merge{Operation: "Add"}, small, again)
	m.Add("", arch.Dense{Units: 3, Activation: "softmax"}, m.Add("", arch.Flatten{}, m.Add("", arch.Elementwise{Name: "Dropout"}, added)))
	return m
}

func TestBuiltNetHasTheShapesAndCountsOfTheSummary(t *testing.T) {
	models := []arch.Model{
		module(),
		arch.Sequential("steps",
			arch.Input{Shape: arch.Shape{40, 7}},
			arch.Conv{Filters: 16, Kernel: []int{3}, Padding: arch.Causal, Dilation: []int{2}},
			arch.Conv{Filters: 5, Kernel: []int{4}, Strides: []int{3}, Padding: arch.Same},
			arch.Pool{Pooling: arch.Max, Size: []int{2}}, arch.Activation{Function: "tanh"}, arch.Dense{Units: 4, NoBias: true},
			arch.GlobalPool{Pooling: arch.Max, Axes: 1}, arch.Dense{Units: 2}),
		arch.Sequential("volume",
			arch.Input{Shape: arch.Shape{6, 7, 8, 2}},
			arch.Conv{Filters: 3, Kernel: []int{2, 3, 1}, Strides: []int{1, 2, 3}}, arch.Pool{Pooling: arch.Average, Size: []int{2, 2, 2}}, arch.Flatten{}),
	}
	for _, m := range models {
		t.Run(m.Name, func(t *testing.T) {
			summary, err := m.Summarize()
			require.NoError(t, err)
			built, err := m.Build(lessontest.Backend(t))
			require.NoError(t, err)
			for i, row := range summary.Rows {
				require.Equal(t, row.Parameters, built.Parameters[i], row.Name)
				require.Equal(t, row.Outputs[0], built.Outputs[i], row.Name)
			}
			require.Equal(t, summary.Total(), built.Total())
			require.Positive(t, built.Total())
		})
	}
}

func TestLayerThatCannotBeBuiltIsNamed(t *testing.T) {
	for want, layer := range map[string]arch.Layer{
		`layer "activation" (Activation): the activation "gelu"`: arch.Activation{Function: "gelu"},
		`the operation "Average"`:                                arch.Merge{Operation: "Average"},
	} {
		_, err := arch.Sequential("odd", arch.Input{Shape: arch.Shape{3}}, layer).Build(lessontest.PureGo(t))
		require.ErrorContains(t, err, want)
	}
	_, err := arch.Sequential("long", arch.Input{Shape: arch.Shape{arch.Unknown, 3}}).Build(lessontest.PureGo(t))
	require.ErrorContains(t, err, `layer "input_layer" (InputLayer)`)
}

func TestDiagramHasABoxForEveryCallAndArrowsThatGoDown(t *testing.T) {
	m := module()
	d, err := m.Diagram("module", "A module")
	require.NoError(t, err)
	require.Len(t, d.Boxes, len(m.Nodes)+1) // one layer is called twice
	for _, arrow := range d.Arrows {
		require.Less(t, arrow.From, arrow.To)
	}
	require.Equal(t, "Conv2D 1×1, relu", d.Boxes[1].Label)
	require.Equal(t, "8×8×6 · 30 parameters", d.Boxes[1].Detail)
	require.Equal(t, "MaxPooling2D 3×3", d.Boxes[4].Label)
	require.Equal(t, "twice: Conv2D 3×3", d.Boxes[10].Label)
	require.True(t, d.Boxes[1].Strong)
	require.False(t, d.Boxes[0].Strong)
}

// again adds another call of a layer, on other inputs.
func again(m *arch.Model, layer arch.Ref, inputs ...arch.Ref) arch.Ref {
	node := &m.Nodes[layer.Node]
	node.Calls = append(node.Calls, inputs)
	out := arch.Ref{Node: layer.Node, Call: len(node.Calls) - 1}
	m.Outputs = []arch.Ref{out}
	return out
}
