// Package exit defines the exit statuses of commands and prints error messages.
package exit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/report"
)

// The exit statuses besides 0.
const (
	Failed      = 1   // a verdict differs, or a lesson failed
	BadInput    = 2   // usage, config, data or set-up
	Interrupted = 130 // 128 + SIGINT, as in shells
)

// Status is an error that carries only an exit status, because the command has
// already reported the cause.
type Status int

func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Teller reports errors to the user.
type Teller struct{ W io.Writer }

// Complain prints one line.
func (t Teller) Complain(format string, args ...any) {
	_, _ = fmt.Fprintln(t.W, "evident: "+strings.Join(strings.Fields(badinput.OneLine(fmt.Sprintf(format, args...))), " "))
}

// Status reports an error in one line and returns the exit status. Of several
// errors, the highest status wins: interrupted, then what the user can fix, then
// failures.
func (t Teller) Status(err error) int {
	var known Status
	switch {
	case err == nil:
		return 0
	case errors.As(err, &known):
		return int(known)
	case errors.Is(err, context.Canceled):
		t.Complain("interrupted")
		return Interrupted
	}
	t.Complain("%v", err)
	if errors.Is(err, badinput.Err) {
		return BadInput
	}
	return Failed
}

// Differs returns [Failed] if a verdict differs from the record. The table has
// already marked it.
func Differs(reports []report.Report) int {
	if claim.TallyOf(report.ClaimsOf(reports)).Differ > 0 {
		return Failed
	}
	return 0
}
