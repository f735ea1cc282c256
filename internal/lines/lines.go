// Package lines fits text into lines of a given width, counted in characters.
package lines

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks a text between its words into lines of at most width characters. A
// longer word gets its own line. The result has at least one line, which may be
// empty.
func Wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch longer := *last + " " + word; {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(longer) <= width:
			*last = longer
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// Shorten cuts a text to a width and ends it with "…". It cuts between words if
// that keeps more than half of the width.
func Shorten(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	cut := string(runes[:width-1])
	if i := strings.LastIndex(cut, " "); i > width/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
