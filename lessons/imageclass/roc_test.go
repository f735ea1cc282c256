package imageclass

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
)

// scored are scores of n pictures, those of positives higher by so much on
// average; rounded, so that some are equal.
func scored(random *rand.Rand, n int, apart float64) (scores []float64, positive []bool) {
	for range n {
		is := random.IntN(3) == 0
		score := random.NormFloat64()
		if is {
			score += apart
		}
		scores, positive = append(scores, math.Round(4*score)/4), append(positive, is)
	}
	return scores, positive
}

// mannWhitney counts the pairs one by one.
func mannWhitney(scores []float64, positive []bool) float64 {
	sum, pairs := 0.0, 0.0
	for i := range scores {
		for j := range scores {
			if !positive[i] || positive[j] {
				continue
			}
			pairs++
			switch {
			case scores[i] > scores[j]:
				sum++
			case scores[i] == scores[j]:
				sum += 0.5
			}
		}
	}
	return sum / pairs
}

func TestAUCCountsPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, apart := range []float64{0, 1, 3} {
		scores, positive := scored(random, 120, apart)
		require.InDelta(t, mannWhitney(scores, positive), AUC(scores, positive).Value, 1e-12)
	}
}

func TestAUCIsTheAreaUnderTheROC(t *testing.T) {
	scores, positive := scored(rand.New(rand.NewPCG(2, 1)), 150, 1)
	x, y := ROC(scores, positive)
	area := 0.0
	for i := 1; i < len(x); i++ {
		area += (x[i] - x[i-1]) * (y[i] + y[i-1]) / 2
	}
	require.InDelta(t, AUC(scores, positive).Value, area, 1e-12)
	require.Equal(t, []float64{0, 0}, []float64{x[0], y[0]})
	require.Equal(t, []float64{1, 1}, []float64{x[len(x)-1], y[len(y)-1]})
	require.True(t, slices.IsSorted(x))
}

// The bootstrap draws pictures again and again and looks how the area scatters;
// DeLong's interval is of the same width.
func TestDeLongAgreesWithTheBootstrap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	scores, positive := scored(random, 200, 1.2)
	above, below := split(scores, positive)
	var areas []float64
	for range 2000 {
		var s []float64
		var p []bool
		for range above {
			s, p = append(s, above[random.IntN(len(above))]), append(p, true)
		}
		for range below {
			s, p = append(s, below[random.IntN(len(below))]), append(p, false)
		}
		areas = append(areas, AUC(s, p).Value)
	}
	delong := AUC(scores, positive)
	require.InEpsilon(t, stat.StdDev(areas, nil), (delong.High-delong.Value)/normal95, 0.1)
}

func TestAUCOfOneClassIsNotANumber(t *testing.T) {
	require.True(t, math.IsNaN(AUC([]float64{1, 2}, []bool{true, true}).Value))
}

func TestPerfectAndReversedScores(t *testing.T) {
	positive := []bool{false, false, true, true}
	require.Equal(t, Interval{1, 1, 1}, AUC([]float64{1, 2, 3, 4}, positive))
	require.Equal(t, 0.0, AUC([]float64{4, 3, 2, 1}, positive).Value)
	require.Equal(t, 0.5, AUC([]float64{1, 1, 1, 1}, positive).Value)
}

func TestMidranksShareTies(t *testing.T) {
	require.Equal(t, []float64{4.5, 1, 2.5, 4.5, 2.5}, midranks([]float64{7, 1, 3, 7, 3}))
}

// Newcombe (1998, Statistics in Medicine 17, table I): the score method without
// continuity correction gives .2553 to .3662 for 81 of 263, and 0 to .1611 for
// 0 of 20.
func TestShareHasWilsonsInterval(t *testing.T) {
	s := Fraction(81, 263)
	require.InDelta(t, 0.2553, s.Low, 5e-5)
	require.InDelta(t, 0.3662, s.High, 5e-5)
	s = Fraction(0, 20)
	require.InDelta(t, 0, s.Low, 1e-12)
	require.InDelta(t, 0.1611, s.High, 5e-5)
	require.True(t, math.IsNaN(Fraction(0, 0).Value))
}
