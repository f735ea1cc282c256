package nn_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
	"evident/kit/nn"
)

// runText builds a graph on numbers [batch, length]. It returns the output and
// the values of the new variables by name.
func runText(t *testing.T, backend compute.Backend, numbers [][]int32, graph func(scope *model.Scope, numbers *Node) *Node) (out *tensors.Tensor, variables map[string][]float32) {
	t.Helper()
	store := model.NewStore()
	defer store.Finalize()
	store.SetParam(model.ParamInitialSeed, int64(7))
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		return graph(scope.WithInitializer(initializer.RandomUniformFn(scope, -1, 1)), x)
	})
	require.NoError(t, err)
	defer exec.Finalize()
	outputs, err := exec.Call(numbers)
	require.NoError(t, err)
	variables = map[string][]float32{}
	for v := range store.IterVariables() {
		if v.Trainable {
			variables[v.Name()] = tensors.MustCopyFlatData[float32](v.MustValue())
		}
	}
	return outputs[0], variables
}

func onBoth(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	t.Run("xla", func(t *testing.T) { test(t, lessontest.Backend(t)) })
	t.Run("pure Go", func(t *testing.T) { test(t, lessontest.PureGo(t)) })
}

func TestEmbeddingLooksUpAndPaddingIsZero(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		out, variables := runText(t, backend, [][]int32{{2, 0, 1}}, func(scope *model.Scope, x *Node) *Node {
			return nn.Embedding(scope, x, 3, 2)
		})
		table := variables["embeddings"]
		require.Equal(t, []float32{table[4], table[5], 0, 0, table[2], table[3]}, tensors.MustCopyFlatData[float32](out))
	})
}

// The gradient of a look-up sums over repeated numbers. It is 0 for padding
// and for numbers that do not occur.
func TestEmbeddingGradientCountsOccurrences(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		out, _ := runText(t, backend, [][]int32{{2, 2, 0, 1}}, func(scope *model.Scope, x *Node) *Node {
			vectors := nn.Embedding(scope, x, 4, 1)
			return scope.BuildTrainableVariablesGradientsGraph(ReduceAllSum(vectors))[0]
		})
		require.Equal(t, []float32{0, 1, 2, 0}, tensors.MustCopyFlatData[float32](out))
	})
}

// naive computes ReLU(b + Σ w·x) over a window in loops, or 0 if the window
// holds no word.
func naive(vectors [][]float64, words []int32, weights, biases []float32, kernel, filters, position, filter int) float64 {
	sum, holdsOne := float64(biases[filter]), false
	for offset := range kernel {
		t := position + offset - (kernel - 1)
		if t < 0 || t >= len(vectors) || words[t] == 0 {
			continue
		}
		holdsOne = true
		for c, v := range vectors[t] {
			sum += v * float64(weights[(offset*len(vectors[t])+c)*filters+filter])
		}
	}
	if !holdsOne {
		return 0
	}
	return math.Max(sum, 0)
}

func TestTextFeaturesAreThoseOfLoops(t *testing.T) {
	const width, filters = 3, 4
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		for _, kernel := range []int{1, 2, 3, 5} {
			numbers := []int32{3, 1, 4, 0, 0, 0, 0}
			out, variables := runText(t, backend, [][]int32{numbers}, func(scope *model.Scope, x *Node) *Node {
				return nn.TextFeatures(scope, nn.Embedding(scope, x, 5, width), nn.Words(x), kernel, filters)
			})
			require.Equal(t, []int{1, len(numbers) + kernel - 1, filters}, out.Shape().Dimensions)
			vectors := make([][]float64, len(numbers))
			for i, number := range numbers {
				for c := range width {
					vectors[i] = append(vectors[i], float64(variables["embeddings"][int(number)*width+c]))
				}
			}
			for i, got := range tensors.MustCopyFlatData[float32](out) {
				want := naive(vectors, numbers, variables["weights"], variables["biases"], kernel, filters, i/filters, i%filters)
				require.InDelta(t, want, got, 1e-5, "kernel %d, value %d", kernel, i)
			}
		}
	})
}

func TestPooledFeaturesDoNotDependOnPadding(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		pooled := func(numbers []int32) []float32 {
			out, _ := runText(t, backend, [][]int32{numbers}, func(scope *model.Scope, x *Node) *Node {
				return nn.MaxOverTime(nn.TextFeatures(scope, nn.Embedding(scope, x, 5, 3), nn.Words(x), 3, 8))
			})
			return tensors.MustCopyFlatData[float32](out)
		}
		short, long := pooled([]int32{3, 1, 4}), pooled([]int32{3, 1, 4, 0, 0, 0, 0, 0})
		require.InDeltaSlice(t, short, long, 1e-6)
		require.Equal(t, make([]float32, 8), pooled([]int32{0, 0}), "an empty text has no features")
	})
}

// gruByLoops computes the recurrence of Cho et al. (2014) in float64.
func gruByLoops(x [][]float64, words []int32, weights, recurrent, biases []float32, units int) []float64 {
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	state := make([]float64, units)
	for t, word := range words {
		if word == 0 {
			continue
		}
		in, rec := make([]float64, 3*units), make([]float64, 3*units)
		for j := range in {
			in[j] = float64(biases[j])
			for c, v := range x[t] {
				in[j] += v * float64(weights[c*3*units+j])
			}
			for k, s := range state {
				rec[j] += s * float64(recurrent[k*3*units+j])
			}
		}
		next := make([]float64, units)
		for j := range next {
			z, r := sigmoid(in[j]+rec[j]), sigmoid(in[units+j]+rec[units+j])
			h := math.Tanh(in[2*units+j] + r*rec[2*units+j])
			next[j] = z*state[j] + (1-z)*h
		}
		state = next
	}
	return state
}

func TestGRUIsTheRecurrence(t *testing.T) {
	const width, units = 3, 4
	numbers := []int32{1, 4, 0, 2, 3, 0, 0}
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		out, v := runText(t, backend, [][]int32{numbers}, func(scope *model.Scope, x *Node) *Node {
			return nn.GRU(scope, nn.Embedding(scope, x, 5, width), nn.Words(x), units)
		})
		x := make([][]float64, len(numbers))
		for i, number := range numbers {
			for c := range width {
				x[i] = append(x[i], float64(v["embeddings"][int(number)*width+c]))
			}
		}
		want := gruByLoops(x, numbers, v["weights"], v["recurrent_weights"], v["biases"], units)
		for j, got := range tensors.MustCopyFlatData[float32](out) {
			require.InDelta(t, want[j], got, 1e-5)
		}
	})
}
