package textcnn

import (
	"math"
	"math/rand/v2"
	"slices"

	"evident/datasets/text"
	"evident/kit/fit"
)

// linear says how a linear support vector machine learns from words and pairs of
// neighbours.
type linear struct {
	name string
	cost float64 // C
	// ratios says that the features are log-count ratios in the place of 0 and 1,
	// and own is β, the machine's own part in its weights; the rest is naive Bayes'.
	ratios bool
	own    float64
}

// The two machines of Wang and Manning (2012, sections 2.2 and 2.3), with their knobs.
var (
	svm   = linear{name: "words and pairs, SVM", cost: 0.1, own: 1}
	nbsvm = linear{name: "words and pairs, NBSVM", cost: 1, ratios: true, own: 0.25}
)

const smoothing = 1.0 // α of the ratios

// counted are labelled texts as a machine reads them.
type counted struct {
	features [][]string // words and pairs of neighbours of each text
	labels   []int32
	classes  int
}

// count reads as many tokens of each text as the net does.
func count(set text.Set, length int) counted {
	c := counted{labels: set.Labels, classes: len(set.Classes)}
	for _, sentence := range set.Texts {
		c.features = append(c.features, wordsAndPairs(sentence, length))
	}
	return c
}

// take is the first n texts, or all.
func (c counted) take(n int) counted {
	n = min(n, len(c.labels))
	return counted{c.features[:n], c.labels[:n], c.classes}
}

// bigrams is what a machine has learned. With more than two classes there is one
// machine for each against the others.
type bigrams struct {
	features map[string]int // numbers of the words and pairs of the training texts
	machines []machine      // one for each class
}

// machine is the weights of a linear classifier; the last one is its bias.
type machine []float64

// forMachine is the purpose of the random numbers, see [fit.Rand].
const forMachine = 77

// learn trains on texts.
func (l linear) learn(texts counted, seed int64) bigrams {
	b := bigrams{features: map[string]int{}}
	rows := make([][]int, len(texts.features))
	for i, features := range texts.features {
		for _, feature := range features {
			if _, known := b.features[feature]; !known {
				b.features[feature] = len(b.features)
			}
		}
		rows[i] = b.row(features)
	}
	for class := range texts.classes {
		if class == 1 && texts.classes == 2 { // the mirror image of class 0
			mirrored := make(machine, len(b.machines[0]))
			for i, w := range b.machines[0] {
				mirrored[i] = -w
			}
			b.machines = append(b.machines, mirrored)
			break
		}
		signs := make([]float64, len(rows))
		for i, label := range texts.labels {
			if signs[i] = -1; int(label) == class {
				signs[i] = 1
			}
		}
		b.machines = append(b.machines, l.machine(rows, signs, len(b.features), fit.Rand(seed, forMachine)))
	}
	return b
}

// wordsAndPairs are the tokens of a text and the pairs of neighbours.
func wordsAndPairs(sentence string, length int) []string {
	tokens := text.Tokenize(sentence)
	tokens = tokens[:min(len(tokens), length)]
	all := slices.Clone(tokens)
	for i := 1; i < len(tokens); i++ {
		all = append(all, tokens[i-1]+" "+tokens[i])
	}
	return all
}

// row is the numbers of the features that a text has, each once.
func (b bigrams) row(features []string) []int {
	var row []int
	for _, feature := range features {
		if number, known := b.features[feature]; known {
			row = append(row, number)
		}
	}
	slices.Sort(row)
	return slices.Compact(row)
}

// ratios are log((p/‖p‖₁) / (q/‖q‖₁)), where p and q are α more than the number of
// texts of either sign that have the feature.
func ratios(rows [][]int, signs []float64, features int) []float64 {
	p, q := make([]float64, features), make([]float64, features)
	for f := range p {
		p[f], q[f] = smoothing, smoothing
	}
	for i, row := range rows {
		for _, f := range row {
			if signs[i] > 0 {
				p[f]++
			} else {
				q[f]++
			}
		}
	}
	sumP, sumQ, r := 0.0, 0.0, make([]float64, features)
	for f := range p {
		sumP, sumQ = sumP+p[f], sumQ+q[f]
	}
	for f := range r {
		r[f] = math.Log(p[f] / sumP * sumQ / q[f])
	}
	return r
}

// machine scales the features, trains, and interpolates.
func (l linear) machine(rows [][]int, signs []float64, features int, random *rand.Rand) machine {
	scale := slices.Repeat([]float64{1}, features+1) // and the bias
	if l.ratios {
		copy(scale, ratios(rows, signs, features))
	}
	w := minimise(rows, signs, scale, l.cost, random)
	size := 0.0
	for _, v := range w[:features] {
		size += math.Abs(v) / float64(features)
	}
	for f := range features {
		w[f] = scale[f] * ((1-l.own)*size + l.own*w[f])
	}
	return w
}

// minimise returns the weights with the least ‖w‖² + C·Σ max(0, 1 − y·w·x)², where
// x has the scale of each feature of the row, and of the last one, the bias. It
// goes through the dual coordinates until no gradient differs much from 0 (Hsieh et
// al. 2008, algorithm 1).
func minimise(rows [][]int, signs, scale []float64, cost float64, random *rand.Rand) machine {
	const passes, enough = 1000, 1e-4
	w, dual := make(machine, len(scale)), make([]float64, len(rows))
	bias := len(scale) - 1
	diagonal := 1 / cost // 1/(2C) for C/2 in front of the sum and ½ in front of ‖w‖²
	for range passes {
		worst := 0.0
		for _, i := range random.Perm(len(rows)) {
			square := diagonal + scale[bias]*scale[bias]
			for _, f := range rows[i] {
				square += scale[f] * scale[f]
			}
			gradient := signs[i]*w.margin(rows[i], scale) - 1 + diagonal*dual[i]
			if dual[i] == 0 {
				gradient = min(gradient, 0)
			}
			worst = max(worst, math.Abs(gradient))
			before := dual[i]
			dual[i] = max(before-gradient/square, 0)
			step := (dual[i] - before) * signs[i]
			for _, f := range rows[i] {
				w[f] += step * scale[f]
			}
			w[bias] += step * scale[bias]
		}
		if worst < enough {
			break
		}
	}
	return w
}

// margin is w·x; a scale of nil is 1 everywhere.
func (w machine) margin(row []int, scale []float64) float64 {
	bias := len(w) - 1
	sum := w[bias]
	for _, f := range row {
		if scale == nil {
			sum += w[f]
		} else {
			sum += w[f] * scale[f]
		}
	}
	return sum
}

// accuracy is the fraction of the texts whose class has the largest margin.
func (b bigrams) accuracy(texts counted) float64 {
	right := 0
	for i, features := range texts.features {
		row := b.row(features)
		margins := make([]float64, len(b.machines))
		for class, m := range b.machines {
			margins[class] = m.margin(row, nil)
		}
		if slices.Index(margins, slices.Max(margins)) == int(texts.labels[i]) {
			right++
		}
	}
	return float64(right) / float64(len(texts.labels))
}

// run trains and tests from every seed.
func (l linear) run(seeds []int64, length int, draw func(seed int64) (task, error)) (Scores, error) {
	scores := Scores{Name: l.name}
	for _, seed := range seeds {
		t, err := draw(seed)
		if err != nil {
			return scores, err
		}
		train, test := count(t.trainSet, length), count(t.testSet, length)
		b := l.learn(train, seed)
		scores.Parameters = len(b.features) + 1
		scores.TrainTexts, scores.TestTexts = t.trainSet.Len(), t.testSet.Len()
		scores.Train, scores.Test = append(scores.Train, b.accuracy(train)), append(scores.Test, b.accuracy(test))
	}
	return scores, nil
}
