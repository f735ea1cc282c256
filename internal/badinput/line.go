package badinput

import (
	"fmt"
	"strings"
	"unicode"
)

// OneLine makes one line of a text, for a terminal. File names, notebooks and data
// come from strangers: a line break of theirs could forge a line of ours, and a
// control sign clear the screen or worse. White space becomes a space, and every
// other sign that a terminal obeys and does not show is written out.
func OneLine(text string) string {
	var line strings.Builder
	for _, sign := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case unicode.IsSpace(sign):
			line.WriteByte(' ')
		case unicode.IsControl(sign), unicode.Is(unicode.Bidi_Control, sign):
			fmt.Fprintf(&line, `\u%04x`, sign)
		default:
			line.WriteRune(sign)
		}
	}
	return line.String()
}
