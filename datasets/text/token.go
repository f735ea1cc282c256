package text

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

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
