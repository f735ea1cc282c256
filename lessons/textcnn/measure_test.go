package textcnn

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/lessontest"
)

func onBoth(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	t.Run("xla", func(t *testing.T) { test(t, lessontest.Backend(t)) })
	t.Run("pure Go", func(t *testing.T) { test(t, lessontest.PureGo(t)) })
}

func smokeClassifier(t *testing.T, backend compute.Backend, n Net) *fit.Classifier {
	t.Helper()
	example := fit.NewData(make([]int32, 6), []int{6}, []int32{0})
	net, err := Training{BatchSize: 1, LearningRate: 0.1}.classifier(backend, n.Network(8, 2), example)
	require.NoError(t, err)
	t.Cleanup(net.Finalize)
	return net
}

// What the formulas of package arch count is what GoMLX builds.
func TestCountedParametersAreThoseBuilt(t *testing.T) {
	c := Smoke().Cost
	facts, err := measureCost(t.Context(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	for _, f := range facts.Scaled {
		require.Equal(t, f.Parameters, f.Built, f.Name)
		require.False(t, math.IsInf(f.Seconds, 0))
	}
	// By hand, Kim's sizes: a wide window of k words stands at 56 + k − 1 places.
	cnn := facts.Published[0]
	require.Equal(t, 100*300*(3*58+4*59+5*60)+300*2, cnn.MultiplyAdds)
	require.Equal(t, 18_760*300+100*(300*(3+4+5)+3)+300*2+2, cnn.Parameters)
	require.Equal(t, 56*3*(300+300)*300+300*2, facts.Published[1].MultiplyAdds)
}

// Dropout works in training alone: two calls give the same logits.
func TestPredictionHasNoDropout(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		net := smokeClassifier(t, backend, Net{Width: 3, Windows: []int{2}, Maps: 4, Dropout: 0.5})
		data := fit.NewData([]int32{1, 2, 3, 4, 0, 0}, []int{6}, []int32{0})
		first, err := net.Logits(t.Context(), data)
		require.NoError(t, err)
		second, err := net.Logits(t.Context(), data)
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}

func TestDropoutDependsOnTheSeedAlone(t *testing.T) {
	net := smokeClassifier(t, lessontest.Backend(t), Net{Width: 3, Windows: []int{2}, Maps: 4, Dropout: 0.5})
	data := fit.NewData([]int32{1, 2, 3, 4, 0, 0, 4, 3, 2, 1, 1, 0}, []int{6}, []int32{0, 1})
	losses := func(seed int64) []float64 {
		history, err := net.Train(t.Context(), data, fit.Training{Seed: seed, Epochs: 3})
		require.NoError(t, err)
		return history.Losses
	}
	require.Equal(t, losses(1), losses(1))
	require.NotEqual(t, losses(1), losses(2))
}

func TestBagOfWordsStartsWithoutAnOpinionAndIgnoresOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		train := fit.NewData([]int32{2, 3, 0, 4, 5, 0}, []int{3}, []int32{0, 1})
		net, err := Training{BatchSize: 2, LearningRate: 0.1}.classifier(backend, bagOfWords(8, 2), train)
		require.NoError(t, err)
		defer net.Finalize()
		_, err = net.Train(t.Context(), train, fit.Training{Seed: 1, Epochs: 5})
		require.NoError(t, err)
		logits, err := net.Logits(t.Context(), fit.NewData([]int32{2, 3, 5, 5, 2, 3, 6, 7, 0}, []int{3}, make([]int32, 3)))
		require.NoError(t, err)
		require.InDeltaSlice(t, logits[0], logits[1], 1e-6)
		require.InDelta(t, logits[2][0], logits[2][1], 0.05, "words that were not in training leave the biases")
		require.Greater(t, logits[0][0], logits[0][1]+0.2)
	})
}

// peaks agree with a search through the maps that were computed by loops.
func TestPeaksAreWhereAFilterIsLargest(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		n := Net{Width: 3, Windows: []int{2, 3}, Maps: 4}
		net := smokeClassifier(t, backend, n)
		maps, err := net.Program(n.maps(learned(8, 3)))
		require.NoError(t, err)
		defer maps.Finalize()
		r := reader{n, 6, maps}
		pool, err := net.Program(func(scope *model.Scope, x *Node) *Node { return n.pooled(scope, x, learned(8, 3)) })
		require.NoError(t, err)
		defer pool.Finalize()
		data := fit.NewData([]int32{3, 5, 2, 7, 0, 0}, []int{6}, []int32{0})
		peaks, err := r.peaks(t.Context(), data)
		require.NoError(t, err)
		pooled, err := pool.Run(t.Context(), data)
		require.NoError(t, err)
		require.Len(t, peaks[0], n.size())
		for i, p := range peaks[0] {
			require.InDelta(t, pooled[0][i], p.Value, 1e-6)
			require.LessOrEqual(t, p.End-p.Start, n.Windows[i/n.Maps])
			// The window alone has the same largest value somewhere in it.
			alone := make([]int32, 6)
			copy(alone, []int32{3, 5, 2, 7, 0, 0}[p.Start:p.End])
			again, err := pool.Run(t.Context(), fit.NewData(alone, []int{6}, []int32{0}))
			require.NoError(t, err)
			require.GreaterOrEqual(t, float64(again[0][i]), p.Value-1e-5)
		}
	})
}

// A feature at a fixed place, as without pooling, changes with the place: the
// measure can tell.
func TestShiftSeesWhatChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		facts, err := measureShift(t.Context(), backend, Smoke().Shift)
		require.NoError(t, err)
		require.LessOrEqual(t, facts.Largest, facts.Tolerance)
		require.LessOrEqual(t, facts.MapLargest, facts.Tolerance)
		require.LessOrEqual(t, facts.OrdersLargest, facts.Tolerance)
		require.InDelta(t, 1e-6, facts.Tolerance, 9e-7, "some 13 roundings of a sum of order 1")
		require.Greater(t, facts.Set, 0.0)
		moved := 0.0
		for _, v := range facts.WithoutPooling {
			moved = max(moved, v)
		}
		require.Greater(t, moved, 0.01)
		for _, s := range facts.Sizes {
			n := Smoke().Shift.Net
			require.Equal(t, n.size(), s.Pooled)
			require.Equal(t, n.Maps*(2*s.Length+1+2), s.Maps, "windows of 2 and 3 at length + 1 and length + 2 places")
		}
	})
}

func TestEffectiveRankByHand(t *testing.T) {
	same := [][]float32{{1, 2, 5}, {2, 4, 5}, {3, 6, 5}, {4, 8, 5}}
	require.InDelta(t, 1, effectiveRank(same), 1e-9, "copies count once and constants for nothing")
	apart := [][]float32{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}}
	require.InDelta(t, 2, effectiveRank(apart), 1e-9)
	require.Zero(t, effectiveRank([][]float32{{1}, {1}}))
}

func TestSwapsKeepEveryOpinion(t *testing.T) {
	set := reviews.InContext(200, 3)
	after := swapped(set, 1)
	differ := 0
	for i, review := range after.Texts {
		before, words := strings.Fields(set.Texts[i]), strings.Fields(review)
		require.ElementsMatch(t, before, words)
		require.Equal(t, signs(before), signs(words))
		places := 0
		for j := range words {
			if words[j] != before[j] {
				places++
			}
		}
		if places == 2 {
			differ++
		}
	}
	require.Equal(t, 200, differ)
}

func TestGivenVectorsKnowSynonyms(t *testing.T) {
	encoder, err := text.NewEncoder(reviews.Words(), 5, 1, 0)
	require.NoError(t, err)
	alike, other := similarities(encoder, wordVectors(encoder, 64, 1))
	// Two vectors g + ½a and g + ½b have a cosine of about 1/1.25.
	require.InDelta(t, 0.8, alike, 0.1)
	require.InDelta(t, 0, other, 0.1)
}

// The same rows are drawn for both orders of the columns.
func TestShuffledColumnsHoldTheSameRows(t *testing.T) {
	net, err := Training{BatchSize: 4, LearningRate: 0.1}.classifier(lessontest.PureGo(t), func(scope *model.Scope, x *Node) *Node {
		v := scope.VariableWithShape("idle", ScalarZero(x.Graph(), x.DType()).Shape())
		return Add(x, v.NodeValue(x.Graph()))
	}, rows(4, 1, 1, false))
	require.NoError(t, err)
	defer net.Finalize()
	ordered, err := net.Logits(t.Context(), rows(4, 1, 1, false))
	require.NoError(t, err)
	shuffled, err := net.Logits(t.Context(), rows(4, 1, 1, true))
	require.NoError(t, err)
	for i := range ordered {
		require.ElementsMatch(t, ordered[i], shuffled[i])
		require.NotEqual(t, ordered[i], shuffled[i])
		x, label := ordered[i], int32(0)
		if x[0]*x[1]+x[4]*x[5] > 0 {
			label = 1
		}
		require.Equal(t, label, rows(4, 1, 1, true).Labels()[i])
	}
}

// By hand: feature 1 has the larger value, feature 0 the larger part.
func TestStrongestWindowCountsValueTimesWeight(t *testing.T) {
	peaks := []peak{{span{0, 2}, 1}, {span{3, 5}, 2}}
	weights := [][]float32{{-1, 3}, {1, 2}}
	require.Equal(t, span{0, 2}, strongestWindow(peaks, weights, 1), "1·4 against 2·1")
	require.Equal(t, span{3, 5}, strongestWindow([]peak{{span{0, 2}, 1}, {span{3, 5}, 9}}, weights, 1))
	require.Equal(t, []string{"a", "d"}, without(strings.Fields("a b c d"), 1, 3))
}

// An experiment of a cell gets the same errors as a whole run.
func TestEveryExperimentChecksItsKnobs(t *testing.T) {
	b, ctx, c := lessontest.PureGo(t), t.Context(), Config{}
	for want, measure := range map[string]func() error{
		"Ngrams.Net.Width is 0":         func() error { _, err := NgramFilters.Measured(ctx, b, c.Ngrams); return err },
		"Shift.Length is 0":             func() error { _, err := MovedPhrases.Measured(ctx, b, ShiftConfig{Net: Smoke().Shift.Net}); return err },
		"Maps.Counts is empty":          func() error { _, err := FeatureMaps.Measured(ctx, b, MapsKnobs{c.Maps, Smoke().Data}); return err },
		"Maps.Data.Words is 0":          func() error { _, err := FeatureMaps.Measured(ctx, b, MapsKnobs{Smoke().Maps, c.Data}); return err },
		"Robust.Net.Width is 0":         func() error { _, err := Robustness.Measured(ctx, b, RobustKnobs{c.Robust, Smoke().Shift}); return err },
		"Order.Net.Width is 0":          func() error { _, err := PhraseOrder.Measured(ctx, b, c.Order); return err },
		"Tabular.Filters is 0":          func() error { _, err := ShuffledColumns.Measured(ctx, b, c.Tabular); return err },
		"Cost.Published.Net.Width is 0": func() error { _, err := Computation.Measured(ctx, b, c.Cost); return err },
		"Curve.Sizes is empty":          func() error { _, err := LearningCurves.Measured(ctx, b, CurveKnobs{c.Curve, Smoke().Data}); return err },
		"Faithful.Net.Width is 0": func() error {
			_, err := NamedWindows.Measured(ctx, b, FaithfulKnobs{c.Faithful, Smoke().Data})
			return err
		},
		"Classify.Net.Width is 0": func() error { _, err := TrainAndSave(ctx, b, c.Classify, Smoke().Data, t.TempDir()); return err },
	} {
		err := measure()
		require.ErrorIs(t, err, badinput.Err, want)
		require.ErrorContains(t, err, want)
	}
}

func TestSharesByHand(t *testing.T) {
	before, after := []int{0, 1, 1, 0}, []int{1, 1, 0, 0}
	require.InDelta(t, 0.5, changed(before, after), 0)
	require.InDelta(t, 1.0/3, changedAmong([]bool{false, true, true, true}, before, after), 1e-12)
	require.InDeltaSlice(t, []float64{0.3, 0.4}, withFew([][]float64{{0.2, 0.3}, {0.4, 0.5}, {1, 1}}), 1e-12)
	short := text.Set{Texts: []string{"a b"}}
	require.Equal(t, []string{"a", "b"}, stretch(short, 5, fit.Rand(1, 1)))
	require.Len(t, stretch(short, 1, fit.Rand(1, 1)), 1)
}

func TestUntrainedFiltersStayAsTheyWere(t *testing.T) {
	n, data := Net{Width: 3, Windows: []int{2}, Maps: 4}, fit.NewData([]int32{2, 3, 0, 4, 5, 0}, []int{3}, []int32{0, 1})
	net, err := Training{BatchSize: 2, LearningRate: 0.1}.classifier(lessontest.PureGo(t), n.untrained(learned(8, 3), 2), data)
	require.NoError(t, err)
	defer net.Finalize()
	pool, err := net.Program(func(scope *model.Scope, x *Node) *Node { return n.pooled(scope, x, learned(8, 3)) })
	require.NoError(t, err)
	defer pool.Finalize()
	read := func() (features [][]float32, dense [][]float32) {
		features, err := pool.Run(t.Context(), data)
		require.NoError(t, err)
		return features, denseWeights(net)
	}
	require.NoError(t, net.Reset(1))
	features, dense := read()
	_, err = net.Train(t.Context(), data, fit.Training{Seed: 1, Epochs: 3})
	require.NoError(t, err)
	then, trained := read()
	require.Equal(t, features, then)
	require.NotEqual(t, dense, trained)
}

// A net of the reader's own that is the lesson's reads as the lesson's does.
func TestOwnNetsReadTheSameTexts(t *testing.T) {
	backend, c := lessontest.Backend(t), Smoke().Order
	wider := c.Net
	wider.Maps++
	c.Own = []fit.Own{{Name: "same", Network: c.Net.Network(generatedWords(), 2)}, {Name: "wider", Network: wider.Network(generatedWords(), 2)}}
	facts, err := PhraseOrder.Measured(t.Context(), backend, c)
	require.NoError(t, err)
	require.Equal(t, facts.CNN.Test, facts.Own[0].Test)
	require.Equal(t, facts.CNN.Parameters, facts.Own[0].Parameters)
	require.Greater(t, facts.Own[1].Parameters, facts.Own[0].Parameters)
	require.Len(t, facts.ownTable().Rows, 2)
	require.Len(t, facts.chart().Categories, 5)

	c.Own[0].Network = nil
	_, err = PhraseOrder.Measured(t.Context(), backend, c)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "Order.Own: a net of your own needs a Name and a Network")
}
