package saddle

import (
	"context"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"

	"evident/datasets/toy"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// NoiseConfig watches the directions of a training that stands still.
type NoiseConfig struct {
	Optimizers []nn.Optimizer `role:"compared" help:"SGD, momentum, RMSProp and Adam, which the claims need; others may join"`
	Seeds      []int64        `role:"averaged" help:"of examples, initial weights and order"`
	Hidden     []int          `role:"fixed" range:"[1, inf)" help:"units of the hidden layers"`
	Train      int            `role:"fixed" range:"[1, inf)" help:"training examples"`
	BatchSize  int            `role:"fixed" range:"[1, inf)" help:"examples of a batch"`
	Rate       float64        `role:"fixed" range:"(0, inf)" help:"of the training that leads to the second place"`
	Steps      int            `role:"fixed" range:"[1, inf)" help:"of that training"`
	Warmup     int            `role:"fixed" range:"[0, inf)" help:"steps that are not counted"`
	Watched    int            `role:"fixed" range:"[4, inf)" help:"steps that are counted"`
}

// Validate checks that there is a batch of examples, that the optimizers of the
// claims are there, and that what is watched at all steps fits into memory.
func (c NoiseConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	if err := checkOptimizers(c.Optimizers); err != nil {
		return err
	}
	steps := max(c.Steps, c.Warmup+c.Watched)
	return sweep.CheckFits("Optimizers × Seeds × Watched", len(c.Optimizers)*len(c.Seeds)*steps, sweep.Config{Model: sweep.Model{Shapes: c.net().Model().Shapes}})
}

// The places at which a training stands still.
const (
	atStart = iota
	afterTraining
	placesOfNoise
)

// NoiseMeasurement is about the directions of the optimizers at places where the
// weights are held, so that nothing but the batch changes.
type NoiseMeasurement struct {
	Names []string
	// Relative is tr Cov(d) / ‖E d‖² of the direction d of a step,
	// [place][optimizer][seed].
	Relative [][][]float64
}

// of finds an optimizer's relative variances at a place by its name.
func (f NoiseMeasurement) of(place int, name string) []float64 {
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

// measureNoise trains by SGD to a second place, then holds the weights at both
// and feeds batches.
func measureNoise(ctx context.Context, backend compute.Backend, c NoiseConfig) (NoiseMeasurement, error) {
	facts := NoiseMeasurement{Names: names(c.Optimizers)}
	m := c.net().Model()
	program, err := sweep.New(backend, sweep.Config{
		Model: m, Draw: drawn(trainingDraw, func(seed int64) sweep.Data { return toy.Quadrants(c.Train, seed, 0) }), BatchSize: c.BatchSize, Order: sweep.WithReplacement,
		StepsPerCall: 4, Optimizer: sweep.Together(c.Optimizers...), Watch: sweep.WatchDirections,
	})
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	replicas := slices.Repeat(sweep.Grid([]float64{c.Rate}, c.Seeds), len(c.Optimizers))
	start := sweep.Drawn(m, replicas)
	trained, err := program.Run(ctx, sweep.Run{Task: "to a second place", Replicas: replicas, Start: start, Steps: c.Steps})
	if err != nil {
		return facts, err
	}
	bySGD := sweep.ByRate(trained.Final, len(c.Seeds))[slices.Index(facts.Names, sgd)] // Validate wants SGD
	for i := range replicas {
		replicas[i].Rate = 0
	}
	for place := range placesOfNoise {
		if place == afterTraining {
			for i := range start {
				start[i] = bySGD[i%len(c.Seeds)]
			}
		}
		held, err := program.Run(ctx, sweep.Run{Task: "standing still", Replicas: replicas, Start: start, Steps: c.Warmup + c.Watched})
		if err != nil {
			return facts, err
		}
		relative := relativeVariances(held.Watched[c.Warmup:])
		facts.Relative = append(facts.Relative, sweep.ByRate(relative, len(c.Seeds)))
	}
	return facts, nil
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

// chart shows the relative variances of the directions.
func (f NoiseMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "variance", Title: "Relative variance of the direction, weights held still", Mark: report.Bars, Categories: f.Names,
		XLabel: "optimizer", YLabel: "tr Cov(d) / ‖E d‖²",
		Alt: "Two bars for each optimizer, the relative variance of its direction at the initial weights and after some training: lower is calmer.",
	}
	for place, relative := range f.Relative {
		curve := report.Curve{Name: []string{"at the initial weights", "after some training"}[place]}
		for o := range f.Names {
			if values := claim.Finite(relative[o]); len(values) > 0 {
				curve.AddGeometric(float64(o), values)
			}
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// DirectionNoise is the experiment. [TwoVariances] judges it.
var DirectionNoise = experiment.Experiment[NoiseConfig, NoiseMeasurement]{
	Name: "Noise", Title: "Directions while the weights are held still",
	Measure: measureNoise,
	Figures: func(_ NoiseConfig, f NoiseMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart()}}, nil
	},
}
