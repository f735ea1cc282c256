package textcnn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/stat"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/kit/fit"
)

// RobustFacts say how often a prediction changes although the meaning does not,
// with a maximum over time and with none.
type RobustFacts struct {
	Example                [3]string // a review, with a swap, and reworded
	Pooled, Flat           RobustFact
	GivenPooled, GivenFlat RobustFact // with given vectors of the words
	Neighbours, Others     float64    // mean similarity of the given vectors: of synonyms, and of other words
}

// RobustFact is the outcome of one net, one value a seed: shares of the held-out
// reviews.
type RobustFact struct {
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

// MeasureRobust trains the nets on generated reviews.
func MeasureRobust(ctx context.Context, backend compute.Backend, c Training) (facts RobustFacts, err error) {
	if err := c.check("Robust"); err != nil {
		return facts, err
	}
	draw := handmade(c, generatedLength, reviews.Generate)
	first := reviews.Generate(1, c.Seeds[0]+forTest)
	facts.Example = [3]string{first.Texts[0], swapped(first, c.Seeds[0]).Texts[0], reviews.Reworded(first, c.Seeds[0]).Texts[0]}
	l := learned(generatedWords(), c.Net.Width)
	for _, run := range []struct {
		name    string
		fact    *RobustFact
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
func (f *RobustFacts) measureGiven(ctx context.Context, backend compute.Backend, c Training) error {
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

func (f *RobustFact) measure(ctx context.Context, backend compute.Backend, c Training, name string, network fit.Network, draw func(int64) (task, error)) error {
	e := trial{name: name, network: network, training: c, draw: numbersOnly(draw)}
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
	swapped, reworded float64 // shares that changed
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

// spread is the deviation of a word's vector from that of its group, as a share
// of the length of either.
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
