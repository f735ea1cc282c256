package minibatch

import (
	"context"
	"slices"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/stat"

	"evident/kit/sweep"
)

// TrendFacts are trainings of one net by batches of several sizes.
type TrendFacts struct {
	Rates       []float64
	HighRate    float64
	Examples    int
	BatchSizes  []int           // the last is the number of examples: full batches
	Losses      [][][][]float64 // [size][rate][seed][step], each on its own batch
	High        [][]float64     // [seed][step]: full batches at the high rate
	Checkpoints []int           // steps
	Whole       [][][][]float64 // [size][rate][seed][checkpoint]: loss on all examples
}

// MeasureTrend trains by every batch size. All trainings of a seed start from
// the same weights.
func MeasureTrend(ctx context.Context, backend compute.Backend, c TrendConfig) (TrendFacts, error) {
	facts := TrendFacts{Rates: c.Rates, HighRate: c.HighRate, Examples: c.Examples}
	if err := c.check(); err != nil {
		return facts, err
	}
	m := smallNet(c.Hidden).Model()
	meter, err := sweep.NewMeter(backend, m, Quadrants.data(c.Examples))
	if err != nil {
		return facts, err
	}
	defer meter.Finalize()
	facts.BatchSizes = append(slices.Clone(c.BatchSizes), c.Examples)
	t := training{name: "curves by batch size", task: Quadrants, examples: c.Examples, hidden: c.Hidden, steps: c.Steps}
	for _, size := range facts.BatchSizes {
		replicas := sweep.Grid(c.Rates, c.Seeds)
		whole := newGauge(meter, len(replicas))
		losses, err := t.visited(ctx, backend, size, replicas, whole.visit)
		if err != nil {
			return facts, err
		}
		facts.Losses = append(facts.Losses, sweep.ByRate(losses, len(c.Seeds)))
		facts.Whole, facts.Checkpoints = append(facts.Whole, sweep.ByRate(whole.losses, len(c.Seeds))), whole.steps
	}
	facts.High, err = t.curves(ctx, backend, c.Examples, sweep.Grid([]float64{c.HighRate}, c.Seeds))
	return facts, err
}

// gauge takes the loss on all examples along a training.
type gauge struct {
	meter  *sweep.Meter
	steps  []int
	losses [][]float64 // [replica][checkpoint]
}

func newGauge(meter *sweep.Meter, replicas int) *gauge {
	return &gauge{meter: meter, losses: make([][]float64, replicas)}
}

func (g *gauge) visit(step int, params [][]float64) error {
	scores, err := g.meter.Score(params)
	if err != nil {
		return err
	}
	g.steps = append(g.steps, step)
	for i, loss := range scores.Loss {
		g.losses[i] = append(g.losses[i], loss)
	}
	return nil
}

// Left is, for every seed, the mean loss of the last tenth of the checkpoints
// over that of the first, before any step; all on all examples.
func (f TrendFacts) Left(size, rate int) []float64 {
	left := make([]float64, len(f.Whole[size][rate]))
	for seed, losses := range f.Whole[size][rate] {
		late := losses[len(losses)-max(len(losses)/10, 1):]
		left[seed] = stat.Mean(late, nil) / losses[0]
	}
	return left
}

// epochMeans are the mean losses of the epochs of a training, of which the last
// is left out where it is not whole.
func (f TrendFacts) epochMeans(size int, losses []float64) []float64 {
	steps := f.Examples / f.BatchSizes[size]
	var means []float64
	for ; len(losses) >= steps; losses = losses[steps:] {
		means = append(means, stat.Mean(losses[:steps], nil))
	}
	return means
}

// FallingEpochs is, for every seed, the share of the epochs whose mean loss is
// below that of the epoch before. There are none where the training has fewer
// than two epochs.
func (f TrendFacts) FallingEpochs(size, rate int) []float64 {
	var shares []float64
	for _, losses := range f.Losses[size][rate] {
		means := f.epochMeans(size, losses)
		falls := 0.0
		for i := 1; i < len(means); i++ {
			if means[i] < means[i-1] {
				falls++
			}
		}
		if len(means) > 1 {
			shares = append(shares, falls/float64(len(means)-1))
		}
	}
	return shares
}

// isFull reports whether a size is that of all examples.
func (f TrendFacts) isFull(size int) bool { return f.BatchSizes[size] == f.Examples }

// risingShares is one share a curve.
func risingShares(curves [][]float64) []float64 {
	shares := make([]float64, len(curves))
	for i, losses := range curves {
		shares[i] = RisingShare(losses)
	}
	return shares
}
