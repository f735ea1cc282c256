package bench

import (
	"context"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/datasets/cifar10"
	"evident/kit/fit"
	"evident/kit/progress"
)

// fedSteps are enough to time a step of a net.
const fedSteps = 50

// BenchmarkFeeding measures the share of an epoch in which a net waits for its
// data. Between two steps fit puts a batch together, of examples from all over
// the data, and hands it to the backend. What that takes is measured in the same
// loop with a net that computes nothing, over as much data as the lesson's epoch
// has. It is an upper bound, since the call of the program is in it: how much
// that is shows the same net on examples of one byte. Reported are medians over
// rounds in which all take turns.
func BenchmarkFeeding(b *testing.B) {
	for _, net := range Nets() {
		b.Run(net.Name, func(b *testing.B) { benchmarkFeeding(b, net) })
	}
}

func benchmarkFeeding(b *testing.B, net Net) {
	working := newEpochs(b, net.Network, net.Noise(fedSteps*net.BatchSize), net.BatchSize)
	feeding := newEpochs(b, idle, net.Noise(net.Examples), net.BatchSize)
	calling := newEpochs(b, idle, pictures(net.Examples, 1, 1, 2), net.BatchSize)
	var waiting []float64
	for b.Loop() {
		step, fed := working.train(b), feeding.train(b)
		calling.train(b)
		waiting = append(waiting, 100*fed/step)
	}
	b.ReportMetric(1e3*Median(working.seconds), "ms/step")
	b.ReportMetric(1e6*Median(feeding.seconds), "µs-feeding/step")
	b.ReportMetric(1e6*Median(calling.seconds), "µs-one-byte/step")
	b.ReportMetric(Median(waiting), "%-waiting-at-most")
}

// epochs are trainings over the same data, with the seconds of a step of each.
type epochs struct {
	classifier *fit.Classifier
	data       fit.Data
	seconds    []float64
}

func newEpochs(b *testing.B, network fit.Network, data fit.Data, batchSize int) *epochs {
	b.Helper()
	classifier, err := fit.NewClassifier(chosen(b), network, data, batchSize, optimizer.Adam().Done())
	require.NoError(b, err)
	b.Cleanup(classifier.Finalize)
	return &epochs{classifier: classifier, data: data}
}

// train goes over the data twice, the first time to settle, and returns the
// seconds of a step.
func (e *epochs) train(b *testing.B) float64 {
	b.Helper()
	history, err := e.classifier.Train(context.Background(), e.data, fit.Training{Seed: 1, Epochs: 2})
	require.NoError(b, err)
	last := history.Epochs[1]
	e.seconds = append(e.seconds, last.Seconds/float64(last.Steps))
	return e.seconds[len(e.seconds)-1]
}

// idle gives every class of every example the same logit, whatever the inputs.
func idle(scope *model.Scope, x *Node) *Node {
	const classes = 10
	logits := scope.In("logits").VariableWithShape("biases", shapes.Make(dtypes.Float32, classes)).NodeValue(x.Graph())
	return BroadcastToShape(ExpandAxes(logits, 0), shapes.Make(dtypes.Float32, x.Shape().Dim(0), classes))
}

// BenchmarkFirstBatch is the time from the files of CIFAR-10 to the end of the
// first step of an epoch in batches of 32, with a net that computes nothing and is
// compiled already. The folder is $EVIDENT_CIFAR10, or that of `evident fetch
// cifar10`.
func BenchmarkFirstBatch(b *testing.B) {
	folder, found, err := cifar10.Find(os.Getenv("EVIDENT_CIFAR10"))
	require.NoError(b, err)
	if !found {
		b.Skip("\n*** SKIPPED: THE FIRST BATCH OF CIFAR-10 WAS NOT MEASURED ***\nname its folder in EVIDENT_CIFAR10, or fetch it with `go run ./cmd/evident fetch cifar10`")
	}
	classifier := newEpochs(b, idle, Noise(BatchSize), BatchSize).classifier
	for b.Loop() {
		train, _, err := cifar10.Load(folder)
		require.NoError(b, err)
		firstStep(b, classifier, fit.ImageData(train))
	}
}

// firstStep begins an epoch and calls it off after a step.
func firstStep(b *testing.B, classifier *fit.Classifier, data fit.Data) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx = progress.With(ctx, func(p progress.Update) {
		require.Equal(b, 1, p.Step)
		cancel()
	})
	_, err := classifier.Train(ctx, data, fit.Training{Seed: 1, Epochs: 1})
	require.ErrorIs(b, err, context.Canceled)
}
