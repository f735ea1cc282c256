package textcnn

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
)

// ClassifyConfig trains the lesson's classifier of texts.
type ClassifyConfig struct {
	Net  Net
	Seed int64 `role:"fixed" help:"of the texts, the initial weights and the order of the training"`
	Training
	Folds              int     `role:"fixed" range:"[0, inf)" help:"parts of a cross-validation; 0 for a single split"`
	ValidationFraction float64 `role:"fixed" range:"(0, 1)" help:"of the training texts, which chooses the epoch"`
}

// Validate checks that a cross-validation has two parts.
func (c ClassifyConfig) Validate() error {
	if c.Folds == 1 {
		return badinput.Errorf("Folds is 1: give at least 2, or 0 for a single split")
	}
	return nil
}

// ClassifyKnobs are the knobs with those of the texts.
type ClassifyKnobs struct {
	ClassifyConfig
	Data DataConfig
}

// ClassifyMeasurement is the lesson's pipeline from texts to a score: one split,
// or a cross-validation.
type ClassifyMeasurement struct {
	DataSet  string
	Classes  []string
	Polarity bool
	Data     report.Table // what became of a real set's texts; without rows for generated ones
	Folds    []Fold       // one for each part that was held out
	Majority float64
}

// Fold is one training of the pipeline.
type Fold struct {
	Train, Validation, Test int
	Words                   int     // in the vocabulary
	Known, Kept             float64 // fractions of the test texts' tokens in the vocabulary, and within the length
	Parameters              int
	History                 fit.History
	Epoch                   int     // after which the held-out part of the training texts is best
	Accuracy                float64 // of the test after that epoch
	Bag                     float64 // of a bag of words, trained as long
	Seconds                 float64 // of the CNN's training steps
}

// accuracies are those of the CNN and of the bag of words, by fold.
func (c ClassifyMeasurement) accuracies() (cnn, bag []float64) {
	for _, f := range c.Folds {
		cnn, bag = append(cnn, f.Accuracy), append(bag, f.Bag)
	}
	return cnn, bag
}

// ModelFolder is where the notebook keeps its classifier: in the cache folder of
// the user.
func ModelFolder() (string, error) {
	cache, err := datasets.CacheDir()
	return filepath.Join(cache, "models", "textcnn"), err
}

// measureClassify trains the classifier of texts: on one split, or on each part of
// a cross-validation in turn. A part of the training texts (ValidationFraction)
// chooses the epoch, as in Kim (2014, section 3.1).
func measureClassify(ctx context.Context, backend compute.Backend, c ClassifyKnobs) (ClassifyMeasurement, error) {
	return c.classify(ctx, backend, "")
}

// TrainAndSave trains on one split, and saves the classifier of the best epoch in
// a folder, for [Open].
func TrainAndSave(ctx context.Context, backend compute.Backend, c ClassifyConfig, d DataConfig, folder string) (ClassifyMeasurement, error) {
	c.Folds = 0
	k := ClassifyKnobs{c, d}
	if err := knob.Check(Pipeline.Name, k); err != nil {
		return ClassifyMeasurement{}, err
	}
	return k.classify(ctx, backend, folder)
}

// classify also saves the last classifier in a folder, if one is named.
func (k ClassifyKnobs) classify(ctx context.Context, backend compute.Backend, folder string) (ClassifyMeasurement, error) {
	texts, err := k.Data.load(ctx)
	if err != nil {
		return ClassifyMeasurement{}, err
	}
	return k.trainOn(ctx, backend, texts, folder)
}

// trainOn trains on each of the splits.
func (c ClassifyConfig) trainOn(ctx context.Context, backend compute.Backend, texts corpus, folder string) (ClassifyMeasurement, error) {
	c, splits, err := c.splits(texts)
	if err != nil {
		return ClassifyMeasurement{}, err
	}
	first := splits[0]
	result := ClassifyMeasurement{
		DataSet: texts.name(), Classes: texts.classes(), Polarity: !texts.generated() && texts.own == nil, Majority: first[1].Majority(),
		Data: texts.table(),
	}
	for i, split := range splits {
		name := "classifier"
		if len(splits) > 1 {
			name = fmt.Sprintf("fold %d of %d", i+1, len(splits))
		}
		fold, err := c.fold(ctx, backend, texts.DataConfig, name, split, result.Classes, folder)
		if err != nil {
			return result, err
		}
		result.Folds = append(result.Folds, fold)
	}
	return result, nil
}

// splits are pairs of training and test texts, and the knobs as they are for so
// many texts: of few own ones, batches and folds are smaller.
func (c ClassifyConfig) splits(texts corpus) (ClassifyConfig, [][2]text.Set, error) {
	splits, err := c.parts(texts)
	if err == nil && texts.own != nil {
		for _, split := range splits {
			left := int((1 - c.ValidationFraction) * float64(split[0].Len()))
			c.BatchSize = max(min(c.BatchSize, left/2), 1)
		}
	}
	return c, splits, err
}

func (c ClassifyConfig) parts(texts corpus) ([][2]text.Set, error) {
	if c.Folds == 0 || texts.generated() {
		train, test, err := texts.sets(c.Seed, c.Train, c.Test)
		return [][2]text.Set{{train, test}}, err
	}
	if texts.own != nil {
		c.Folds = min(c.Folds, slices.Min(texts.whole.Different()))
	}
	whole := texts.whole.Shuffled(c.Seed)
	parts := whole.Folds(c.Folds)
	splits := make([][2]text.Set, len(parts))
	for i, part := range parts {
		var others []int
		for j, other := range parts {
			if j != i {
				others = append(others, other...)
			}
		}
		if len(part) == 0 || len(others) < c.BatchSize && texts.own == nil {
			return nil, badinput.Errorf("Classify.Folds is %d: %s are too few for that", c.Folds, datasets.Counted(whole.Len(), "text"))
		}
		splits[i] = [2]text.Set{whole.Pick(others), whole.Pick(part)}
	}
	return splits, nil
}

// fold trains on one split.
func (c ClassifyConfig) fold(ctx context.Context, backend compute.Backend, d DataConfig, name string, split [2]text.Set, classes []string, folder string) (fold Fold, err error) {
	training, held, err := split[0].Shuffled(c.Seed).SplitEven(c.ValidationFraction)
	if err != nil {
		return fold, err
	}
	t, err := d.encode(training, split[1])
	if err != nil {
		return fold, err
	}
	fold = Fold{Train: training.Len(), Validation: held.Len(), Test: t.test.Len(), Words: len(t.encoder.Words)}
	fold.Known, fold.Kept = t.encoder.Covered(split[1].Texts)
	about := About{Format: format, Net: c.Net, Encoder: t.encoder, Classes: classes, Trained: name}
	if err := c.trainCNN(ctx, backend, &fold, about, t, encoded(t.encoder, held), folder); err != nil {
		return fold, err
	}
	scores, err := trial{
		name: name + ", bag of words", network: bagOfWords(len(t.encoder.Words), len(classes)), seeds: []int64{c.Seed}, training: c.Training,
		draw: func(int64) (task, error) { return t, nil },
	}.run(ctx, backend)
	if err == nil {
		fold.Bag = scores.Test[0]
	}
	return fold, err
}

// trainCNN trains, tests after every epoch, and saves the best in the folder.
func (c ClassifyConfig) trainCNN(ctx context.Context, backend compute.Backend, fold *Fold, about About, t task, held fit.Data, folder string) error {
	net, err := c.classifier(backend, about.network(), t.train)
	if err != nil {
		return err
	}
	defer net.Finalize()
	fold.Parameters = net.Parameters()
	best := -1.0
	fold.History, err = net.Train(ctx, t.train, fit.Training{
		Task: about.Trained, Seed: c.Seed, Epochs: c.Epochs, Validation: &held,
		AfterEpoch: func(history fit.History) error {
			score, err := net.Evaluate(ctx, held)
			if err != nil || score.Accuracy <= best {
				return err
			}
			best, fold.Epoch = score.Accuracy, len(history.Epochs)
			tested, err := net.Evaluate(ctx, t.test)
			fold.Accuracy = tested.Accuracy
			if err != nil || folder == "" {
				return err
			}
			about.Accuracy = fold.Accuracy
			return net.Save(folder, about)
		},
	})
	for _, epoch := range fold.History.Epochs {
		fold.Seconds += epoch.Seconds
	}
	return err
}

// kimRand is the accuracy of CNN-rand on the sentence polarity set ("MR"), the
// mean of ten folds (Kim 2014, table 2).
const kimRand = 0.761

// table compares the classifier with its rivals.
func (c ClassifyMeasurement) table() report.Table {
	cnn, bag := c.accuracies()
	table := report.Table{
		ID: "classified", Title: "The pipeline on " + c.DataSet, Columns: []string{"classifier", "test accuracy", "parameters"}, Headline: true,
		Rows: [][]string{{"always the same class", fmt.Sprintf("%.3f", c.Majority), "0"}},
	}
	first := c.Folds[0]
	rivals := 2*(first.Words+2) + 2
	if len(c.Folds) > 1 {
		table.Title += fmt.Sprintf(", %d-fold cross-validation", len(c.Folds))
		table.Rows = append(table.Rows, []string{"bag of words", estimate(bag), comma(rivals)}, []string{"CNN", estimate(cnn), comma(first.Parameters)})
	} else {
		table.Rows = append(table.Rows, []string{"bag of words", fmt.Sprintf("%.3f", bag[0]), comma(rivals)}, []string{"CNN", fmt.Sprintf("%.3f", cnn[0]), comma(first.Parameters)})
	}
	if c.Polarity {
		table.Rows = append(table.Rows, []string{"CNN-rand (Kim 2014, table 2; ten folds)", fmt.Sprintf("%.3f", kimRand), ""})
	}
	return table
}

// foldTable lists the parts of the cross-validation.
func (c ClassifyMeasurement) foldTable() report.Table {
	table := report.Table{
		ID: "folds", Title: "The parts of the cross-validation",
		Columns: []string{"fold", "trained on", "chosen with", "tested on", "words", "known", "best epoch", "CNN", "bag of words", "seconds"},
	}
	for i, f := range c.Folds {
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(i + 1), comma(f.Train), comma(f.Validation), comma(f.Test), comma(f.Words), fmt.Sprintf("%.1f %%", 100*f.Known), fmt.Sprint(f.Epoch),
			fmt.Sprintf("%.4f", f.Accuracy), fmt.Sprintf("%.4f", f.Bag), fmt.Sprintf("%.0f", f.Seconds),
		})
	}
	return table
}

// chart is the history of the first training.
func (c ClassifyMeasurement) chart() report.Chart {
	train, held := report.Curve{Name: "training (with dropout)"}, report.Curve{Name: "held out"}
	for i, epoch := range c.Folds[0].History.Epochs {
		train.Add(float64(i+1), epoch.Accuracy)
		held.Add(float64(i+1), epoch.Validation.Accuracy)
	}
	return report.Chart{
		ID: "training", Title: "Training on " + c.DataSet, Mark: report.Line, XLabel: "epoch", YLabel: "accuracy",
		Curves: []report.Curve{train, held}, Alt: "Accuracy on the training texts and on texts held out, by epoch: higher is better.",
	}
}

// Figures of the pipeline.
func (c ClassifyMeasurement) Figures() report.Figures {
	figures := report.Figures{Tables: []report.Table{c.table()}, Charts: []report.Chart{c.chart()}}
	if len(c.Data.Rows) > 0 {
		figures.Tables = append(figures.Tables, c.Data)
	}
	if len(c.Folds) > 1 {
		figures.Tables = append(figures.Tables, c.foldTable())
	}
	return figures
}

// Pipeline is the experiment. It decides no claim.
var Pipeline = experiment.Experiment[ClassifyKnobs, ClassifyMeasurement]{
	Name: "Classify", Timed: true, Title: "From texts to a classifier",
	Measure: measureClassify,
	Figures: func(_ ClassifyKnobs, c ClassifyMeasurement) (report.Figures, error) { return c.Figures(), nil },
}
