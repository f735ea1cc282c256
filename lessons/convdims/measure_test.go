package convdims

import (
	"context"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/combin"

	"evident/datasets/clips"
	"evident/datasets/tubes"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/nn"
	"evident/kit/probe"
)

func TestGridIsAsTheFormulasSay(t *testing.T) {
	facts, err := measureGrid(context.Background(), lessontest.Backend(t), GridConfig{Kernels: []int{2, 3}, Strides: []int{1, 2}, Channels: []int{3}})
	require.NoError(t, err)
	require.Len(t, facts, 2*2*2*2)
	for _, f := range facts {
		require.True(t, f.matches(), "%+v", f)
	}
	last := facts[len(facts)-5] // kernel 3, stride 1, valid, three axes
	// By hand: on 5×6×7 there are 3·4·5 places for a kernel of 3·3·3 weights for
	// each of 3 channels and 2 filters, which have a bias each.
	require.Equal(t, nn.Cost{Parameters: 27*3*2 + 2, MultiplyAdds: 60 * 27 * 3 * 2}, last.Built)
	require.Equal(t, []int{3, 4, 5}, last.Output)
}

func TestOutputsDependOnTheirWindow(t *testing.T) {
	m, err := measureFields(context.Background(), lessontest.Backend(t), Smoke().Grid)
	require.NoError(t, err)
	facts := m.Fields
	for i, want := range [][3]int{{1, 3, 3}, {5, 3, 3}, {3, 3, 3}} {
		require.Equal(t, want, facts[i].Field)
		require.Zero(t, facts[i].Wrong)
		require.Equal(t, 5*6*7*product(facts[i].Outputs), facts[i].Pairs)
	}
}

// An output that depends on a pixel outside of its window, or not on one inside,
// is counted.
func TestWrongPairsAreCounted(t *testing.T) {
	acts := make([][]bool, product(gridSizes)) // on one output
	for pixel := range acts {
		at := combin.SubFor(nil, pixel, gridSizes)
		acts[pixel] = []bool{at[0] == 0 && at[1] == 0 && at[2] < 3}
	}
	influence := probe.Influence{Input: slices.Concat(gridSizes, []int{1}), Output: []int{1, 1, 1, 1}, Acts: acts}
	for wrong, window := range map[int][3]int{0: {1, 1, 3}, 1: {1, 1, 2}, 3: {1, 2, 3}} {
		f := fieldOf("", influence, window)
		require.Equal(t, wrong, f.Wrong)
		require.Equal(t, [3]int{1, 1, 3}, f.Field)
	}
}

func TestOrdersOfAClip(t *testing.T) {
	facts, err := measureOrder(context.Background(), lessontest.Backend(t), OrderConfig{Frames: 3, Seeds: knob.Seeds(2)})
	require.NoError(t, err)
	require.Equal(t, 2*5, facts[0].Tried)
	require.Equal(t, 2*5, facts[0].Moved)
	require.Equal(t, 2*5, facts[1].Tried)
	require.Zero(t, facts[1].Moved, "Conv3D mixes the frames")
	require.Greater(t, facts[1].Furthest, 0.01)
}

// Frames a, b, c in the order c, a, b give outputs c, a, b, and not b, c, a.
func TestOutputsAreComparedInTheNewOrder(t *testing.T) {
	orders := [][]int{{2, 0, 1}, {0, 1, 2}}
	var f LayerOrders
	f.compare(orders, [][]float32{{3, 3, 1, 1, 2, 2}, {1, 1, 2, 2, 3, 3}}, 0)
	require.Equal(t, LayerOrders{Tried: 1, Moved: 1}, f)
	f.compare(orders, [][]float32{{2, 2, 3, 3, 1, 1}, {1, 1, 2, 2, 3, 3}}, 0)
	require.Equal(t, LayerOrders{Tried: 2, Moved: 1, Furthest: 2}, f)
}

// The nets have the parameters of their formula, as classifiers and as
// segmenters, and no rival of Conv3D has fewer, nor 5 % more.
func TestNetsHaveTheirBudget(t *testing.T) {
	for _, c := range []Config{Smoke(), Default(), Full()} {
		for _, rival := range contenders(c.Motion.shape(), c.Motion.Training, rivals...) {
			require.GreaterOrEqual(t, rival.cost(c.Motion.shape()).Parameters, 302)
			require.LessOrEqual(t, rival.cost(c.Motion.shape()).Parameters, 317)
		}
	}
	shape := []int{4, 5, 6, 1}
	for _, rival := range contenders(shape, Training{Kernel: 3, Filters: 3}, layers...) {
		require.Equal(t, rival.cost(shape).Parameters, parameters(t, rival.classifier, shape), rival.name)
		if rival.name != stacked.name {
			require.Equal(t, rival.cost(shape).Parameters, parameters(t, ofCentre(rival.segmenter), []int{3, 3, 3, 1}), rival.name)
		}
	}
}

func parameters(t *testing.T, network fit.Network, shape []int) int {
	t.Helper()
	data := fit.NewData(make([]float32, 2*product(shape)), shape, make([]int32, 2))
	net, err := fit.NewClassifier(lessontest.PureGo(t), network, data, 2, Training{LearningRate: 1}.adam())
	require.NoError(t, err)
	defer net.Finalize()
	return net.Parameters()
}

// With ones for inputs, weights and biases, the sum of the maps counts the
// products and the biases.
func TestMultiplyAddsAreCounted(t *testing.T) {
	shape := []int{4, 5, 6, 1}
	for _, rival := range contenders(shape, Training{Kernel: 3, Filters: 3}, layers...) {
		size := 0
		exec, err := model.NewExec(lessontest.PureGo(t), model.NewStore(), func(scope *model.Scope, x *Node) *Node {
			y := rival.maps(scope.WithInitializer(initializer.One), x, rival.kernel, rival.filters, nn.Valid)
			size = y.Shape().Size()
			return ReduceAllSum(y)
		})
		require.NoError(t, err)
		sum, err := exec.Call(ones(shape[:3]))
		require.NoError(t, err)
		counted := int(tensors.ToScalar[float32](sum[0])) - size
		require.Equal(t, rival.cost(shape).MultiplyAdds, counted+nn.DenseCost(rival.filters, classes).MultiplyAdds, rival.name)
	}
}

// Whatever its weights, a net that looks frame by frame answers the same for a
// clip and its reverse, to the bit. Conv3D does not.
func TestFrameByFrameIsTheSameBackwards(t *testing.T) {
	set, err := clips.Generate(16, clips.Scene{Frames: 5, Side: 8, Speed: 1, Noise: .3}, 1)
	require.NoError(t, err)
	forward := fit.NewData(set.Values, set.Shape(), set.Direction)
	back := fit.NewData(set.Reversed().Values, set.Shape(), set.Direction)
	for _, l := range []layer{perFrame, throughTime} {
		net, err := fit.NewClassifier(lessontest.Backend(t), contender{layer: l, kernel: 3, filters: 6}.classifier, forward, 16, Training{LearningRate: 1}.adam())
		require.NoError(t, err)
		defer net.Finalize()
		require.NoError(t, net.Reset(5))
		first, err := net.Logits(context.Background(), forward)
		require.NoError(t, err)
		second, err := net.Logits(context.Background(), back)
		require.NoError(t, err)
		require.Equal(t, l.name == perFrame.name, slices.EqualFunc(first, second, slices.Equal[[]float32]), l.name)
	}
}

func TestUnchangedBackwards(t *testing.T) {
	require.Equal(t, 2, unchangedBackwards([]float64{.5, .3, .9}, []float64{.5, .7, .9}, 10))
	require.Equal(t, 0, unchangedBackwards([]float64{.501, .301}, []float64{.5, .7}, 1000))
	// Every count out of so many trials is found again.
	for trials := 1; trials <= 3000; trials += 7 {
		for right := range trials + 1 {
			back := float64(trials-right) / float64(trials)
			require.Equal(t, 1, unchangedBackwards([]float64{float64(right) / float64(trials)}, []float64{back}, trials))
		}
	}
}

// vessels are two small volumes.
func vessels(t *testing.T) tubes.Vessels {
	t.Helper()
	v, err := tubes.GenerateVessels(2, tubes.Scene{Depth: 4, Side: 7, Noise: .1}, 1)
	require.NoError(t, err)
	return v
}

func TestPatchIsTheNeighbourhood(t *testing.T) {
	v := vessels(t)
	at := v.Len()*0 + (2*7+3)*7 + 4 // slice 2, row 3, column 4 of the first volume
	values := patch(v.Volumes, at, 3)
	require.Len(t, values, 27)
	require.Equal(t, v.Values[at], values[13])
	require.Equal(t, v.Values[at-49-7-1], values[0])
	require.Equal(t, v.Values[at+49+7+1], values[26])
	// The last voxel of the first volume has nothing behind, below or beside it:
	// not the first of the second volume.
	corner := patch(v.Volumes, 4*49-1, 3)
	for i, value := range corner {
		z, y, x := i/9, i/3%3, i%3
		require.Equal(t, z == 2 || y == 2 || x == 2, value == 0, "%d", i)
	}
}

// Of each slice, one voxel is of the vessel alone, one of the spot alone, and
// one of neither, unless the two cover each other.
func TestPatchesAreOfEveryKind(t *testing.T) {
	v := vessels(t)
	data := patchData(v, 3, 1)
	ones := 0
	for _, label := range data.Labels() {
		ones += int(label)
	}
	require.LessOrEqual(t, data.Len(), 3*2*4)
	require.GreaterOrEqual(t, data.Len(), 2*2*4)
	require.LessOrEqual(t, ones, 2*4)
	random := fit.Rand(1, 1)
	counts := map[int]int{}
	for range 900 {
		at, found := pick(v, 49, 49, [2]uint8{1, 0}, random)
		require.True(t, found)
		require.Equal(t, uint8(1), v.Vessel[at])
		require.Equal(t, uint8(0), v.Spot[at])
		counts[at]++
	}
	for _, count := range counts {
		require.InDelta(t, 900/len(counts), count, 60, "at least five standard deviations of 12")
	}
}

func TestVoxelScores(t *testing.T) {
	v := tubes.Vessels{Vessel: []uint8{1, 1, 0, 0, 1, 0}, Spot: []uint8{0, 0, 1, 1, 1, 0}}
	mark := func(marks ...float32) [][]float32 {
		var logits []float32
		for _, m := range marks {
			logits = append(logits, 0, m-.5)
		}
		return [][]float32{logits}
	}
	// Voxel 4 is of both, 5 of neither: only the first four are asked.
	require.Equal(t, voxelScore{Told: 1, Dice: 1}, scoreVoxels(mark(1, 1, 0, 0, 1, 0), v))
	require.Equal(t, voxelScore{Told: .5, Dice: 0}, scoreVoxels(mark(0, 0, 0, 0, 0, 0), v))
	require.Equal(t, voxelScore{Told: .5, Dice: 2 * 3.0 / (5 + 3)}, scoreVoxels(mark(1, 1, 1, 1, 1, 0), v))
	require.Equal(t, voxelScore{Told: .25, Dice: 2 * 1.0 / (3 + 3)}, scoreVoxels(mark(1, 0, 1, 1, 0, 0), v))
}

func TestKernelsAreReadByFilter(t *testing.T) {
	shape := []int{4, 5, 5, 1}
	data := fit.NewData(make([]float32, 2*product(shape)), shape, make([]int32, 2))
	net, err := fit.NewClassifier(lessontest.PureGo(t), contender{layer: throughTime, kernel: 3, filters: 2}.classifier, data, 2, Training{LearningRate: 1}.adam())
	require.NoError(t, err)
	defer net.Finalize()
	counted := make([]float32, 27*2)
	for i := range counted {
		counted[i] = float32(i)
	}
	require.NoError(t, net.Store().GetVariable("/conv/weights").SetValue(tensors.FromFlatDataAndDimensions(counted, 3, 3, 3, 1, 2)))
	require.NoError(t, net.Store().GetVariable("/logits/weights").SetValue(tensors.FromValue([][]float32{{1, 3}, {5, 4}})))
	kernels, err := kernelsOf(net, 3)
	require.NoError(t, err)
	require.Len(t, kernels, 2)
	require.Equal(t, []float32{0, 2, 4}, kernels[0].Values[:3])
	require.Equal(t, []float32{1, 3, 5}, kernels[1].Values[:3])
	require.Equal(t, []float64{2, -1}, []float64{kernels[0].Left, kernels[1].Left})
}
