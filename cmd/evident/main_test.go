package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/rogpeppe/go-internal/testscript"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/progress"
	"evident/kit/report"
	"evident/lessons"
)

// The scripts drive the whole program with small lessons that need no backend,
// and with real ones on the pure-Go backend. `evident` prints its exit status at
// the end, for scripts to check.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"evident": func() {
			program := program()
			program.find = findFake
			program.backend = func(context.Context) (backend.Selected, error) {
				pure, err := backend.PureGo()
				slow := os.Getenv("SLOW_BACKEND") != ""
				return backend.Selected{Backend: pure, Why: "pure Go, which is slow", Slow: slow}, err
			}
			status := program.run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)
			fmt.Fprintf(os.Stderr, "status %d\n", status)
			os.Exit(status)
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			root, err := filepath.Abs(filepath.Join("..", ".."))
			env.Setenv("CHECKOUT", root)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":  await,
			"within": within2,
		},
	})
}

// await waits for a file that a program in the background creates when it has
// reached a certain point.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 200 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear in 10 s", args[0])
}

// within2 fails if the file is older than the given time, as in `within 2s
// started`.
func within2(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if age := time.Since(info.ModTime()); age > limit {
		ts.Fatalf("took %v, more than %v", age, limit)
	}
}

// findFake finds lessons as [lessons.Find] does, first in the fake catalog and
// then in the real one.
func findFake(names ...string) ([]lessons.Lesson, error) {
	if len(names) == 0 {
		return []lessons.Lesson{fakes["agrees"], fakes["refutes"]}, nil
	}
	var found []lessons.Lesson
	for _, name := range names {
		if l, known := fakes[name]; known {
			found = append(found, l)
			continue
		}
		others, err := lessons.Find(name)
		if err != nil {
			return nil, err
		}
		found = append(found, others...)
	}
	return found, nil
}

type runFunc = func(context.Context, compute.Backend, experiment.Options) (report.Report, error)

var fakes = map[string]lessons.Lesson{
	"agrees":  fake("agrees", judged(claim.Supported, claim.Supported)),
	"refutes": dataless(fake("refutes", judged(claim.Refuted, claim.Refuted))),
	"open":    fake("open", judged(claim.Inconclusive, claim.Supported)),
	"differs": fake("differs", judged(claim.Refuted, claim.Supported)),
	"fails":   fake("fails", failing(errors.New("the loss has no\ngradient"))),
	"badly":   fake("badly", failing(badinput.Errorf("epochs is 0: give at least 1"))),
	"panics":  fake("panics", panicking),
	"ticks":   fake("ticks", ticking),
	"obeys":   fake("obeys", slow(true)),
	"deaf":    fake("deaf", slow(false)),
	"waits":   fake("waits", waiting),
}

func fake(name string, run func(name string) runFunc) lessons.Lesson {
	return lessons.Lesson{Name: name, Title: "Lesson " + name, Question: "Q1", Notebook: "01-" + name + "-notes.ipynb",
		Claims: []claim.Claim{{ID: name + ".1"}}, Run: run(name), DataSet: "anything",
		Experiments: []lessons.Experiment{{Name: "only", Title: "All of it", Claims: []claim.Claim{{ID: name + ".1"}}}},
		Config:      func(o experiment.Options) any { return fakeConfig{o.Seed, o.Data} }}
}

// dataless returns the lesson as one that takes no data.
func dataless(l lessons.Lesson) lessons.Lesson {
	l.DataSet = ""
	return l
}

// fakeConfig holds the knobs of a fake lesson.
type fakeConfig struct {
	Seed int64
	Data string
}

func judged(verdict, recorded claim.Verdict) func(string) runFunc {
	return func(name string) runFunc {
		return func(_ context.Context, backend compute.Backend, o experiment.Options) (report.Report, error) {
			return report.Report{
				Lesson: name, Title: "Lesson " + name, Preset: string(o.Preset), Provenance: experiment.ProvenanceOf(backend),
				Config: []byte(fmt.Sprintf(`{"Seed":%d,"Data":%q}`, o.Seed, o.Data)),
				Claims: []claim.Claim{{ID: name + ".1", Source: "Q1", Statement: "It holds.", Kind: claim.Exact, Rule: "1 = 1",
					Verdict: verdict, Recorded: recorded, Evidence: "1 is 1.", Samples: 1}},
				Figures: report.Figures{Charts: []report.Chart{{ID: "curve", Title: "A curve", Mark: report.Line, Curves: []report.Curve{{Name: "y", X: []float64{0, 1}, Y: []float64{0, 1}}}}}},
			}, nil
		}
	}
}

// ticking reports progress for half a second.
func ticking(name string) runFunc {
	return func(ctx context.Context, backend compute.Backend, o experiment.Options) (report.Report, error) {
		for step := range 5 {
			progress.Report(ctx, progress.Update{Task: name, Step: step, Steps: 5, Loss: math.NaN()})
			time.Sleep(100 * time.Millisecond)
		}
		return judged(claim.Supported, claim.Supported)(name)(ctx, backend, o)
	}
}

func failing(err error) func(string) runFunc {
	return func(string) runFunc {
		return func(context.Context, compute.Backend, experiment.Options) (report.Report, error) {
			return report.Report{}, err
		}
	}
}

// slow runs for a minute and creates the file "started". If it obeys, it stops
// when cancelled; a compilation of XLA does not.
func slow(obeys bool) func(string) runFunc {
	return func(string) runFunc {
		return func(ctx context.Context, _ compute.Backend, _ experiment.Options) (report.Report, error) {
			if err := os.WriteFile(filepath.Join(os.Getenv("WORK"), "started"), nil, 0o644); err != nil {
				return report.Report{}, err
			}
			if !obeys {
				ctx = context.WithoutCancel(ctx)
			}
			select {
			case <-ctx.Done():
				return report.Report{}, fmt.Errorf("training: %w", ctx.Err())
			case <-time.After(time.Minute):
				return report.Report{}, errors.New("nobody interrupted it")
			}
		}
	}
}

// waiting creates the file "started", and agrees once there is a file "go".
func waiting(name string) runFunc {
	return func(ctx context.Context, backend compute.Backend, o experiment.Options) (report.Report, error) {
		if err := os.WriteFile(filepath.Join(os.Getenv("WORK"), "started"), nil, 0o644); err != nil {
			return report.Report{}, err
		}
		for range 1200 {
			if _, err := os.Stat(filepath.Join(os.Getenv("WORK"), "go")); err == nil {
				return judged(claim.Supported, claim.Supported)(name)(ctx, backend, o)
			}
			time.Sleep(50 * time.Millisecond)
		}
		return report.Report{}, errors.New("nobody let it go on")
	}
}

func panicking(string) runFunc {
	return func(context.Context, compute.Backend, experiment.Options) (report.Report, error) { panic("boom") }
}
