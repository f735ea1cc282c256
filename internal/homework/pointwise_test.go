package homework

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
	"evident/kit/nn"
	"evident/lessons/pointwise"

	"evident/internal/homework/solution"
)

// The expected numbers are those of the sheet and the papers: 256→64, Fire2, the
// printed net, and a factor of 3.6.
func TestPointwiseHasTheNumbersOfTheSheet(t *testing.T) {
	set, err := Sheet("pointwise")
	require.NoError(t, err)
	requireRight(t, set, map[string]int{"pointwise.count": 16_448, "pointwise.fire": 11_920, "pointwise.printed": 2_097_330})
	q := find(t, set, "pointwise.saving")
	require.InDelta(t, 3.6, q.Right, 1e-12)
	require.Equal(t, counted(pointwise.SheetNet()), counted(printedNet(256, 8, 16)))
}

func TestPointwiseIsTheLessonsConvolution(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	image := [][][]float64{nonzero(random, 4, 3), nonzero(random, 4, 3)}
	weights, biases := nonzero(random, 3, 5), nonzero(random, 1, 5)
	output, err := graph.CallOnce(lessontest.PureGo(t), func(in []*graph.Node) *graph.Node {
		return graph.Add(nn.Convolve2D(in[0], in[1], 1, nn.Same), in[2])
	}, tensors.FromFlatDataAndDimensions(flat32(image), 1, 2, 4, 3),
		tensors.FromFlatDataAndDimensions(flat32([][][]float64{weights}), 1, 1, 3, 5),
		tensors.FromFlatDataAndDimensions(flat32([][][]float64{biases}), 1, 1, 1, 5))
	require.NoError(t, err)
	require.Equal(t, tensors.MustCopyFlatData[float32](output), flat32(solution.Pointwise(image, weights, biases[0])))
}

// The means of the maps are 2 and 1; the hidden units get 2 − 1 = 1 and −1, which
// ReLU cuts off; the factors are σ(0) = ½ and σ(ln 3) = ¾.
func TestExciteByHand(t *testing.T) {
	maps := [][][]float64{{{1, 2}, {3, 0}}}
	got, err := graph.CallOnce(lessontest.PureGo(t), solution.Excite,
		maps, [][]float64{{1, -1}, {-1, 1}}, [][]float64{{0, math.Log(3)}, {7, 7}})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{0.5, 1.5, 1.5, 0}, tensors.MustCopyFlatData[float64](got), 1e-12)
}
