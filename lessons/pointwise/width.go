package pointwise

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/toy"
	"evident/kit/arch"
	"evident/kit/fit"
)

// WidthFacts say how well 1×1 convolutions of many widths learn a class of
// pixels from little data.
type WidthFacts struct {
	Examples int // that they are trained on
	Filters  []int
	Sets     []WidthSet // one for each share of wrong labels
}

// WidthSet is the outcome for one share of wrong labels.
type WidthSet struct {
	Flipped             float64
	Train, Test, Losses [][]float64 // accuracy, accuracy and cross-entropy (nats) on the test: [filters][seed]
}

// Best is, for every seed, the index of the width with the highest mean test
// accuracy over the other seeds: the seed itself has no say in what it is
// compared with.
func (s WidthSet) Best() []int {
	seeds := len(s.Test[0])
	best := make([]int, seeds)
	for seed := range best {
		highest := -1.0
		for width, accuracies := range s.Test {
			if mean := (stat.Mean(accuracies, nil)*float64(seeds) - accuracies[seed]) / float64(max(seeds-1, 1)); mean > highest {
				best[seed], highest = width, mean
			}
		}
	}
	return best
}

// Drop is, for every seed, what the accuracies at a width lie below those at
// the best width (see [WidthSet.Best]).
func (s WidthSet) Drop(accuracies [][]float64, width int) []float64 {
	drops := make([]float64, len(accuracies[width]))
	for seed, best := range s.Best() {
		drops[seed] = accuracies[best][seed] - accuracies[width][seed]
	}
	return drops
}

// widthNet is a 1×1 layer of so many filters. The pixels come one by one, since
// that is how the layer sees them.
func widthNet(channels, filters int) arch.Model {
	return arch.Sequential(fmt.Sprintf("%d filters", filters),
		arch.Input{Shape: arch.Shape{1, 1, channels}}, conv(filters, 1, "relu"), arch.Flatten{})
}

// The sets of one seed: seeds that are counted up from 1 stay apart.
const (
	forTestPixel  = 4_000_000
	forTrainPixel = 5_000_000

	forIdleChannels = 66 // purpose of the random numbers, see fit.Rand
)

// pixels draws the data of one seed. The class is whether the signs of the
// first two channels agree, XOR of two colours (see [toy.Quadrants]); the other
// channels say nothing. The test has no wrong labels.
func (c WidthConfig) pixels(seed int64, flipped float64) (train, test fit.Data) {
	return c.draw(c.Train, seed+forTrainPixel, flipped), c.draw(c.Test, seed+forTestPixel, 0)
}

func (c WidthConfig) draw(n int, seed int64, flipped float64) fit.Data {
	random := fit.Rand(seed, forIdleChannels)
	rows := toy.Quadrants(n, seed, flipped)
	var values []float32
	var labels []int32
	for i, x := range rows.X {
		values = append(values, float32(x[0]), float32(x[1]))
		for range c.Channels - len(x) {
			values = append(values, float32(random.NormFloat64()))
		}
		labels = append(labels, int32(rows.Y[i][1]))
	}
	return fit.NewData(values, []int{1, 1, c.Channels}, labels)
}

// MeasureWidth trains every width from every seed, each on data of its own.
func MeasureWidth(ctx context.Context, backend compute.Backend, c WidthConfig) (WidthFacts, error) {
	facts := WidthFacts{Examples: c.Train, Filters: c.Filters, Sets: make([]WidthSet, len(c.Flipped))}
	if err := c.check(); err != nil {
		return facts, err
	}
	for i, share := range c.Flipped {
		facts.Sets[i].Flipped = share
	}
	for _, filters := range c.Filters {
		if err := facts.measure(ctx, backend, c, filters); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// measure trains one width on all sets.
func (f *WidthFacts) measure(ctx context.Context, backend compute.Backend, c WidthConfig, filters int) error {
	m := widthNet(c.Channels, filters)
	network := classifier(func(scope *model.Scope, x *Node) *Node { return m.Graph(scope, x)[0] }, 2)
	shapes, _ := c.pixels(c.Seeds[0], 0)
	net, err := fit.NewClassifier(backend, network, shapes, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return err
	}
	defer net.Finalize()
	for i := range f.Sets {
		set := &f.Sets[i]
		set.Train, set.Test, set.Losses = append(set.Train, nil), append(set.Test, nil), append(set.Losses, nil)
		for _, seed := range c.Seeds {
			if err := set.train(ctx, net, c, filters, seed); err != nil {
				return err
			}
		}
	}
	return nil
}

// train adds the outcome of a seed to the last width.
func (s *WidthSet) train(ctx context.Context, net *fit.Classifier, c WidthConfig, filters int, seed int64) error {
	train, test := c.pixels(seed, s.Flipped)
	task := fmt.Sprintf("%d filters, %g wrong labels, seed %d", filters, s.Flipped, seed)
	if _, err := net.Train(ctx, train, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs}); err != nil {
		return err
	}
	onTrain, err := net.Evaluate(ctx, train)
	if err != nil {
		return err
	}
	onTest, err := net.Evaluate(ctx, test)
	if err != nil {
		return err
	}
	last := len(s.Test) - 1
	s.Train[last] = append(s.Train[last], onTrain.Accuracy)
	s.Test[last] = append(s.Test[last], onTest.Accuracy)
	s.Losses[last] = append(s.Losses[last], onTest.Loss)
	return nil
}
