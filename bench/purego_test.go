package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/lessons/inception"
)

// BenchmarkPureGoStep is the step of BenchmarkTrainingStep on GoMLX's backend
// in pure Go beside the one on XLA. They take turns, so that both see the same
// machine. The pure-Go backend multiplies matrices far faster where the build has
// GOEXPERIMENT=simd.
func BenchmarkPureGoStep(b *testing.B) {
	pure, err := backend.PureGo()
	require.NoError(b, err)
	net := inception.Full().Train.Net.Network()
	ours, xla := newStepperOn(b, pure, 1, net, 4), newStepperOn(b, chosen(b), 1, net, 12)
	for b.Loop() {
		ours.round(b)
		xla.round(b)
	}
	b.ReportMetric(1e3*Median(ours.seconds), "purego-ms/step")
	b.ReportMetric(1e3*Median(xla.seconds), "xla-ms/step")
	b.ReportMetric(Median(ours.seconds)/Median(xla.seconds), "purego/xla")
}
