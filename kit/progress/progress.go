// Package progress passes progress updates and notices from a running experiment to a listener in
// its context.
package progress

import (
	"context"
	"fmt"
	"math"
)

// Update reports the progress of a running experiment.
type Update struct {
	Experiment  string  // the name of the experiment; "" outside of one
	Task        string  // what runs, as in "inception, seed 3"
	Step, Steps int     // training steps done and in all; Steps is 0 if unknown
	Loss        float64 // loss of the last step; NaN for none
}

type progressKey struct{}

// With returns a context whose experiments report their progress to the function. The experiment's
// goroutine calls it, so it must be quick.
func With(ctx context.Context, report func(Update)) context.Context {
	return context.WithValue(ctx, progressKey{}, report)
}

// ReportTask reports the progress of a task that has no loss.
func ReportTask(ctx context.Context, task string, step, steps int) {
	Report(ctx, Update{Task: task, Step: step, Steps: steps, Loss: math.NaN()})
}

// Report passes an update to the context's listener, if there is one.
func Report(ctx context.Context, p Update) {
	if p.Experiment == "" {
		p.Experiment, _ = ctx.Value(experimentKey{}).(string)
	}
	if report, ok := ctx.Value(progressKey{}).(func(Update)); ok {
		report(p)
	}
}

type experimentKey struct{}

// Begin reports that the measurement of an experiment begins: an update without a task. Those under the
// context that it returns are of the experiment.
func Begin(ctx context.Context, experiment string) context.Context {
	ctx = context.WithValue(ctx, experimentKey{}, experiment)
	ReportTask(ctx, "", 0, 0)
	return ctx
}

type noticeKey struct{}

// WithNotices returns a context whose experiments pass one-line notices to the function: that a
// training resumes from a checkpoint, say, or which of the reader's files were skipped.
func WithNotices(ctx context.Context, tell func(line string)) context.Context {
	return context.WithValue(ctx, noticeKey{}, tell)
}

// Notify passes a line to the listener of [WithNotices], if there is one.
func Notify(ctx context.Context, format string, args ...any) {
	if tell, listens := ctx.Value(noticeKey{}).(func(line string)); listens {
		tell(fmt.Sprintf(format, args...))
	}
}
