package pointwise

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/kit/arch"
	"evident/kit/fit"
)

// FirstFacts compare a 1×1 with a 3×3 convolution as the first layer, on edges
// and textures. The nets have about as many parameters, that with the 1×1 layer
// a few more.
type FirstFacts struct {
	// Pooled halves the picture between the first layer and the next; in Whole
	// the next layer sees all that the first one made.
	Pooled, Whole FirstPair
}

// FirstPair is the comparison between two nets that differ in the first layer.
type FirstPair struct {
	Name                string
	Pointwise, Windowed FirstFact
}

// FirstFact is the outcome of one net, one value a seed.
type FirstFact struct {
	Filters, Parameters int // of the first layer; of the whole net
	Field               int // pixels that one output of the last convolution depends on, along an axis
	Train, Test         []float64
}

// firstNet is a first layer, 2×2 pooling or none, a 3×3 layer, and the mean of
// every map.
func firstNet(kernel, filters, behind int, pooled bool) arch.Model {
	layers := []arch.Layer{arch.Input{Shape: arch.Shape{texture.Side, texture.Side, 3}}, conv(filters, kernel, "relu")}
	if pooled {
		layers = append(layers, arch.Pool{Pooling: arch.Average, Size: []int{2, 2}})
	}
	layers = append(layers, conv(behind, 3, "relu"), arch.GlobalPool{Pooling: arch.Average, Axes: 2})
	return arch.Sequential(fmt.Sprintf("%d×%d first", kernel, kernel), layers...)
}

// parameters is the number of parameters of a net of features without a
// classifier, whose size is that of its last layer.
func parameters(m arch.Model) (int, error) {
	s, err := m.Summarize()
	return s.Total(), err
}

// pointwiseFilters is the smallest number of 1×1 filters with which the net has
// at least as many parameters as with so many 3×3 filters.
func pointwiseFilters(filters, behind int) (int, error) {
	budget, err := parameters(firstNet(3, filters, behind, false))
	if err != nil {
		return 0, err
	}
	for fewest := filters; ; fewest++ {
		has, err := parameters(firstNet(1, fewest, behind, false))
		if err != nil || has >= budget {
			return fewest, err
		}
	}
}

// MeasureFirst trains the four nets from every seed.
func MeasureFirst(ctx context.Context, backend compute.Backend, c FirstConfig) (FirstFacts, error) {
	facts := FirstFacts{Pooled: FirstPair{Name: "pooled"}, Whole: FirstPair{Name: "not pooled"}}
	if err := c.check(); err != nil {
		return facts, err
	}
	train, err := texture.Generate(c.Train, c.DataSeed)
	if err != nil {
		return facts, err
	}
	test, err := texture.Generate(c.Test, c.DataSeed+forTestPictures)
	if err != nil {
		return facts, err
	}
	filters, err := pointwiseFilters(c.Filters, c.Behind)
	if err != nil {
		return facts, err
	}
	for _, run := range []struct {
		fact            *FirstFact
		kernel, filters int
		pooled          bool
	}{
		{&facts.Pooled.Pointwise, 1, filters, true}, {&facts.Pooled.Windowed, 3, c.Filters, true},
		{&facts.Whole.Pointwise, 1, filters, false}, {&facts.Whole.Windowed, 3, c.Filters, false},
	} {
		run.fact.Filters = run.filters
		if err := run.fact.measure(ctx, backend, c, firstNet(run.kernel, run.filters, c.Behind, run.pooled), train, test); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

func (f *FirstFact) measure(ctx context.Context, backend compute.Backend, c FirstConfig, m arch.Model, train, test datasets.Images) error {
	summary, err := m.Summarize()
	if err != nil {
		return err
	}
	f.Field = summary.Rows[len(summary.Rows)-2].Field.Sizes[0] // in front of the global mean
	data := fit.ImageData(train)
	net, err := fit.NewClassifier(backend, classifier(features(m), len(train.Classes)), data, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return err
	}
	defer net.Finalize()
	f.Parameters = net.Parameters()
	for _, seed := range c.Seeds {
		task := fmt.Sprintf("%s, seed %d", m.Name, seed)
		if _, err := net.Train(ctx, data, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs}); err != nil {
			return err
		}
		onTrain, err := net.Evaluate(ctx, data)
		if err != nil {
			return err
		}
		onTest, err := net.Evaluate(ctx, fit.ImageData(test))
		if err != nil {
			return err
		}
		f.Train, f.Test = append(f.Train, onTrain.Accuracy), append(f.Test, onTest.Accuracy)
	}
	return nil
}
