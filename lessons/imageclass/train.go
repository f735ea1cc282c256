package imageclass

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/lessons/fit"
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
	History  fit.History
	Outcome  Outcome
	Further  Outcome // on further heads, of which many have lesions; empty for own pictures
	Linear   float64 // validation accuracy of logistic regression on the pixels
	Majority float64 // validation accuracy of the guess that never looks
	Pointing Pointing
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

// MeasureTraining trains the net from every seed, and scores it on pictures that
// it has not seen.
func MeasureTraining(ctx context.Context, backend compute.Backend, c Config) (Trained, error) {
	return measureTraining(ctx, backend, c, func(*fit.Classifier, Trained) error { return nil })
}

// measureTraining hands the net over after the training from each seed.
func measureTraining(ctx context.Context, backend compute.Backend, c Config, keep func(*fit.Classifier, Trained) error) (Trained, error) {
	from, err := newSource(c)
	if err != nil {
		return Trained{}, err
	}
	first, err := from.of(c.Train.Seeds[0])
	if err != nil {
		return Trained{}, err
	}
	trained := Trained{DataSet: first.name(), Classes: first.Train.Classes, Train: first.Train.Len(), BatchSize: c.Train.BatchSize, own: first.Folder != nil}
	net, err := c.Train.classifier(backend, c.Train.Net.network(plain), first.Train)
	if err != nil {
		return trained, err
	}
	defer net.Finalize()
	pixels, err := c.Train.classifier(backend, linear, first.Train)
	if err != nil {
		return trained, err
	}
	defer pixels.Finalize()
	for _, seed := range c.Train.Seeds {
		if err := trained.add(ctx, c.Train, net, pixels, seed, from); err != nil {
			return trained, err
		}
		if err := keep(net, trained); err != nil {
			return trained, err
		}
	}
	return trained, nil
}

// add trains and scores from one seed.
func (t *Trained) add(ctx context.Context, c TrainConfig, net, pixels *fit.Classifier, seed int64, from source) error {
	p, err := from.of(seed)
	if err != nil {
		return err
	}
	run := SeedFacts{Majority: audit.Majority(p.Validation)}
	data, validation := fit.ImageData(p.Train), fit.ImageData(p.Validation)
	run.History, err = net.Train(ctx, data, fit.Training{Task: fmt.Sprintf("training, seed %d", seed), Seed: seed, Epochs: c.Epochs, Validation: &validation})
	if err != nil {
		return err
	}
	logits, err := net.Logits(ctx, validation)
	if err != nil {
		return err
	}
	run.Outcome = newOutcome(logits, p)
	if run.Further, err = outcomeOnFurther(ctx, net, from, seed); err != nil {
		return err
	}
	maps, err := saliencyMaps(ctx, net, c.Net, p.Validation)
	if err != nil {
		return err
	}
	run.Pointing = pointing(maps, p.Lesions, run.Outcome)
	if len(t.Runs) == 0 {
		t.Shown = Shown{p, run.Outcome, maps}
	}
	if _, err = pixels.Train(ctx, data, fit.Training{Task: fmt.Sprintf("logistic regression, seed %d", seed), Seed: seed, Epochs: c.Epochs}); err != nil {
		return err
	}
	score, err := pixels.Evaluate(ctx, validation)
	run.Linear = score.Accuracy
	t.Runs = append(t.Runs, run)
	return err
}

// outcomeOnFurther is what the net makes of further heads of the seed.
func outcomeOnFurther(ctx context.Context, net *fit.Classifier, from source, seed int64) (Outcome, error) {
	p, err := from.further(seed)
	if err != nil || p.Validation.Len() == 0 {
		return Outcome{}, err
	}
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
