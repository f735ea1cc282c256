package bench

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/kit/backend"
	"evident/kit/fit"
	"evident/lessons/inception"
)

// BenchmarkTrainingStep is one step of the net of question 7 at full scale on
// a batch of 32 pictures of 32×32×3, three ways that take turns, so that all see
// the same machine: with the layers of package nn and the project's allocator
// settings, with GoMLX's own layers under the same settings, and with GoMLX's
// own layers as a Go program runs them by itself. Reported are medians over all
// steps, and ratios.
func BenchmarkTrainingStep(b *testing.B) {
	net := inception.Full().Train.Net
	ours, stock := newStepper(b, net.Network()), newStepper(b, stockNetwork(net))
	var alone []float64
	for b.Loop() {
		ours.round(b)
		stock.round(b)
		alone = append(alone, stockAlone(b))
	}
	b.ReportMetric(1e3*Median(ours.seconds), "evident-ms/step")
	b.ReportMetric(1e3*Median(stock.seconds), "stock-tuned-ms/step")
	b.ReportMetric(1e3*Median(alone), "stock-ms/step")
	b.ReportMetric(Median(ours.seconds)/Median(stock.seconds), "evident/stock-tuned")
	b.ReportMetric(Median(ours.seconds)/Median(alone), "evident/stock")
}

// BenchmarkStockStep is the step with GoMLX's own layers.
func BenchmarkStockStep(b *testing.B) {
	stock := newStepper(b, stockNetwork(inception.Full().Train.Net))
	for b.Loop() {
		stock.round(b)
	}
	b.ReportMetric(1e3*Median(stock.seconds), stockMetric)
}

const stockMetric = "stock-ms/step"

// stockAlone is the median of BenchmarkStockStep in a process without the
// allocator's settings, which glibc reads when a process starts.
func stockAlone(b *testing.B) float64 {
	b.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkStockStep$", "-test.benchtime=1x")
	child.Env = WithoutAllocator(os.Environ())
	output, err := child.Output()
	require.NoError(b, err)
	fields := strings.Fields(string(output))
	at := slices.Index(fields, stockMetric)
	require.Positive(b, at, "%s", output)
	milliseconds, err := strconv.ParseFloat(fields[at-1], 64)
	require.NoError(b, err)
	return milliseconds / 1e3
}

// stepper trains on one batch, and keeps the time of every step.
type stepper struct {
	classifier *fit.Classifier
	data       fit.Data
	steps      int // of a round
	seconds    []float64
}

// settled is a round with steps enough to settle after the others had the machine.
const settled = 30

// newStepper compiles the step, on one device of the chosen backend.
func newStepper(b *testing.B, network fit.Network) *stepper {
	b.Helper()
	return newStepperOn(b, chosen(b), 1, network, settled)
}

func newStepperOn(b *testing.B, on compute.Backend, devices int, network fit.Network, steps int) *stepper {
	b.Helper()
	data := Noise(BatchSize)
	classifier, err := fit.NewParallelClassifier(on, devices, network, data, BatchSize, optimizer.Adam().Done())
	require.NoError(b, err)
	b.Cleanup(classifier.Finalize)
	s := &stepper{classifier: classifier, data: data, steps: steps}
	s.round(b)
	s.seconds = nil // those compiled
	return s
}

// round makes its steps. An epoch over one batch is a step.
func (s *stepper) round(b *testing.B) {
	b.Helper()
	history, err := s.classifier.Train(context.Background(), s.data, fit.Training{Seed: 1, Epochs: s.steps})
	require.NoError(b, err)
	for _, epoch := range history.Epochs {
		s.seconds = append(s.seconds, epoch.Seconds)
	}
}

func chosen(b *testing.B) compute.Backend {
	b.Helper()
	selected, err := backend.Select(context.Background())
	require.NoError(b, err)
	return selected.Backend
}

// stockNetwork is the same net in GoMLX's own layers.
func stockNetwork(net inception.Net) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		x = AddScalar(MulScalar(ConvertDType(x, dtypes.Float32), 2.0/255), -1)
		x = stockConv(scope, "stem", x, 3, net.Stem)
		x = MaxPool(x).Window(2).Strides(2).Done()
		x = stockModule(scope.In("first"), x, net.First)
		x = MaxPool(x).Window(2).Strides(2).Done()
		x = stockModule(scope.In("second"), x, net.Second)
		return layers.Dense(scope.In("logits"), ReduceMean(x, 1, 2), true, 10)
	}
}

func stockModule(scope *model.Scope, x *Node, m inception.Module) *Node {
	return Concatenate([]*Node{
		stockConv(scope, "1x1", x, 1, m.F1x1),
		stockConv(scope, "3x3", stockConv(scope, "3x3_reduce", x, 1, m.F3x3Reduce), 3, m.F3x3),
		stockConv(scope, "5x5", stockConv(scope, "5x5_reduce", x, 1, m.F5x5Reduce), 5, m.F5x5),
		stockConv(scope, "pool_proj", MaxPool(x).Window(3).Strides(1).PadSame().Done(), 1, m.PoolProj),
	}, -1)
}

func stockConv(scope *model.Scope, name string, x *Node, kernel, filters int) *Node {
	y := layers.Convolution(scope.In("%s", name), x).Channels(filters).KernelSize(kernel).PadSame().Done()
	return Max(y, ScalarZero(y.Graph(), y.DType()))
}
