package reviews

import "slices"

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
