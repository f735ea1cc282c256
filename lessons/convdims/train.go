package convdims

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/kit/fit"
)

// farAway is added to a seed for the test data: far from every seed that is
// counted up from 1.
const farAway = 1_000_000

// source draws n labelled examples from a seed.
type source func(n int, seed int64) (fit.Data, error)

// trial trains on one kind of data and tests on one or more.
type trial struct {
	name  string
	train source
	tests []source
	// keep, if not nil, gets the net after the training from the first seed.
	keep func(net *fit.Classifier) error
}

// NetFacts are a net's layer and what it takes.
type NetFacts struct {
	Layer        string
	Filters      int
	Parameters   int // as built
	MultiplyAdds int // for one clip or volume
}

// Nets are the facts of several, in the order of all that is measured of them.
type Nets []NetFacts

// of is the place of a layer's net, or −1.
func (n Nets) of(l layer) int {
	return slices.IndexFunc(n, func(net NetFacts) bool { return net.Layer == l.name })
}

// run trains the contender's classifier in every trial from every seed, and
// returns the share of right answers: [trial][test][seed].
func (t Training) run(ctx context.Context, backend compute.Backend, c contender, shape []int, experiments []trial) (NetFacts, [][][]float64, error) {
	facts := NetFacts{Layer: c.name, Filters: c.filters, MultiplyAdds: c.cost(shape).MultiplyAdds}
	example := fit.NewData(make([]float32, t.BatchSize*product(shape)), shape, make([]int32, t.BatchSize))
	net, err := fit.NewClassifier(backend, c.classifier, example, t.BatchSize, t.adam())
	if err != nil {
		return facts, nil, err
	}
	defer net.Finalize()
	facts.Parameters = net.Parameters()
	shares := make([][][]float64, len(experiments))
	for i, e := range experiments {
		if shares[i], err = t.try(ctx, net, c.name, e); err != nil {
			return facts, nil, fmt.Errorf("%s, %s: %w", c.name, e.name, err)
		}
	}
	return facts, shares, nil
}

func (t Training) adam() optimizer.Interface {
	return optimizer.Adam().LearningRate(t.LearningRate).Done()
}

// try is one trial of run: [test][seed].
func (t Training) try(ctx context.Context, net *fit.Classifier, name string, e trial) ([][]float64, error) {
	shares := make([][]float64, len(e.tests))
	for i, seed := range t.Seeds {
		data, err := e.train(t.Train, seed)
		if err != nil {
			return nil, err
		}
		task := fmt.Sprintf("%s, %s, seed %d", name, e.name, seed)
		if _, err := net.Train(ctx, data, fit.Training{Task: task, Seed: seed, Epochs: t.Epochs}); err != nil {
			return nil, err
		}
		for k, test := range e.tests {
			share, err := t.score(ctx, net, test, seed)
			if err != nil {
				return nil, err
			}
			shares[k] = append(shares[k], share)
		}
		if i == 0 && e.keep != nil {
			if err := e.keep(net); err != nil {
				return nil, err
			}
		}
	}
	return shares, nil
}

// score is the net's share of right answers on test data of a training's seed.
func (t Training) score(ctx context.Context, net *fit.Classifier, test source, seed int64) (float64, error) {
	data, err := test(t.Test, seed+farAway)
	if err != nil {
		return 0, err
	}
	score, err := net.Evaluate(ctx, data)
	return score.Accuracy, err
}
