package textcnn

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"

	"evident/datasets/text"
	"evident/kit/fit"
)

// FaithfulFacts say whether the windows that a net's filters point at are what
// its predictions rest on.
type FaithfulFacts struct {
	DataSet string
	CNN     Scores
	// Top and Random are the shares of held-out texts whose class changes when the
	// window with the largest part in the decision is deleted, and when another
	// window of as many tokens is. One value a seed.
	Top, Random []float64
	Examples    []Deletion // of the first seed
}

// Deletion is one text with the window that was deleted.
type Deletion struct {
	Text, Window    string
	Before, Without string // classes
}

// forWindows is the purpose of the random numbers, see [fit.Rand].
const forWindows = 76

// MeasureFaithful trains a CNN on the pipeline's texts and deletes windows.
func MeasureFaithful(ctx context.Context, backend compute.Backend, c Training, d DataConfig) (FaithfulFacts, error) {
	if err := d.check(); err != nil {
		return FaithfulFacts{}, err
	}
	texts, err := d.load(ctx)
	if err != nil {
		return FaithfulFacts{}, err
	}
	return measureFaithful(ctx, backend, c, texts)
}

func measureFaithful(ctx context.Context, backend compute.Backend, c Training, texts corpus) (facts FaithfulFacts, err error) {
	if err := c.check("Faithful"); err != nil {
		return facts, err
	}
	if c, err = texts.fitted(c); err != nil {
		return facts, err
	}
	facts.DataSet = texts.name()
	draw := func(seed int64) (task, error) { return texts.task(seed, c.Train, c.Test) }
	l := learned(texts.Words, c.Net.Width)
	e := trial{name: "CNN, deletions", network: c.Net.network(l, len(texts.classes())), inside: c.Net.maps(l), training: c, draw: numbersOnly(draw)}
	scores, deletions, err := lookInto(ctx, backend, e, func(ctx context.Context, net trained, seed int64) (d deletions, err error) {
		t, err := draw(seed)
		if err != nil {
			return d, err
		}
		return remove(ctx, reader{c.Net, texts.Length, net.inside}, net.Classifier, t, fit.Rand(seed, forWindows))
	})
	facts.CNN = scores
	for _, d := range deletions {
		facts.Top, facts.Random = append(facts.Top, d.top), append(facts.Random, d.random)
	}
	if len(deletions) > 0 {
		facts.Examples = deletions[0].examples
	}
	return facts, err
}

// deletions are what one net came to.
type deletions struct {
	top, random float64 // shares of texts whose class changes
	examples    []Deletion
}

// remove deletes the strongest window of every held-out text, and another one.
func remove(ctx context.Context, r reader, net *fit.Classifier, t task, random *rand.Rand) (d deletions, err error) {
	before, err := predictions(ctx, net, t.test)
	if err != nil {
		return d, err
	}
	peaks, err := r.peaks(ctx, t.test)
	if err != nil {
		return d, err
	}
	weights := denseWeights(net)
	var top, other []int32 // [n, Length]
	windows := make([]Window, len(before))
	for i, sentence := range t.testSet.Texts {
		tokens := text.Tokenize(sentence)
		tokens = tokens[:min(len(tokens), t.encoder.Length)]
		w := strongestWindow(peaks[i], weights, before[i]).inside(len(tokens))
		start := random.IntN(len(tokens) - (w.End - w.Start) + 1)
		top = append(top, t.encoder.EncodeTokens(without(tokens, w.Start, w.End))...)
		other = append(other, t.encoder.EncodeTokens(without(tokens, start, start+w.End-w.Start))...)
		windows[i] = w
	}
	withoutTop, err := predictions(ctx, net, fit.NewData(top, []int{t.encoder.Length}, t.testSet.Labels))
	if err != nil {
		return d, err
	}
	withoutOther, err := predictions(ctx, net, fit.NewData(other, []int{t.encoder.Length}, t.testSet.Labels))
	if err != nil {
		return d, err
	}
	return deletions{changed(before, withoutTop), changed(before, withoutOther), examples(t, windows, before, withoutTop)}, nil
}

// strongestWindow is that of the feature with the largest part in the margin of a
// class over the others' mean: value times difference of weights.
func strongestWindow(peaks []Peak, weights [][]float32, class int) Window {
	best, most := peaks[0].Window, 0.0
	for feature, p := range peaks {
		row := weights[feature]
		others := 0.0
		for c, w := range row {
			if c != class {
				others += float64(w) / float64(len(row)-1)
			}
		}
		if part := p.Value * (float64(row[class]) - others); part > most {
			best, most = p.Window, part
		}
	}
	return best
}

// examples are the first texts of each class.
func examples(t task, windows []Window, before, after []int) []Deletion {
	const each = 3
	var shown []Deletion
	counts := make([]int, len(t.testSet.Classes))
	for i, sentence := range t.testSet.Texts {
		if counts[before[i]]++; counts[before[i]] > each {
			continue
		}
		tokens := text.Tokenize(sentence)
		shown = append(shown, Deletion{
			Text: sentence, Window: strings.Join(tokens[windows[i].Start:windows[i].End], " "),
			Before: t.testSet.Classes[before[i]], Without: t.testSet.Classes[after[i]],
		})
	}
	return shown
}
