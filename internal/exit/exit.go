// Package exit has the statuses that commands end with, and says what was wrong.
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

// The exit statuses, beside 0.
const (
	Failed      = 1   // a verdict differs, or a lesson failed
	BadInput    = 2   // usage, config, data or set-up
	Interrupted = 130 // 128 + SIGINT, as shells have it
)

// Status is that of a command that has said already what was wrong.
type Status int

func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Teller tells the user what is wrong.
type Teller struct{ W io.Writer }

// Complain prints one line.
func (t Teller) Complain(format string, args ...any) {
	_, _ = fmt.Fprintln(t.W, "evident: "+strings.Join(strings.Fields(badinput.OneLine(fmt.Sprintf(format, args...))), " "))
}

// Status says in one line what was wrong, and returns the exit status. Where
// several things were, the highest status is the command's: interrupted, then
// what the user can mend, then what failed.
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

// Differs is [Failed] when a verdict is not the one on record; the table has
// marked it.
func Differs(reports []report.Report) int {
	if claim.TallyOf(report.ClaimsOf(reports)).Differ > 0 {
		return Failed
	}
	return 0
}
