package experiment

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/report"
)

// Experiment joins the knobs C with the measurement M, the rules that judge it, and its figures. All of it
// stands in one file of a lesson.
type Experiment[C, M any] struct {
	// Name is a single word, as in "Floor". Errors name the knobs below it, and the command line takes it in
	// lower case: learningrate.floor.
	Name  string
	Title string // a line for the reader
	// Measure takes knobs that are in their ranges, and returns plain data. A diverged training is data; the
	// error means that nothing could be measured.
	Measure func(ctx context.Context, backend compute.Backend, c C) (M, error)
	Rules   []claim.Rule[M]
	// Figures of the measurement; nil for none.
	Figures func(c C, m M) (report.Figures, error)
}

// Result is what an experiment found out.
type Result struct {
	Claims  []claim.Claim
	Figures report.Figures
	Seconds float64
}

// Run checks the knobs, measures, judges and illustrates. What is measured on the reader's own data is judged too,
// and compared with no record: see [knob.OwnData]. The error is [badinput.Err] for a knob out of its
// range or missing data, or the context's.
func (e Experiment[C, M]) Run(ctx context.Context, backend compute.Backend, c C) (M, Result, error) {
	start := time.Now()
	m, err := e.Measured(ctx, backend, c)
	if err != nil {
		return m, Result{}, err
	}
	result := Result{Claims: claim.Judge(e.Rules, m)}
	if knob.OwnData(c) {
		claim.Unrecord(result.Claims)
	}
	if e.Figures != nil {
		if result.Figures, err = e.Figures(c, m); err != nil {
			return m, Result{}, err
		}
	}
	result.Seconds = time.Since(start).Seconds()
	return m, result, nil
}

// Measured checks the knobs and measures. Within one run of a lesson, equal knobs are measured once: an
// experiment that compares with another one asks it here for its measurement.
func (e Experiment[C, M]) Measured(ctx context.Context, backend compute.Backend, c C) (m M, err error) {
	if err := knob.Check(e.Name, c); err != nil {
		return m, err
	}
	if ctx.Value(keptKey{}) == nil {
		return e.Measure(keeping(ctx), backend, c)
	}
	knobs, err := json.Marshal(c)
	if err != nil {
		return m, err
	}
	return Once(ctx, measured{e.Name, string(knobs)}, func() (M, error) { return e.Measure(ctx, backend, c) })
}

// Once makes a value that several experiments need and none measures, such as a data set or the pictures of a
// seed: within one run of a lesson, or of an experiment by itself, equal keys make it once. The type of the key
// belongs to the caller's package.
func Once[V any](ctx context.Context, key any, produce func() (V, error)) (V, error) {
	kept, _ := ctx.Value(keptKey{}).(*sync.Map)
	if kept == nil {
		return produce()
	}
	if found, is := kept.Load(key); is {
		return found.(V), nil
	}
	v, err := produce()
	if err == nil {
		kept.Store(key, v)
	}
	return v, err
}

// keeping is a context in which things are made once.
func keeping(ctx context.Context) context.Context {
	return context.WithValue(ctx, keptKey{}, &sync.Map{})
}

// measured is the key of a measurement.
type measured struct{ experiment, knobs string }

// keptKey is the key of what a run has measured and made so far.
type keptKey struct{}

// Part is an experiment of a lesson with the configuration L, whatever its own types are.
type Part[L any] struct {
	Name, Title string
	Claims      []claim.Claim // as declared, not yet judged

	run func(context.Context, compute.Backend, L) (Result, error)
}

// Of makes a part of a lesson from an experiment; of picks the experiment's knobs from those of the lesson.
func Of[L, C, M any](e Experiment[C, M], of func(L) C) Part[L] {
	return Part[L]{
		Name: e.Name, Title: e.Title, Claims: claim.Declared(e.Rules),
		run: func(ctx context.Context, backend compute.Backend, l L) (Result, error) {
			_, result, err := e.Run(ctx, backend, of(l))
			return result, err
		},
	}
}

// Command is the name on the command line, as in "floor".
func (p Part[L]) Command() string { return strings.ToLower(p.Name) }
