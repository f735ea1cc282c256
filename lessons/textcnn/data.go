package textcnn

import (
	"context"
	"errors"
	"slices"

	"evident/datasets"
	"evident/datasets/polarity"
	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/datasets/textfolder"
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/fit"
)

// DataConfig says which labelled texts the pipeline, the number of maps (q5.p3),
// the learning curve (q5.c4) and the explanations (q5.c5) use. All other
// experiments generate their texts.
type DataConfig struct {
	Polarity bool   `role:"fixed" help:"the sentence polarity set of the cache in place of generated reviews"`
	Own      string `role:"fixed" json:"-" help:"your own texts in place of both: a table, a folder, or the folder of the polarity set"`
	Words    int    `role:"fixed" range:"[1, inf)" help:"of the vocabulary, the most frequent ones"`
	Length   int    `role:"fixed" range:"[1, inf)" help:"tokens of a text that are read"`
}

// OwnTexts are the user's own: a table with a column of texts and one of labels,
// or a folder with one folder for each class (see package textfolder). It may be
// the folder of the sentence polarity set too.
func OwnTexts(path string) DataConfig { return DataConfig{Own: path, Words: 20_000, Length: 60} }

// OwnData is true for all but the generated texts, which the record is of: on real
// sentences a claim may come out otherwise, and q5.c4a does.
func (c DataConfig) OwnData() bool { return c.Own != "" || c.Polarity }

// The sets of one seed: seeds that are counted up from 1 stay apart.
const (
	forTrain = 1_000_000
	forTest  = 2_000_000
)

// corpus are the texts of the pipeline. The generated ones are drawn as they are
// needed.
type corpus struct {
	whole text.Set // all texts of a real set; empty for the generated ones
	own   *textfolder.Report
	plain bool // generated without negation
	DataConfig
}

// load reads the texts that the knobs name, once in a run of the lesson. It tells
// at once what it understood of the user's own.
func (c DataConfig) load(ctx context.Context) (corpus, error) {
	return experiment.Once(ctx, c, func() (corpus, error) { return c.read(ctx) })
}

func (c DataConfig) read(ctx context.Context) (all corpus, err error) {
	all.DataConfig = c
	if c.Own == "" && !c.Polarity {
		return all, nil
	}
	if c.Own != "" && experiment.Files(ctx) != nil {
		return c.readOwn(ctx)
	}
	dir, found, err := polarity.Find(c.Own)
	switch {
	case found:
		all.whole, err = polarity.Load(dir)
		return all, err
	case c.Own != "":
		return c.readOwn(ctx)
	case err == nil:
		err = badinput.Errorf("the sentence polarity set is not in the cache: run `go run ./cmd/evident fetch polarity`, or name its folder with --data")
	}
	return all, err
}

// DataHash is the checksum of the sentence polarity set; "" for generated texts. Own texts are read again each time,
// since the reader wants to hear what became of them.
func (c DataConfig) DataHash(ctx context.Context) (string, error) {
	switch {
	case c.Own != "":
		return "", errors.New("own texts are read again")
	case !c.Polarity:
		return "", nil
	}
	set, err := c.load(ctx)
	return set.whole.Hash(), err
}

// classes are the names of the labels.
func (c corpus) classes() []string {
	if c.generated() {
		return reviews.Classes()
	}
	return c.whole.Classes
}

func (c corpus) generated() bool { return c.whole.Len() == 0 }

// sets are texts to train and to test with, as many as asked for or as there
// are. Of a real set each seed takes others, and a tenth is for testing where
// that is less than asked for.
func (c corpus) sets(seed int64, train, test int) (trainSet, testSet text.Set, err error) {
	if c.generated() {
		generate := reviews.Generate
		if c.plain {
			generate = reviews.Plain
		}
		return generate(train, seed+forTrain), generate(test, seed+forTest), nil
	}
	if least := leastTexts - 1; c.own != nil && train < least*len(c.whole.Classes) {
		return trainSet, testSet, badinput.Errorf("%s: %s need %d texts to train on, %d each, where %d are taken: raise Train, or take the default scale (textcnn.Default(), or --scale default on the command line)", c.name(), datasets.Counted(len(c.whole.Classes), "class"), least*len(c.whole.Classes), least, train)
	}
	fraction := min(float64(test)/float64(c.whole.Len()), 0.2)
	trainSet, testSet, err = c.whole.Shuffled(seed + forTrain).SplitEven(fraction)
	if err != nil {
		return trainSet, testSet, err
	}
	// The split keeps the order within each class; shuffled again, any beginning
	// of the training texts is a fair sample. TakeOfEach keeps so many texts of
	// every class that the training texts can be split once more, to validate.
	return trainSet.Shuffled(seed+forTest).TakeOfEach(train, leastTexts-1), testSet, nil
}

// encoder has the most frequent words of the training texts.
func (c DataConfig) encoder(train text.Set) (*text.Encoder, error) {
	return text.NewEncoder(train.Texts, c.Length, 1, c.Words)
}

// encoded are texts as a net reads them.
func encoded(e *text.Encoder, set text.Set) fit.Data {
	return fit.NewData(e.EncodeAll(set.Texts), []int{e.Length}, set.Labels)
}

// task is the texts of one seed, in words and in numbers.
type task struct {
	trainSet, testSet text.Set
	encoder           *text.Encoder
	train, test       fit.Data
}

// task draws and encodes the texts of a seed.
func (c corpus) task(seed int64, train, test int) (task, error) {
	trainSet, testSet, err := c.sets(seed, train, test)
	if err != nil {
		return task{}, err
	}
	return c.encode(trainSet, testSet)
}

// encode makes the vocabulary from the training texts alone.
func (c DataConfig) encode(trainSet, testSet text.Set) (task, error) {
	encoder, err := c.encoder(trainSet)
	if err != nil {
		return task{}, err
	}
	return task{trainSet, testSet, encoder, encoded(encoder, trainSet), encoded(encoder, testSet)}, nil
}

// generatedLength is the number of words of the longest generated review.
const generatedLength = 24

// generatedWords is the number of different words in all generated texts.
func generatedWords() int { return len(reviews.Words()) }

// handmade is a task whose texts, of at most so many words, a function draws
// from a seed.
func handmade(t Training, length int, generate func(n int, seed int64) text.Set) func(seed int64) (task, error) {
	c := DataConfig{Words: generatedWords(), Length: length}
	return func(seed int64) (task, error) {
		return c.encode(generate(t.Train, seed+forTrain), generate(t.Test, seed+forTest))
	}
}

// without is a text's tokens but for those from start to before end.
func without(tokens []string, start, end int) []string {
	return slices.Concat(tokens[:start], tokens[end:])
}

// name is what reports call the texts.
func (c corpus) name() string {
	switch {
	case c.plain:
		return "reviews without negation"
	case c.generated():
		return "generated reviews"
	}
	return c.whole.Name
}

// hash is that of all texts, or of those on which the classifier trains where the
// texts are generated.
func (c corpus) hash(k ClassifyConfig) (string, error) {
	if !c.generated() {
		return c.whole.Hash(), nil
	}
	train, _, err := c.sets(k.Seed, k.Train, k.Test)
	return train.Hash(), err
}
