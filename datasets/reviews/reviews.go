// Package reviews generates short film reviews with a known structure. A phrase
// of one or two words ("good", "not good"), or the order of two phrases, decides
// their class. It is therefore known how well a bag of words can do, and that a
// model that reads phrases can always be right.
//
// The same seed draws the same reviews on every platform. Sets with different
// seeds come from the same distribution.
package reviews

import (
	"math/rand/v2"
	"slices"
	"strings"

	"evident/datasets/text"
	"evident/internal/badinput"
)

// Classes returns the names of the labels 0 and 1.
func Classes() []string { return []string{"negative", "positive"} }

// The purposes of random numbers. Two purposes with one seed are independent.
const (
	forReviews uint64 = iota + 51
	forNegation
	forOrder
	forUnheard
	forContexts
	forSynonyms
)

type source struct{ *rand.Rand }

func draws(seed int64, purpose uint64) source {
	return source{rand.New(rand.NewPCG(uint64(seed), purpose))}
}

func (s source) of(words []string) string { return words[s.IntN(len(words))] }

// frequent draws from the words with weights 1, 1/2, 1/3, … (Zipf's law).
func (s source) frequent(words []string) string {
	total := 0.0
	for i := range words {
		total += 1 / float64(i+1)
	}
	left := s.Float64() * total
	for i, word := range words {
		if left -= 1 / float64(i+1); left < 0 {
			return word
		}
	}
	return words[len(words)-1]
}

// fillers draws between least and most neutral words.
func (s source) fillers(least, most int) []string {
	words := make([]string, least+s.IntN(most-least+1))
	for i := range words {
		words[i] = s.of(neutral)
	}
	return words
}

// adjective draws a word with the given sign.
func (s source) adjective(sign int) string {
	return s.frequent(opinionWords(sign))
}

// The structure of a review.
const (
	opinions = 3    // per review: odd, so that they cannot cancel
	turned   = 0.25 // fraction of opinions expressed by the negator and the opposite word
	idle     = 0.3  // probability of a negator before a neutral word, before each opinion
)

// Generate draws n reviews of the two classes in turn. Each holds three opinions
// between neutral words, and the majority of them decides its class. An opinion
// is a word of its sign, or the negator and a word of the opposite sign. The
// negator also occurs before neutral words.
func Generate(n int, seed int64) text.Set { return generate(n, seed, "generated reviews", turned) }

// Plain draws reviews like those of [Generate], but without negated opinions.
// The majority of the opinion words decides the class, so a bag of words can
// always be right.
func Plain(n int, seed int64) text.Set { return generate(n, seed, "reviews without negation", 0) }

func generate(n int, seed int64, name string, negated float64) text.Set {
	random := draws(seed, forReviews)
	return majority(n, name, func() []string {
		return random.review(negated, func(sign int) []string { return append([]string{random.adjective(sign)}, random.fillers(1, 3)...) })
	})
}

// majority draws reviews until there are n, of the two classes in turn.
func majority(n int, name string, review func() []string) text.Set {
	set := text.Set{Name: name, Classes: Classes()}
	for set.Len() < n {
		label := int32(set.Len() % 2)
		if words := review(); Truth(words) == label {
			set.Add(strings.Join(words, " "), label)
		}
	}
	return set
}

// review draws three opinions, each a word of its sign with what follows it.
func (s source) review(negated float64, opinion func(sign int) []string) []string {
	words := s.fillers(1, 3)
	for range opinions {
		if s.Float64() < idle {
			words = append(words, Negator, s.of(neutral))
		}
		sign := 1 - 2*s.IntN(2)
		if s.Float64() < negated {
			words, sign = append(words, Negator), -sign
		}
		words = append(words, opinion(sign)...)
	}
	return words
}

// InContext draws reviews like those of [Generate], with one of four nouns, the
// context, behind every opinion. A word stands with two of the four nouns, and
// never with the others: see [Reworded].
func InContext(n int, seed int64) text.Set {
	random := draws(seed, forContexts)
	return majority(n, "reviews in context", func() []string {
		return random.review(turned, func(sign int) []string {
			word, noun := random.adjective(sign), random.of(contexts)
			for !together(word, noun) {
				noun = random.of(contexts)
			}
			return append([]string{word, noun}, random.fillers(0, 2)...)
		})
	})
}

// Reworded replaces every opinion word of a set that [InContext] drew by another
// of the same sign that InContext uses too, but never in front of this noun. The
// classes stay the same.
func Reworded(set text.Set, seed int64) text.Set {
	return replaced(set, "reworded", draws(seed, forSynonyms), func(random source, sign int, next string) string {
		for {
			if word := random.of(opinionWords(sign)); !together(word, next) {
				return word
			}
		}
	})
}

// Unheard replaces every opinion word of the set by a synonym that no generator
// uses. The classes stay the same.
func Unheard(set text.Set, seed int64) text.Set {
	return replaced(set, "unheard words", draws(seed, forUnheard), func(random source, sign int, _ string) string {
		if sign > 0 {
			return random.of(goodUnheard)
		}
		return random.of(badUnheard)
	})
}

func replaced(set text.Set, name string, random source, other func(random source, sign int, next string) string) text.Set {
	changed := text.Set{Name: set.Name + ", " + name, Classes: set.Classes}
	for i, review := range set.Texts {
		words := append(strings.Fields(review), "")
		for j, word := range words {
			if sign := Sign(word); sign != 0 {
				words[j] = other(random, sign, words[j+1])
			}
		}
		changed.Add(strings.TrimSpace(strings.Join(words, " ")), set.Labels[i])
	}
	return changed
}

// Negation draws n reviews of the two classes in turn, each with the negator
// once, one word of praise and one of blame. The class is positive if the
// negator precedes the blame, and negative if it precedes the praise. Every word
// is equally likely in both classes, and only neighbours distinguish them. The
// accuracy of a bag of words is ½.
func Negation(n int, seed int64) text.Set {
	random := draws(seed, forNegation)
	set := text.Set{Name: "negation", Classes: Classes()}
	for set.Len() < n {
		label := int32(set.Len() % 2)
		turned := 1 - 2*int(label) // the sign of the word after the negator
		phrases := [][]string{{Negator, random.adjective(turned)}, {random.adjective(-turned)}}
		random.Shuffle(2, func(i, j int) { phrases[i], phrases[j] = phrases[j], phrases[i] })
		words := append(random.fillers(1, 4), phrases[0]...)
		words = append(words, random.fillers(1, 4)...)
		words = append(words, phrases[1]...)
		words = append(words, random.fillers(1, 4)...)
		set.Add(strings.Join(words, " "), label)
	}
	return set
}

// Margin is the smallest number of neutral words before the first phrase of
// [Order], and after the last.
const Margin = 4

// Order draws n reviews of the two classes in turn, each with one phrase about
// the opening and one about the ending, of two words each. The class says which
// comes first: "opening first" is 1. Between the phrases are gap to gap + 3
// neutral words, or none if gap is 0.
//
// A window shorter than gap + 2 words, and no longer than Margin + 1, never
// covers words of both phrases, or an end of the text together with a phrase.
// The words in it are then equally likely in both classes.
func Order(n int, seed int64, gap int) (text.Set, error) {
	set := text.Set{Name: "order", Classes: []string{"ending first", "opening first"}}
	if gap < 0 {
		return set, badinput.Errorf("the gap between two phrases is %d words: it must be at least 0", gap)
	}
	random := draws(seed, forOrder)
	for set.Len() < n {
		label := int32(set.Len() % 2)
		first, second := []string{random.of(good), "opening"}, []string{random.of(good), "ending"}
		if label == 0 {
			first, second = second, first
		}
		words := append(random.plain(Margin, Margin+2), first...)
		if gap > 0 {
			words = append(words, random.plain(gap, gap+3)...)
		}
		words = append(append(words, second...), random.plain(Margin, Margin+2)...)
		set.Add(strings.Join(words, " "), label)
	}
	return set, nil
}

// plain draws fillers without the two nouns that decide in Order.
func (s source) plain(least, most int) []string {
	words := s.fillers(least, most)
	for i, word := range words {
		for word == "opening" || word == "ending" {
			word = s.of(neutral)
		}
		words[i] = word
	}
	return words
}

// Negator reverses the opinion of the next word.
const Negator = "not"

// The opinion words that [Generate] uses, the frequent ones first, synonyms that
// it never uses, and words without an opinion.
var (
	good = []string{"good", "great", "funny", "clever", "charming", "moving", "fresh", "witty", "warm", "brilliant", "superb", "elegant"}
	bad  = []string{"bad", "dull", "weak", "boring", "silly", "stale", "clumsy", "cold", "tired", "bland", "awful", "dreadful"}

	goodUnheard = []string{"delightful", "touching", "lovely", "gripping", "splendid", "graceful"}
	badUnheard  = []string{"tedious", "shallow", "lifeless", "messy", "dreary", "hollow"}

	neutral = []string{
		"the", "a", "film", "story", "plot", "actor", "scene", "music", "camera", "script", "this", "that", "his", "her",
		"with", "and", "of", "in", "from", "about", "director", "ending", "opening", "dialogue", "picture", "tale",
		"on", "by", "while", "then", "one", "two", "city", "summer", "war", "family", "train", "night", "river", "letter",
	}
)

// contexts are the neutral words that follow the opinions of [InContext].
var contexts = []string{"story", "plot", "scene", "music"}

// opinionWords are those with the sign that the generators use.
func opinionWords(sign int) []string {
	if sign > 0 {
		return good
	}
	return bad
}

// together reports whether [InContext] puts the noun behind the opinion word:
// every word has two of the four nouns, and every noun half of the words.
func together(word, noun string) bool {
	return (slices.Index(opinionWords(Sign(word)), word)+slices.Index(contexts, noun))%2 == 0
}

// Sign is +1 for a word of praise, −1 for one of blame, and 0 for any other
// word. It knows the unused synonyms too.
func Sign(word string) int {
	switch {
	case slices.Contains(good, word), slices.Contains(goodUnheard, word):
		return 1
	case slices.Contains(bad, word), slices.Contains(badUnheard, word):
		return -1
	}
	return 0
}

// Words returns all words, including the unused synonyms.
func Words() []string {
	return slices.Concat([]string{Negator}, good, bad, goodUnheard, badUnheard, neutral)
}

// Opinion is a phrase of a review: an opinion word, with the negator if it comes
// directly before.
type Opinion struct {
	Start, Words int // index of the first word, and the number of words, 1 or 2
	Sign         int // meaning of the phrase: +1 praise, −1 blame
}

// Opinions returns the opinions of a review, in order.
func Opinions(words []string) []Opinion {
	var found []Opinion
	for i, word := range words {
		sign := Sign(word)
		switch {
		case sign == 0:
		case i > 0 && words[i-1] == Negator:
			found = append(found, Opinion{Start: i - 1, Words: 2, Sign: -sign})
		default:
			found = append(found, Opinion{Start: i, Words: 1, Sign: sign})
		}
	}
	return found
}

// Truth returns the class of a review: 1 if praise prevails, 0 if blame
// prevails, and −1 if they cancel.
func Truth(words []string) int32 {
	sum := 0
	for _, opinion := range Opinions(words) {
		sum += opinion.Sign
	}
	switch {
	case sum > 0:
		return 1
	case sum < 0:
		return 0
	}
	return -1
}
