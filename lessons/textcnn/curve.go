package textcnn

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"evident/kit/fit"
)

// CurveFacts are learning curves: test accuracy against the number of labelled
// texts. They are drawn for the pipeline's texts, and for reviews without
// negation, whose class the words alone tell.
type CurveFacts struct{ Sets []CurveSet }

// CurveSet is one set's curves, on the same test texts for both nets.
type CurveSet struct {
	DataSet  string
	Sizes    []int
	Few      bool        // the texts are too few for the sizes that were asked for, so that nothing is decided
	CNN, Bag [][]float64 // [size][seed]
}

// Behind is what the CNN's accuracy lies below that of the bag of words, on
// average over all numbers of texts but the largest: one value a seed.
func (s CurveSet) Behind() []float64 {
	few := len(s.Sizes) - 1
	behind := make([]float64, len(s.CNN[0]))
	for i := range few {
		for seed := range behind {
			behind[seed] += (s.Bag[i][seed] - s.CNN[i][seed]) / float64(few)
		}
	}
	return behind
}

// MeasureCurve trains a CNN and a bag of words on more and more texts, each for
// the same number of steps.
func MeasureCurve(ctx context.Context, backend compute.Backend, c CurveConfig, d DataConfig) (CurveFacts, error) {
	if err := d.check(); err != nil {
		return CurveFacts{}, err
	}
	texts, err := d.load(ctx)
	if err != nil {
		return CurveFacts{}, err
	}
	return measureCurve(ctx, backend, c, texts)
}

func measureCurve(ctx context.Context, backend compute.Backend, c CurveConfig, texts corpus) (facts CurveFacts, err error) {
	if err := c.check(); err != nil {
		return facts, err
	}
	plain := corpus{plain: true, DataConfig: DataConfig{Words: generatedWords(), Length: generatedLength}}
	for _, texts := range []corpus{texts, plain} {
		set, err := c.measure(ctx, backend, texts)
		if err != nil {
			return facts, err
		}
		facts.Sets = append(facts.Sets, set)
	}
	return facts, nil
}

func (c CurveConfig) measure(ctx context.Context, backend compute.Backend, texts corpus) (set CurveSet, err error) {
	possible, err := c.available(texts)
	if err != nil {
		return set, err
	}
	c = possible.CurveConfig
	set = CurveSet{DataSet: texts.name(), Sizes: c.Sizes, Few: possible.few}
	classes := len(texts.classes())
	if set.CNN, err = c.learn(ctx, backend, "CNN", c.Net.Network(texts.Words, classes), texts); err != nil {
		return set, err
	}
	set.Bag, err = c.learn(ctx, backend, "bag of words", bagOfWords(texts.Words, classes), texts)
	return set, err
}

// possible is a curve for which there are texts.
type possible struct {
	CurveConfig
	few bool // they are too few for two of the sizes that were asked for
}

// available takes the sizes for which there are texts; of few own texts, half of
// them and all.
func (c CurveConfig) available(texts corpus) (possible, error) {
	most := c.Sizes[len(c.Sizes)-1]
	there := most
	for _, seed := range c.Seeds {
		if texts.own == nil && seed != c.Seeds[0] {
			break // all seeds have as many
		}
		train, _, err := texts.sets(seed, most, c.Test)
		if err != nil {
			return possible{}, err
		}
		there = min(there, train.Len())
	}
	asked := c.Sizes
	c.Sizes = nil
	for _, size := range asked {
		if size <= there {
			c.Sizes = append(c.Sizes, size)
		}
	}
	if texts.own != nil && len(c.Sizes) < 2 {
		c.Sizes = []int{there / 2, there}
		c.BatchSize = max(min(c.BatchSize, there/2), 1)
		return possible{c, true}, nil
	}
	return possible{c, false}, checkRising(fmt.Sprintf("Curve.Sizes up to the %d texts there are", there), c.Sizes)
}

// learn is one curve: [size][seed].
func (c CurveConfig) learn(ctx context.Context, backend compute.Backend, name string, network fit.Network, texts corpus) ([][]float64, error) {
	open := func(backend compute.Backend) (*fit.Classifier, error) {
		return c.classifier(backend, network, fit.NewData(make([]int32, texts.Length), []int{texts.Length}, []int32{0}))
	}
	bySeed, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, net *fit.Classifier, seed int64) ([]float64, error) {
		return c.learnFrom(ctx, net, name, texts, seed)
	})
	if err != nil {
		return nil, err
	}
	accuracies := make([][]float64, len(c.Sizes))
	for i := range c.Sizes {
		for _, bySize := range bySeed {
			accuracies[i] = append(accuracies[i], bySize[i])
		}
	}
	return accuracies, nil
}

// learnFrom is the accuracy for every size, from one seed.
func (c CurveConfig) learnFrom(ctx context.Context, net *fit.Classifier, name string, texts corpus, seed int64) ([]float64, error) {
	trainSet, testSet, err := texts.sets(seed, c.Sizes[len(c.Sizes)-1], c.Test)
	if err != nil {
		return nil, err
	}
	var accuracies []float64
	for _, size := range c.Sizes {
		// A smaller set is the beginning of the larger one, and has a vocabulary
		// of its own: words that it lacks are unknown.
		t, err := texts.encode(trainSet.Take(size), testSet)
		if err != nil {
			return nil, err
		}
		perEpoch := t.train.Len() / c.BatchSize
		training := fit.Training{Task: fmt.Sprintf("%s, %d texts, seed %d", name, size, seed), Seed: seed, Epochs: (c.Steps + perEpoch - 1) / perEpoch}
		if _, err := net.Train(ctx, t.train, training); err != nil {
			return nil, err
		}
		score, err := net.Evaluate(ctx, t.test)
		if err != nil {
			return nil, err
		}
		accuracies = append(accuracies, score.Accuracy)
	}
	return accuracies, nil
}
