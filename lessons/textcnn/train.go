package textcnn

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/fit"
)

// Training is how a net is trained from one seed.
type Training struct {
	Train        int     `role:"fixed" range:"[1, inf)" help:"texts to train on, at most"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"texts to test with, at most"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"of training"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"texts of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
}

// Validate checks that there is a whole batch.
func (t Training) Validate() error {
	if t.Train < t.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", t.Train, t.BatchSize)
	}
	return nil
}

// Scores are the outcome of one kind of net, one value a seed.
type Scores struct {
	Name                  string
	Parameters            int
	TrainTexts, TestTexts int
	Train, Test           []float64 // accuracy, 0–1
}

// test is the accuracy on the texts to test with.
func (s Scores) test() claim.Estimate { return claim.EstimateFraction(s.Test, s.TestTexts) }

// trial is one kind of net, which is trained from every seed.
type trial struct {
	name     string
	network  fit.Network
	inside   fit.Network // what is read of a trained net beside its answers; may be nil
	seeds    []int64
	training Training
	draw     func(seed int64) (task, error)
}

// trained is a net with its inside compiled, where the trial has one.
type trained struct {
	*fit.Classifier
	inside *fit.Program
}

func (e trial) open(backend compute.Backend) (net trained, err error) {
	first, err := e.draw(e.seeds[0])
	if err != nil {
		return net, err
	}
	if net.Classifier, err = e.training.classifier(backend, e.network, first.train); err != nil || e.inside == nil {
		return net, err
	}
	net.inside, err = net.Program(e.inside)
	return net, err
}

// Finalize frees what was compiled.
func (t trained) Finalize() {
	if t.inside != nil {
		t.inside.Finalize()
	}
	t.Classifier.Finalize()
}

// run trains and scores.
func (e trial) run(ctx context.Context, backend compute.Backend) (Scores, error) {
	scores, _, err := lookInto(ctx, backend, e, func(context.Context, trained, task, int64) (struct{}, error) { return struct{}{}, nil })
	return scores, err
}

// lookInto trains and scores, and looks into every net and its texts: what it sees
// is in the order of the seeds.
func lookInto[T any](ctx context.Context, backend compute.Backend, e trial, look func(ctx context.Context, net trained, t task, seed int64) (T, error)) (Scores, []T, error) {
	type outcome struct {
		scores Scores // of this seed
		seen   T
	}
	outcomes, err := fit.BySeed(ctx, backend, e.seeds, e.open, func(ctx context.Context, net trained, seed int64) (o outcome, err error) {
		t, err := e.draw(seed)
		if err != nil {
			return o, err
		}
		if o.scores, err = e.score(ctx, net, t, seed); err != nil {
			return o, err
		}
		o.seen, err = look(ctx, net, t, seed)
		return o, err
	})
	scores := Scores{Name: e.name}
	var seen []T
	for _, o := range outcomes {
		scores.Parameters, scores.TrainTexts, scores.TestTexts = o.scores.Parameters, o.scores.TrainTexts, o.scores.TestTexts
		scores.Train, scores.Test = append(scores.Train, o.scores.Train...), append(scores.Test, o.scores.Test...)
		seen = append(seen, o.seen)
	}
	return scores, seen, err
}

// score trains from a seed and evaluates on both sets.
func (e trial) score(ctx context.Context, net trained, t task, seed int64) (Scores, error) {
	if _, err := net.Train(ctx, t.train, fit.Training{Task: fmt.Sprintf("%s, seed %d", e.name, seed), Seed: seed, Epochs: e.training.Epochs}); err != nil {
		return Scores{}, err
	}
	first, err := net.Evaluate(ctx, t.train)
	if err != nil {
		return Scores{}, err
	}
	second, err := net.Evaluate(ctx, t.test)
	return Scores{
		Parameters: net.Parameters(), TrainTexts: t.train.Len(), TestTexts: t.test.Len(),
		Train: []float64{first.Accuracy}, Test: []float64{second.Accuracy},
	}, err
}

// classifier compiles a network for data like the example.
func (t Training) classifier(backend compute.Backend, network fit.Network, example fit.Data) (*fit.Classifier, error) {
	return fit.NewClassifier(backend, network, example, t.BatchSize, optimizer.Adam().LearningRate(t.LearningRate).Done())
}

// classifiers are nets that are trained from one seed after the other on the same
// texts.
type classifiers []*fit.Classifier

func (t Training) classifiers(backend compute.Backend, example fit.Data, networks ...fit.Network) (nets classifiers, err error) {
	for _, network := range networks {
		net, err := t.classifier(backend, network, example)
		if err != nil {
			nets.Finalize()
			return nil, err
		}
		nets = append(nets, net)
	}
	return nets, nil
}

// Finalize frees what was compiled.
func (c classifiers) Finalize() {
	for _, net := range c {
		net.Finalize()
	}
}

// predictions are the classes that a net gives to the examples.
func predictions(ctx context.Context, net *fit.Classifier, data fit.Data) ([]int, error) {
	logits, err := net.Logits(ctx, data)
	classes := make([]int, len(logits))
	for i := range logits {
		classes[i] = fit.Argmax(logits[i])
	}
	return classes, err
}

// changed is the fraction of classes that differ, 0–1.
func changed(before, after []int) float64 {
	count := 0
	for i := range before {
		if before[i] != after[i] {
			count++
		}
	}
	return float64(count) / float64(len(before))
}

func (s Scores) row() []string {
	return []string{s.Name, comma(s.Parameters), claim.EstimateFraction(s.Train, s.TrainTexts).String(), s.test().String()}
}
