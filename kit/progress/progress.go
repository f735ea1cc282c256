// Package progress carries signs of life and notices from a running experiment to whoever listens.
package progress

import (
	"context"
	"fmt"
	"math"
)

// Update is one sign of life of a running experiment.
type Update struct {
	Task        string  // what runs, as in "inception, seed 3"
	Step, Steps int     // done and in all, in training steps; Steps is 0 when not known
	Loss        float64 // of the last step; NaN where there is none
}

type progressKey struct{}

// With returns a context whose experiments report to the function.
// It is called from the goroutine of the experiment and has to be quick.
func With(ctx context.Context, report func(Update)) context.Context {
	return context.WithValue(ctx, progressKey{}, report)
}

// ReportTask tells the context's listener how far a task without a loss is.
func ReportTask(ctx context.Context, task string, step, steps int) {
	Report(ctx, Update{Task: task, Step: step, Steps: steps, Loss: math.NaN()})
}

// Report tells the context's listener, if there is one, how far a task is.
func Report(ctx context.Context, p Update) {
	if report, ok := ctx.Value(progressKey{}).(func(Update)); ok {
		report(p)
	}
}

type noticeKey struct{}

// WithNotices returns a context whose experiments tell the function, in one line
// each, what a reader should know beside the results: that a training goes on
// from a checkpoint, say, or which files of the reader's data were left out.
func WithNotices(ctx context.Context, tell func(line string)) context.Context {
	return context.WithValue(ctx, noticeKey{}, tell)
}

// Notify tells the listener of [WithNotices], if there is one.
func Notify(ctx context.Context, format string, args ...any) {
	if tell, listens := ctx.Value(noticeKey{}).(func(line string)); listens {
		tell(fmt.Sprintf(format, args...))
	}
}
