package textcnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// RobustConfig disturbs texts in ways that leave their meaning as it was.
type RobustConfig struct {
	Net   Net
	Seeds []int64 `role:"averaged" help:"of the texts, the initial weights and the order of the training"`
	Training
}

// RobustKnobs are the knobs with those of the moved phrases, which decide a part
// of the same claim.
type RobustKnobs struct {
	RobustConfig
	Shift ShiftConfig
}

// RobustMeasurement says how often a prediction changes although the meaning does
// not, with a maximum over time and with none.
type RobustMeasurement struct {
	Example                [3]string // a review, with a swap, and reworded
	Pooled, Flat           DisturbedNet
	GivenPooled, GivenFlat DisturbedNet // with given vectors of the words
	Neighbours, Others     float64      // mean similarity of the given vectors: of synonyms, and of other words
	Shift                  ShiftMeasurement
}

// DisturbedNet is the outcome of one net, one value a seed: fractions of the
// held-out reviews.
type DisturbedNet struct {
	Scores
	Swapped  []float64 // whose class changes when two neighbouring words are swapped
	Reworded []float64 // whose class changes when every opinion is said by a synonym that was not in training
	After    []float64 // accuracy on the reworded reviews
}

// The purposes of random numbers, see [fit.Rand].
const (
	forSwaps   = 72
	forVectors = 73
)

// measureRobust trains the nets on generated reviews.
func measureRobust(ctx context.Context, backend compute.Backend, k RobustKnobs) (facts RobustMeasurement, err error) {
	if facts.Shift, err = MovedPhrases.Measured(ctx, backend, k.Shift); err != nil {
		return facts, err
	}
	c := k.RobustConfig
	draw := handmade(c.Training, generatedLength, reviews.Generate)
	first := reviews.Generate(1, c.Seeds[0]+forTest)
	facts.Example = [3]string{first.Texts[0], swapped(first, c.Seeds[0]).Texts[0], reviews.Reworded(first, c.Seeds[0]).Texts[0]}
	l := learned(generatedWords(), c.Net.Width)
	for _, run := range []struct {
		name    string
		fact    *DisturbedNet
		network fit.Network
	}{
		{"maximum over time", &facts.Pooled, c.Net.network(l, 2)},
		{"no pooling", &facts.Flat, c.Net.flattened(l, 2)},
	} {
		if err := run.fact.measure(ctx, backend, c, run.name, run.network, draw); err != nil {
			return facts, err
		}
	}
	return facts, facts.measureGiven(ctx, backend, c)
}

// measureGiven trains the nets with vectors that know which words are alike, as
// those that were learned from much text without labels.
func (f *RobustMeasurement) measureGiven(ctx context.Context, backend compute.Backend, c RobustConfig) error {
	encoder, err := text.NewEncoder(reviews.Words(), generatedLength, 1, 0)
	if err != nil {
		return err
	}
	draw := func(seed int64) (task, error) {
		train, test := reviews.Generate(c.Train, seed+forTrain), reviews.Generate(c.Test, seed+forTest)
		return task{train, test, encoder, encoded(encoder, train), encoded(encoder, test)}, nil
	}
	vectors := wordVectors(encoder, c.Net.Width, c.Seeds[0])
	f.Neighbours, f.Others = similarities(encoder, vectors)
	if err := f.GivenPooled.measure(ctx, backend, c, "maximum over time, given vectors", c.Net.network(given(vectors), 2), draw); err != nil {
		return err
	}
	return f.GivenFlat.measure(ctx, backend, c, "no pooling, given vectors", c.Net.flattened(given(vectors), 2), draw)
}

func (f *DisturbedNet) measure(ctx context.Context, backend compute.Backend, c RobustConfig, name string, network fit.Network, draw func(int64) (task, error)) error {
	e := trial{name: name, network: network, seeds: c.Seeds, training: c.Training, draw: numbersOnly(draw)}
	scores, disturbed, err := lookInto(ctx, backend, e, func(ctx context.Context, net trained, seed int64) (d disturbance, err error) {
		t, err := draw(seed)
		if err != nil {
			return d, err
		}
		return disturb(ctx, net.Classifier, t, seed)
	})
	f.Scores = scores
	for _, d := range disturbed {
		f.Swapped, f.Reworded, f.After = append(f.Swapped, d.swapped), append(f.Reworded, d.reworded), append(f.After, d.after)
	}
	return err
}

// disturbance is what became of one net's predictions.
type disturbance struct {
	swapped, reworded float64 // fractions that changed
	after             float64 // accuracy on the reworded reviews
}

// disturb compares the predictions with those of swapped and reworded reviews.
func disturb(ctx context.Context, net *fit.Classifier, t task, seed int64) (d disturbance, err error) {
	before, err := predictions(ctx, net, t.test)
	if err != nil {
		return d, err
	}
	swaps, err := predictions(ctx, net, encoded(t.encoder, swapped(t.testSet, seed)))
	if err != nil {
		return d, err
	}
	reworded := encoded(t.encoder, reviews.Reworded(t.testSet, seed))
	synonyms, err := predictions(ctx, net, reworded)
	if err != nil {
		return d, err
	}
	score, err := net.Evaluate(ctx, reworded)
	return disturbance{changed(before, swaps), changed(before, synonyms), score.Accuracy}, err
}

// swapped exchanges two different neighbouring words of every review, at random
// among those pairs whose exchange leaves all opinions as they were.
func swapped(set text.Set, seed int64) text.Set {
	random := fit.Rand(seed, forSwaps)
	changed := text.Set{Name: set.Name + ", swapped", Classes: set.Classes}
	for i, review := range set.Texts {
		changed.Add(strings.Join(swap(strings.Fields(review), random), " "), set.Labels[i])
	}
	return changed
}

func swap(words []string, random *rand.Rand) []string {
	for _, at := range random.Perm(len(words) - 1) {
		other := slices.Clone(words)
		other[at], other[at+1] = words[at+1], words[at]
		if words[at] != words[at+1] && slices.Equal(signs(words), signs(other)) {
			return other
		}
	}
	return words
}

// signs are those of a review's opinions, in their order.
func signs(words []string) []int {
	var all []int
	for _, o := range reviews.Opinions(words) {
		all = append(all, o.Sign)
	}
	return all
}

// spread is the standard deviation of a word's vector from that of its group, as
// a fraction of the length of either.
const spread = 0.5

// wordVectors make words of one sign lie close together and all others apart:
// random vectors of length about 1, [numbers][width]. They stand for vectors that
// were learned elsewhere.
func wordVectors(encoder *text.Encoder, width int, seed int64) [][]float32 {
	random := fit.Rand(seed, forVectors)
	draw := func(size float64) []float64 {
		v := make([]float64, width)
		for i := range v {
			v[i] = size * random.NormFloat64() / math.Sqrt(float64(width))
		}
		return v
	}
	groups := map[int][]float64{1: draw(1), -1: draw(1)}
	vectors := make([][]float32, encoder.Size())
	for number := range vectors {
		own, group := draw(1), groups[reviews.Sign(encoder.Token(int32(number)))]
		for i := range own {
			if group != nil {
				own[i] = group[i] + spread*own[i]
			}
			vectors[number] = append(vectors[number], float32(own[i]))
		}
	}
	return vectors
}

// similarities are mean cosines: between words of one sign, and between all
// other pairs of words.
func similarities(encoder *text.Encoder, vectors [][]float32) (alike, other float64) {
	var near, far []float64
	for i, a := range encoder.Words {
		for _, b := range encoder.Words[:i] {
			cosine := cosine(vectors[encoder.Number(a)], vectors[encoder.Number(b)])
			if reviews.Sign(a) != 0 && reviews.Sign(a) == reviews.Sign(b) {
				near = append(near, cosine)
			} else {
				far = append(far, cosine)
			}
		}
	}
	return stat.Mean(near, nil), stat.Mean(far, nil)
}

func cosine(a, b []float32) float64 {
	dot, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		dot, aa, bb = dot+float64(a[i]*b[i]), aa+float64(a[i]*a[i]), bb+float64(b[i]*b[i])
	}
	return dot / math.Sqrt(aa*bb)
}

const robuster = 0.02 // fraction of the predictions that pooling keeps from changing

func judgeRobust(r RobustMeasurement) claim.Finding {
	s := r.Shift
	shrinks := len(s.Sizes) > 0 && s.OrdersLargest <= rounding && s.Orders > 0
	for _, size := range s.Sizes {
		shrinks = shrinks && size.Pooled == s.Sizes[0].Pooled && size.Pooled < size.Maps
	}
	swaps := claim.EstimateDifference(r.Flat.Swapped, r.Pooled.Swapped)
	synonyms := claim.EstimateDifference(r.Flat.Reworded, r.Pooled.Reworded)
	return claim.Finding{
		Decision: claim.All(claim.Holds(shrinks), swaps.Above(robuster), synonyms.Above(robuster)),
		Evidence: fmt.Sprintf("Pooling leaves as many features for every length, and three phrases in any order give the same ones to within %.1g. With it, a swap of neighbours changes %.3f of the predictions and without %.3f, a difference of %s; other words for the opinions change %.3f and %.3f, a difference of %s. With word vectors that know synonyms it is %.3f, with pooling.",
			s.OrdersLargest, mean(r.Pooled.Swapped), mean(r.Flat.Swapped), swaps, mean(r.Pooled.Reworded), mean(r.Flat.Reworded), synonyms, mean(r.GivenPooled.Reworded)),
		Samples: swaps.N,
	}
}

func robustRules() []claim.Rule[RobustMeasurement] {
	return []claim.Rule[RobustMeasurement]{
		claim.SampledRule("q5.p4", "Q5, advantages 4",
			"Pooling shrinks the representation, and makes it robust to small changes of the words' order and to synonyms.",
			fmt.Sprintf("the pooled features are as many for every length, and the same for three phrases in all orders to within %g; and with the maximum over time, over %g fewer of the predictions change than without pooling, both when two neighbouring words are swapped and when opinions are said in other words (95 %% intervals)", rounding, robuster),
			claim.Refuted, judgeRobust),
	}
}

// exampleTable shows the disturbances.
func (f RobustMeasurement) exampleTable() report.Table {
	table := report.Table{ID: "disturbed", Title: "One review, disturbed", Columns: []string{"", "review"}}
	for i, name := range []string{"as it was", "two neighbours swapped", "other words for the opinions"} {
		table.Rows = append(table.Rows, []string{name, f.Example[i]})
	}
	return table
}

// table gives the shares of changed predictions.
func (f RobustMeasurement) table() report.Table {
	table := report.Table{
		ID: "robust", Title: "How often the prediction changes although the meaning does not",
		Columns: []string{"net", "test accuracy", "neighbours swapped", "other words", "accuracy with other words"},
	}
	for _, r := range []DisturbedNet{f.Pooled, f.Flat, f.GivenPooled, f.GivenFlat} {
		table.Rows = append(table.Rows, []string{r.Name, estimate(r.Test), estimate(r.Swapped), estimate(r.Reworded), estimate(r.After)})
	}
	return table
}

// chart compares the shares.
func (f RobustMeasurement) chart() report.Chart {
	return bars("robust", "Predictions that change although the meaning does not",
		"Bars with intervals over the seeds: the share of predictions that change when neighbours are swapped and when other words are used, for nets with pooling and with none, and with given vectors of the words. Lower is better.",
		"share of predictions", nil,
		bar{"swap, pooling", f.Pooled.Swapped}, bar{"swap, none", f.Flat.Swapped},
		bar{"other words, pooling", f.Pooled.Reworded}, bar{"other words, none", f.Flat.Reworded},
		bar{"other words, pooling, given vectors", f.GivenPooled.Reworded})
}

// Robustness is the experiment.
var Robustness = experiment.Experiment[RobustKnobs, RobustMeasurement]{
	Name: "Robust", Title: "Swapped neighbours and other words",
	Measure: measureRobust, Rules: robustRules(),
	Figures: func(_ RobustKnobs, f RobustMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.exampleTable(), f.table()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
