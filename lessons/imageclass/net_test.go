package imageclass

import (
	"context"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/datasets/phantom"
	"evident/kit/fit"
	"evident/kit/lessontest"
)

func heads(t testing.TB, n int, seed int64) datasets.Images {
	t.Helper()
	set, err := phantom.Generate(n, seed)
	require.NoError(t, err)
	return set
}

func classifier(t *testing.T, backend compute.Backend, n Net, r recipe, set datasets.Images) *fit.Classifier {
	t.Helper()
	c := Smoke().Train
	c.BatchSize = min(c.BatchSize, set.Len())
	net, err := c.classifier(backend, n.network(r), set)
	require.NoError(t, err)
	t.Cleanup(net.Finalize)
	return net
}

func TestNetIsTheOneThatItsModelDescribes(t *testing.T) {
	for _, n := range []Net{Default().Train.Net, Default().Unscaled.nets()[1], Default().Overfitting.Net, Smoke().Train.Net, {Filters: []int{2}}} {
		described := n.Model(phantom.Side, phantom.Side, 1)
		summary, err := described.Summarize()
		require.NoError(t, err)
		require.Equal(t, summary.Total(), classifier(t, lessontest.PureGo(t), n, plain, heads(t, 16, 1)).Parameters())
	}
}

// The described net and the trained one give the same logits from the same
// weights.
func TestNetComputesWhatItsModelSays(t *testing.T) {
	n, set := Smoke().Train.Net, heads(t, 16, 1)
	net := classifier(t, lessontest.PureGo(t), n, plain, set)
	logits, err := net.Logits(context.Background(), fit.ImageData(set))
	require.NoError(t, err)
	program, err := net.Program(func(scope *model.Scope, x *graph.Node) *graph.Node {
		byModel := n.Model(set.Height, set.Width, set.Channels)
		for i := range byModel.Nodes { // the names under which the net keeps its weights
			if name, ok := scopeNames[byModel.Nodes[i].Name]; ok {
				byModel.Nodes[i].Name = name
			}
		}
		return byModel.Graph(scope, graph.MulScalar(graph.ConvertDType(x, dtypes.Float32), 1.0/255))[0]
	})
	require.NoError(t, err)
	defer program.Finalize()
	described, err := program.Run(context.Background(), fit.ImageData(set))
	require.NoError(t, err)
	for i := range logits {
		require.InDeltaSlice(t, logits[i], described[i], 1e-5)
	}
}

// With kernels that pass the picture on or negate it, the first filter's largest
// output is the brightest pixel, and the second's is 0 with ReLU and a tenth of the
// darkest, negated, with leaky ReLU.
func TestActivityOfAFilterIsItsLargestOutput(t *testing.T) {
	n, set := Net{Filters: []int{2}}, heads(t, 16, 1)
	for i := range set.Pixels {
		set.Pixels[i] = max(set.Pixels[i], 9) // so that zeros of the padding would show
	}
	for _, slope := range []float64{0, 0.1} {
		r := plain
		r.slope = slope
		net := classifier(t, lessontest.PureGo(t), n, r, set)
		kernel := make([]float32, 3*3*1*2)
		kernel[4*2], kernel[4*2+1] = 1, -1 // the place in the middle
		require.NoError(t, net.Store().GetVariable("/conv0/weights").SetValue(tensors.FromFlatDataAndDimensions(kernel, 3, 3, 1, 2)))
		program, err := net.Program(n.activity(r))
		require.NoError(t, err)
		defer program.Finalize()
		activity, err := program.Run(context.Background(), fit.ImageData(set))
		require.NoError(t, err)
		size := set.PictureSize()
		for i, largest := range activity {
			picture := set.Pixels[i*size:][:size]
			require.InDelta(t, float64(slices.Max(picture))/255, largest[0], 1e-6)
			require.InDelta(t, -slope*float64(slices.Min(picture))/255, largest[1], 1e-6)
		}
		require.Equal(t, []int{1}, n.alive(activity))
	}
}

func TestAliveCountsLayerByLayer(t *testing.T) {
	n := Net{Filters: []int{2, 1}, Dense: 3}
	require.Equal(t, []int{2, 0, 1}, n.alive([][]float32{{1, 0, 0, 0, 0, 2}, {0, 3, 0, 0, 0, 4}}))
}

var scopeNames = map[string]string{"conv2d": "conv0", "conv2d_1": "conv1", "conv2d_2": "conv2", "conv2d_3": "conv3", "dense_1": "logits"}

// Without biases, as a net begins, ReLU, maxima and sums all scale with their
// input.
func TestLogitsOfANewNetGrowWithThePixels(t *testing.T) {
	set := heads(t, 16, 1)
	scores := func(r recipe) [][]float32 {
		logits, err := classifier(t, lessontest.PureGo(t), Smoke().Train.Net, r, set).Logits(context.Background(), fit.ImageData(set))
		require.NoError(t, err)
		return logits
	}
	small, large := scores(plain), scores(raw)
	for i := range small {
		for class := range classes {
			require.InDelta(t, 255*float64(small[i][class]), float64(large[i][class]), 1e-3)
		}
	}
}

// The saliency of a pixel is how fast the difference of the logits moves with
// it: compared with a small step of the pixel. With pixels of whole numbers a
// step is 1, so the net gets them unscaled and its kinks are far apart.
func TestSaliencyIsTheSlopeOfTheAnswer(t *testing.T) {
	n, set := Net{Filters: []int{3}, Dense: 4}, heads(t, 1, 2)
	values := make([]float32, set.PictureSize())
	for i, v := range set.Pixels {
		values[i] = float32(v)
	}
	data := func(values []float32) fit.Data {
		return fit.NewData(values, []int{set.Height, set.Width, 1}, []int32{0})
	}
	c := Smoke().Train
	c.BatchSize = 1
	net, err := fit.NewClassifier(lessontest.PureGo(t), n.network(raw), data(values), 1, c.adam())
	require.NoError(t, err)
	defer net.Finalize()
	program, err := net.Program(n.saliency(raw))
	require.NoError(t, err)
	defer program.Finalize()
	saliency, err := program.Run(context.Background(), data(values))
	require.NoError(t, err)
	difference := func(at int, step float32) float64 {
		moved := append([]float32{}, values...)
		moved[at] += step
		logits, err := net.Logits(context.Background(), data(moved))
		require.NoError(t, err)
		return float64(logits[0][1]) - float64(logits[0][0])
	}
	const step = 0.01
	for _, at := range []int{5*48 + 5, 20*48 + 20, 24*48 + 30, 40*48 + 24} {
		slope := (difference(at, step) - difference(at, -step)) / (2 * step)
		require.InDelta(t, max(slope, -slope), float64(saliency[0][at]), 0.02, "pixel %d", at)
	}
}

// program runs a graph on pictures [n, 4, 4, 1] as in training.
func program(t *testing.T, backend compute.Backend, build func(scope *model.Scope, x *graph.Node) *graph.Node, x []float32) []float32 {
	t.Helper()
	store := model.NewStore()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *graph.Node) *graph.Node {
		store.SetTraining(x.Graph(), true)
		return build(scope, x)
	})
	require.NoError(t, err)
	defer exec.Finalize()
	outputs, err := exec.Call(tensors.FromFlatDataAndDimensions(x, len(x)/16, 4, 4, 1))
	require.NoError(t, err)
	return tensors.MustCopyFlatData[float32](outputs[0])
}

func TestDisplacedPicturesGetZerosAtTheEdge(t *testing.T) {
	picture := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	for _, backend := range []compute.Backend{lessontest.Backend(t), lessontest.PureGo(t)} {
		right := program(t, backend, func(_ *model.Scope, x *graph.Node) *graph.Node { return displaced(x, 2, 1) }, picture)
		require.Equal(t, []float32{0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15}, right)
		up := program(t, backend, func(_ *model.Scope, x *graph.Node) *graph.Node { return displaced(x, 1, -2) }, picture)
		require.Equal(t, []float32{9, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0, 0, 0, 0, 0}, up)
	}
}

// Every augmented picture is one of the 2·5·5 that mirroring and shifting can
// make, and in many pictures most of them come up.
func TestAugmentedPicturesAreMirroredAndShifted(t *testing.T) {
	const n = 400
	picture := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	var batch []float32
	for range n {
		batch = append(batch, picture...)
	}
	possible := map[[16]float32]bool{}
	for _, mirror := range []bool{false, true} {
		for down := -maxShift; down <= maxShift; down++ {
			for right := -maxShift; right <= maxShift; right++ {
				possible[moved(picture, mirror, down, right)] = true
			}
		}
	}
	for _, backend := range []compute.Backend{lessontest.Backend(t), lessontest.PureGo(t)} {
		seen := map[[16]float32]bool{}
		out := program(t, backend, func(scope *model.Scope, x *graph.Node) *graph.Node { return augment(scope, x) }, batch)
		for i := range n {
			one := [16]float32(out[i*16 : i*16+16])
			require.True(t, possible[one], "%v", one)
			seen[one] = true
		}
		require.Greater(t, len(seen), 40)
	}
}

// moved is the oracle: pixel by pixel.
func moved(picture []float32, mirror bool, down, right int) (out [16]float32) {
	for y := range 4 {
		for x := range 4 {
			v, u := y-down, x-right
			if v < 0 || v > 3 || u < 0 || u > 3 {
				continue
			}
			if mirror {
				u = 3 - u
			}
			out[4*y+x] = picture[4*v+u]
		}
	}
	return out
}

func TestAugmentationAndDropoutActInTrainingAlone(t *testing.T) {
	set := heads(t, 16, 1)
	scores := func(r recipe) [][]float32 {
		logits, err := classifier(t, lessontest.PureGo(t), Smoke().Train.Net, r, set).Logits(context.Background(), fit.ImageData(set))
		require.NoError(t, err)
		return logits
	}
	require.Equal(t, scores(plain), scores(augmented))
	require.Equal(t, scores(plain), scores(dropping))
}
