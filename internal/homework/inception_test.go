package homework

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/kit/arch"
	"evident/kit/lessontest"
	"evident/kit/nn"

	"evident/internal/homework/solution"
	"evident/kit/probe"
)

// The expected numbers are those of GoogLeNet's first module in the notebook, 64 +
// 192·(64 + 96 + 16 + 32) + …, and of three 3×3 layers with stride 2.
func TestInceptionHasTheNumbersOfTheNotebook(t *testing.T) {
	set, err := Sheet("inception")
	require.NoError(t, err)
	const want = 192*64 + 64 + 18_528 + 110_720 + 192*16 + 16 + 25*16*32 + 32 + 192*32 + 32
	requireRight(t, set, map[string]int{"inception.params": want, "inception.field": 15})
	q := find(t, set, "inception.shape")
	require.Equal(t, []int{28, 28, 256}, q.Right)
}

// The reference builds the same towers from the lesson's own layers.
func TestModuleIsThatOfTheLesson(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	image := inceptionInputs(random)[0].([][][]float64)
	arguments := inceptionInputs(random)[1:]
	var kernels [6]kernel
	given := []any{tensors.FromFlatDataAndDimensions(flat32(image), 1, len(image), 4, 2)}
	for i, argument := range arguments {
		kernels[i] = argument.(kernel)
		var values []float32
		for _, rows := range kernels[i] {
			values = append(values, flat32(rows)...)
		}
		side := len(kernels[i])
		given = append(given, tensors.FromFlatDataAndDimensions(values, side, side, len(kernels[i][0][0]), len(kernels[i][0][0][0])))
	}
	output, err := graph.CallOnce(lessontest.PureGo(t), func(in []*graph.Node) *graph.Node {
		conv := func(x *graph.Node, k int) *graph.Node { return nn.ReLU(nn.Convolve2D(x, in[k], 1, nn.Same)) }
		return graph.Concatenate([]*graph.Node{
			conv(in[0], 1), conv(conv(in[0], 2), 3), conv(conv(in[0], 4), 5), conv(nn.MaxPool2DSame(in[0], 3), 6),
		}, -1)
	}, given...)
	require.NoError(t, err)
	k := kernels
	require.Equal(t, tensors.MustCopyFlatData[float32](output), flat32(solution.Inception(image, k[0], k[1], k[2], k[3], k[4], k[5])))
}

// The lesson finds skipped pixels and receptive fields by raising every pixel of a
// picture and counting the outputs that change.
func TestSkippedPixelsAreThoseOfTheLesson(t *testing.T) {
	for _, s := range gapStacks() {
		// wide enough for three outputs of the last layer
		side := 3
		for _, c := range slices.Backward(s) {
			side = (side-1)*c.Stride + c.Kernel
		}
		influences, err := probe.Measure(lessontest.PureGo(t), probe.Probe{Input: arch.Shape{side, side, 1}, Graph: func(scope *model.Scope, x *graph.Node) *graph.Node {
			for layer, c := range s {
				x = nn.Conv2D{Filters: 1, Kernel: c.Kernel, Stride: c.Stride, Padding: nn.Valid}.Apply(scope.In("conv%d", layer), x)
			}
			return x
		}})
		require.NoError(t, err)
		require.Equal(t, influences[0].Unused() > 0, s.Skips(), "%v", s)
		require.Equal(t, influences[0].ReceptiveField(1, 1).Size(1), s.Field(), "%v", s)
	}
}

// The towers of the reference by the lesson's own layers.
func TestTowerIsThatOfTheLayers(t *testing.T) {
	inputs := towerInputs(rand.New(rand.NewPCG(1, 2)))
	given := make([]any, len(inputs))
	for i, input := range inputs {
		value, err := tensors.FromAnyValue(input)
		require.NoError(t, err)
		given[i] = value
	}
	outputs, err := graph.CallOnceN(lessontest.PureGo(t), func(in []*graph.Node) []*graph.Node {
		dims := in[1].Shape().Dimensions
		x := nn.ReLU(nn.Convolve2D(in[0], graph.Reshape(in[1], 1, 1, dims[0], dims[1]), 1, nn.Same))
		x = nn.ReLU(nn.Convolve2D(x, in[2], 1, nn.Same))
		x = nn.ReLU(nn.Convolve2D(x, in[3], 1, nn.Same))
		return []*graph.Node{x, solution.Tower(in[0], in[1], in[2], in[3])}
	}, given...)
	require.NoError(t, err)
	want := tensors.MustCopyFlatData[float32](outputs[0])
	require.InDeltaSlice(t, want, tensors.MustCopyFlatData[float32](outputs[1]), 1e-5)
	require.Positive(t, slices.Max(want))
}
