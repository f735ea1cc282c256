package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/lessons/fit"
	"evident/lessons/inception"
)

// BenchmarkDevices is a training step of the net of question 7 on 1, 2 and 4
// devices that share the batch, taking turns. The CPU client's devices are
// virtual: they share the processors.
func BenchmarkDevices(b *testing.B) {
	steppers := map[int]*stepper{}
	for _, devices := range []int{1, 2, 4} {
		if devices > backend(b).NumDevices() {
			b.Skipf("%d devices are not there", devices)
		}
		data := Noise(BatchSize)
		classifier, err := fit.NewParallelClassifier(backend(b), devices, inception.Full().Train.Net.Network(), data, BatchSize, optimizer.Adam().Done())
		require.NoError(b, err)
		b.Cleanup(classifier.Finalize)
		s := &stepper{classifier: classifier, data: data}
		_, err = classifier.Train(context.Background(), data, fit.Training{Seed: 1, Epochs: 3})
		require.NoError(b, err)
		steppers[devices] = s
	}
	for b.Loop() {
		for _, devices := range []int{1, 2, 4} {
			steppers[devices].round(b)
		}
	}
	for devices, s := range steppers {
		b.ReportMetric(1e3*Median(s.seconds), fmt.Sprintf("ms/step-%d", devices))
		b.ReportMetric(Median(s.seconds)/Median(steppers[1].seconds), fmt.Sprintf("%d/1", devices))
	}
}
