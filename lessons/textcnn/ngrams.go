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
	Example  text.Set
	CNN, Bag Scores
	// Hit is the fraction of the filters, of those that answer at all, whose best
	// window in the held-out texts holds what decides: a word with an opinion and
	// the word in front of it. Chance is the fraction of all windows that do.
	// One value a seed.
	Hit, Chance []float64
	Top         []TopNgram // of the first seed
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

// measureNgrams trains a CNN and a bag of words on the negation task.
func measureNgrams(ctx context.Context, backend compute.Backend, c NgramsConfig) (facts NgramsMeasurement, err error) {
	facts.Example = reviews.Negation(6, c.Seeds[0]+forTest)
	draw := handmade(c.Training, generatedLength, reviews.Negation)
	l := learned(generatedWords(), c.Net.Width)
	e := trial{name: "CNN, negation", network: c.Net.network(l, 2), inside: c.Net.maps(l), seeds: c.Seeds, training: c.Training, draw: numbersOnly(draw)}
	scores, readings, err := lookInto(ctx, backend, e, func(ctx context.Context, net trained, seed int64) (r reading, err error) {
		t, err := draw(seed)
		if err != nil {
			return r, err
		}
		return read(ctx, reader{c.Net, generatedLength, net.inside}, net.Classifier, t)
	})
	if err != nil {
		return facts, err
	}
	facts.CNN, facts.Top = scores, readings[0].top
	for _, r := range readings {
		facts.Hit, facts.Chance = append(facts.Hit, r.hit), append(facts.Chance, r.chance)
	}
	facts.Bag, err = trial{name: "bag of words, negation", network: bagOfWords(generatedWords(), 2), seeds: c.Seeds, training: c.Training, draw: numbersOnly(draw)}.run(ctx, backend)
	return facts, err
}

// reading is what the filters of one net like best.
type reading struct {
	hit, chance float64
	top         []TopNgram
}

func read(ctx context.Context, r reader, net *fit.Classifier, t task) (reading, error) {
	top, err := topNgrams(ctx, r, net, t.testSet, t.test)
	hits := 0
	for _, n := range top {
		if n.Decides {
			hits++
		}
	}
	return reading{float64(hits) / float64(max(len(top), 1)), chanceWindows(r.net, t.testSet), top}, err
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

// chanceWindows is the fraction of all windows, of every width, that decide.
func chanceWindows(n Net, set text.Set) float64 {
	all, hits := 0, 0
	for _, sentence := range set.Texts {
		tokens := text.Tokenize(sentence)
		for _, window := range n.Windows {
			for start := 1 - window; start < len(tokens); start++ {
				all++
				if decides(tokens, span{max(start, 0), min(start+window, len(tokens))}) {
					hits++
				}
			}
		}
	}
	return float64(hits) / float64(all)
}

const (
	neighboursMatter = 0.2 // accuracy that the order of neighbours is worth
	filtersFind      = 0.2 // fraction of filters, above chance, that point at what decides
)

func judgeNgrams(f NgramsMeasurement) claim.Finding {
	gain := claim.EstimateDifference(f.CNN.Test, f.Bag.Test)
	bag := claim.EstimateMean(f.Bag.Test)
	found := claim.EstimateDifference(f.Hit, f.Chance)
	return claim.Finding{
		Decision: claim.All(gain.Above(neighboursMatter), bag.Below(chance+nearChance), found.Above(filtersFind)),
		Evidence: fmt.Sprintf("On reviews with \"not\", one word of praise and one of blame, test accuracy is %s for the CNN and %s for the bag of words (½ is chance); the best windows of %.0f %% of the filters hold what decides, and %.0f %% of all windows do: %s more.",
			claim.EstimateMean(f.CNN.Test), bag, 100*claim.EstimateMean(f.Hit).Mean, 100*claim.EstimateMean(f.Chance).Mean, found),
		Samples: gain.N,
	}
}

func ngramsRules() []claim.Rule[NgramsMeasurement] {
	return []claim.Rule[NgramsMeasurement]{
		claim.SampledRule("q5.p1", "Q5, advantages 1",
			"Since a filter sees a few neighbouring words at a time, a CNN finds n-grams that matter.",
			fmt.Sprintf("where only the order of neighbours tells the class, a CNN is over %g more accurate than a bag of words, which stays below %g; and the fraction of filters whose best held-out window holds what decides is over %g above that of all windows (95 %% intervals)",
				neighboursMatter, chance+nearChance, filtersFind),
			claim.Supported, judgeNgrams),
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
		Rows: [][]string{f.CNN.row(), f.Bag.row()},
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

// chart compares the accuracies, and the filters with chance.
func (f NgramsMeasurement) chart() report.Chart {
	return bars("negation", "“not good” or “not bad”: who can tell?",
		"Bars with intervals over the seeds: the accuracy of the CNN and of the bag of words, and the share of the filters' best windows and of all windows that hold the deciding words. Higher is better; a rule marks chance.",
		"share", byChance(), bar{"CNN, accuracy", f.CNN.Test}, bar{"bag of words, accuracy", f.Bag.Test}, bar{"best windows that decide", f.Hit}, bar{"all windows that decide", f.Chance})
}

// NgramFilters is the experiment.
var NgramFilters = experiment.Experiment[NgramsConfig, NgramsMeasurement]{
	Name: "Ngrams", Title: "Texts whose class only neighbours tell",
	Measure: measureNgrams, Rules: ngramsRules(),
	Figures: func(_ NgramsConfig, f NgramsMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table(), f.topTable()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
