package imageclass

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/phantom"
	"evident/kit/fit"
)

// six pictures: two positives found, one missed; one false alarm, two left
// alone.
func six() Outcome {
	return Outcome{
		Scores:   []float64{2, 1, -1, 3, -2, -4},
		Positive: []bool{true, true, true, false, false, false},
		Strength: []float64{5, 9, 1, 0, 0, 0},
	}
}

func TestConfusionCountsTheFourKinds(t *testing.T) {
	c := six().Confusion()
	require.Equal(t, Confusion{TruePositive: 2, FalseNegative: 1, FalsePositive: 1, TrueNegative: 2}, c)
	require.InDelta(t, 4.0/6, c.Accuracy().Value, 1e-12)
	require.InDelta(t, 2.0/3, c.Sensitivity().Value, 1e-12)
	require.InDelta(t, 2.0/3, c.Specificity().Value, 1e-12)
	require.InDelta(t, 2.0/3, c.Precision().Value, 1e-12)
	require.Equal(t, Confusion{4, 2, 2, 4}, c.plus(c))
}

func TestConfusionAgreesWithTheClassifiersOwnScore(t *testing.T) {
	logits := [][]float32{{0, 1}, {2, 1}, {1, 1}, {-1, 3}}
	o := newOutcome(logits, Pictures{})
	o.Positive = []bool{true, true, false, false}
	require.Equal(t, fit.ScoreLogits(logits, []int32{1, 1, 0, 0}).Accuracy, o.Confusion().Accuracy().Value)
	require.InDelta(t, fit.Probabilities(logits[3])[1], o.Probability(3), 1e-6)
}

func TestWeakestLesionIsTheOneMissed(t *testing.T) {
	require.Equal(t, []Group{{1, 1}, {0, 1}, {0, 1}}, six().ByStrength())
	few := six()
	few.Positive[0] = false
	require.Nil(t, few.ByStrength(), "two lesions make no thirds")
}

// 20 of 400 missed: 20.5/380.5; none of 400: 0.5/400.5; all of 400: 400.5/0.5.
func TestLogOddsByHand(t *testing.T) {
	require.InDelta(t, -1.26860, Group{20, 400}.logOdds(), 1e-5)
	require.InDelta(t, -2.90363, Group{0, 400}.logOdds(), 1e-5)
	require.Equal(t, Group{0, 400}.logOdds(), -Group{400, 400}.logOdds())
}

func TestWorstMistakeIsTheSurest(t *testing.T) {
	require.Equal(t, []int{3, 2}, six().Worst(5))
	require.Equal(t, []int{3}, six().Worst(1))
}

// logit is the score of a probability.
func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// Ten pictures held for 90 % positive, of which 9 are, and ten held for 30 %, of
// which 8 are: the error is (10·0 + 10·0.5)/20.
func TestCalibrationErrorByHand(t *testing.T) {
	var o Outcome
	for i := range 10 {
		o.Scores = append(o.Scores, logit(0.9001), logit(0.3001))
		o.Positive = append(o.Positive, i < 9, i < 8)
	}
	require.InDelta(t, 0.25, o.CalibrationError(), 1e-3)
	all := o.Reliability()
	require.Equal(t, 10, all[9].Count)
	require.InDelta(t, 0.8, all[3].Observed, 1e-12)
	require.InDelta(t, 0.3001, all[3].Held, 1e-9)
	require.Zero(t, all[0].Count)
}

func TestProbabilityOfOneIsInTheLastBin(t *testing.T) {
	o := Outcome{Scores: []float64{1000, -1000}, Positive: []bool{true, false}}
	require.Equal(t, 1, o.Reliability()[bins-1].Count)
	require.Equal(t, 1, o.Reliability()[0].Count)
	require.Zero(t, o.CalibrationError())
}

func TestPointingCountsTheLesionsThatAreFound(t *testing.T) {
	mask := make([]bool, phantom.Side*phantom.Side)
	mask[7], mask[8] = true, true
	mapWithPeak := func(at int) SaliencyMap {
		values := make([]float32, len(mask))
		values[at] = 1
		return SaliencyMap{phantom.Side, phantom.Side, values}
	}
	lesions := []phantom.Lesion{{Mask: mask}, {Mask: mask}, {Mask: mask}, {}, {}, {}}
	maps := []SaliencyMap{mapWithPeak(8), mapWithPeak(100), mapWithPeak(7), mapWithPeak(7), mapWithPeak(7), mapWithPeak(7)}
	p := pointing(maps, lesions, six())
	require.Equal(t, 1, p.Hits)
	require.Equal(t, 2, p.Lesions, "the third lesion is missed, and the others have none")
	require.InDelta(t, 2.0/float64(len(mask)), p.Chance, 1e-12)
	require.Equal(t, 0.5, p.Fraction())
}

func TestSmoothingKeepsAConstantAndSpreadsAPeak(t *testing.T) {
	constant := SaliencyMap{3, 4, []float32{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}}
	require.Equal(t, constant, constant.smooth())
	peak := SaliencyMap{9, 9, make([]float32, 81)}
	peak.Values[4*9+4] = 25
	smoothed := peak.smooth()
	require.Equal(t, float32(1), smoothed.Values[4*9+4])
	require.Equal(t, float32(1), smoothed.Values[2*9+6])
	require.Zero(t, smoothed.Values[0])
}
