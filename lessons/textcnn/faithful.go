package textcnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/datasets/text"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// FaithfulConfig replaces the words that a net's filters point at.
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
	// window with the largest part in the decision is replaced by as many neighbouring
	// words of another held-out text, and when another window is replaced by the same
	// words. One value a seed.
	Top, Random []float64
	Examples    []Replacement // of the first seed
}

// Replacement is one text with the window that was replaced.
type Replacement struct {
	Text, Window, By string
	Before, After    string // classes
}

// forWindows is the purpose of the random numbers, see [fit.Rand].
const forWindows = 76

// measureFaithful trains a CNN on the pipeline's texts and replaces windows.
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
	e := trial{name: "CNN, replaced windows", network: c.Net.network(l, len(texts.classes())), inside: c.Net.maps(l), seeds: c.Seeds, training: c.Training, draw: draw}
	scores, all, err := lookInto(ctx, backend, e, func(ctx context.Context, net trained, t task, seed int64) (replacements, error) {
		return replace(ctx, reader{c.Net, texts.Length, net.inside}, net.Classifier, t, fit.Rand(seed, forWindows))
	})
	facts.CNN = scores
	for _, d := range all {
		facts.Top, facts.Random = append(facts.Top, d.top), append(facts.Random, d.random)
	}
	if len(all) > 0 {
		facts.Examples = all[0].examples
	}
	return facts, err
}

// replacements are what one net came to.
type replacements struct {
	top, random float64 // fractions of texts whose class changes
	examples    []Replacement
}

// replace puts words of another text in the place of the strongest window of every
// held-out text, and of another window. What is then read looks like the texts of
// training more than a text with a gap does.
func replace(ctx context.Context, r reader, net *fit.Classifier, t task, random *rand.Rand) (d replacements, err error) {
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
	shown := make([]Replacement, len(before))
	for i, sentence := range t.testSet.Texts {
		tokens := text.Tokenize(sentence)
		tokens = tokens[:min(len(tokens), t.encoder.Length)]
		w := strongestWindow(peaks[i], weights, before[i]).inside(len(tokens))
		size := w.End - w.Start
		words := stretch(t.testSet, size, random)
		start := random.IntN(len(tokens) - size + 1)
		top = append(top, t.encoder.EncodeTokens(slices.Concat(tokens[:w.Start], words, tokens[w.End:]))...)
		other = append(other, t.encoder.EncodeTokens(slices.Concat(tokens[:start], words, tokens[start+size:]))...)
		shown[i] = Replacement{Text: sentence, Window: strings.Join(tokens[w.Start:w.End], " "), By: strings.Join(words, " ")}
	}
	withTop, err := predictions(ctx, net, fit.NewData(top, []int{t.encoder.Length}, t.testSet.Labels))
	if err != nil {
		return d, err
	}
	withOther, err := predictions(ctx, net, fit.NewData(other, []int{t.encoder.Length}, t.testSet.Labels))
	if err != nil {
		return d, err
	}
	return replacements{changed(before, withTop), changed(before, withOther), examples(t.testSet.Classes, shown, before, withTop)}, nil
}

// stretch is so many neighbouring words of a text at random, or fewer where that
// is shorter.
func stretch(set text.Set, size int, random *rand.Rand) []string {
	tokens := text.Tokenize(set.Texts[random.IntN(set.Len())])
	size = min(size, len(tokens))
	start := random.IntN(len(tokens) - size + 1)
	return tokens[start : start+size]
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
func examples(classes []string, shown []Replacement, before, after []int) []Replacement {
	const each = 3
	var first []Replacement
	counts := make([]int, len(classes))
	for i, one := range shown {
		if counts[before[i]]++; counts[before[i]] <= each {
			one.Before, one.After = classes[before[i]], classes[after[i]]
			first = append(first, one)
		}
	}
	return first
}

const faithful = 0.1 // fraction of the texts that the named windows decide, above that of others: 1 in 10

func judgeFaithful(f FaithfulMeasurement) claim.Finding {
	more := claim.EstimateDifference(f.Top, f.Random)
	return claim.Finding{
		Decision: more.Below(faithful),
		Evidence: fmt.Sprintf("On %s, with other words in the place of the window with the largest part in the decision %.3f of the held-out texts change their class, with the same words in the place of another window %.3f: a difference of %s.",
			f.DataSet, mean(f.Top), mean(f.Random), more),
		Samples: more.N,
	}
}

func faithfulRules() []claim.Rule[FaithfulMeasurement] {
	return []claim.Rule[FaithfulMeasurement]{
		claim.SampledRule("q5.c5", "Q5, limits 5",
			"What a CNN has learned from text is hard to interpret: even with one layer, its filters do not show which words decide.",
			fmt.Sprintf("the words of another text in the place of the window that the filters name change the class of less than %g more of the held-out texts than the same words in the place of another window (95 %% interval)", faithful),
			claim.Refuted, judgeFaithful).Revised(revised, "narrowed to a net of one layer, and words are replaced instead of deleted"),
	}
}

// table shows some replacements.
func (f FaithfulMeasurement) table() report.Table {
	table := report.Table{
		ID: "replaced", Title: "The window with the largest part in the decision, and what happens with other words in its place (first seed)",
		Columns: []string{"text", "window", "replaced by", "class", "then"},
	}
	for _, r := range f.Examples {
		table.Rows = append(table.Rows, []string{r.Text, r.Window, r.By, r.Before, r.After})
	}
	return table
}

// chart compares the replacements.
func (f FaithfulMeasurement) chart() report.Chart {
	return bars("replaced", "Does the class change with other words in a window? On "+f.DataSet,
		"Two bars with intervals over the seeds: the share of texts whose class changes when words of another text take the place of the window that the filters name, and when they take that of another window. The higher the first above the second, the more faithful the windows.",
		"share of held-out texts", nil, bar{"named window", f.Top}, bar{"another window", f.Random})
}

// NamedWindows is the experiment.
var NamedWindows = experiment.Experiment[FaithfulKnobs, FaithfulMeasurement]{
	Name: "Faithful", Title: "Other words in the window that the filters name",
	Measure: measureFaithful, Rules: faithfulRules(),
	Figures: func(_ FaithfulKnobs, f FaithfulMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
