// Package text turns labelled texts into numbers: a tokeniser, a vocabulary,
// and sets of texts in memory.
//
// The same [Encoder] serves training and use: it is saved with a trained model,
// so that no second preprocessing can drift apart from the first.
package text

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"evident/lessons/lesson"
)

// Set is a labelled set of texts in memory.
type Set struct {
	Name    string   // as reports name it, as in "polarity"
	Classes []string // names of the labels 0, 1, …
	Texts   []string // [n]
	Labels  []int32  // [n], each below len(Classes)
}

// Len is the number of texts.
func (s Set) Len() int { return len(s.Texts) }

// Add appends a text.
func (s *Set) Add(text string, label int32) {
	s.Texts, s.Labels = append(s.Texts, text), append(s.Labels, label)
}

// Take is the first n texts, or all when there are fewer. It shares memory with
// s.
func (s Set) Take(n int) Set {
	n = min(n, s.Len())
	s.Texts, s.Labels = s.Texts[:n:n], s.Labels[:n:n]
	return s
}

// Pick is the texts with the given indices.
func (s Set) Pick(indices []int) Set {
	picked := Set{Name: s.Name, Classes: s.Classes}
	for _, i := range indices {
		picked.Add(s.Texts[i], s.Labels[i])
	}
	return picked
}

// Shuffled is the set in an order drawn from the seed.
func (s Set) Shuffled(seed int64) Set {
	return s.Pick(rand.New(rand.NewPCG(uint64(seed), shuffles)).Perm(s.Len()))
}

// shuffles keeps the numbers drawn here apart from those that other packages
// draw from the same seed.
const shuffles = 0x74657874

// Folds cuts the texts into k parts that differ by one text at most, as do their
// texts of any one class: part i holds the indices of its texts.
func (s Set) Folds(k int) [][]int {
	folds, dealt := make([][]int, k), 0
	for class := range s.Classes {
		for i, label := range s.Labels {
			if int(label) == class {
				folds[dealt%k] = append(folds[dealt%k], i)
				dealt++
			}
		}
	}
	return folds
}

// Majority is the share of the most frequent class, 0–1: what a classifier gets
// that always guesses it.
func (s Set) Majority() float64 {
	counts, most := make([]int, len(s.Classes)), 0
	for _, label := range s.Labels {
		counts[label]++
		most = max(most, counts[label])
	}
	return float64(most) / float64(max(s.Len(), 1))
}

// Hash is the sha256 of the texts and labels, in hexadecimal: equal hashes mean
// equal texts in equal order.
func (s Set) Hash() string {
	h := sha256.New()
	for i, text := range s.Texts {
		fmt.Fprintf(h, "%d %d %s\n", s.Labels[i], len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// SplitEven cuts off a share of every class, at least one text of each, for
// testing. The error is a lesson.ErrBadInput when a class is too small.
func (s Set) SplitEven(share float64) (train, test Set, err error) {
	if !(share > 0 && share < 1) {
		return train, test, lesson.BadInputf("the share for testing is %g: it must be above 0 and below 1", share)
	}
	counts := make([]int, len(s.Classes))
	for _, label := range s.Labels {
		counts[label]++
	}
	var kept, held []int
	taken := make([]int, len(s.Classes))
	for i, label := range s.Labels {
		if taken[label] < max(int(share*float64(counts[label])+0.5), 1) {
			held = append(held, i)
			taken[label]++
		} else {
			kept = append(kept, i)
		}
	}
	for class, count := range counts {
		if count-taken[class] < 1 || taken[class] < 1 {
			return train, test, lesson.BadInputf("class %q has %d texts: too few to train and to test with", s.Classes[class], count)
		}
	}
	return s.Pick(kept), s.Pick(held), nil
}
