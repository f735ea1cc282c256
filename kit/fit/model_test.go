package fit

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/nn"
)

// plane are noisy values of a linear function of two inputs.
func plane(n int, seed int64) (x *mat.Dense, y *mat.VecDense, data Data) {
	random := Rand(seed, 98)
	var values, targets []float32
	x, y = mat.NewDense(n, 3, nil), mat.NewVecDense(n, nil)
	for i := range n {
		a, b := random.Float32()*2-1, random.Float32()*2-1
		target := 3*a - 2*b + 0.5 + float32(random.NormFloat64()/10)
		values, targets = append(values, a, b), append(targets, target)
		x.SetRow(i, []float64{float64(a), float64(b), 1})
		y.SetVec(i, float64(target))
	}
	return x, y, NewTargetData(values, []int{2}, targets, []int{1})
}

// The least-squares fit solves XᵀX·w = Xᵀy.
func TestLinearRegressionComesToTheClosedForm(t *testing.T) {
	x, y, data := plane(60, 1)
	var w, fitted mat.VecDense
	require.NoError(t, w.SolveVec(x, y))
	fitted.MulVec(x, &w)
	residual := 0.0
	for i := range 60 {
		residual += math.Pow(fitted.AtVec(i)-y.AtVec(i), 2) / 60
	}

	m, err := NewRegressor(pureGo(t), units(1), data, 60, nn.SGD().GoMLX(0.3))
	require.NoError(t, err)
	defer m.Finalize()
	history, err := m.Train(t.Context(), data, Training{Seed: 1, Epochs: 150})
	require.NoError(t, err)
	require.InDelta(t, residual, history.Epochs[149].Loss, 1e-5)
	outputs, err := m.Predict(t.Context(), data)
	require.NoError(t, err)
	for i := range outputs {
		require.Len(t, outputs[i], 1)
		require.InDelta(t, fitted.AtVec(i), outputs[i][0], 1e-4)
	}
	score, err := m.Evaluate(t.Context(), data)
	require.NoError(t, err)
	require.InDelta(t, residual, score.Loss, 1e-5)
}

// The mean of a loss is over the examples, whatever the batch: 7 do not fill 2
// batches of 4. And it is over all the numbers of a target.
func TestRegressionIsScoredOverAllNumbersOfAllExamples(t *testing.T) {
	random := Rand(3, 98)
	values, targets := make([]float32, 7*2), make([]float32, 7*3)
	for i := range values {
		values[i] = random.Float32()
	}
	for i := range targets {
		targets[i] = random.Float32()
	}
	data := NewTargetData(values, []int{2}, targets, []int{3})
	m, err := NewRegressor(pureGo(t), units(3), data, 4, nn.SGD().GoMLX(0.1))
	require.NoError(t, err)
	defer m.Finalize()
	var seen [][]float32
	m.Metric = func(outputs [][]float32, data Data) float64 {
		seen = outputs
		return float64(data.Targets()[20])
	}
	score, err := m.Evaluate(t.Context(), data)
	require.NoError(t, err)
	outputs, err := m.Predict(t.Context(), data)
	require.NoError(t, err)
	require.Equal(t, outputs, seen)
	require.InDelta(t, targets[20], score.Metric, 1e-9)
	want := 0.0
	for i, row := range outputs {
		for j, v := range row {
			want += math.Pow(float64(v-targets[3*i+j]), 2) / 21
		}
	}
	require.InDelta(t, want, score.Loss, 1e-6)
}

// What the loss says decides: the absolute error of a constant is least at the
// median, 2, and the squared error at the mean, 22.
func TestOwnLossIsMadeSmall(t *testing.T) {
	data := NewTargetData(make([]float32, 5), []int{1}, []float32{1, 2, 2, 5, 100}, []int{1})
	for name, c := range map[string]struct {
		loss   Loss
		want   float64
		within float64
	}{
		"squared":  {MeanSquaredError, 22, 0.01},
		"absolute": {func(targets, outputs *Node) *Node { return Abs(Sub(targets, outputs)) }, 2, 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := NewModel(pureGo(t), units(1), data, 5, nn.SGD().GoMLX(0.1), c.loss)
			require.NoError(t, err)
			defer m.Finalize()
			_, err = m.Train(t.Context(), data, Training{Epochs: 200})
			require.NoError(t, err)
			outputs, err := m.Predict(t.Context(), data)
			require.NoError(t, err)
			require.InDelta(t, c.want, outputs[0][0], c.within)
		})
	}
}

// A model with the classifier's loss is the classifier, but for its accuracy.
func TestClassifierIsTheModelOfTheCrossEntropy(t *testing.T) {
	data, validation := xor(256, 1), xor(100, 2)
	train := func(m *Model) History {
		history, err := m.Train(t.Context(), data, Training{Seed: 3, Epochs: 3, Validation: &validation})
		require.NoError(t, err)
		return history
	}
	classifier, err := NewClassifier(pureGo(t), mlp, data, 32, nn.SGD().GoMLX(0.5))
	require.NoError(t, err)
	defer classifier.Finalize()
	m, err := NewModel(pureGo(t), mlp, data, 32, nn.SGD().GoMLX(0.5), CrossEntropy)
	require.NoError(t, err)
	defer m.Finalize()
	m.Metric = Accuracy
	one, other := train(classifier.Model), train(m)
	require.Equal(t, one.Losses, other.Losses)
	for i, epoch := range one.Epochs {
		require.Equal(t, epoch.Validation.Accuracy, other.Epochs[i].Validation.Metric)
		require.InDelta(t, epoch.Validation.Loss, other.Epochs[i].Validation.Loss, 1e-6)
	}
}

func TestDoublesAreTrainedOnAsSingles(t *testing.T) {
	x, _ := NewData([]float64{0.1, 1, 2, 3}, []int{2}, nil).batch([]int{1, 0})
	require.Equal(t, dtypes.Float32, x.DType())
	require.Equal(t, [][]float32{{2, 3}, {0.1, 1}}, x.Value())
}

// several is a backend with four devices: XLA's on a CPU are virtual, and may be
// more than the processors.
func several(t *testing.T) compute.Backend {
	t.Helper()
	const devices = 4
	backend, err := backend.Open(devices)
	require.NoError(t, err)
	if backend.NumDevices() < devices {
		t.Skipf("%s has %d devices", backend.Name(), backend.NumDevices())
	}
	return backend
}

func TestSeveralDevicesTrainAsOneDoes(t *testing.T) {
	backend := several(t)
	data, validation := xor(512, 1), xor(300, 2)
	on := func(devices int) History {
		c, err := NewParallelClassifier(backend, devices, mlp, data, 32, optimizer.Adam().LearningRate(0.02).Done())
		require.NoError(t, err)
		t.Cleanup(c.Finalize)
		var history History
		for range 2 { // the second training starts anew
			history, err = c.Train(context.Background(), data, Training{Seed: 7, Epochs: 10, Validation: &validation})
			require.NoError(t, err)
		}
		return history
	}
	one := on(1)
	for _, devices := range []int{2, 4} {
		t.Run(fmt.Sprint(devices), func(t *testing.T) {
			more := on(devices)
			require.InDeltaSlice(t, one.Losses, more.Losses, 1e-4)
			for i, epoch := range one.Epochs {
				require.InDelta(t, epoch.Accuracy, more.Epochs[i].Accuracy, 1e-9)
				require.InDelta(t, epoch.Validation.Loss, more.Epochs[i].Validation.Loss, 1e-4)
			}
			require.NotEqual(t, one.Losses, more.Losses, "the sums have another order")
		})
	}
}

func TestDevicesMustBeThereAndShareTheBatch(t *testing.T) {
	backend := several(t)
	for _, devices := range []int{-1, 0, backend.NumDevices() + 1} {
		_, err := NewParallelClassifier(backend, devices, mlp, xor(64, 1), 32, optimizer.Adam().Done())
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, fmt.Sprintf("%d devices: backend xla has 1 to %d", devices, backend.NumDevices()))
	}
	_, err := NewParallelClassifier(backend, 3, mlp, xor(64, 1), 32, optimizer.Adam().Done())
	require.EqualError(t, err, "a batch of 32 cannot be divided among 3 devices: use a multiple")
}
