package textcnn

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/lessons/fit"
)

// Scores are the outcome of one kind of net, one value a seed.
type Scores struct {
	Name        string
	Parameters  int
	Train, Test []float64 // accuracy, 0–1
}

// experiment trains one kind of net from every seed, with one compilation.
type experiment struct {
	name     string
	network  fit.Network
	training Training
	draw     func(seed int64) (train, test fit.Data, err error)
	before   func(net *fit.Classifier) error // once, may be nil
	after    func(seed int64, net *fit.Classifier) error
}

func (e experiment) run(ctx context.Context, backend compute.Backend) (Scores, error) {
	scores := Scores{Name: e.name}
	example, _, err := e.draw(e.training.Seeds[0])
	if err != nil {
		return scores, err
	}
	net, err := e.training.classifier(backend, e.network, example)
	if err != nil {
		return scores, err
	}
	defer net.Finalize()
	scores.Parameters = net.Parameters()
	if e.before != nil {
		if err := e.before(net); err != nil {
			return scores, err
		}
	}
	for _, seed := range e.training.Seeds {
		if err := e.seed(ctx, net, seed, &scores); err != nil {
			return scores, err
		}
	}
	return scores, nil
}

func (e experiment) seed(ctx context.Context, net *fit.Classifier, seed int64, scores *Scores) error {
	train, test, err := e.draw(seed)
	if err != nil {
		return err
	}
	task := fmt.Sprintf("%s, seed %d", e.name, seed)
	if _, err := net.Train(ctx, train, fit.Training{Task: task, Seed: seed, Epochs: e.training.Epochs}); err != nil {
		return err
	}
	for _, part := range []struct {
		data fit.Data
		into *[]float64
	}{{train, &scores.Train}, {test, &scores.Test}} {
		score, err := net.Evaluate(ctx, part.data)
		if err != nil {
			return err
		}
		*part.into = append(*part.into, score.Accuracy)
	}
	if e.after != nil {
		return e.after(seed, net)
	}
	return nil
}

// classifier compiles a network for data like the example.
func (t Training) classifier(backend compute.Backend, network fit.Network, example fit.Data) (*fit.Classifier, error) {
	return fit.NewClassifier(backend, network, example, t.BatchSize, optimizer.Adam().LearningRate(t.LearningRate).Done())
}

// predictions are the classes that a net gives to the examples.
func predictions(ctx context.Context, net *fit.Classifier, data fit.Data) ([]int, error) {
	logits, err := net.Logits(ctx, data)
	classes := make([]int, len(logits))
	for i := range logits {
		classes[i] = fit.Largest(logits[i])
	}
	return classes, err
}

// changed is the share of classes that differ, 0–1.
func changed(before, after []int) float64 {
	count := 0
	for i := range before {
		if before[i] != after[i] {
			count++
		}
	}
	return float64(count) / float64(len(before))
}
