package textcnn

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// CurveConfig varies the number of labelled texts.
type CurveConfig struct {
	Sizes        []int `role:"compared" range:"[1, inf)" list:"2 rising" help:"labelled texts"`
	Net          Net
	Seeds        []int64 `role:"averaged" help:"of the texts, the initial weights and the order of the training"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"texts to test with, at most"`
	Steps        int     `role:"fixed" range:"[1, inf)" help:"of training, for all sizes"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"texts of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
}

// Validate checks that there is a whole batch.
func (c CurveConfig) Validate() error {
	if c.Sizes[0] < c.BatchSize {
		return badinput.Errorf("Sizes begin with %d: they must be at least BatchSize, %d", c.Sizes[0], c.BatchSize)
	}
	return nil
}

// CurveKnobs are the knobs with those of the texts.
type CurveKnobs struct {
	CurveConfig
	Data DataConfig
}

// CurveMeasurement holds learning curves: test accuracy against the number of
// labelled texts. There are some for the pipeline's texts, and some for reviews
// without negation, whose class the words alone tell.
type CurveMeasurement struct{ Sets []CurveSet }

// CurveSet is one set's curves, on the same test texts for all.
type CurveSet struct {
	DataSet string
	Sizes   []int
	Few     bool        // the texts are too few for the sizes that were asked for, so that nothing is decided
	CNN     [][]float64 // [size][seed]
	Rivals  []Rival
}

// Rival is the learning curve of a simpler model.
type Rival struct {
	Name   string
	Scores [][]float64 // [size][seed]
}

// pipelineSeeds are enough for the pipeline's texts, where the differences lie far
// from the threshold.
const pipelineSeeds = 11

// measureCurve trains a CNN and a bag of words on more and more texts, each for
// the same number of steps, and linear machines on words and pairs.
func measureCurve(ctx context.Context, backend compute.Backend, c CurveKnobs) (facts CurveMeasurement, err error) {
	texts, err := c.Data.load(ctx)
	if err != nil {
		return facts, err
	}
	pipeline := c.CurveConfig
	pipeline.Seeds = pipeline.Seeds[:min(pipelineSeeds, len(pipeline.Seeds))]
	set, err := pipeline.measure(ctx, backend, texts)
	if err != nil {
		return facts, err
	}
	facts.Sets = append(facts.Sets, set)
	plain := corpus{plain: true, DataConfig: DataConfig{Words: generatedWords(), Length: generatedLength}}
	set, err = c.measure(ctx, backend, plain)
	facts.Sets = append(facts.Sets, set)
	return facts, err
}

func (c CurveConfig) measure(ctx context.Context, backend compute.Backend, texts corpus) (set CurveSet, err error) {
	possible, err := c.available(texts)
	if err != nil {
		return set, err
	}
	c = possible.CurveConfig
	set = CurveSet{DataSet: texts.name(), Sizes: c.Sizes, Few: possible.few}
	training, classes := Training{BatchSize: c.BatchSize, LearningRate: c.LearningRate}, len(texts.classes())
	example := fit.NewData(make([]int32, texts.Length), []int{texts.Length}, []int32{0})
	open := func(backend compute.Backend) (classifiers, error) {
		return training.classifiers(backend, example, c.Net.Network(texts.Words, classes), bagOfWords(texts.Words, classes))
	}
	bySeed, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, nets classifiers, seed int64) ([][]float64, error) {
		return c.learnFrom(ctx, nets, texts, seed)
	})
	if err != nil {
		return set, err
	}
	for model, name := range curveModels() {
		scores := make([][]float64, len(c.Sizes))
		for _, accuracies := range bySeed {
			for size := range scores {
				scores[size] = append(scores[size], accuracies[model][size])
			}
		}
		if model == 0 {
			set.CNN = scores
		} else {
			set.Rivals = append(set.Rivals, Rival{name, scores})
		}
	}
	return set, nil
}

// curveModels are the CNN and its rivals: another net, and linear machines.
func curveModels() []string { return []string{"CNN", "bag of words", svm.name, nbsvm.name} }

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
	if len(c.Sizes) < 2 {
		return possible{}, badinput.Errorf("Curve.Sizes has %s up to the %d texts there are: give at least 2", datasets.Counted(len(c.Sizes), "value"), there)
	}
	return possible{c, false}, nil
}

// learnFrom is the accuracy of every model for every size, from one seed:
// [model][size].
func (c CurveConfig) learnFrom(ctx context.Context, nets classifiers, texts corpus, seed int64) ([][]float64, error) {
	trainSet, testSet, err := texts.sets(seed, c.Sizes[len(c.Sizes)-1], c.Test)
	if err != nil {
		return nil, err
	}
	train, test := count(trainSet, texts.Length), count(testSet, texts.Length)
	names := curveModels()
	accuracies := make([][]float64, len(names))
	for _, size := range c.Sizes {
		// A smaller set is the beginning of the larger one, and has a vocabulary
		// of its own: words that it lacks are unknown.
		t, err := texts.encode(trainSet.Take(size), testSet)
		if err != nil {
			return nil, err
		}
		perEpoch := t.train.Len() / c.BatchSize
		for model, net := range nets {
			training := fit.Training{Task: fmt.Sprintf("%s, %d texts, seed %d", names[model], size, seed), Seed: seed, Epochs: (c.Steps + perEpoch - 1) / perEpoch}
			if _, err := net.Train(ctx, t.train, training); err != nil {
				return nil, err
			}
			score, err := net.Evaluate(ctx, t.test)
			if err != nil {
				return nil, err
			}
			accuracies[model] = append(accuracies[model], score.Accuracy)
		}
		for i, machine := range []linear{svm, nbsvm} {
			model := len(nets) + i
			accuracies[model] = append(accuracies[model], machine.learn(train.take(size), seed).accuracy(test))
		}
	}
	return accuracies, nil
}

// withFew is the mean accuracy over all numbers of texts but the largest: one value
// a seed.
func withFew(scores [][]float64) []float64 {
	few := len(scores) - 1
	means := make([]float64, len(scores[0]))
	for _, bySeed := range scores[:few] {
		for seed, accuracy := range bySeed {
			means[seed] += accuracy / float64(few)
		}
	}
	return means
}

// strongest is the rival that is best with few texts.
func (s CurveSet) strongest() Rival {
	return slices.MaxFunc(s.Rivals, func(a, b Rival) int { return cmp.Compare(mean(withFew(a.Scores)), mean(withFew(b.Scores))) })
}

const (
	needsTexts = 0.02 // accuracy by which a net is behind that needs more texts: 1 text in 50
	catchesUp  = 0.01 // accuracy that more texts bring it nearer: half of that
)

// judgeCurve judges one of the sets.
func judgeCurve(number int) func(CurveMeasurement) claim.Finding {
	return func(f CurveMeasurement) claim.Finding {
		if number >= len(f.Sets) {
			return claim.Finding{Decision: claim.Missing(), Evidence: "Nothing was measured."}
		}
		s := f.Sets[number]
		last, rival := len(s.Sizes)-1, s.strongest()
		if s.Few {
			return claim.Finding{Decision: claim.Open(), Evidence: fmt.Sprintf("On %s there are too few texts to tell: with %d and %d of them the CNN reaches %.3f and %.3f, the strongest rival (%s) %.3f and %.3f.",
				s.DataSet, s.Sizes[0], s.Sizes[last], mean(s.CNN[0]), mean(s.CNN[last]), rival.Name, mean(rival.Scores[0]), mean(rival.Scores[last]))}
		}
		behind := claim.EstimateDifference(withFew(rival.Scores), withFew(s.CNN))
		atMost := claim.EstimateDifference(rival.Scores[last], s.CNN[last])
		nearer := claim.EstimateDifference(behind.Values, atMost.Values)
		return claim.Finding{
			Decision: claim.All(behind.Above(needsTexts), nearer.Above(catchesUp)),
			Evidence: fmt.Sprintf("Test accuracy on %s: the CNN lies behind the strongest rival (%s) by %s with %d to %s texts, and by %s with %s (%.3f against %.3f), a difference of %s.",
				s.DataSet, rival.Name, behind, s.Sizes[0], comma(s.Sizes[last-1]), atMost, comma(s.Sizes[last]), mean(s.CNN[last]), mean(rival.Scores[last]), nearer),
			Samples: behind.N,
		}
	}
}

func curveRules() []claim.Rule[CurveMeasurement] {
	const source = "Q5, limits 4"
	decides := fmt.Sprintf("averaged over all numbers of texts but the largest, the CNN's accuracy lies over %g below that of the strongest of three rivals (a bag of words, an SVM and an NBSVM on words and pairs: Wang and Manning 2012), and by over %g further below than with the most texts (95 %% intervals)", needsTexts, catchesUp)
	part := func(letter, statement string, number int, recorded claim.Verdict) claim.Rule[CurveMeasurement] {
		return claim.SampledRule("q5.c4"+letter, source, statement, decides, recorded, judgeCurve(number)).
			Revised("2026-12-01", "the rival was a bag of words, then an NBSVM, which others beat on generated texts; and to catch up meant to be less than 0.02 behind with the most texts; 24 seeds on generated texts, since 16 did not decide under one base seed in eight")
	}
	return []claim.Rule[CurveMeasurement]{
		claim.Whole("q5.c4", source, "A CNN for text needs much labelled data.",
			part("a", "It does on the pipeline's texts.", 0, claim.Refuted),
			part("b", "It does on reviews whose words alone tell the class.", 1, claim.Supported)),
	}
}

// chart draws a set's learning curves.
func (f CurveMeasurement) chart(set int) report.Chart {
	s := f.Sets[set]
	curves := make([]report.Curve, 1+len(s.Rivals))
	for i, one := range append([]Rival{{"CNN", s.CNN}}, s.Rivals...) {
		curves[i].Name = one.Name
		for j, size := range s.Sizes {
			curves[i].AddEstimate(float64(size), one.Scores[j])
		}
	}
	return report.Chart{
		ID: fmt.Sprintf("curve-%d", set+1), Title: "Learning curves on " + s.DataSet, Mark: report.Line, LogX: true, XLabel: "labelled texts", YLabel: "test accuracy",
		Curves: curves, Alt: "Test accuracy of the CNN, of the bag of words and of two linear machines on words and pairs against the number of labelled texts on a logarithmic axis: higher is better.",
	}
}

// LearningCurves is the experiment.
var LearningCurves = experiment.Experiment[CurveKnobs, CurveMeasurement]{
	Name: "Curve", Title: "Accuracy by the number of labelled texts",
	Measure: measureCurve, Rules: curveRules(),
	Figures: func(_ CurveKnobs, f CurveMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{f.chart(0), f.chart(1)}}, nil
	},
}
