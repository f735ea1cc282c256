package imageclass

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/datasets/audit"
	"evident/kit/fit"
	"evident/kit/lessontest"
)

func TestPlantedTwinsStandInThePlaceOfTheLastPictures(t *testing.T) {
	train, validation := heads(t, 60, 1), heads(t, 30, 2)
	before := train.Hash()
	spoilt, leaked := plant(train, validation, 9, fit.Rand(1, forLeak))
	require.Equal(t, before, train.Hash(), "the pictures themselves stay")
	require.Len(t, leaked, 9)
	require.Equal(t, 60, spoilt.Len())
	require.Equal(t, train.Take(51).Hash(), spoilt.Take(51).Hash())
	size := train.PictureSize()
	for k, from := range leaked {
		copied, original := spoilt.Pixels[(51+k)*size:][:size], validation.Pixels[from*size:][:size]
		require.Equal(t, validation.Labels[from], spoilt.Labels[51+k])
		require.Equal(t, k%2 == 0, string(copied) == string(original), "every second one is changed")
	}
	exact, near := audit.Crossing(train, validation)
	require.Zero(t, exact+near)
	exact, near = audit.Crossing(spoilt, validation)
	require.Equal(t, []int{5, 4}, []int{exact, near})
}

func TestLeakOfOwnFewPicturesFillsAtMostAllOfThem(t *testing.T) {
	_, leaked := plant(heads(t, 4, 1), heads(t, 30, 2), 9, fit.Rand(1, forLeak))
	require.Len(t, leaked, 4)
}

func TestLeakHasACopyAtLeast(t *testing.T) {
	c := LeakConfig{Fraction: 0.05}
	require.Equal(t, []int{1, 1, 2, 30}, []int{c.copies(5), c.copies(20), c.copies(40), c.copies(600)})
}

func TestFractionsInsideAndOutside(t *testing.T) {
	inside, outside := six().fractions([]int{0, 2})
	require.Equal(t, 0.5, inside)    // right about 0, wrong about 2
	require.Equal(t, 3.0/4, outside) // wrong about 3
}

func TestMeasuredLeakHasItsCounts(t *testing.T) {
	c := Smoke()
	c.Leak.Seeds = c.Leak.Seeds[:1]
	leaks, err := LeakedPictures.Measured(context.Background(), lessontest.PureGo(t), c.LeakKnobs())
	require.NoError(t, err)
	require.Equal(t, Twins{1, 1}, leaks.Runs[0].Planted) // 0.05 · 40
	require.Equal(t, Twins{1, 1}, leaks.Runs[0].Found)
	r := leaks.Runs[0]
	require.InDelta(t, 0.05*r.OnLeaked+0.95*r.OnClean, r.Score, 1e-12)
}

func TestNetWithoutTheLeakIsTheOneOfAsManyEpochs(t *testing.T) {
	ctx, backend, c := context.Background(), lessontest.PureGo(t), Smoke()
	c.Overfitting.Epochs = c.Leak.Epochs + 2
	_, early, err := c.OverfittingKnobs().train(ctx, backend, plain, c.Overfitting.Few, c.Overfitting.Seeds)
	require.NoError(t, err)
	for _, seed := range c.Overfitting.Seeds {
		p, net := freshNet(t, backend, c, seed)
		_, err := net.Train(ctx, fit.ImageData(p.Train.Take(c.Overfitting.Few)), fit.Training{Seed: seed, Epochs: c.Leak.Epochs})
		require.NoError(t, err)
		alone, err := outcomeOf(ctx, net, p)
		require.NoError(t, err)
		require.Equal(t, alone, early[seed])
	}
}

// freshNet is the net for few pictures, not trained, with those of a seed.
func freshNet(t *testing.T, backend compute.Backend, c Config, seed int64) (Pictures, *fit.Classifier) {
	t.Helper()
	p, err := c.Data.of(context.Background(), seed)
	require.NoError(t, err)
	p = p.halved()
	net, err := c.Train.classifier(backend, c.Overfitting.Net.network(plain), p.Train)
	require.NoError(t, err)
	t.Cleanup(net.Finalize)
	return p, net
}

// epochs are trainings whose losses are given.
func epochs(losses ...float64) fit.History {
	var h fit.History
	for _, loss := range losses {
		h.Epochs = append(h.Epochs, fit.Epoch{Score: fit.Score{Loss: loss}, Validation: fit.Score{Loss: 2 * loss}, Steps: 3})
	}
	return h
}

func TestLearningCurveHasTenStretches(t *testing.T) {
	c := learningCurveOf(epochs(20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 2, 2, 2, 2, 1.5, 0.5))
	require.Equal(t, []float64{19, 15, 11, 8.5, 6.5, 4.5, 2.5, 2, 2, 1}, c.Loss)
	require.Equal(t, []float64{36, 28, 20, 16, 12, 8, 4, 4, 4, 1}, c.Validation)
	require.Equal(t, 60, c.Steps)
	require.InDelta(t, math.Log10(6.5), c.Fall(), 1e-12)
	require.InDelta(t, 1-12, c.Rise(), 1e-12)
}

// A training of 75 epochs is validated at the end of each tenth alone.
func TestStretchesEndInOrderAndWithTheTraining(t *testing.T) {
	require.Equal(t, []int{7, 15, 22, 30, 37, 45, 52, 60, 67, 75}, stretchEnds(75))
	require.Equal(t, []int{1, 2}, stretchEnds(2))
}

// 180 passes over 96 pictures are 540 steps with batches of 32; so are 27 over 640, and 13
// over 1,280 nearly.
func TestMorePicturesGetAsManySteps(t *testing.T) {
	c := Default().OverfittingKnobs()
	require.Equal(t, []int{180, 27, 13}, []int{c.epochs(96), c.epochs(640), c.epochs(1280)})
}

func TestShortTrainingHasNoSecondHalf(t *testing.T) {
	c := learningCurveOf(epochs(2, 1))
	require.Len(t, c.Loss, 2)
	require.True(t, math.IsNaN(c.Fall()))
	require.True(t, math.IsNaN(c.Rise()))
	require.Equal(t, "–", meanText([]float64{c.Fall()}))
}

// The sheet's losses of epochs 5 and 10: .0370 to 3.3332e-4, and .1597 to .1917.
func TestSheetOverfits(t *testing.T) {
	s := LearningCurve{Loss: sheet.Loss, Validation: sheet.ValidationLoss}
	require.InDelta(t, 111, math.Pow(10, s.Fall()), 0.1)
	require.InDelta(t, 0.032, s.Rise(), 1e-9)
}
