// Package badinput marks errors that the user can fix, and keeps them to one line.
// Make one with [Errorf].
package badinput

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Err marks errors that the user can fix: a knob out of range, a broken data file,
// an unknown name. Commands exit with status 2 on them. Test for it with
// errors.Is; make one with [Errorf].
var Err = errors.New("bad input")

type badInput struct{ error }

func (badInput) Is(target error) bool { return target == Err }
func (b badInput) Unwrap() error      { return b.error }
func (b badInput) Error() string      { return OneLine(b.error.Error()) }

// Errorf formats an error that is [Err]: one line that names the wrong value and
// says what to do. It stays one line whatever the value holds, see [OneLine]. It
// wraps with %w like [fmt.Errorf].
func Errorf(format string, args ...any) error {
	return badInput{fmt.Errorf(format, args...)}
}

// FirstLine returns an error without the stack that GoMLX's errors print below it.
func FirstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

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
