package pointwise

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/report"
)

// By hand: 9·256·256 + 256; 256·64 + 64 and 9·64·256 + 256; times 28² without
// the biases.
func TestReductionIsCountedByHand(t *testing.T) {
	f, err := measureReduction(context.Background(), lessontest.PureGo(t), struct{}{})
	require.NoError(t, err)
	require.Equal(t, 590_080, f.Alone.Built.Total())
	require.Equal(t, []int{0, 16_448, 147_712}, f.Behind.Built.Parameters)
	require.Equal(t, 589_824*784, f.Alone.multiplyAdds())
	require.Equal(t, (16_384+147_456)*784, f.Behind.multiplyAdds())
	require.Equal(t, f.Behind.multiplyAdds(), f.MultiplyAdds[reducedTo-1])
	require.InDelta(t, 0.9*256, BreakEven(256, 256), 1e-9)
}

// An independent count of the kernels of each block, from the papers' figures.
func TestBlocksHaveTheParametersOfThePapers(t *testing.T) {
	f, err := measureBlocks(context.Background(), lessontest.PureGo(t), struct{}{})
	require.NoError(t, err)
	require.Equal(t, 1*1*192*(64+96+16+32)+3*3*96*128+5*5*16*32+(64+96+128+16+32+32), f.Blocks[0].Built.Total())
	require.Equal(t, 256*64+9*64*64+64*256, f.Blocks[1].Built.Total())
	require.Equal(t, 11_920, f.Blocks[2].Built.Total())
	require.Equal(t, arch.Shape{28, 28, 256}, f.Blocks[0].output(), "Szegedy et al. 2015, table 1")
	require.Equal(t, arch.Shape{56, 56, 256}, f.Blocks[1].output())
	require.Equal(t, arch.Shape{55, 55, 128}, f.Blocks[2].output(), "Iandola et al. 2016, table 1")
	require.Equal(t, 2*256*256/16, f.Gate.Built.Total())
	require.InDelta(t, 2.5e6, f.AddedToResNet50, 5e4, "Hu et al. 2018, section 4")
	require.Equal(t, []int{3, 7}, []int{f.FireSupport.field(), f.GateSupport.field()})
	// 128 million multiply-adds (Szegedy et al. 2015, table 1).
	require.Equal(t, 128, f.Blocks[0].multiplyAdds()/1_000_000)
}

func TestLinearFactsOnBothBackends(t *testing.T) {
	f, err := measureLinearity(context.Background(), lessontest.Backend(t), struct{}{})
	require.NoError(t, err)
	pure, err := measureLinearity(context.Background(), lessontest.PureGo(t), struct{}{})
	require.NoError(t, err)
	require.Equal(t, f, pure, "all numbers are small integers")
	require.Zero(t, f.Different)
	require.Positive(t, f.NotAdditiveWithReLU)
}

// A broken stack is noticed: the comparison can fail.
func TestDifferingNoticesOneValue(t *testing.T) {
	layer := drawLayer(fit.Rand(7, forExact), 3, 2)
	x := integers(fit.Rand(8, forExact), 4*3)
	got, err := run(lessontest.PureGo(t), layer.apply, x, 2, 3)
	require.NoError(t, err)
	require.Len(t, got, 4*2)
	require.Zero(t, differing(got, x, layer.matrix()))
	got[5]++
	require.Equal(t, 1, differing(got, x, layer.matrix()))
}

func TestBestThresholdOfASeparableDirection(t *testing.T) {
	// Along x₁ + x₂ the colours lie at 0, 1, 1, 2: "above ½" is right for three.
	require.InDelta(t, 0.75, bestThreshold(1, 1), 0)
	require.InDelta(t, 0.5, bestThreshold(1, 0), 0)
}

func TestDepthwiseActsOnItsOwnChannelOnly(t *testing.T) {
	f, err := measureMixing(context.Background(), lessontest.PureGo(t), struct{}{})
	require.NoError(t, err)
	for in := range 4 {
		for out := range 4 {
			require.Equal(t, in == out, f.Depthwise.actsEverywhere(in, out))
			require.True(t, f.Pointwise.actsEverywhere(in, out))
		}
	}
}

// Pixels without noise lie in a space of as many dimensions as sources.
func TestMixtureHasTheRankOfItsSources(t *testing.T) {
	c := Default().Rank
	c.Noise = 1e-9
	rows := newMixture(c, 1).draw(200, fit.Rand(3, forTrainPixels))
	_, left, err := principal(rows.X)
	require.NoError(t, err)
	require.Greater(t, left[c.Sources-1], 1e-3)
	require.InDelta(t, 0, left[c.Sources], 1e-9)
	// Strengths fall from 4 to 1, so the first component has most of the variance.
	require.InDelta(t, 1, variance(rows.X)/sumOfSquares(c.Sources), 0.2)
}

// sumOfSquares is the variance of all sources: Σ 16^(1−i/(n−1)).
func sumOfSquares(n int) float64 {
	total := 0.0
	for i := range n {
		total += math.Pow(16, 1-float64(i)/float64(n-1))
	}
	return total
}

// The bound of Eckart and Young against the singular values themselves.
func TestBoundIsThatOfTheSingularValues(t *testing.T) {
	rows := newMixture(Smoke().Rank, 1).draw(50, fit.Rand(4, forTrainPixels))
	_, left, err := principal(rows.X)
	require.NoError(t, err)
	centred := matrixOf(rows.X)
	n, channels := centred.Dims()
	for c := range channels {
		mean := stat.Mean(mat.Col(nil, c, centred), nil)
		for i := range n {
			centred.Set(i, c, centred.At(i, c)-mean)
		}
	}
	var svd mat.SVD
	require.True(t, svd.Factorize(centred, mat.SVDNone))
	values := svd.Values(nil)
	total, rest := 0.0, 0.0
	for i, v := range values {
		total += v * v
		if i >= 2 {
			rest += v * v
		}
	}
	require.InDelta(t, rest/total, left[2], 1e-9)
}

// No training can beat the bound, and the narrower net is never better than its
// own bound either: the mask works, and each seed is scored on its own pixels.
func TestTrainedReductionStaysAboveTheBound(t *testing.T) {
	f, err := measureRank(context.Background(), lessontest.PureGo(t), Smoke().Rank)
	require.NoError(t, err)
	for i := range f.Filters {
		require.NotEqual(t, f.Bound[i][0], f.Bound[i][1], "the seeds draw mixtures of their own")
		for seed, e := range f.Lost[i] {
			require.GreaterOrEqual(t, e, f.Bound[i][seed]-1e-5)
		}
	}
}

func TestShuffledMovesEveryPixelOnce(t *testing.T) {
	set := datasets.Images{Height: 2, Width: 2, Channels: 1, Pixels: []uint8{1, 2, 3, 4, 5, 6, 7, 8}, Labels: []uint8{0, 1}}
	moved, order := shuffled(set, 3)
	for i, from := range order {
		require.Equal(t, set.Pixels[from], moved.Pixels[i])
		require.Equal(t, set.Pixels[4+from], moved.Pixels[4+i])
	}
	require.Equal(t, []int{0, 1, 2, 3}, slices.Sorted(slices.Values(order)))
	require.Equal(t, []uint8{1, 2, 3, 4, 5, 6, 7, 8}, set.Pixels, "the original stays")
}

func TestAreaUnderROC(t *testing.T) {
	labels := []int32{0, 1, 0, 1}
	require.InDelta(t, 1, areaUnderROC([]float64{0.1, 0.9, 0.2, 0.8}, labels, 1), 1e-12)
	require.InDelta(t, 0, areaUnderROC([]float64{0.1, 0.9, 0.2, 0.8}, labels, 0), 1e-12)
	require.InDelta(t, 0.5, areaUnderROC([]float64{3, 3, 3, 3}, labels, 1), 1e-12)
	// Of the four pairs of a 1 and a 0, three are in order.
	require.InDelta(t, 0.75, areaUnderROC([]float64{0.1, 0.9, 0.5, 0.4}, labels, 1), 1e-12)
}

// Of two filters, one tells class 0 by a low mean and nothing tells class 1.
func TestBestDetectorsChooseOnTheTrainingPictures(t *testing.T) {
	labels := []int32{0, 0, 2, 2, 3, 3, 4, 4, 1, 1}
	low := []float64{0, 0, 1, 1, 1, 1, 1, 1, 1, 1}
	flat := make([]float64, len(labels))
	areas := bestDetectors([][]float64{flat, low}, labels, [][]float64{flat, low}, labels)
	require.Len(t, areas, textureClasses-1)
	require.InDelta(t, 1, areas[0], 1e-12)
	require.Less(t, areas[1], 0.7)
}

func TestMeansAndMapsAreCutByChannel(t *testing.T) {
	// Two pixels of three channels.
	values := []float32{1, 10, 100, 3, 30, 300}
	require.Equal(t, [][]float64{{2}, {20}, {200}}, means([][]float32{values}, 2))
	require.Equal(t, [][]float32{{10, 30}, {100, 300}}, mapsOf(values, 1, 2, 3))
}

// The others get no fewer parameters than the net of two 3×3 layers, and one
// filter less would be too few.
func TestFirstLayersHaveTheSameBudget(t *testing.T) {
	for _, c := range []FirstConfig{Smoke().First, Default().First, Full().First} {
		// 3·k² weights and a bias for each filter, and k² for each of the filters behind.
		cost := func(n int, kernels [2]int) int {
			return n*(3*kernels[0]*kernels[0]+1) + n*kernels[1]*kernels[1]*c.Behind + c.Behind
		}
		budget := cost(c.Filters, [2]int{3, 3})
		for _, kernels := range firstKernels {
			filters, err := firstFilters(kernels, c.Filters, c.Behind)
			require.NoError(t, err)
			require.GreaterOrEqual(t, cost(filters, kernels), budget)
			require.Less(t, cost(filters-1, kernels), budget)
		}
	}
}

func TestBestWidthIsChosenByTheOtherSeeds(t *testing.T) {
	s := WidthSet{Test: [][]float64{{0.5, 0.5, 0.5}, {0.9, 0.4, 0.4}}}
	// Without the first seed the first width is better; with it and one other the second is.
	require.Equal(t, []int{0, 1, 1}, s.best())
	require.InDeltaSlice(t, []float64{-0.4, 0, 0}, s.drop(s.Test, 1), 1e-12)
}

func TestPixelsOfWidthAreDrawnAnewForEverySeed(t *testing.T) {
	c := Default().Width
	train, _ := c.pixels(1, 0)
	other, test := c.pixels(2, 0)
	flipped, clean := c.pixels(1, 0.2)
	require.Equal(t, []int{c.Train, c.Test}, []int{train.Len(), test.Len()})
	require.NotEqual(t, train.Labels(), other.Labels())
	require.NotEqual(t, train.Labels(), flipped.Labels())
	_, again := c.pixels(1, 0)
	require.Equal(t, again.Labels(), clean.Labels(), "the test has no wrong labels")
}

// By hand: layers of 2 inputs and 3 units (largest sum 4, largest bias 1) and of
// 3 inputs and 1 unit (sum 0.5 counts as 1, bias 0.25), a mean over 4 pixels:
// n = 2 + 1 + 3 + 1 + 4, m = (½ + 1 + ¼)·4.
func TestRoundingOfLogitsByHand(t *testing.T) {
	store := model.NewStore()
	scope := store.RootScope()
	a, b := scope.In("a"), scope.In("b")
	a.VariableWithValue("weights", [][]float32{{1, -3, 0}, {2, 1, 1}})
	a.VariableWithValue("biases", []float32{0.5, -1, 0})
	b.VariableWithValue("weights", [][]float32{{0.25}, {0.25}, {0}})
	b.VariableWithValue("biases", []float32{0.25})
	b.VariableWithValue("moments", []float32{1e9}).SetTrainable(false)
	got, err := roundingOfLogits(store, 4)
	require.NoError(t, err)
	require.InEpsilon(t, 2*11*0x1p-24*1.75*4, got, 1e-5)
}

// Rounding alone never refutes the exact claims, whatever is drawn. With a 3×3
// layer the logits move by far more, so the comparison can fail.
func TestExactUnderFiftyBaseSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	ctx, backend := context.Background(), lessontest.PureGo(t)
	c := Smoke().Order
	c.Seeds = knob.Seeds(50)
	order, err := measureOrder(ctx, backend, c)
	require.NoError(t, err)
	judged := lessontest.Part(t, claim.Judge(orderRules(), order), "q6e.1a")
	require.Equal(t, claim.Supported, judged.Verdict, judged.Evidence)
	require.Greater(t, floats.Min(order.Behind.Difference), floats.Max(order.Pixels.Rounding))

	maps := Smoke().Maps
	maps.Train, maps.Test = 32, 6
	for seed := range int64(50) {
		linear, err := linearityOf(backend, seed)
		require.NoError(t, err)
		judged := lessontest.Judged(t, linearityRules(), "q6a.2", linear)
		require.Equal(t, claim.Supported, judged.Verdict, "seed %d: %s", seed, judged.Evidence)

		var mixing MixingMeasurement
		require.NoError(t, mixing.compare(backend, seed))
		require.Zero(t, mixing.Different+mixing.DiagonalDifferent, "seed %d", seed)

		maps.Seed = seed
		moved, err := measureMaps(ctx, backend, maps)
		require.NoError(t, err)
		judged = lessontest.Part(t, claim.Judge(mapsRules(), moved), "q6c.1a")
		require.Equal(t, claim.Supported, judged.Verdict, "seed %d: %s", seed, judged.Evidence)
	}
}

func TestPicturesAndDiagramsAreDrawn(t *testing.T) {
	c := Smoke().Maps
	maps, err := measureMaps(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	require.Equal(t, textureClasses, maps.Pictures.Len())
	p, err := maps.picture()
	require.NoError(t, err)
	require.NotEmpty(t, p.PNG)
	diagrams, err := blockDiagrams()
	require.NoError(t, err)
	require.NoError(t, report.Figures{Diagrams: diagrams}.Validate())
}

func TestAnswersOfLayersByHand(t *testing.T) {
	table, err := Answers(lessontest.PureGo(t), xorNet())
	require.NoError(t, err)
	for i, want := range []string{"0", "1", "1", "0"} {
		require.Equal(t, want, table.Rows[i][3])
		require.Equal(t, "right", table.Rows[i][4])
	}
	// OR: one layer, wrong for 1, 1 alone.
	table, err = Answers(lessontest.PureGo(t), []Layer{{Weights: [][]float32{{1}, {1}}, Biases: []float32{0}}})
	require.NoError(t, err)
	require.Equal(t, []string{"1, 1", "0", "0.50", "2", "wrong"}, table.Rows[3])
}

func TestAnswersRefusesLayersThatDoNotFit(t *testing.T) {
	for name, layers := range map[string][]Layer{
		"0 layers give 2 channels":  nil,
		"layer 1 has weights for 3": {{Weights: [][]float32{{1}, {1}, {1}}, Biases: []float32{0}}},
		"layer 1 has a row of 2":    {{Weights: [][]float32{{1, 1}, {1, 1}}, Biases: []float32{0}}},
		"layer 2 has weights for 1": {xorNet()[0], {Weights: [][]float32{{1}}, Biases: []float32{0}}},
		"1 layers give 2 channels":  {xorNet()[0]},
	} {
		_, err := Answers(lessontest.PureGo(t), layers)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, name)
	}
}
