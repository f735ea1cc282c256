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
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
)

// Classified is the lesson's pipeline from texts to a score: one split, or a
// cross-validation.
type Classified struct {
	DataSet, DataHash string
	Classes           []string
	Polarity          bool
	Data              report.Table // what became of a real set's texts; without rows for generated ones
	Folds             []Fold       // one for each part that was held out
	Majority          float64
}

// Fold is one training of the pipeline.
type Fold struct {
	Train, Held, Test int
	Words             int     // in the vocabulary
	Known, Kept       float64 // share of the test texts' tokens in the vocabulary, and within the length
	Parameters        int
	History           fit.History
	Epoch             int     // after which the held-out part of the training texts is best
	Accuracy          float64 // of the test after that epoch
	Bag               float64 // of a bag of words, trained as long
	Seconds           float64 // of the CNN's training steps
}

// Accuracies are those of the CNN and of the bag of words, by fold.
func (c Classified) Accuracies() (cnn, bag []float64) {
	for _, f := range c.Folds {
		cnn, bag = append(cnn, f.Accuracy), append(bag, f.Bag)
	}
	return cnn, bag
}

// kimRand is the accuracy of CNN-rand on the sentence polarity set ("MR"), the
// mean of ten folds (Kim 2014, table 2).
const kimRand = 0.761

// Classify trains the classifier of texts: on one split, or on each part of a
// cross-validation in turn. A tenth of the training texts (Held) chooses the
// epoch, as in Kim (2014, section 3.1).
func Classify(ctx context.Context, backend compute.Backend, c ClassifyConfig, d DataConfig) (Classified, error) {
	return loadAndClassify(ctx, backend, c, d, "")
}

func loadAndClassify(ctx context.Context, backend compute.Backend, c ClassifyConfig, d DataConfig, folder string) (Classified, error) {
	if err := knob.FirstOf(c.check(), d.check()); err != nil {
		return Classified{}, err
	}
	texts, err := d.load(ctx)
	if err != nil {
		return Classified{}, err
	}
	return classify(ctx, backend, c, texts, folder)
}

// classify also saves the last classifier in a folder, if one is named.
func classify(ctx context.Context, backend compute.Backend, c ClassifyConfig, texts corpus, folder string) (Classified, error) {
	if err := knob.FirstOf(c.check(), texts.check()); err != nil {
		return Classified{}, err
	}
	c, splits, err := c.splits(texts)
	if err != nil {
		return Classified{}, err
	}
	first := splits[0]
	result := Classified{
		DataSet: texts.name(), Classes: texts.classes(), Polarity: !texts.generated() && texts.own == nil, Majority: first[1].Majority(), DataHash: first[0].Hash(),
		Data: texts.table(),
	}
	if !texts.generated() {
		result.DataHash = texts.whole.Hash()
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
			left := int((1 - c.Held) * float64(split[0].Len()))
			c.BatchSize = max(min(c.BatchSize, left/2), 1)
		}
	}
	return c, splits, err
}

func (c ClassifyConfig) parts(texts corpus) ([][2]text.Set, error) {
	if c.Folds == 0 || texts.generated() {
		train, test, err := texts.sets(c.Seeds[0], c.Train, c.Test)
		return [][2]text.Set{{train, test}}, err
	}
	if texts.own != nil {
		c.Folds = min(c.Folds, slices.Min(texts.whole.Different()))
	}
	whole := texts.whole.Shuffled(c.Seeds[0])
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
	training, held, err := split[0].Shuffled(c.Seeds[0]).SplitEven(c.Held)
	if err != nil {
		return fold, err
	}
	t, err := d.encode(training, split[1])
	if err != nil {
		return fold, err
	}
	fold = Fold{Train: training.Len(), Held: held.Len(), Test: t.test.Len(), Words: len(t.encoder.Words)}
	fold.Known, fold.Kept = t.encoder.Covered(split[1].Texts)
	about := About{Format: format, Net: c.Net, Encoder: t.encoder, Classes: classes, Trained: name}
	if err := c.trainCNN(ctx, backend, &fold, about, t, encoded(t.encoder, held), folder); err != nil {
		return fold, err
	}
	bag := c.Training
	bag.Seeds = c.Seeds[:1]
	scores, err := trial{
		name: name + ", bag of words", network: bagOfWords(len(t.encoder.Words), len(classes)), training: bag,
		draw: func(int64) (train, test fit.Data, err error) { return t.train, t.test, nil },
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
		Task: about.Trained, Seed: c.Seeds[0], Epochs: c.Epochs, Validation: &held,
		AfterEpoch: func(done int) error {
			score, err := net.Evaluate(ctx, held)
			if err != nil || score.Accuracy <= best {
				return err
			}
			best, fold.Epoch = score.Accuracy, done
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

// ModelFolder is where the notebook keeps its classifier: in the cache folder of
// the user.
func ModelFolder() (string, error) {
	cache, err := datasets.CacheDir()
	return filepath.Join(cache, "models", "textcnn"), err
}

// TrainAndSave runs [Classify] on one split, and saves the classifier of the best
// epoch in a folder, for [Open].
func TrainAndSave(ctx context.Context, backend compute.Backend, c ClassifyConfig, d DataConfig, folder string) (Classified, error) {
	c.Folds = 0
	return loadAndClassify(ctx, backend, c, d, folder)
}
