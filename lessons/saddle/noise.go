package saddle

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"

	"evident/datasets/toy"
	"evident/kit/sweep"
)

// The places at which a training stands still.
const (
	atStart = iota
	afterTraining
	placesOfNoise
)

// NoiseFacts are about the directions of the optimizers at places where the
// weights are held, so that nothing but the batch changes.
type NoiseFacts struct {
	Names []string
	// Relative is tr Cov(d) / ‖E d‖² of the direction d of a step,
	// [place][optimizer][seed].
	Relative [][][]float64
}

// Of finds an optimizer's relative variances at a place by its name.
func (f NoiseFacts) Of(place int, name string) []float64 {
	for i, own := range f.Names {
		if own == name && place < len(f.Relative) {
			return f.Relative[place][i]
		}
	}
	return nil
}

func (c NoiseConfig) net() sweep.Net {
	return sweep.Net{Widths: append(append([]int{2}, c.Hidden...), 2), Activation: Tanh, Loss: sweep.CrossEntropy}
}

// MeasureNoise trains by SGD to a second place, then holds the weights at both
// and feeds batches.
func MeasureNoise(ctx context.Context, backend compute.Backend, c Config) (NoiseFacts, error) {
	facts := NoiseFacts{Names: names(c.Optimizers)}
	if err := c.checkNoise(); err != nil {
		return facts, err
	}
	n := c.Noise
	m := n.net().Model()
	program, err := sweep.New(backend, sweep.Config{
		Model: m, Data: toy.Quadrants(n.Train, trainingDraw, 0), BatchSize: n.BatchSize, Order: sweep.WithReplacement,
		StepsPerCall: 4, Optimizer: sweep.Together(c.Optimizers...), Watch: sweep.WatchDirections,
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := forEach(len(c.Optimizers), sweep.Grid([]float64{n.Rate}, n.Seeds))
	start := sweep.Drawn(m, replicas)
	trained, err := program.Run(ctx, sweep.Run{Task: "to a second place", Replicas: replicas, Start: start, Steps: n.Steps})
	if err != nil {
		return facts, err
	}
	bySGD := sweep.ByRate(trained.Final, len(n.Seeds))[position(facts.Names, sgd)]
	for i := range replicas {
		replicas[i].Rate = 0
	}
	for place := range placesOfNoise {
		if place == afterTraining {
			for i := range start {
				start[i] = bySGD[i%len(n.Seeds)]
			}
		}
		held, err := program.Run(ctx, sweep.Run{Task: "standing still", Replicas: replicas, Start: start, Steps: n.Warmup + n.Watched})
		if err != nil {
			return facts, err
		}
		relative := relativeVariances(held.Watched[n.Warmup:])
		facts.Relative = append(facts.Relative, sweep.ByRate(relative, len(n.Seeds)))
	}
	return facts, nil
}

// position is the index of a name, 0 where it is missing.
func position(names []string, name string) int {
	for i, own := range names {
		if own == name {
			return i
		}
	}
	return 0
}

// relativeVariances are those of every replica over the steps.
func relativeVariances(steps [][][]float64) []float64 {
	all := make([]float64, len(steps[0]))
	for i := range all {
		course := make([][]float64, len(steps))
		for step := range steps {
			course[step] = steps[step][i]
		}
		all[i] = relativeVariance(course)
	}
	return all
}

// relativeVariance is tr Cov(d) / ‖E d‖² of the vectors. The square of their
// mean would count the noise that is left in it: the inner product of the means
// of the two halves does not. Where that is not above 0, the noise hides the
// mean, and the ratio is NaN.
func relativeVariance(vectors [][]float64) float64 {
	half := len(vectors) / 2
	first, second := sweep.MeanVector(vectors[:half]), sweep.MeanVector(vectors[half:])
	square := floats.Dot(first, second)
	if !(square > 0) {
		return math.NaN()
	}
	n := float64(len(vectors))
	return sweep.MeanSquare(vectors, sweep.MeanVector(vectors)) * n / (n - 1) / square
}
