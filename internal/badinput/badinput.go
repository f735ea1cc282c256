// Package badinput marks errors that the user can fix, and keeps them to one line.
// Make one with [Errorf].
package badinput

import (
	"errors"
	"fmt"
	"strings"
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
