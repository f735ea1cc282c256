package lines_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/lines"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one", 10, []string{"one"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 6, []string{"one", "two", "three"}},
		{"  white\n\tspace  ", 40, []string{"white space"}},
		{"a word-without-end b", 8, []string{"a", "word-without-end", "b"}},
		{"5×5 größer", 10, []string{"5×5 größer"}}, // 10 characters, 13 bytes
	} {
		require.Equal(t, c.want, lines.Wrap(c.text, c.width), "%q at %d", c.text, c.width)
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"short", 5, "short"},
		{"a long sentence", 10, "a long…"},
		{"a sentence", 8, "a sente…"}, // cutting between words would leave less than half
		{"größer", 5, "größ…"},
	} {
		require.Equal(t, c.want, lines.Shorten(c.text, c.width), "%q at %d", c.text, c.width)
	}
}
