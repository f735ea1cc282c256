package homework

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/kit/lessontest"
	"evident/kit/nn"

	"evident/internal/homework/solution"
)

// flat32 returns all values of a map or a clip, one after the other.
func flat32(blocks [][][]float64) (values []float32) {
	for _, block := range blocks {
		for _, row := range block {
			for _, value := range row {
				values = append(values, float32(value))
			}
		}
	}
	return values
}

// withZeros appends zeros to a map or a clip until it has the given frames, rows and
// columns.
func withZeros(blocks [][][]float64, frames, rows, columns int) [][][]float64 {
	larger := make([][][]float64, frames)
	for t := range larger {
		larger[t] = make([][]float64, rows)
		for i := range larger[t] {
			larger[t][i] = make([]float64, columns)
			if t < len(blocks) && i < len(blocks[t]) {
				copy(larger[t][i], blocks[t][i])
			}
		}
	}
	return larger
}

// The lesson's Conv3D has kernels of equal sides. Zeros after the shorter sides, and
// as many after the clip, change nothing.
func TestConv3DIsThatOfTheLesson(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for stride := 1; stride <= 3; stride++ {
		clip, kernel := make([][][]float64, 5), make([][][]float64, 3)
		for i := range clip {
			clip[i] = nonzero(random, 6, 7)
		}
		for i := range kernel {
			kernel[i] = nonzero(random, 2, 4)
		}
		given := flat32(withZeros(clip, 5+1, 6+2, 7))
		output, err := graph.CallOnce(lessontest.PureGo(t), func(in []*graph.Node) *graph.Node {
			return nn.Convolve3D(in[0], in[1], stride, nn.Valid)
		}, tensors.FromFlatDataAndDimensions(given, 1, 6, 8, 7, 1),
			tensors.FromFlatDataAndDimensions(flat32(withZeros(kernel, 4, 4, 4)), 4, 4, 4, 1, 1))
		require.NoError(t, err)
		require.Equal(t, tensors.MustCopyFlatData[float32](output), flat32(solution.Conv3D(clip, kernel, stride)))
	}
}

// The notebook's own numbers are 9720 multiply-adds, and 302 parameters in each of
// the three nets.
func TestConvdimsHasTheNumbersOfTheNotebook(t *testing.T) {
	set, err := Sheet("convdims")
	require.NoError(t, err)
	requireRight(t, set, map[string]int{"convdims.work": 2 * 9720, "convdims.net": 302})
	for i, filters := range []int{25, 4, 10} {
		require.Equal(t, 302, convdimsLayers(3, 8, 12)[i].net(filters).Total())
	}
}

// requireRight compares the answers of a set with known numbers.
func requireRight(t *testing.T, set exercise.Set, want map[string]int) {
	t.Helper()
	for id, answer := range want {
		q := find(t, set, id)
		require.Equal(t, answer, q.Right, id)
	}
}

// With no number below 0, ReLU does nothing: then one filter in space and time is a
// Conv3D whose kernel is the product of both, and filters add up.
func TestFactoredIsAConv3DWithoutReLU(t *testing.T) {
	clip := [][][]float64{{{1, 2, 0}, {3, 1, 1}}, {{0, 1, 4}, {2, 2, 1}}, {{5, 0, 1}, {1, 3, 2}}}
	space := [][][]float64{{{1, 2}, {3, 0}}, {{2, 1}, {0, 4}}} // [row][column][filter]
	time := [][]float64{{1, 5}, {-2, 3}}                       // [frame][filter]
	kernel := make([][][]float64, len(time))
	for s, weights := range time {
		for _, row := range space {
			var sums []float64
			for _, own := range row {
				sums = append(sums, own[0]*weights[0]+own[1]*weights[1])
			}
			kernel[s] = append(kernel[s], sums)
		}
	}
	got, err := graph.CallOnce(lessontest.PureGo(t), solution.Factored, clip, space, time)
	require.NoError(t, err)
	require.Equal(t, solution.Conv3D(clip, kernel, 1), got.Value())
}

// One filter finds −1 in the first frame, which ReLU cuts off, and 2 in the second.
func TestFactoredCutsOffBeforeItAddsUp(t *testing.T) {
	got, err := graph.CallOnce(lessontest.PureGo(t), solution.Factored,
		[][][]float64{{{-1}}, {{2}}}, [][][]float64{{{1}}}, [][]float64{{10}, {1}})
	require.NoError(t, err)
	require.Equal(t, [][][]float64{{{2}}}, got.Value())
}
