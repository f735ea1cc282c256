package experiment

import (
	"context"
	"encoding/json"
	"io/fs"
	"strings"
	"sync"

	"github.com/gomlx/compute"

	"evident/kit/claim"
	"evident/kit/keep"
	"evident/kit/knob"
	"evident/kit/report"
)

// Experiment combines knobs C, a measurement M, the rules that judge it, and its figures. Each experiment is
// one file of a lesson.
type Experiment[C, M any] struct {
	// Name is a single word, as in "Floor". Errors use it as the prefix of a knob's path, and the command line
	// takes it in lower case: learningrate.floor.
	Name  string
	Title string // one line for the reader
	// Measure gets knobs that are in range, and returns plain data. A diverged training is data; an error means
	// that nothing could be measured.
	Measure func(ctx context.Context, backend compute.Backend, c C) (M, error)
	Rules   []claim.Rule[M]
	// PureGo says that the measurement is small, and holds nothing but what is the same on every backend. Measure
	// then gets the backend in pure Go: XLA would compile for longer than it runs.
	PureGo bool
	// Timed says that the measurement holds times: it is kept for one machine.
	Timed bool
	// Figures illustrates the measurement; nil for no figures.
	Figures func(c C, m M) (report.Figures, error)
}

// Result is the outcome of an experiment.
type Result struct {
	Claims  []claim.Claim
	Figures report.Figures
	Origin  keep.Origin
}

// Run checks the knobs, measures, judges and illustrates. A verdict on the reader's own data has no record, see
// [knob.OwnData]. The error is [badinput.Err] if a knob is out of range
// or data is missing, or else the context's error.
func (e Experiment[C, M]) Run(ctx context.Context, backend compute.Backend, c C) (M, Result, error) {
	found, err := e.find(ctx, backend, c)
	if err != nil {
		return found.m, Result{}, err
	}
	result, err := e.result(ctx, backend, c, func() (from[M], error) { return found, nil })
	return found.m, result, err
}

// judge judges and illustrates a measurement.
func (e Experiment[C, M]) judge(c C, found from[M]) (Result, error) {
	result := Result{Claims: claim.Judge(e.Rules, found.m), Origin: found.origin}
	if knob.OwnData(c) {
		claim.Unrecord(result.Claims)
	}
	if e.Figures == nil {
		return result, nil
	}
	var err error
	result.Figures, err = e.Figures(c, found.m)
	return result, err
}

// Measured checks the knobs and measures. Within one run of a lesson, it measures equal knobs only once. An
// experiment that compares itself with another one calls Measured to get the other's measurement.
func (e Experiment[C, M]) Measured(ctx context.Context, backend compute.Backend, c C) (M, error) {
	found, err := e.find(ctx, backend, c)
	return found.m, err
}

func (e Experiment[C, M]) find(ctx context.Context, backend compute.Backend, c C) (from[M], error) {
	if err := knob.Check(e.Name, c); err != nil {
		return from[M]{}, err
	}
	if ctx.Value(keptKey{}) == nil {
		return e.measure(Sharing(ctx), backend, c)
	}
	knobs, err := json.Marshal(c)
	if err != nil {
		return from[M]{}, err
	}
	return Once(ctx, measured{e.Name, string(knobs)}, func() (from[M], error) { return e.measure(ctx, backend, c) })
}

// Once produces a value that several experiments share, such as a data set or the pictures of a seed. Within
// one run of a lesson, or of a single experiment, it calls produce once per key. The key's type must belong to
// the caller's package.
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

// Sharing returns a context under which experiments share measurements and values, as those of one run of a
// lesson do.
func Sharing(ctx context.Context) context.Context {
	return context.WithValue(ctx, keptKey{}, &sync.Map{})
}

// WithFiles returns a context under which the reader's own data lies in a file system, as where there is no disk.
func WithFiles(ctx context.Context, files fs.FS) context.Context {
	return context.WithValue(ctx, filesKey{}, files)
}

// Files returns the file system of [WithFiles]; nil for the disk.
func Files(ctx context.Context) fs.FS {
	files, _ := ctx.Value(filesKey{}).(fs.FS)
	return files
}

type filesKey struct{}

// measured is the key of a measurement.
type measured struct{ experiment, knobs string }

// keptKey is the key under which the context keeps measurements and shared values.
type keptKey struct{}

// Part is an experiment of a lesson with the configuration L. It hides the experiment's own types.
type Part[L any] struct {
	Name, Title string
	Claims      []claim.Claim // as declared, not yet judged

	// Knobs returns a pointer to the experiment's own knobs, as those of the lesson have them. [knob.Set] changes
	// one.
	Knobs func(L) any
	// Run checks the knobs that such a pointer leads to, measures, judges and illustrates.
	Run func(ctx context.Context, backend compute.Backend, knobs any) (Result, error)
}

// Of makes a part of a lesson from an experiment. The function of selects the experiment's knobs from the
// lesson's.
func Of[L, C, M any](e Experiment[C, M], of func(L) C) Part[L] {
	return Part[L]{
		Name: e.Name, Title: e.Title, Claims: claim.Declared(e.Rules),
		Knobs: func(l L) any { c := of(l); return &c },
		Run: func(ctx context.Context, backend compute.Backend, knobs any) (Result, error) {
			c := *knobs.(*C)
			return e.result(ctx, backend, c, func() (from[M], error) { return e.find(ctx, backend, c) })
		},
	}
}

// Command is the name on the command line, as in "floor".
func (p Part[L]) Command() string { return strings.ToLower(p.Name) }
