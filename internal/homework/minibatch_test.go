package homework

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/lessons/minibatch"

	"evident/internal/homework/solution"
)

// The three decimals in the text suffice to tell the curves apart.
func TestPicturesCanBeToldApart(t *testing.T) {
	for seed := range 200 {
		for kind, share := range map[string]float64{fullBatch: 0, rateHigh: 1} {
			losses := pictured(kind, exercise.Random("test", fmt.Sprint(seed)))
			for i := range losses {
				rounded, err := strconv.ParseFloat(fmt.Sprintf("%.3f", losses[i]), 64)
				require.NoError(t, err)
				losses[i] = rounded
			}
			require.InDelta(t, share, minibatch.RisingFraction(losses), 1e-12, "%s: %v", kind, losses)
		}
	}
}

// The test finds the best rate for the bound on a step's gain by trying.
func TestGainIsThatOfTheBestRate(t *testing.T) {
	const curvature, variance, norm = 3.0, 50.0, 2.0
	best := func(size float64) float64 {
		most := 0.0
		for rate := 0.0; rate < 1; rate += 1e-4 {
			most = max(most, rate*(1-rate*curvature/2)*norm*norm-rate*rate*curvature/2*variance/size)
		}
		return most
	}
	const scale = variance / (norm * norm)
	require.InDelta(t, best(32)/best(4), gainOfStep(scale, 32)/gainOfStep(scale, 4), 1e-3)
}

// The expected value is the mean over all batches of two out of four.
func TestNoiseIsThatOfAllBatches(t *testing.T) {
	gradients := []float64{3, -1, 2, -4} // their mean is 0
	mean, variance := 0.0, 0.0
	for i, g := range gradients {
		variance += g * g / 4
		for _, h := range gradients[:i] {
			mean += (g + h) * (g + h) / 4 / 6
		}
	}
	require.InDelta(t, variance*minibatch.Predicted(2, 4, false), mean, 1e-12)
}

// By hand: from 2, a batch of the examples (1, 0) and (2, 1) has the gradient
// (2·1 + 3·2)/2 = 4, and from 1.6 the example (3, 1) alone has 3.8·3 = 11.4.
func TestEpochDividesByTheSizeOfEachBatch(t *testing.T) {
	require.InDelta(t, 1.6-0.1*11.4, solution.Epoch(2, 0.1, []float64{3, 1, 2}, []float64{1, 0, 1}, []int{1, 2, 0}, 2), 1e-12)
}
