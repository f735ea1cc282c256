package live_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/live"
	"evident/kit/backend"
	"evident/lessons"
)

// steered are the lessons with a training.
var steered = []string{"learningrate", "saddle", "minibatch", "imageclass", "inception"}

func opened(t *testing.T, lesson string) *live.Training {
	t.Helper()
	b, err := backend.PureGo()
	require.NoError(t, err)
	t.Cleanup(b.Finalize)
	training, err := live.OpenTraining(t.Context(), b, lesson)
	require.NoError(t, err)
	t.Cleanup(training.Close)
	return training
}

// next is a frame.
func next(t *testing.T, training *live.Training, s live.Steering) live.Frame {
	t.Helper()
	m := training.Next(t.Context(), s)
	require.Empty(t, m.Error)
	_, err := json.Marshal(m)
	require.NoError(t, err)
	return *m.Frame
}

func TestFramesHoldWhatIsNew(t *testing.T) {
	var with []string
	for _, l := range lessons.All() {
		if l.Training != nil {
			with = append(with, l.Name)
		}
	}
	require.Equal(t, steered, with)
	for _, lesson := range steered {
		t.Run(lesson, func(t *testing.T) {
			training := opened(t, lesson)
			first := next(t, training, live.Steering{Steps: 1})
			require.Equal(t, 1, first.Step)
			require.NotNil(t, first.Loss)
			require.NotEmpty(t, first.Note)
			for _, c := range first.Charts {
				require.NotEmpty(t, c.Spec, c.ID)
				require.NotEmpty(t, c.Data, c.ID)
				require.NotEmpty(t, c.Alt, c.ID)
			}
			second := next(t, training, live.Steering{Steps: 2})
			require.Greater(t, second.Step, 1)
			require.Len(t, second.Charts, len(first.Charts))
			for i, c := range second.Charts {
				require.Equal(t, first.Charts[i].ID, c.ID)
			}
			again := next(t, training, live.Steering{Steps: 0})
			for _, c := range again.Charts {
				require.Empty(t, c.Spec, c.ID)
				require.Empty(t, c.Data, c.ID)
			}
			require.Equal(t, 1, next(t, training, live.Steering{Steps: 1, Restart: true}).Step)
			for i, one := range first.Shown {
				require.NotEmpty(t, one.Picture)
				require.Empty(t, second.Shown[i].Picture)
			}
		})
	}
}

func TestAMovedKnobHoldsFromTheNextStep(t *testing.T) {
	// By hand: the bowl 10 x² + y² from (1, 1.2).
	training := opened(t, "learningrate")
	x, y, loss := 1.0, 1.2, 0.0
	for i, rate := range []string{"0.01", "0.01", "0.09", "0.12", "0.03"} {
		eta := []float64{0.01, 0.01, 0.09, 0.12, 0.03}[i]
		loss = 10*x*x + y*y
		x, y = x-eta*20*x, y-eta*2*y
		got := next(t, training, live.Steering{Steps: 1, Knobs: map[string]string{"Rate": rate}})
		require.InEpsilon(t, loss, *got.Loss, 1e-12)
	}
}

func TestTheLossFallsAtAGoodRateAndNotAtABadOne(t *testing.T) {
	for _, c := range []struct {
		lesson    string
		steps     int
		good, bad string
		least     float64 // factor between the first and the last loss
	}{
		{"learningrate", 30, "0.05", "0.11", 10}, // 2/λ is 0.1
		{"saddle", 8, "0.05", "", 0},             // down from the saddle without end
		{"minibatch", 200, "0.4", "50", 1.5},
	} {
		t.Run(c.lesson, func(t *testing.T) {
			after := func(rate string) (first, last float64) {
				training := opened(t, c.lesson)
				f := next(t, training, live.Steering{Steps: 1, Knobs: map[string]string{"Rate": rate}})
				first = *f.Loss
				for f.Step < c.steps && f.Ended == "" {
					f = next(t, training, live.Steering{Steps: c.steps - f.Step})
				}
				return first, *f.Loss
			}
			first, last := after(c.good)
			if c.least == 0 {
				require.Negative(t, last)
				return
			}
			require.Less(t, last, first/c.least)
			first, last = after(c.bad)
			require.Greater(t, last, first*c.least)
		})
	}
}

func TestAKnobOutOfRangeChangesNothing(t *testing.T) {
	training := opened(t, "learningrate")
	twin := opened(t, "learningrate")
	for _, bad := range []map[string]string{{"Rate": "3"}, {"Rate": "x"}, {"Surface": "sphere"}, {"None": "1"}} {
		m := training.Next(t.Context(), live.Steering{Steps: 1, Knobs: bad})
		require.Nil(t, m.Frame)
		require.NotEmpty(t, m.Error)
	}
	require.Equal(t, *next(t, twin, live.Steering{Steps: 3}).Loss, *next(t, training, live.Steering{Steps: 3}).Loss)
}

func TestATrainingThatDivergedEndsAndStartsAgain(t *testing.T) {
	training := opened(t, "learningrate")
	knobs := map[string]string{"Surface": "bent valley", "Rate": "0.15"}
	f := next(t, training, live.Steering{Steps: 50, Knobs: knobs})
	require.Nil(t, f.Loss)
	require.Contains(t, f.Ended, "no longer a number")
	require.Equal(t, f.Step, next(t, training, live.Steering{Steps: 5}).Step, "no more steps")
	f = next(t, training, live.Steering{Steps: 5, Restart: true, Knobs: map[string]string{"Rate": "0.001"}})
	require.Equal(t, 5, f.Step)
	require.NotNil(t, f.Loss)
}

func TestALessonWithoutATrainingSaysSo(t *testing.T) {
	_, err := live.OpenTraining(t.Context(), nil, "params")
	require.EqualError(t, err, "lesson params has no training to steer")
}
