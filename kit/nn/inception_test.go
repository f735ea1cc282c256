package nn

import (
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"
)

// reference builds the module tower by tower with GoMLX's own layers.
func reference(scope *model.Scope, x *Node, f1x1, f3x3Reduce, f3x3, f5x5Reduce, f5x5, poolProj int) *Node {
	conv := func(name string, x *Node, kernel, filters int) *Node {
		return ReLU(layers.Convolution(scope.In("%s", name), x).CurrentScope().Channels(filters).KernelSize(kernel).PadSame().Done())
	}
	return Concatenate([]*Node{
		conv("1x1", x, 1, f1x1),
		conv("3x3", conv("3x3_reduce", x, 1, f3x3Reduce), 3, f3x3),
		conv("5x5", conv("5x5_reduce", x, 1, f5x5Reduce), 5, f5x5),
		conv("pool_proj", MaxPool(x).Window(3).Strides(1).PadSame().Done(), 1, poolProj),
	}, -1)
}

// Both modules get the same random variables. The last biases of the towers are
// one variable in ours and four in the reference.
func TestInceptionEqualsItsTowers(t *testing.T) {
	x, last := random(1, 2, 6, 5, 3), random(9, 2+4+6+7).values
	run := func(module func(*model.Scope, *Node, int, int, int, int, int, int) *Node, biases map[string][]float32) array {
		store := model.NewStore()
		exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, in *Node) *Node { return module(scope, in, 2, 3, 4, 5, 6, 7) })
		require.NoError(t, err)
		_, err = exec.Compile(x.tensor().Shape())
		require.NoError(t, err)
		for i, name := range []string{"1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj"} {
			v := store.GetVariable("/" + name + "/weights")
			require.NoError(t, v.SetValue(random(uint64(i), v.Shape().Dimensions...).tensor()))
		}
		biases["/3x3_reduce/biases"], biases["/5x5_reduce/biases"] = []float32{.1, .2, .3}, []float32{.1, 0, .2, .3, -.1}
		for path, values := range biases {
			require.NoError(t, store.GetVariable(path).SetValue(array{[]int{len(values)}, values}.tensor()), path)
		}
		require.Equal(t, 3*2+2+3*3+3+9*3*4+4+3*5+5+25*5*6+6+3*7+7, store.NumParameters())
		y, err := exec.Call(x.tensor())
		require.NoError(t, err)
		return array{y[0].Shape().Dimensions, slices.Concat(flatten(y[0].Value().([][][][]float32))...)}
	}
	ours := run(Inception, map[string][]float32{"/biases": last})
	require.Equal(t, []int{2, 6, 5, 2 + 4 + 6 + 7}, ours.dims)
	requireEqual(t, run(reference, map[string][]float32{
		"/1x1/biases": last[:2], "/3x3/biases": last[2:6], "/5x5/biases": last[6:12], "/pool_proj/biases": last[12:],
	}), ours)
}

func TestBiasAndReLUCommuteWithMaxPooling(t *testing.T) {
	x, biases := random(1, 2, 6, 4, 5), random(2, 5)
	early := call(t, func(in []*Node) *Node { return MaxPool2D(ReLU(Add(in[0], ExpandLeftToRank(in[1], 4))), 2) }, x, biases)
	late := call(t, func(in []*Node) *Node { return ReLU(Add(MaxPool2D(in[0], 2), ExpandLeftToRank(in[1], 4))) }, x, biases)
	requireEqual(t, early, late)
}

func flatten(values [][][][]float32) [][]float32 {
	var rows [][]float32
	for _, batch := range values {
		for _, row := range batch {
			rows = append(rows, row...)
		}
	}
	return rows
}
