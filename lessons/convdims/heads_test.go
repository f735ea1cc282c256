package convdims

import (
	"context"
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/stretchr/testify/require"

	"evident/datasets/clips"
	"evident/kit/fit"
	"evident/kit/lessontest"
	"evident/kit/nn"
)

// byHand is a trained net with a head over time, worked out with loops over the
// pixels of one clip.
type byHand struct {
	conv, convBias, features, featuresBias, time, timeBias, logits, logitsBias []float32
	clip                                                                       []float32
	frames, side, kernel                                                       int
}

func relu(x float64) float64 { return max(x, 0) }

// at is the Conv2D at a place of a frame.
func (n byHand) at(t, y, x, filter int) float64 {
	sum := float64(n.convBias[filter])
	for u := range n.kernel {
		for v := range n.kernel {
			weight := n.conv[(u*n.kernel+v)*len(n.convBias)+filter]
			sum += float64(weight * n.clip[(t*n.side+y+u)*n.side+x+v])
		}
	}
	return relu(sum)
}

// over is a Conv1D over the frames from t on, of the values that a frame has.
func (n byHand) over(t, filter int, values func(t int) []float64) float64 {
	sum := float64(n.timeBias[filter])
	for s := range n.kernel {
		own := values(t + s)
		for i, value := range own {
			sum += value * float64(n.time[(s*len(own)+i)*len(n.timeBias)+filter])
		}
	}
	return relu(sum)
}

// ofPixel are the values of a pixel in a frame.
func (n byHand) ofPixel(y, x int) func(t int) []float64 {
	return func(t int) []float64 {
		values := make([]float64, len(n.convBias))
		for filter := range values {
			values[filter] = n.at(t, y, x, filter)
		}
		return values
	}
}

// ofFrame are the features of a frame.
func (n byHand) ofFrame(t int) []float64 {
	squares := (n.side - n.kernel + 1) / pool
	values := make([]float64, len(n.featuresBias))
	for i := range values {
		values[i] = float64(n.featuresBias[i])
		for place := range squares * squares {
			for filter := range n.convBias {
				largest := 0.0
				for inside := range pool * pool {
					largest = max(largest, n.at(t, place/squares*pool+inside/pool, place%squares*pool+inside%pool, filter))
				}
				values[i] += largest * float64(n.features[(place*len(n.convBias)+filter)*len(values)+i])
			}
		}
	}
	return values
}

// answer are the logits, with the places at which the head looks.
func (n byHand) answer(places []func(t int) []float64) []float64 {
	logits := []float64{float64(n.logitsBias[0]), float64(n.logitsBias[1])}
	for filter := range n.timeBias {
		largest := math.Inf(-1)
		for t := range n.frames - n.kernel + 1 {
			for _, place := range places {
				largest = max(largest, n.over(t, filter, place))
			}
		}
		for class := range logits {
			logits[class] += largest * float64(n.logits[filter*classes+class])
		}
	}
	return logits
}

func TestHeadsAreAsByHand(t *testing.T) {
	set, err := clips.Generate(16, clips.Scene{Frames: 5, Side: 9, Speed: 1, Noise: .3}, 1)
	require.NoError(t, err)
	data := fit.NewData(set.Values, set.Shape(), set.Direction)
	for _, l := range heads {
		net, err := fit.NewClassifier(lessontest.Backend(t), contender{layer: l, kernel: 3, filters: 4}.classifier, data, 8, Training{LearningRate: .02}.adam())
		require.NoError(t, err)
		defer net.Finalize()
		_, err = net.Train(context.Background(), data, fit.Training{Seed: 3, Epochs: 2})
		require.NoError(t, err)
		n := byHand{frames: 5, side: 9, kernel: 3}
		paths := map[string]*[]float32{
			"/conv/weights": &n.conv, "/conv/biases": &n.convBias, "/time/weights": &n.time, "/time/biases": &n.timeBias,
			"/logits/weights": &n.logits, "/logits/biases": &n.logitsBias,
		}
		if l.name == overFeatures.name {
			paths["/features/weights"], paths["/features/biases"] = &n.features, &n.featuresBias
		}
		for path, values := range paths {
			*values, err = valuesOf(net, path)
			require.NoError(t, err)
		}
		logits, err := net.Logits(context.Background(), data)
		require.NoError(t, err)
		require.NotEqual(t, logits[0], logits[1])
		for i, own := range logits {
			n.clip = set.Values[i*5*81 : (i+1)*5*81]
			places := []func(t int) []float64{n.ofFrame}
			if l.name == overPixels.name {
				places = nil
				for place := range 49 {
					places = append(places, n.ofPixel(place/7, place%7))
				}
			}
			for class, want := range n.answer(places) {
				require.InDelta(t, want, own[class], 1e-5, l.name)
			}
		}
	}
}

// By hand, for clips of 8 frames of 12×12.
func TestCostOfHeads(t *testing.T) {
	shape := []int{8, 12, 12, 1}
	pixels := contender{layer: overPixels, kernel: 3, filters: 10}.cost(shape)
	require.Equal(t, 9*7+7+21*10+10+22, pixels.Parameters)
	require.Equal(t, 800*9*7+600*21*10+20, pixels.MultiplyAdds)
	features := contender{layer: overFeatures, kernel: 3, filters: 5}.cost(shape)
	require.Equal(t, 9*3+3+27*6+6+18*5+5+12, features.Parameters)
	require.Equal(t, 800*9*3+8*27*6+6*18*5+10, features.MultiplyAdds)
}

// What a segmenter says of a voxel follows from the patch around it, at the border,
// too.
func TestPatchesAreTheVolumeToAHead(t *testing.T) {
	v := vessels(t)
	own := contender{layer: overPixels, kernel: 3, filters: 4}
	patches := patchData(v, 3, 1)
	net, err := fit.NewClassifier(lessontest.Backend(t), ofCentre(own.segmenter), patches, 4, Training{LearningRate: .1}.adam())
	require.NoError(t, err)
	defer net.Finalize()
	_, err = net.Train(context.Background(), patches, fit.Training{Seed: 2, Epochs: 2})
	require.NoError(t, err)
	whole, err := net.Program(own.segmenter)
	require.NoError(t, err)
	defer whole.Finalize()
	logits, err := segmenting{net, whole}.run(context.Background(), v)
	require.NoError(t, err)
	for _, at := range []int{0, 48, 49 + 24, 3*49 + 6, 4*49 - 1} { // of 4 slices of 7×7
		alone, err := net.Logits(context.Background(), fit.NewData(patch(v.Volumes, at, 3), []int{3, 3, 3, 1}, []int32{0}))
		require.NoError(t, err)
		require.InDeltaSlice(t, logits[0][at*classes:(at+1)*classes], alone[0], 1e-5)
	}
}

// The maximum of the sums, with bias and ReLU behind it, is the maximum of the
// maps, and so are its gradients.
func TestLargestIsTheMaximumOfTheMaps(t *testing.T) {
	backend, shape := lessontest.Backend(t), []int{6, 9, 9, 1}
	set, err := clips.Generate(4, clips.Scene{Frames: 6, Side: 9, Speed: 1, Noise: .5}, 1)
	require.NoError(t, err)
	x := tensors.FromFlatDataAndDimensions(set.Values, 4, 6, 9, 9, 1)
	for _, rival := range contenders(shape, Training{Kernel: 3, Filters: 6}, rivals...) {
		store := model.NewStore()
		values := func(largest func(scope *model.Scope, x *Node) *Node) (all []float32) {
			exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) []*Node {
				y := largest(scope.WithInitializer(initializer.RandomNormalFn(scope, 1)), x)
				wanted := []*Node{y}
				for v := range store.IterVariables() {
					if v.Trainable {
						wanted = append(wanted, v.NodeValue(x.Graph()))
					}
				}
				return append(wanted[:1:1], Gradient(ReduceAllSum(Square(y)), wanted[1:]...)...)
			})
			require.NoError(t, err)
			defer exec.Finalize()
			outputs, err := exec.Call(x)
			require.NoError(t, err)
			for _, output := range outputs {
				all = append(all, tensors.MustCopyFlatData[float32](output)...)
			}
			return all
		}
		first := values(func(scope *model.Scope, x *Node) *Node { return rival.largest(scope, x, rival.kernel, rival.filters) })
		plain := values(func(scope *model.Scope, x *Node) *Node {
			maps := rival.maps(scope, x, rival.kernel, rival.filters, nn.Valid)
			return ReduceMax(Reshape(maps, 4, -1, rival.filters), 1)
		})
		require.InDeltaSlice(t, plain, first, 1e-3, rival.name)
		require.Greater(t, slices.Max(plain), float32(1), rival.name)
	}
}

// A net of the reader's own that is the lesson's Conv3D is right where that is.
func TestOwnNetIsTrainedBesideOurs(t *testing.T) {
	c := Smoke().Motion
	c.Speeds, c.Noises = []int{1}, []float64{.3}
	three := contenders(c.shape(), c.Training, throughTime)[0]
	mine := fit.Own{Name: "mine", Network: three.classifier}
	m, result, err := OwnNets.Run(context.Background(), lessontest.Backend(t), OwnConfig{c, []fit.Own{mine}})
	require.NoError(t, err)
	at := m.Nets.of(throughTime)
	require.Equal(t, m.Forward[at], m.Forward[len(rivals)])
	require.Equal(t, m.Nets[at].Parameters, m.Nets[len(rivals)].Parameters)
	rows := result.Figures.Tables[0].Rows
	require.Equal(t, "mine", rows[len(rivals)][0])
	require.Equal(t, rows[at][4:6], rows[len(rivals)][4:6])
	_, err = OwnNets.Measured(context.Background(), nil, OwnConfig{c, []fit.Own{{Name: "mine"}}})
	require.ErrorContains(t, err, "OwnNets.Nets: a net of your own needs a Name and a Network")
}
