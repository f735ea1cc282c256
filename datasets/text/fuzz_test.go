package text_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"evident/datasets/text"
	"evident/internal/readertest"
)

var scraps = []string{"", "it's", "👩‍👩‍👧", "\xff\x00", "a\u0301", "סרט", "Can’t", "'s", "n't", "İ", "ﬁ", "a\u2028b", "한국어", "3.14, 1,000"}

// FuzzTokenize checks that arbitrary bytes give tokens of visible characters,
// that no visible character is lost or moved, and that both ways of writing an
// accent give the same.
func FuzzTokenize(f *testing.F) {
	for _, seed := range scraps {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var tokens []string
		readertest.Within(t, 2*readertest.MiB+1000*uint64(len(s)), func() { tokens = text.Tokenize(s) })
		for _, token := range tokens {
			require.True(t, utf8.ValidString(token), "%q", token)
			require.NotEmpty(t, seen(token))
			require.NotContains(t, token, " ")
		}
		require.Equal(t, seen(s), seen(strings.Join(tokens, "")))
		require.Equal(t, tokens, text.Tokenize(norm.NFD.String(s)), "the decomposed form")
	})
}

// seen returns the visible characters of a text as Tokenize writes them.
func seen(s string) string {
	s = norm.NFC.String(strings.ToLower(norm.NFD.String(strings.ToValidUTF8(s, "\uFFFD"))))
	return strings.Map(func(sign rune) rune {
		switch {
		case sign == '\u2018', sign == '\u2019':
			return '\''
		case unicode.IsSpace(sign), unicode.Is(unicode.C, sign), unicode.Is(unicode.M, sign):
			return -1
		}
		return sign
	}, s)
}

// FuzzEncoder checks that an encoder recognises the texts that it was made from,
// and survives JSON.
func FuzzEncoder(f *testing.F) {
	for i, seed := range scraps {
		f.Add(seed, "a good film, isn't it?", i, i)
	}
	f.Fuzz(func(t *testing.T, a, b string, length, most int) {
		length %= 1000
		e, err := text.NewEncoder([]string{a, b}, length, 1, most)
		if length < 1 {
			readertest.BadInput(t, err)
			return
		}
		require.NoError(t, err)
		for _, number := range e.Encode(a) {
			require.Less(t, int(number), e.Size())
			if token := e.Token(number); number > text.Unknown {
				require.Equal(t, number, e.Number(token))
			}
		}
		written, err := json.Marshal(e)
		require.NoError(t, err)
		var read text.Encoder
		require.NoError(t, json.Unmarshal(written, &read))
		require.NoError(t, read.Check())
		require.Equal(t, e.Encode(a), read.Encode(a))
		require.Equal(t, e.Encode(b), read.Encode(b))
	})
}
