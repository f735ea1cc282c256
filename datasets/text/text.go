// Package text turns labelled texts into numbers. It holds a tokeniser
// ([Tokenize]), a vocabulary ([Encoder]), and sets of texts in memory ([Set]).
//
// The same [Encoder] serves training and prediction. It is saved with a trained
// model, so that both always use the same preprocessing.
package text

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"

	"evident/internal/badinput"
)

// Set is a labelled set of texts in memory.
type Set struct {
	Name    string   // name in reports, as in "polarity"
	Classes []string // names of the labels 0, 1, …
	Texts   []string // [n]
	Labels  []int32  // [n], each below len(Classes)
	// Groups number the texts that must stay on one side of a split, such as
	// copies: [n], with one number per group. nil lets any two texts be separated.
	Groups []int32
}

// Len returns the number of texts.
func (s Set) Len() int { return len(s.Texts) }

// Add appends a text.
func (s *Set) Add(text string, label int32) {
	s.Texts, s.Labels = append(s.Texts, text), append(s.Labels, label)
}

// Take returns the first n texts, or all if there are fewer. It shares memory with
// s.
func (s Set) Take(n int) Set {
	n = min(n, s.Len())
	s.Texts, s.Labels = s.Texts[:n:n], s.Labels[:n:n]
	if s.Groups != nil {
		s.Groups = s.Groups[:n:n]
	}
	return s
}

// Pick returns the texts with the given indices.
func (s Set) Pick(indices []int) Set {
	picked := Set{Name: s.Name, Classes: s.Classes}
	for _, i := range indices {
		picked.Add(s.Texts[i], s.Labels[i])
		if s.Groups != nil {
			picked.Groups = append(picked.Groups, s.Groups[i])
		}
	}
	return picked
}

// Shuffled returns the set in an order drawn from the seed.
func (s Set) Shuffled(seed int64) Set {
	return s.Pick(rand.New(rand.NewPCG(uint64(seed), shuffles)).Perm(s.Len()))
}

// shuffles makes these random numbers independent of those that other packages
// draw from the same seed.
const shuffles = 0x74657874

// together returns the indices of the texts of each group, in the order of their
// first texts. A group belongs to the class of its first text.
func (s Set) together() [][]int {
	if s.Groups == nil {
		alone := make([][]int, s.Len())
		for i := range alone {
			alone[i] = []int{i}
		}
		return alone
	}
	var all [][]int
	place := map[int32]int{}
	for i, group := range s.Groups {
		at, met := place[group]
		if !met {
			at = len(all)
			place[group] = at
			all = append(all, nil)
		}
		all[at] = append(all[at], i)
	}
	return all
}

// mixed reports whether the texts of a group have different classes.
func (s Set) mixed(group []int) bool {
	return slices.ContainsFunc(group, func(i int) bool { return s.Labels[i] != s.Labels[group[0]] })
}

// Different counts, for every class, the groups of texts that do not also occur in
// other classes. These can be split.
func (s Set) Different() []int {
	counts := make([]int, len(s.Classes))
	for _, group := range s.together() {
		if !s.mixed(group) {
			counts[s.Labels[group[0]]]++
		}
	}
	return counts
}

// TakeOfEach returns the first n texts, or all if there are fewer. It includes at
// least least different texts of every class, even if they come later, as far as
// the set has them and n is large enough.
func (s Set) TakeOfEach(n, least int) Set {
	if s.Len() <= n {
		return s
	}
	count, taken, ofClass := 0, make([]bool, s.Len()), make([]int, len(s.Classes))
	for _, group := range s.together() {
		if class := s.Labels[group[0]]; count < n && ofClass[class] < least && !s.mixed(group) {
			taken[group[0]] = true
			ofClass[class]++
			count++
		}
	}
	var indices []int
	for i := range taken {
		if !taken[i] && count < n {
			taken[i] = true
			count++
		}
		if taken[i] {
			indices = append(indices, i)
		}
	}
	return s.Pick(indices)
}

// Folds cuts the texts into k parts: part i holds the indices of its texts. The
// sizes of the parts, and their numbers of texts of any class, differ by at most
// one, unless larger groups of texts stay together.
func (s Set) Folds(k int) [][]int {
	folds, ofClass := make([][]int, k), make([]int, k)
	groups := s.together()
	slices.SortStableFunc(groups, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	for class := range s.Classes {
		clear(ofClass)
		for _, group := range groups {
			if int(s.Labels[group[0]]) != class {
				continue
			}
			least := 0
			for i := range folds {
				if cmp.Or(cmp.Compare(ofClass[i], ofClass[least]), cmp.Compare(len(folds[i]), len(folds[least]))) < 0 {
					least = i
				}
			}
			folds[least] = append(folds[least], group...)
			ofClass[least] += len(group)
		}
	}
	return folds
}

// Majority returns the fraction of the most frequent class, 0–1, which is the
// accuracy of a constant guess.
func (s Set) Majority() float64 {
	return float64(slices.Max(append(s.Counts(), 0))) / float64(max(s.Len(), 1))
}

// Hash returns the sha256 of the texts and labels, in hexadecimal. Equal hashes
// mean equal texts in equal order.
func (s Set) Hash() string {
	h := sha256.New()
	for i, text := range s.Texts {
		fmt.Fprintf(h, "%d %d %s\n", s.Labels[i], len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Counts returns the number of texts in each class.
func (s Set) Counts() []int {
	counts := make([]int, len(s.Classes))
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

// SplitEven holds back a fraction of every class for testing, at least one text of
// each. Groups of texts stay together, so the fraction is not exact. Of a class
// with three or more different texts, two remain for training, so that they can be
// split again. The error is a badinput.Err if a class is too small.
func (s Set) SplitEven(fraction float64) (train, test Set, err error) {
	if !(fraction > 0 && fraction < 1) {
		return train, test, badinput.Errorf("the fraction for testing is %g: it must be above 0 and below 1", fraction)
	}
	counts, different := s.Counts(), s.Different()
	ofClass := make([][][]int, len(counts))
	for _, group := range s.together() {
		class := s.Labels[group[0]]
		ofClass[class] = append(ofClass[class], group)
	}
	isHeld := make([]bool, s.Len())
	for class, count := range counts {
		s.hold(isHeld, ofClass[class], max(int(fraction*float64(count)+0.5), 1), different[class])
	}
	var kept, held []int
	for i, testing := range isHeld {
		if testing {
			held = append(held, i)
		} else {
			kept = append(kept, i)
		}
	}
	train, test = s.Pick(kept), s.Pick(held)
	taken := test.Counts()
	for class, count := range counts {
		if count-taken[class] < 1 || taken[class] < 1 {
			return train, test, badinput.Errorf("class %q has too few different texts to train and to test with: add some to it, or leave it out", s.Classes[class])
		}
	}
	return train, test, nil
}

// hold marks about left texts of a class for testing, one group after the other.
// If all groups are too large for that, it marks the smallest. different is the
// number of groups that hold no other class.
func (s Set) hold(held []bool, groups [][]int, left, different int) {
	keep := min(2, different-1) // number of different texts that stay
	var smallest []int
	none := true
	for _, group := range groups {
		mixed := s.mixed(group)
		if !mixed && different <= keep {
			continue
		}
		if smallest == nil || len(group) < len(smallest) {
			smallest = group
		}
		if len(group) > left {
			continue // a smaller group may fit
		}
		left -= len(group)
		none = false
		if !mixed {
			different--
		}
		for _, i := range group {
			held[i] = true
		}
	}
	if none {
		for _, i := range smallest {
			held[i] = true
		}
	}
}

// Tokenize splits a text into tokens, in lower case:
//
//   - words by the rules of Unicode (UAX #29), in every script, with their combining marks;
//     composed and decomposed forms become the same (NFC);
//   - English endings after an apostrophe, as in "is" "n't" and "it" "'s" (as in Kim 2014);
//   - every other visible character, with an emoji as a whole.
//
// White space and invisible characters are dropped, so a text without visible characters gives no
// token. Bytes that are not UTF-8 become U+FFFD.
func Tokenize(text string) []string {
	// Decompose first, because lower-casing a composed İ would lose its dot.
	text = norm.NFC.String(strings.ToLower(norm.NFD.String(strings.ToValidUTF8(text, "\uFFFD"))))
	text = strings.NewReplacer("\u2019", "'", "\u2018", "'").Replace(text)
	var tokens []string
	state := -1
	for len(text) > 0 {
		var word string
		word, text, state = uniseg.FirstWordInString(text, state)
		// Unicode's rules may join a space with a following joiner and emoji into one word.
		if word = strings.TrimLeftFunc(word, blank); visible(word) {
			tokens = append(tokens, parts(word)...)
		}
	}
	return tokens
}

// visible reports whether a word has visible characters.
func visible(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool {
		return !blank(r) && !unicode.Is(unicode.M, r)
	})
}

// blank reports whether a character is white space or invisible.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.C, r) }

// endings are English endings that count as words.
var endings = []string{"n't", "'s", "'re", "'ve", "'ll", "'d", "'m"}

func parts(word string) []string {
	for _, ending := range endings {
		if stem, found := strings.CutSuffix(word, ending); found && stem != "" {
			return []string{stem, ending}
		}
	}
	return []string{word}
}
