package bench

import (
	"context"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/lessons/fit"
	"evident/lessons/inception"
)

// BenchmarkPureGoStep is the step of BenchmarkTrainingStep on GoMLX's backend
// in pure Go beside the one on XLA. They take turns, so that both see the same
// machine. The pure-Go backend multiplies matrices far faster where the build has
// GOEXPERIMENT=simd.
func BenchmarkPureGoStep(b *testing.B) {
	pure, err := fit.PureGo()
	require.NoError(b, err)
	ours, xla := newPureGoStepper(b, pure, 4), newPureGoStepper(b, backend(b), 12)
	for b.Loop() {
		ours.round(b)
		xla.round(b)
	}
	b.ReportMetric(1e3*Median(ours.seconds), "purego-ms/step")
	b.ReportMetric(1e3*Median(xla.seconds), "xla-ms/step")
	b.ReportMetric(Median(ours.seconds)/Median(xla.seconds), "purego/xla")
}

// shortStepper is a stepper with rounds of as many steps as it says.
type shortStepper struct {
	stepper
	steps int
}

func newPureGoStepper(b *testing.B, on compute.Backend, steps int) *shortStepper {
	b.Helper()
	data := Noise(BatchSize)
	classifier, err := fit.NewClassifier(on, inception.Full().Train.Net.Network(), data, BatchSize, optimizer.Adam().Done())
	require.NoError(b, err)
	b.Cleanup(classifier.Finalize)
	s := &shortStepper{stepper{classifier: classifier, data: data}, steps}
	s.round(b)
	s.seconds = nil // those compiled
	return s
}

func (s *shortStepper) round(b *testing.B) {
	b.Helper()
	history, err := s.classifier.Train(context.Background(), s.data, fit.Training{Seed: 1, Epochs: s.steps})
	require.NoError(b, err)
	for _, epoch := range history.Epochs {
		s.seconds = append(s.seconds, epoch.Seconds)
	}
}
