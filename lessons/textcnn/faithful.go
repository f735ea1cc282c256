package textcnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"

	"evident/datasets/text"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// FaithfulConfig deletes the words that a net's filters point at.
type FaithfulConfig struct {
	Net   Net
	Seeds []int64 `role:"averaged" help:"of the texts, the initial weights and the order of the training"`
	Training
}

// FaithfulKnobs are the knobs with those of the texts.
type FaithfulKnobs struct {
	FaithfulConfig
	Data DataConfig
}

// FaithfulMeasurement says whether the windows that a net's filters point at are
// what its predictions rest on.
type FaithfulMeasurement struct {
	DataSet string
	CNN     Scores
	// Top and Random are the fractions of held-out texts whose class changes when the
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

// measureFaithful trains a CNN on the pipeline's texts and deletes windows.
func measureFaithful(ctx context.Context, backend compute.Backend, c FaithfulKnobs) (facts FaithfulMeasurement, err error) {
	texts, err := c.Data.load(ctx)
	if err != nil {
		return facts, err
	}
	if c.Training, err = texts.fitted(c.Training, c.Seeds); err != nil {
		return facts, err
	}
	facts.DataSet = texts.name()
	draw := func(seed int64) (task, error) { return texts.task(seed, c.Train, c.Test) }
	l := learned(texts.Words, c.Net.Width)
	e := trial{name: "CNN, deletions", network: c.Net.network(l, len(texts.classes())), inside: c.Net.maps(l), seeds: c.Seeds, training: c.Training, draw: numbersOnly(draw)}
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
	top, random float64 // fractions of texts whose class changes
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
	windows := make([]span, len(before))
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
func strongestWindow(peaks []peak, weights [][]float32, class int) span {
	best, most := peaks[0].span, 0.0
	for feature, p := range peaks {
		row := weights[feature]
		others := 0.0
		for c, w := range row {
			if c != class {
				others += float64(w) / float64(len(row)-1)
			}
		}
		if part := p.Value * (float64(row[class]) - others); part > most {
			best, most = p.span, part
		}
	}
	return best
}

// examples are the first texts of each class.
func examples(t task, windows []span, before, after []int) []Deletion {
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

const faithful = 0.1 // fraction of the texts that the named windows decide, above that of others

func judgeFaithful(f FaithfulMeasurement) claim.Finding {
	more := claim.EstimateDifference(f.Top, f.Random)
	return claim.Finding{
		Decision: more.Below(faithful),
		Evidence: fmt.Sprintf("On %s, deleting the window with the largest part in the decision changes the class of %.3f of the held-out texts, deleting another of as many words %.3f: %s more.",
			f.DataSet, mean(f.Top), mean(f.Random), more),
		Samples: more.N,
	}
}

func faithfulRules() []claim.Rule[FaithfulMeasurement] {
	return []claim.Rule[FaithfulMeasurement]{
		claim.SampledRule("q5.c5", "Q5, limits 5",
			"What a CNN has learned from text is hard to interpret.",
			fmt.Sprintf("refuted if the windows that its filters name are what its predictions rest on: deleting the strongest changes the class of over %g more of the held-out texts than deleting another window of as many words does; supported if the 95 %% interval is below that", faithful),
			claim.Refuted, judgeFaithful),
	}
}

// table shows some deletions.
func (f FaithfulMeasurement) table() report.Table {
	table := report.Table{
		ID: "deletions", Title: "The window with the largest part in the decision, and what happens without it (first seed)",
		Columns: []string{"text", "window", "class", "without it"},
	}
	for _, d := range f.Examples {
		table.Rows = append(table.Rows, []string{d.Text, d.Window, d.Before, d.Without})
	}
	return table
}

// chart compares the deletions.
func (f FaithfulMeasurement) chart() report.Chart {
	return bars("deletions", "Does deleting a window change the class? On "+f.DataSet,
		"Two bars with intervals over the seeds: the share of texts whose class changes when the window that the filters name is deleted, and when another of as many words is. The higher the first above the second, the more faithful the windows.",
		"share of held-out texts", nil, bar{"named window", f.Top}, bar{"another of as many words", f.Random})
}

// NamedWindows is the experiment.
var NamedWindows = experiment.Experiment[FaithfulKnobs, FaithfulMeasurement]{
	Name: "Faithful", Title: "Deleting the window that the filters name",
	Measure: measureFaithful, Rules: faithfulRules(),
	Figures: func(_ FaithfulKnobs, f FaithfulMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
