package fit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"evident/datasets"
)

func TestBatchHoldsTheExamplesOfItsIndices(t *testing.T) {
	images := datasets.Images{Height: 1, Width: 2, Channels: 1, Pixels: []uint8{0, 1, 10, 11, 20, 21}, Labels: []uint8{5, 6, 7}}
	x, y := ImageData(images).batch([]int{2, 0})
	require.Equal(t, [][][][]uint8{{{{20}, {21}}}, {{{0}, {1}}}}, x.Value())
	require.Equal(t, [][]int32{{7}, {5}}, y.Value())
}

func TestEpochShowsEveryExampleAtMostOnce(t *testing.T) {
	data := NewData(make([]float32, 10), []int{1}, make([]int32, 10))
	random := Rand(1, forOrder)
	first, second := data.epoch(random, 3), data.epoch(random, 3)
	require.Len(t, first, 3, "the tenth example waits")
	require.NotEqual(t, first, second, "each epoch has an order of its own")
	seen := map[int]bool{}
	for _, batch := range first {
		require.Len(t, batch, 3)
		for _, i := range batch {
			require.False(t, seen[i])
			seen[i] = true
		}
	}
	require.Equal(t, first, data.epoch(Rand(1, forOrder), 3), "the same seed, the same order")
	waited := map[int]bool{}
	for range 100 {
		missing := map[int]bool{0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true}
		for _, i := range slices.Concat(data.epoch(random, 3)...) {
			delete(missing, i)
		}
		require.Len(t, missing, 1)
		maps.Copy(waited, missing)
	}
	require.Len(t, waited, 10, "each example waits in some epoch, none for good")
}

func TestInOrderFillsTheLastBatch(t *testing.T) {
	require.Equal(t, [][]int{{0, 1, 2}, {3, 4, 4}}, inOrder(5, 3))
	require.Equal(t, [][]int{{0, 1}}, inOrder(2, 2))
	require.Empty(t, inOrder(0, 2))
}

// The variance of a uniform distribution on ±a is a²/3, so that of the weights
// is 2 / (fan_in + fan_out) (Glorot and Bengio 2010, equation 12) or 2 / fan_in
// (He et al. 2015, equation 10).
func TestInitializersHaveTheirVariance(t *testing.T) {
	for _, c := range []struct {
		draw Initializer
		dims []int
		fans float64
	}{
		{GlorotUniform, []int{300, 100}, 400},
		{GlorotUniform, []int{3, 3, 40, 60}, 900},
		{HeUniform, []int{300, 100}, 300},
		{HeUniform, []int{3, 3, 40, 60}, 360},
	} {
		values := tensors.MustCopyFlatData[float32](c.draw(Rand(1, 1), shapes.Make(dtypes.Float32, c.dims...)))
		variance, limit := 0.0, 0.0
		for _, v := range values {
			variance += float64(v) * float64(v) / float64(len(values))
			limit = max(limit, math.Abs(float64(v)))
		}
		require.InEpsilon(t, 2/c.fans, variance, 0.03, "%v", c.dims)
		require.LessOrEqual(t, limit, math.Sqrt(6/c.fans)+1e-7)
		random := Rand(1, 1)
		require.Equal(t, []float32{0, 0, 0}, c.draw(random, shapes.Make(dtypes.Float32, 3)).Value(), "biases")
		require.Equal(t, Rand(1, 1).Uint64(), random.Uint64(), "biases need no random numbers")
	}
}

func TestScoreLogits(t *testing.T) {
	// softmax(0, ln 3) = (1/4, 3/4).
	ln3 := float32(math.Log(3))
	score := ScoreLogits([][]float32{{0, ln3}, {0, ln3}, {1000, -1000}}, []int32{1, 0, 0})
	require.InDelta(t, (math.Log(4.0/3)+math.Log(4)+0)/3, score.Loss, 1e-6)
	require.InDelta(t, 2.0/3, score.Accuracy, 1e-12)
}

func ExampleArgmax() {
	fmt.Println(Argmax([]float32{0.1, 0.7, 0.2}), Argmax([]float32{1, 1}))
	// Output: 1 0
}
