package badinput

import (
	"fmt"
	"strings"
	"unicode"
)

// OneLine sanitises a text for a terminal and makes it one line. File names,
// notebooks and data may come from strangers: a line break could forge a line of
// output, and a control character could clear the screen or worse. White space
// becomes a space, and every other character that a terminal obeys but does not
// show is escaped.
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
