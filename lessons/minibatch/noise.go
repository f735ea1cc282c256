package minibatch

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"gonum.org/v1/gonum/floats"

	"evident/kit/sweep"
)

// NoiseFacts say how far the gradient g_B of a batch lies from the gradient ḡ of
// all examples, at weights that stay where they are.
type NoiseFacts struct {
	BatchSizes []int
	Examples   int       // N
	Variance   []float64 // [seed]: σ², the mean of ‖g_i − ḡ‖² over the examples
	// The mean of ‖g_B − ḡ‖² over the batches: [size][seed].
	Shuffled [][]float64 // batches cut from permutations: without replacement
	Replaced [][]float64 // with replacement
}

// Predicted is the share of σ² that theory leaves to batches of B out of N:
// 1/B with replacement, and (N−B)/(B(N−1)) without (Cochran 1977, theorem 2.2).
func Predicted(size, examples int, replaced bool) float64 {
	b, n := float64(size), float64(examples)
	if replaced {
		return 1 / b
	}
	return (n - b) / (b * (n - 1))
}

// ratios are, for every seed, the measured variance over the predicted one.
func (f NoiseFacts) ratios(size int, replaced bool) []float64 {
	measured := f.Shuffled[size]
	if replaced {
		measured = f.Replaced[size]
	}
	ratios := f.relative(measured)
	for seed := range ratios {
		ratios[seed] /= Predicted(f.BatchSizes[size], f.Examples, replaced)
	}
	return ratios
}

// MeasureNoise draws batches of every size at the initial weights of every seed.
func MeasureNoise(ctx context.Context, backend compute.Backend, c NoiseConfig) (NoiseFacts, error) {
	facts := NoiseFacts{BatchSizes: c.BatchSizes, Examples: c.Examples}
	if err := c.check(); err != nil {
		return facts, err
	}
	m, data := smallNet(c.Hidden).Model(), Quadrants.data(c.Examples)
	replicas := sweep.Grid([]float64{0}, c.Seeds)
	still := stillLife{model: m, data: data, replicas: replicas, params: sweep.Drawn(m, replicas)}
	each, err := still.exampleGradients(ctx, backend)
	if err != nil {
		return facts, err
	}
	means := make([][]float64, len(c.Seeds))
	for seed, gradients := range each {
		means[seed] = sweep.MeanVector(gradients)
		facts.Variance = append(facts.Variance, sweep.MeanSquare(gradients, means[seed]))
	}
	for _, size := range c.BatchSizes {
		shuffled, err := still.spread(ctx, backend, size, sweep.Shuffled, c.Draws, means)
		if err != nil {
			return facts, err
		}
		replaced, err := still.spread(ctx, backend, size, sweep.WithReplacement, c.Draws, means)
		if err != nil {
			return facts, err
		}
		facts.Shuffled, facts.Replaced = append(facts.Shuffled, shuffled), append(facts.Replaced, replaced)
	}
	return facts, nil
}

// stillLife is a model at weights that do not move: its replicas' rates are 0.
type stillLife struct {
	model    sweep.Model
	data     sweep.Data
	replicas []sweep.Replica
	params   [][]float64 // [replica][parameter]
}

// gradients of so many batches: [replica][batch][parameter].
func (s stillLife) gradients(ctx context.Context, backend compute.Backend, size int, order sweep.Order, batches int) ([][][]float64, error) {
	program, err := sweep.New(backend, sweep.Config{
		Model: s.model, Data: s.data, BatchSize: size, Order: order, DType: dtypes.Float64, StepsPerCall: 1, Watch: sweep.WatchGradients,
	})
	if err != nil {
		return nil, err
	}
	defer program.Finalize()
	trace, err := program.Run(ctx, sweep.Run{Task: "gradients of batches", Replicas: s.replicas, Start: s.params, Steps: batches})
	if err != nil {
		return nil, err
	}
	all := make([][][]float64, len(s.replicas))
	for i := range all {
		for _, watched := range trace.Watched {
			all[i] = append(all[i], watched[i])
		}
	}
	return all, nil
}

// exampleGradients are those of batches of one example, each in its turn:
// [replica][example][parameter].
func (s stillLife) exampleGradients(ctx context.Context, backend compute.Backend) ([][][]float64, error) {
	return s.gradients(ctx, backend, 1, sweep.InOrder, s.data.Len())
}

// spread is the mean of ‖g_B − ḡ‖² over so many batches: [replica].
func (s stillLife) spread(ctx context.Context, backend compute.Backend, size int, order sweep.Order, batches int, means [][]float64) ([]float64, error) {
	gradients, err := s.gradients(ctx, backend, size, order, batches)
	if err != nil {
		return nil, err
	}
	spread := make([]float64, len(means))
	for i := range spread {
		spread[i] = sweep.MeanSquare(gradients[i], means[i])
	}
	return spread, nil
}

// noiseScale is the simple noise scale tr Σ/‖ḡ‖² of McCandlish et al. (2018),
// section 2.2, with Σ over all examples: the batch size at which the noise is as
// large as the gradient.
func noiseScale(gradients [][]float64) float64 {
	mean := sweep.MeanVector(gradients)
	return sweep.MeanSquare(gradients, mean) / floats.Dot(mean, mean)
}
