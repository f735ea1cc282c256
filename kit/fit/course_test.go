package fit

import (
	"testing"

	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/internal/readertest"
	"evident/kit/nn"
)

func TestACourseIsATrainingWhoseRateMoves(t *testing.T) {
	data := xor(64, 1)
	rates := []float64{0.01, 0.01, 0.2, 0.2, 0.001, 0.05, 0.05, 0.05}
	for name, o := range map[string]optimizer.Interface{"ours": nn.Adam(0.9, 0.999, 1e-7).GoMLX(7), "GoMLX": optimizer.Adam().LearningRate(7).Done()} {
		t.Run(name, func(t *testing.T) {
			net, err := NewClassifier(pureGo(t), mlp, data, 16, o)
			require.NoError(t, err)
			defer net.Finalize()
			want, err := net.Train(t.Context(), data, Training{Seed: 3, Epochs: 2, LearningRate: func(step, _ int) float64 { return rates[step] }})
			require.NoError(t, err)
			course, err := net.Begin(data, 3)
			require.NoError(t, err)
			for step, rate := range rates {
				loss, err := course.Step(rate)
				require.NoError(t, err)
				require.Equal(t, want.Losses[step], loss)
			}
		})
	}
}

func TestACourseThatCannotBeginSaysWhy(t *testing.T) {
	data := xor(4, 1)
	for name, c := range map[string]struct {
		optimizer optimizer.Interface
		data      Data
		want      string
	}{
		"no rate": {fixed{}, data, "the optimizer has no learning rate that a schedule could set: leave LearningRate out, or take another optimizer, as nn.Adam"},
		"few":     {nn.SGD().GoMLX(1), xor(1, 1), "1 examples do not fill a batch of 2: use more data or a smaller batch"},
	} {
		t.Run(name, func(t *testing.T) {
			net, err := NewClassifier(pureGo(t), mlp, data, 2, c.optimizer)
			require.NoError(t, err)
			defer net.Finalize()
			_, err = net.Begin(c.data, 1)
			readertest.BadInput(t, err)
			require.EqualError(t, err, c.want)
		})
	}
}
