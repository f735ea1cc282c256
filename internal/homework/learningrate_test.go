package homework

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/lessons/learningrate"

	"evident/internal/homework/solution"
)

// descended returns |θ| after the given steps on ½λθ² from 1.
func descended(rate, curvature float64, steps int) float64 {
	theta := 1.0
	for range steps {
		theta -= rate * curvature * theta
	}
	return math.Abs(theta)
}

func TestParabolaDoesWhatIsPredicted(t *testing.T) {
	for product, want := range map[float64]string{0.5: "creeps", 1: "arrives", 1.5: "oscillates", 2: "cycles", 2.5: "diverges"} {
		require.Equal(t, want, pathOf(1-product))
		require.Equal(t, product < 2, descended(product/4, 4, 3) < 1)
		require.Equal(t, product == 1, descended(product/4, 4, 1) == 0)
	}
}

func TestDescentDivergesAboveTheEdge(t *testing.T) {
	q := learningrateEdge(draw{})
	edge := q.right.(float64)
	require.Less(t, descended(0.99*edge, 20, 1000), 1e-4)
	require.Greater(t, descended(1.01*edge, 20, 1000), 1e4)
}

func TestHoveringDistanceStaysAsItIs(t *testing.T) {
	const rate, curvature, deviation, size = 0.2, 3, 1.5, 4
	v := 1.0
	for range 1000 {
		v = (1-rate*curvature)*(1-rate*curvature)*v + rate*deviation*rate*deviation/size
	}
	require.InDelta(t, v, hovering(rate, curvature, deviation, size), 1e-12)
}

// A drawn curve shows the rate that it was made with.
func TestCurvesAreReadAsTheyWereMade(t *testing.T) {
	for _, offset := range []float64{0.1, 0.12, 0.15, 0.2} {
		for _, product := range []float64{0.001, 0.002, 0.003, 0.1, 0.15} {
			require.Equal(t, learningrate.TooLow, learningrate.Diagnose(bowlCurve(product, offset)), "%g", product)
		}
		for _, product := range []float64{0.9, 1, 1.2, 1.5, 1.8} {
			require.Equal(t, learningrate.Good, learningrate.Diagnose(bowlCurve(product, offset)), "%g", product)
		}
		for _, product := range []float64{2.05, 2.08, 2.1, 2.12} {
			require.Equal(t, learningrate.TooHigh, learningrate.Diagnose(bowlCurve(product, offset)), "%g", product)
		}
	}
}

// In closed form, every step multiplies θ by 1 − ηλ.
func TestDescendFollowsTheClosedForm(t *testing.T) {
	curvatures, start := []float64{0.5, 2, 3}, []float64{3, -1, 2}
	for step, loss := range solution.Descend(curvatures, start, 0.3, 5) {
		want := 0.0
		for i, curvature := range curvatures {
			theta := start[i] * math.Pow(1-0.3*curvature, float64(step))
			want += curvature * theta * theta / 2
		}
		require.InDelta(t, want, loss, 1e-12)
	}
}

// At c = 1, (3, 4) has the norm 5 and becomes (0.6, 0.8); (0.3, 0.4) stays.
func TestClippingByHand(t *testing.T) {
	set, err := Sheet("learningrate")
	require.NoError(t, err)
	clip := find(t, set, "learningrate.clip").Function.Reference.(exercise.Caller)
	outcome, err := clip.Call([]string{"float64", "float64"}, []byte("[[[3,4],[0.3,0.4]],1]"))
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{0.6, 0.8, 0.3, 0.4}, outcome.Results[0].Values, 1e-12)
}
