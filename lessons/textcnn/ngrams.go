package textcnn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// NgramsConfig asks whether a net finds phrases.
type NgramsConfig struct {
	Net   Net
	Seeds []int64 `role:"averaged" help:"of the texts, the initial weights and the order of the training"`
	Training
}

// NgramsMeasurement says whether a net finds phrases, on texts whose class only
// the order of neighbours tells.
type NgramsMeasurement struct {
	Example           text.Set
	CNN, Bag, Bigrams Scores
	// Hit is the fraction of the filters, of those that answer at all, whose best
	// window in the held-out texts holds what decides: a word with an opinion and
	// the word in front of it. Untrained is the same for the filters as they were
	// before training. One value a seed.
	Hit, Untrained []float64
	Top            []TopNgram // of the first seed
}

// TopNgram is the window of held-out texts that a filter likes best.
type TopNgram struct {
	Filter  int
	Window  int // tokens
	Words   string
	Value   float64
	Decides bool    // holds what decides
	Votes   float64 // weight towards "positive" less that towards "negative"
}

// measureNgrams trains a CNN, a bag of words, and one of words and pairs on the
// negation task.
func measureNgrams(ctx context.Context, backend compute.Backend, c NgramsConfig) (facts NgramsMeasurement, err error) {
	facts.Example = reviews.Negation(6, c.Seeds[0]+forTest)
	draw := handmade(c.Training, generatedLength, reviews.Negation)
	l := learned(generatedWords(), c.Net.Width)
	e := trial{name: "CNN, negation", network: c.Net.network(l, 2), inside: c.Net.maps(l), seeds: c.Seeds, training: c.Training, draw: draw}
	scores, readings, err := lookInto(ctx, backend, e, func(ctx context.Context, net trained, t task, seed int64) (r reading, err error) {
		look := reader{c.Net, generatedLength, net.inside}
		if r.top, err = topNgrams(ctx, look, net.Classifier, t.testSet, t.test); err != nil {
			return r, err
		}
		if err := net.Reset(seed); err != nil {
			return r, err
		}
		untrained, err := topNgrams(ctx, look, net.Classifier, t.testSet, t.test)
		r.hit, r.untrained = hits(r.top), hits(untrained)
		return r, err
	})
	if err != nil {
		return facts, err
	}
	facts.CNN, facts.Top = scores, readings[0].top
	for _, r := range readings {
		facts.Hit, facts.Untrained = append(facts.Hit, r.hit), append(facts.Untrained, r.untrained)
	}
	if facts.Bigrams, err = nbsvm.run(c.Seeds, generatedLength, draw); err != nil {
		return facts, err
	}
	facts.Bag, err = trial{name: "bag of words, negation", network: bagOfWords(generatedWords(), 2), seeds: c.Seeds, training: c.Training, draw: draw}.run(ctx, backend)
	return facts, err
}

// reading is what the filters of one net like best.
type reading struct {
	hit, untrained float64
	top            []TopNgram
}

// hits is the fraction of the windows that decide.
func hits(top []TopNgram) float64 {
	count := 0
	for _, n := range top {
		if n.Decides {
			count++
		}
	}
	return float64(count) / float64(max(len(top), 1))
}

// topNgrams are the best windows of the filters that answer at all.
func topNgrams(ctx context.Context, r reader, net *fit.Classifier, set text.Set, data fit.Data) ([]TopNgram, error) {
	peaks, err := r.peaks(ctx, data)
	if err != nil {
		return nil, err
	}
	weights := denseWeights(net)
	var top []TopNgram
	for filter := range r.net.size() {
		best := 0
		for i := range peaks {
			if peaks[i][filter].Value > peaks[best][filter].Value {
				best = i
			}
		}
		p := peaks[best][filter]
		if p.Value <= 0 {
			continue
		}
		tokens := text.Tokenize(set.Texts[best])
		at := p.inside(len(tokens))
		top = append(top, TopNgram{
			Filter: filter, Window: r.net.Windows[filter/r.net.Maps], Words: strings.Join(tokens[at.Start:at.End], " "), Value: p.Value,
			Decides: decides(tokens, at), Votes: float64(weights[filter][1] - weights[filter][0]),
		})
	}
	return top, nil
}

// decides reports whether a window holds a word with an opinion together with
// the word in front of it, so that it shows whether that is the negator.
func decides(tokens []string, w span) bool {
	for i := w.Start; i < w.End; i++ {
		if reviews.Sign(tokens[i]) != 0 && i > w.Start {
			return true
		}
	}
	return false
}

const (
	neighboursMatter = 0.2  // accuracy that the order of neighbours is worth: what a reader sees at a glance
	filtersFind      = 0.2  // fraction of the filters, above that of untrained ones, that point at what decides: 1 in 5
	pairsMatter      = 0.02 // accuracy: 1 text in 50, for which one would change the classifier
)

func judgeOverWords(f NgramsMeasurement) claim.Finding {
	gain, bag := claim.EstimateDifference(f.CNN.Test, f.Bag.Test), f.Bag.test()
	return claim.Finding{
		Decision: claim.All(gain.Above(neighboursMatter), bag.Below(chance+nearChance)),
		Evidence: fmt.Sprintf("On reviews with \"not\", one word of praise and one of blame, test accuracy is %s for the CNN and %s for the bag of words (½ is chance).", f.CNN.test(), bag),
		Samples:  gain.N,
	}
}

func judgeFilters(f NgramsMeasurement) claim.Finding {
	found := claim.EstimateDifference(f.Hit, f.Untrained)
	return claim.Finding{
		Decision: found.Above(filtersFind),
		Evidence: fmt.Sprintf("The best windows of %.0f %% of the filters hold what decides, and of %.0f %% of the untrained ones: a difference of %s.", 100*mean(f.Hit), 100*mean(f.Untrained), found),
		Samples:  found.N,
	}
}

func judgeOverPairs(f NgramsMeasurement) claim.Finding {
	gain := claim.EstimateDifference(f.CNN.Test, f.Bigrams.Test)
	return claim.Finding{
		Decision: gain.Above(pairsMatter),
		Evidence: fmt.Sprintf("Test accuracy is %s for the CNN and %s for words and pairs that are counted: a difference of %s.", f.CNN.test(), f.Bigrams.test(), gain),
		Samples:  gain.N,
	}
}

func ngramsRules() []claim.Rule[NgramsMeasurement] {
	const source = "Q5, advantages 1"
	return []claim.Rule[NgramsMeasurement]{
		claim.Whole("q5.p1", source,
			"An advantage of a CNN is that it finds n-grams that matter, since a filter sees a few neighbouring words at a time.",
			claim.SampledRule("q5.p1a", source, "It tells classes that only the order of neighbours tells, which single words cannot.",
				fmt.Sprintf("where only the order of neighbours tells the class, a CNN is over %g more accurate than a bag of words, which stays below %g (95 %% intervals)", neighboursMatter, chance+nearChance),
				claim.Supported, judgeOverWords).From(firstRules),
			claim.SampledRule("q5.p1b", source, "Its filters learn to find the n-grams that matter.",
				fmt.Sprintf("the fraction of filters whose best held-out window holds what decides is over %g above that of the same filters before training (95 %% interval)", filtersFind),
				claim.Supported, judgeFilters).Revised(revised, "untrained filters are the control, in the place of all windows"),
			claim.SampledRule("q5.p1c", source, "It is an advantage over counting the pairs of neighbours too.",
				fmt.Sprintf("on the same reviews the CNN is over %g more accurate than an NBSVM on words and pairs (Wang and Manning 2012) (95 %% interval)", pairsMatter),
				claim.Refuted, judgeOverPairs).Revised(revised, "a rival that sees pairs was missing")),
	}
}

// strongest are the n-grams with the largest part in a decision, both ways.
func strongest(top []TopNgram, most int) []TopNgram {
	sorted := slices.Clone(top)
	part := func(n TopNgram) float64 { return n.Value * n.Votes }
	slices.SortFunc(sorted, func(a, b TopNgram) int {
		switch d := max(part(b), -part(b)) - max(part(a), -part(a)); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return a.Filter - b.Filter
	})
	return sorted[:min(most, len(sorted))]
}

// describe is the n-gram as a table shows it.
func (n TopNgram) describe(classes []string) []string {
	class := classes[0]
	if n.Votes > 0 {
		class = classes[1]
	}
	return []string{fmt.Sprint(n.Window), n.Words, class, fmt.Sprintf("%.2f", max(n.Votes, -n.Votes)*n.Value)}
}

// table gives the accuracies on the negation task.
func (f NgramsMeasurement) table() report.Table {
	return report.Table{
		ID: "negation", Title: "Only neighbours tell the class", Columns: []string{"net", "parameters", "training", "test"},
		Rows: [][]string{f.CNN.row(), f.Bag.row(), f.Bigrams.row()},
	}
}

// topTable shows what the filters with the largest parts like best.
func (f NgramsMeasurement) topTable() report.Table {
	table := report.Table{
		ID: "ngrams", Title: "The filters' favourite windows in held-out reviews (first seed)",
		Columns: []string{"window", "words", "speaks for", "with weight", "holds what decides"},
	}
	for _, n := range strongest(f.Top, 12) {
		table.Rows = append(table.Rows, append(n.describe(f.Example.Classes), map[bool]string{true: "yes", false: "no"}[n.Decides]))
	}
	return table
}

// chart compares the accuracies.
func (f NgramsMeasurement) chart() report.Chart {
	return bars("negation", "“not good” or “not bad”: who can tell?",
		"Bars with intervals over the seeds: the test accuracy of the CNN, of the bag of words, and of the bag of words and pairs. Higher is better; a rule marks chance.",
		"test accuracy", byChance(), bar{"CNN", f.CNN.Test}, bar{"bag of words", f.Bag.Test}, bar{"words and pairs", f.Bigrams.Test})
}

// hitChart compares the filters with themselves before training.
func (f NgramsMeasurement) hitChart() report.Chart {
	return bars("windows", "Filters whose favourite window holds what decides",
		"Bars with intervals over the seeds: the share of the filters whose best window in held-out reviews holds the deciding words, before and after training. Higher is better.",
		"share of the filters", nil, bar{"before training", f.Untrained}, bar{"after training", f.Hit})
}

// NgramFilters is the experiment.
var NgramFilters = experiment.Experiment[NgramsConfig, NgramsMeasurement]{
	Name: "Ngrams", Title: "Texts whose class only neighbours tell",
	Measure: measureNgrams, Rules: ngramsRules(),
	Figures: func(_ NgramsConfig, f NgramsMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table(), f.topTable()}, Charts: []report.Chart{f.chart(), f.hitChart()}}, nil
	},
}
