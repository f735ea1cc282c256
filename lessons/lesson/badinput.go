package lesson

import (
	"errors"
	"fmt"
)

// ErrBadInput marks errors that the user can mend: a knob out of range, a
// broken data file, an unknown name. Commands answer them with exit status 2.
// Test for it with errors.Is; make one with [BadInputf].
var ErrBadInput = errors.New("bad input")

type badInput struct{ error }

func (badInput) Is(target error) bool { return target == ErrBadInput }
func (b badInput) Unwrap() error      { return b.error }
func (b badInput) Error() string      { return OneLine(b.error.Error()) }

// BadInputf formats an error that is [ErrBadInput]: one line that names the
// wrong value and says what to do. One line it stays whatever the value holds, see
// [OneLine]. It wraps with %w like [fmt.Errorf].
func BadInputf(format string, args ...any) error {
	return badInput{fmt.Errorf(format, args...)}
}
