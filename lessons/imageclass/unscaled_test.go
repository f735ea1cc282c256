package imageclass

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/fit"
	"evident/kit/lessontest"
)

func TestNetsHaveEveryDepthWithEveryWidth(t *testing.T) {
	require.Equal(t, []Net{{[]int{4, 8}, 128}, {[]int{16, 32}, 32}, {[]int{4, 8, 16}, 128}, {[]int{16, 32, 64}, 32}},
		UnscaledConfig{Convolutions: []int{2, 3}, Filters: []int{4, 16}, Dense: []int{128, 32}}.nets())
}

// Two seeds with two nets each: the mean goes over the nets of a seed.
func TestSeedsAreTheSample(t *testing.T) {
	u := UnscaledMeasurement{Starts: [][][]Start{
		{{{FirstEpoch: 1}}, {{FirstEpoch: 100}}},
		{{{FirstEpoch: 10}}, {{FirstEpoch: 1000}}},
	}}
	require.Equal(t, []float64{1, 2}, u.firstEpoch(none).Values)
	u.Starts[0][0], u.Starts[0][1] = []Start{{}, {FirstEpoch: 10}}, []Start{{}, {FirstEpoch: 10}}
	u.Starts[1][0], u.Starts[1][1] = []Start{{}, {FirstEpoch: 100}}, []Start{{}, {FirstEpoch: 10_000}}
	u.Further = [][][]Start{{{{FirstEpoch: 1}}, {{FirstEpoch: 0.01}}}}
	require.Equal(t, []float64{1, 3, -1}, u.withPixels().Values)
}

// The first batch is all pictures, so its loss is that of the untrained net: that of
// its logits, which pixels of 255 times the size multiply by 255.
func TestFirstStepIsTheLossOfTheUntrainedNet(t *testing.T) {
	ctx, backend, c := context.Background(), lessontest.PureGo(t), Smoke()
	c.Train.BatchSize = c.Unscaled.BatchSize
	c.Unscaled.Convolutions = []int{1, 2}
	const seed = 3
	set := from(heads(t, 2*c.Unscaled.BatchSize, seed), c.Unscaled.BatchSize)
	require.Equal(t, c.Unscaled.BatchSize, set.Len())
	nets, err := c.UnscaledKnobs().compile(backend, set)
	require.NoError(t, err)
	defer nets.Finalize()
	all, err := c.UnscaledKnobs().starts(ctx, nets, c.Unscaled.BatchSize, seed, c.Unscaled.causes()...)
	require.NoError(t, err)
	starts := all[1]
	untrained, err := c.Train.classifier(backend, c.Unscaled.nets()[1].network(plain), set)
	require.NoError(t, err)
	defer untrained.Finalize()
	require.NoError(t, untrained.Reset(seed))
	logits, err := untrained.Logits(ctx, fit.ImageData(set))
	require.NoError(t, err)
	loss := func(times float64) float64 {
		sum := 0.0
		for i, l := range logits {
			other := 1 - set.Labels[i]
			sum += math.Log1p(math.Exp(times * float64(l[other]-l[1-other])))
		}
		return sum / float64(len(logits))
	}
	require.InDelta(t, loss(1), starts[none].FirstStep, 1e-5)
	require.InEpsilon(t, loss(255), starts[pixels].FirstStep, 1e-4)
	for i, cause := range c.Unscaled.causes() {
		require.Equal(t, cause.raw, i == pixels)
		if !cause.he && !cause.raw {
			require.Equal(t, starts[none].FirstStep, starts[i].FirstStep, "a rate changes nothing before the first step")
		}
	}
}

// Four epochs of a net that starts in the third, and of one that never does.
func TestStartIsTheEpochThatLeavesTheCoin(t *testing.T) {
	of := func(accuracies ...float64) fit.History {
		var h fit.History
		for _, a := range accuracies {
			h.Epochs = append(h.Epochs, fit.Epoch{Score: fit.Score{Accuracy: a}})
		}
		return h
	}
	require.Equal(t, 3, started(of(0.5, 0.55, 0.7, 0.6)))
	require.Equal(t, 0, started(of(0.5, 0.55, 0.5, 0.6)))
	require.Equal(t, 0, started(fit.History{}))
}

// At a rate at which Adam throws every weight far beyond its first values, filters die
// in the first epoch; leaky ones are never given up.
func TestFiltersDieAtAHighRate(t *testing.T) {
	c := Smoke()
	c.Start.Times, c.Start.Epochs, c.Start.Seeds = 500, 3, []int64{1, 2, 3}
	m, err := FirstEpochs.Measured(context.Background(), lessontest.PureGo(t), c.StartKnobs())
	require.NoError(t, err)
	slow, fast, leaky := m.Conditions[0], m.Conditions[1], m.Conditions[2]
	require.Greater(t, slow.alive(0), fast.alive(0))
	require.True(t, slices.ContainsFunc(fast.Runs, func(f FirstSteps) bool { return f.Dead }))
	require.False(t, slices.ContainsFunc(leaky.Runs, func(f FirstSteps) bool { return f.Dead }))
	require.Equal(t, 500*c.Train.LearningRate, fast.Rate)
	require.Equal(t, []int{2, 2, 4}, m.Filters)
}

// The start at the lesson's rate, which is taken from the whole trainings, is that of
// trainings of its own.
func TestWholeTrainingsStartAsShortOnes(t *testing.T) {
	ctx, backend, c := context.Background(), lessontest.PureGo(t), Smoke().StartKnobs()
	c.Epochs = 1
	m, err := FirstEpochs.Measured(ctx, backend, c)
	require.NoError(t, err)
	own, err := c.starts(ctx, backend, plain, c.Train.LearningRate, c.Train.Seeds)
	require.NoError(t, err)
	require.Equal(t, own, m.Conditions[0].Runs)
	require.NotEmpty(t, own[0].Alive)
}
