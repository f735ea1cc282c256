package text

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// Tokenize cuts a text into tokens, in lower case:
//
//   - words by the rules of Unicode (UAX #29), in every script, with their
//     combining marks; composed and decomposed forms are made one (NFC);
//   - English endings behind an apostrophe on their own, as in "is" "n't" and
//     "it" "'s" (as Kim 2014 does);
//   - every other visible sign on its own, an emoji whole.
//
// White space and invisible signs are left out; a text without any word gives no
// token. Bytes that are not UTF-8 become U+FFFD.
func Tokenize(text string) []string {
	// Of a composed İ the small letter has lost its dot, so signs are taken apart first.
	text = norm.NFC.String(strings.ToLower(norm.NFD.String(strings.ToValidUTF8(text, "\uFFFD"))))
	text = strings.NewReplacer("\u2019", "'", "\u2018", "'").Replace(text)
	var tokens []string
	state := -1
	for len(text) > 0 {
		var word string
		word, text, state = uniseg.FirstWordInString(text, state)
		// By the rules of Unicode a space may be one word with the joiner and the emoji behind it.
		if word = strings.TrimLeftFunc(word, blank); visible(word) {
			tokens = append(tokens, parts(word)...)
		}
	}
	return tokens
}

// visible reports whether there is anything to see of a word.
func visible(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool {
		return !blank(r) && !unicode.Is(unicode.M, r)
	})
}

// blank reports whether a sign is white space, or shows nothing.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.C, r) }

// endings are English ones that count as words.
var endings = []string{"n't", "'s", "'re", "'ve", "'ll", "'d", "'m"}

func parts(word string) []string {
	for _, ending := range endings {
		if stem, found := strings.CutSuffix(word, ending); found && stem != "" {
			return []string{stem, ending}
		}
	}
	return []string{word}
}
