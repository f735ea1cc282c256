package bench

import (
	"context"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/datasets/toy"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/nn"
	"evident/kit/sweep"
)

// The sweep of the benchmark: 64 rates × 8 seeds of a net 2–16–2, each for 100
// steps on batches of 16 of 128 examples.
const (
	sweepRates, sweepSeeds       = 64, 8
	sweepExamples, sweepBatch    = 128, 16
	sweepHidden, sweepEpochs     = 16, 13
	sweepSteps                   = sweepEpochs * sweepExamples / sweepBatch
	sweepLowest, sweepRateFactor = 1e-3, 1.1
)

// BenchmarkSweep trains the same grid as one program and one after another. An
// operation is the whole grid.
func BenchmarkSweep(b *testing.B) {
	b.Run("one-program", benchmarkOneProgram)
	b.Run("one-after-another", benchmarkOneAfterAnother)
}

func benchmarkOneProgram(b *testing.B) {
	data := toy.Quadrants(sweepExamples, 1, 0)
	m := sweep.Net{Widths: []int{2, sweepHidden, 2}, Activation: Tanh, Loss: sweep.CrossEntropy}.Model()
	program, err := sweep.New(chosen(b), sweep.Config{Model: m, Data: data, BatchSize: sweepBatch, StepsPerCall: 4})
	require.NoError(b, err)
	defer program.Finalize()
	replicas := sweep.Grid(rates(), knob.Seeds(sweepSeeds))
	train := func(steps int) {
		_, err := program.Run(context.Background(), sweep.Run{Replicas: replicas, Steps: steps})
		require.NoError(b, err)
	}
	train(1) // compile
	for b.Loop() {
		train(sweepSteps)
	}
}

// A classifier holds its rate in a variable: it is compiled once.
func benchmarkOneAfterAnother(b *testing.B) {
	data := classified(toy.Quadrants(sweepExamples, 1, 0))
	network := func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("out"), Tanh(nn.Dense(scope.In("hidden"), x, sweepHidden)), 2)
	}
	classifier, err := fit.NewClassifier(chosen(b), network, data, sweepBatch, optimizer.StochasticGradientDescent().WithDecay(false).Done())
	require.NoError(b, err)
	defer classifier.Finalize()
	train := func(seed int64, epochs int) {
		_, err := classifier.Train(context.Background(), data, fit.Training{Seed: seed, Epochs: epochs})
		require.NoError(b, err)
	}
	train(1, 1) // compile
	for b.Loop() {
		for range rates() {
			for _, seed := range knob.Seeds(sweepSeeds) {
				train(seed, sweepEpochs)
			}
		}
	}
}

func rates() []float64 {
	all := make([]float64, sweepRates)
	for i := range all {
		all[i] = sweepLowest * math.Pow(sweepRateFactor, float64(i))
	}
	return all
}

func classified(d sweep.Data) fit.Data {
	var values []float32
	var labels []int32
	for i, x := range d.X {
		values, labels = append(values, float32(x[0]), float32(x[1])), append(labels, int32(d.Y[i][1]))
	}
	return fit.NewData(values, []int{2}, labels)
}
