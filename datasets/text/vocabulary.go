package text

import (
	"cmp"
	"maps"
	"slices"

	"evident/internal/badinput"
)

// The numbers of the two tokens that are not words.
const (
	Padding int32 = iota // fills up short texts
	Unknown              // a word that is not in the vocabulary
	firstWord
)

// Encoder turns texts into rows of numbers of equal length. It consists of just
// its fields, which survive JSON.
type Encoder struct {
	// Words have the numbers 2, 3, …; 0 is [Padding] and 1 is [Unknown].
	Words []string `json:"words"`
	// Length is the number of tokens that are kept of a text; shorter texts are
	// padded at the end.
	Length int `json:"length"`

	numbers map[string]int32
}

// NewEncoder makes a vocabulary of the words that occur at least atLeast times
// in the texts. It keeps the most frequent words, at most most of them; 0 means
// all.
func NewEncoder(texts []string, length, atLeast, most int) (*Encoder, error) {
	counts := map[string]int{}
	for _, text := range texts {
		for _, token := range Tokenize(text) {
			counts[token]++
		}
	}
	words := slices.Collect(maps.Keys(counts))
	words = slices.DeleteFunc(words, func(word string) bool { return counts[word] < atLeast })
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	if most > 0 {
		words = words[:min(most, len(words))]
	}
	e := &Encoder{Words: words, Length: length}
	return e, e.Check()
}

// Check returns an error if the encoder is unusable, for example after reading
// a damaged file.
func (e *Encoder) Check() error {
	if e.Length < 1 {
		return badinput.Errorf("texts are cut at %d tokens: keep at least 1", e.Length)
	}
	numbers := make(map[string]int32, len(e.Words))
	for i, word := range e.Words {
		if _, twice := numbers[word]; twice {
			return badinput.Errorf("the vocabulary has %q twice", word)
		}
		numbers[word] = firstWord + int32(i)
	}
	e.numbers = numbers
	return nil
}

// Size returns the number of different numbers: the words and the two other
// tokens.
func (e *Encoder) Size() int { return len(e.Words) + int(firstWord) }

// Number returns the number of a token, or [Unknown] if it is not in the
// vocabulary.
func (e *Encoder) Number(token string) int32 {
	if number, known := e.numbers[token]; known {
		return number
	}
	return Unknown
}

// Token returns the token with a number: "" for [Padding], and "<unk>" for
// [Unknown] and for numbers beyond the vocabulary.
func (e *Encoder) Token(number int32) string {
	switch i := int(number - firstWord); {
	case number == Padding:
		return ""
	case i < 0 || i >= len(e.Words):
		return "<unk>"
	default:
		return e.Words[i]
	}
}

// Encode returns the numbers of a text's first Length tokens: [Length].
func (e *Encoder) Encode(text string) []int32 { return e.EncodeTokens(Tokenize(text)) }

// EncodeTokens is Encode for a text in tokens.
func (e *Encoder) EncodeTokens(tokens []string) []int32 {
	numbers := make([]int32, e.Length)
	for i, token := range tokens[:min(len(tokens), e.Length)] {
		numbers[i] = e.Number(token)
	}
	return numbers
}

// EncodeAll returns the numbers of all texts, one after the other: [n, Length].
func (e *Encoder) EncodeAll(texts []string) []int32 {
	all := make([]int32, 0, len(texts)*e.Length)
	for _, text := range texts {
		all = append(all, e.Encode(text)...)
	}
	return all
}

// Covered returns the fraction of the texts' tokens that are in the vocabulary,
// and the fraction within Length.
func (e *Encoder) Covered(texts []string) (known, kept float64) {
	all, inside, in := 0, 0, 0
	for _, text := range texts {
		for i, token := range Tokenize(text) {
			all++
			if i < e.Length {
				inside++
			}
			if e.Number(token) != Unknown {
				in++
			}
		}
	}
	return float64(in) / float64(max(all, 1)), float64(inside) / float64(max(all, 1))
}
