package probe_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/lessontest"
	"evident/kit/probe"
)

// window describes a convolution. Its padding is the number of zeros before the input
// along both axes. Without mixing, each channel stays separate.
type window struct {
	kernel, stride, padding int
	mixing                  bool
}

// acts computes the expected influence in a loop over the window.
func (w window) acts(in, out arch.Shape) [][]bool {
	acts := make([][]bool, in.Size())
	for i := range acts {
		acts[i] = make([]bool, out.Size())
	}
	for row := range out[0] {
		for column := range out[1] {
			for y := row*w.stride - w.padding; y < row*w.stride-w.padding+w.kernel; y++ {
				for x := column*w.stride - w.padding; x < column*w.stride-w.padding+w.kernel; x++ {
					for from := range in[2] {
						for to := range out[2] {
							if y >= 0 && y < in[0] && x >= 0 && x < in[1] && (w.mixing || from == to) {
								acts[(y*in[1]+x)*in[2]+from][(row*out[1]+column)*out[2]+to] = true
							}
						}
					}
				}
			}
		}
	}
	return acts
}

func TestInfluenceIsThatOfANaiveLoop(t *testing.T) {
	cases := []struct {
		name           string
		layer          arch.Layer
		input, output  arch.Shape
		window         window
		row, column    int
		receptiveField probe.Box // of that row and column, by hand
		unused         float64   // by hand
	}{
		{
			"3×3 convolution", arch.Conv{Filters: 2, Kernel: []int{3, 3}, Padding: arch.Same, Activation: "relu"},
			arch.Shape{5, 7, 3}, arch.Shape{5, 7, 2}, window{3, 1, 1, true},
			2, 3, probe.Box{Low: []int{1, 2}, High: []int{4, 5}}, 0,
		},
		{
			"its corner", arch.Conv{Filters: 1, Kernel: []int{3, 3}, Padding: arch.Same},
			arch.Shape{4, 5, 1}, arch.Shape{4, 5, 1}, window{3, 1, 1, true},
			0, 0, probe.Box{Low: []int{0, 0}, High: []int{2, 2}}, 0,
		},
		{
			"2×2 convolution with stride 3", arch.Conv{Filters: 1, Kernel: []int{2, 2}, Strides: []int{3}},
			arch.Shape{5, 6, 1}, arch.Shape{2, 2, 1}, window{2, 3, 0, true},
			1, 0, probe.Box{Low: []int{3, 0}, High: []int{5, 2}}, 1 - 16.0/30,
		},
		{
			"depthwise convolution", arch.DepthwiseConv{Kernel: []int{1, 1}},
			arch.Shape{3, 2, 4}, arch.Shape{3, 2, 4}, window{1, 1, 0, false},
			2, 1, probe.Box{Low: []int{2, 1}, High: []int{3, 2}}, 0,
		},
		{
			"maximum", arch.Pool{Pooling: arch.Max, Size: []int{2, 2}},
			arch.Shape{4, 4, 2}, arch.Shape{2, 2, 2}, window{2, 2, 0, false},
			1, 1, probe.Box{Low: []int{2, 2}, High: []int{4, 4}}, 0,
		},
	}
	probes := make([]probe.Probe, len(cases))
	for i, c := range cases {
		m := arch.Sequential(c.name, arch.Input{Shape: c.input}, c.layer)
		probes[i] = probe.Probe{Input: c.input, Graph: func(scope *model.Scope, x *Node) *Node { return m.Graph(scope, x)[0] }}
	}
	influences, err := probe.Measure(lessontest.Backend(t), probes...)
	require.NoError(t, err)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.output, influences[i].Output)
			require.Equal(t, c.window.acts(c.input, c.output), influences[i].Acts)
			require.Equal(t, c.receptiveField, influences[i].ReceptiveField(c.row, c.column))
			require.InDelta(t, c.unused, influences[i].Unused(), 1e-12)
		})
	}
}

func TestGraphThatCannotBeBuilt(t *testing.T) {
	_, err := probe.Measure(lessontest.PureGo(t), probe.Probe{Input: arch.Shape{2, 2, 1}, Graph: func(_ *model.Scope, x *Node) *Node { return Reshape(x, 7) }})
	require.ErrorContains(t, err, "the probes")
}
