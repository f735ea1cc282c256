package imageclass

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/kit/fit"
)

// Trained is the net after its trainings, one for each seed, and what it is
// compared with.
type Trained struct {
	DataSet   string
	Classes   []string
	Train     int // pictures
	BatchSize int
	Runs      []SeedFacts
	Shown     Shown // of the first seed
	own       bool  // the reader's own pictures
}

// SeedFacts is what one seed came to.
type SeedFacts struct {
	Untrained Untrained
	History   fit.History
	Outcome   Outcome
	Further   Outcome // on further heads, of which many have lesions; empty for own pictures
	Linear    float64 // validation accuracy of logistic regression on the pixels
	Majority  float64 // validation accuracy of the guess that never looks
	Pointing  Pointing
}

// Shown is what is drawn of one seed.
type Shown struct {
	Pictures Pictures
	Outcome  Outcome
	Maps     []SaliencyMap // of the validation pictures
}

// adam is the optimizer of all trainings.
func (c TrainConfig) adam() optimizer.Interface {
	return optimizer.Adam().LearningRate(c.LearningRate).Done()
}

// classifier compiles the net for pictures like those of the set.
func (c TrainConfig) classifier(backend compute.Backend, network fit.Network, set datasets.Images) (*fit.Classifier, error) {
	return fit.NewClassifier(backend, network, fit.ImageData(set), c.BatchSize, c.adam())
}

// open compiles a net as a recipe has it, for [fit.BySeed].
func (c TrainConfig) open(n Net, r recipe, set datasets.Images) func(compute.Backend) (*fit.Classifier, error) {
	return func(backend compute.Backend) (*fit.Classifier, error) {
		return c.classifier(backend, n.network(r), set)
	}
}

// measureTraining trains the net from every seed, and scores it and what it is
// compared with on pictures that it has not seen.
func measureTraining(ctx context.Context, backend compute.Backend, c Config, from *source) (Trained, error) {
	first, err := from.of(c.Train.Seeds[0])
	if err != nil {
		return Trained{}, err
	}
	open := func(backend compute.Backend) (rivals, error) { return c.Train.rivals(backend, first.Train) }
	runs, err := fit.BySeed(ctx, backend, c.Train.Seeds, open, func(ctx context.Context, r rivals, seed int64) (seedRun, error) {
		return c.Train.measure(ctx, r, seed, from)
	})
	return c.Train.trained(first, runs), err
}

// trained puts together what the seeds came to, on pictures like the first.
func (c TrainConfig) trained(first Pictures, runs []seedRun) Trained {
	trained := Trained{
		DataSet: first.name(), Classes: first.Train.Classes, Train: first.Train.Len(), BatchSize: c.BatchSize,
		Shown: runs[0].shown, own: first.Folder != nil,
	}
	for _, run := range runs {
		trained.Runs = append(trained.Runs, run.facts)
	}
	return trained
}

// rivals are the net, with its saliency, and logistic regression on the pixels.
type rivals struct {
	net, pixels *fit.Classifier
	saliency    *fit.Program
}

func (c TrainConfig) rivals(backend compute.Backend, set datasets.Images) (r rivals, err error) {
	if r.net, err = c.classifier(backend, c.Net.network(plain), set); err != nil {
		return r, err
	}
	if r.saliency, err = r.net.Program(c.Net.saliency(plain)); err != nil {
		return r, err
	}
	r.pixels, err = c.classifier(backend, linear, set)
	return r, err
}

// Finalize frees them.
func (r rivals) Finalize() {
	r.saliency.Finalize()
	r.net.Finalize()
	r.pixels.Finalize()
}

// seedRun is what one seed came to, and what could be drawn of it.
type seedRun struct {
	facts SeedFacts
	shown Shown
}

// measure trains and scores from one seed.
func (c TrainConfig) measure(ctx context.Context, r rivals, seed int64, from *source) (seedRun, error) {
	p, err := from.of(seed)
	if err != nil {
		return seedRun{}, err
	}
	before, err := untrained(ctx, r.net, seed, fit.ImageData(p.Validation))
	if err != nil {
		return seedRun{}, err
	}
	run, err := c.train(ctx, r.net, seed, p)
	if err != nil {
		return run, err
	}
	facts := &run.facts
	facts.Untrained = before
	if facts.Further, err = outcomeOnFurther(ctx, r.net, from, seed); err != nil {
		return run, err
	}
	if run.shown.Maps, err = saliencyMaps(ctx, r.saliency, p.Validation); err != nil {
		return run, err
	}
	facts.Pointing = pointing(run.shown.Maps, p.Lesions, facts.Outcome)
	if _, err = r.pixels.Train(ctx, fit.ImageData(p.Train), fit.Training{Task: fmt.Sprintf("logistic regression, seed %d", seed), Seed: seed, Epochs: c.Epochs}); err != nil {
		return run, err
	}
	score, err := r.pixels.Evaluate(ctx, fit.ImageData(p.Validation))
	facts.Linear = score.Accuracy
	return run, err
}

// train trains the net from one seed, and scores it on the validation pictures.
func (c TrainConfig) train(ctx context.Context, net *fit.Classifier, seed int64, p Pictures) (run seedRun, err error) {
	facts := SeedFacts{Majority: audit.Majority(p.Validation)}
	data, validation := fit.ImageData(p.Train), fit.ImageData(p.Validation)
	facts.History, err = net.Train(ctx, data, fit.Training{Task: fmt.Sprintf("training, seed %d", seed), Seed: seed, Epochs: c.Epochs, Validation: &validation, Checkpoint: c.checkpoint})
	if err != nil {
		return run, err
	}
	facts.Outcome, err = outcomeOf(ctx, net, p)
	return seedRun{facts, Shown{Pictures: p, Outcome: facts.Outcome}}, err
}

// outcomeOnFurther is what the net makes of further heads of the seed.
func outcomeOnFurther(ctx context.Context, net *fit.Classifier, from *source, seed int64) (Outcome, error) {
	p, err := from.further(seed)
	if err != nil || p.Validation.Len() == 0 {
		return Outcome{}, err
	}
	return outcomeOf(ctx, net, p)
}

// outcomeOf is what the net makes of the validation pictures.
func outcomeOf(ctx context.Context, net *fit.Classifier, p Pictures) (Outcome, error) {
	logits, err := net.Logits(ctx, fit.ImageData(p.Validation))
	return newOutcome(logits, p), err
}

// each is one number a seed.
func (t Trained) each(of func(SeedFacts) float64) []float64 {
	all := make([]float64, len(t.Runs))
	for i, run := range t.Runs {
		all[i] = of(run)
	}
	return all
}

// Accuracy is that on the validation pictures after the last epoch, by seed.
func (t Trained) Accuracy() []float64 {
	return t.each(func(r SeedFacts) float64 { return r.Outcome.Confusion().Accuracy().Value })
}

// confusion adds the counts of all seeds.
func (t Trained) confusion() Confusion {
	var all Confusion
	for _, run := range t.Runs {
		all = all.plus(run.Outcome.Confusion())
	}
	return all
}

// together are the answers of all seeds as if they were of one net.
func (t Trained) together() Outcome {
	var all Outcome
	for _, run := range t.Runs {
		all.Scores = append(all.Scores, run.Outcome.Scores...)
		all.Positive = append(all.Positive, run.Outcome.Positive...)
	}
	return all
}

func seconds(e fit.Epoch) float64            { return e.Seconds }
func trainingLoss(e fit.Epoch) float64       { return e.Loss }
func trainingAccuracy(e fit.Epoch) float64   { return e.Accuracy }
func validationLoss(e fit.Epoch) float64     { return e.Validation.Loss }
func validationAccuracy(e fit.Epoch) float64 { return e.Validation.Accuracy }

// atEpoch is one number of an epoch, from 0, by seed.
func (t Trained) atEpoch(epoch int, of func(fit.Epoch) float64) []float64 {
	return t.each(func(r SeedFacts) float64 { return of(r.History.Epochs[epoch]) })
}
