package reviews

import "slices"

// Negator turns the opinion in the word behind it round.
const Negator = "not"

// The words of an opinion that [Generate] uses, the frequent ones first, and
// synonyms that it never uses; and words without an opinion.
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

// Sign is +1 for a word of praise, −1 for one of blame, 0 for any other,
// synonyms that are never used included.
func Sign(word string) int {
	switch {
	case slices.Contains(good, word), slices.Contains(goodUnheard, word):
		return 1
	case slices.Contains(bad, word), slices.Contains(badUnheard, word):
		return -1
	}
	return 0
}

// Words are all there are, synonyms that are never used included.
func Words() []string {
	return slices.Concat([]string{Negator}, good, bad, goodUnheard, badUnheard, neutral)
}

// Opinion is a phrase of a review: a word with an opinion, and the negator if it
// stands right in front of it.
type Opinion struct {
	Start, Words int // its first word, and their number, 1 or 2
	Sign         int // +1 praise, −1 blame, as the phrase means it
}

// Opinions are those of a review, in their order.
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

// Truth is the class of a review, 1 when its opinions are praise on balance and
// 0 when they are blame; −1 when they cancel.
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
