// Package run measures lessons, on one machine or in shards on several, and merges,
// prints and saves the results.
package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/datasets/recognise"
	"evident/internal/badinput"
	"evident/internal/durations"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/kit/backend"
	"evident/kit/experiment"
	"evident/kit/keep"
	"evident/kit/knob"
	"evident/kit/progress"
	"evident/kit/report"
	"evident/lessons"
)

// Request holds the arguments of `evident run`.
type Request struct {
	Names                   []string // of lessons; none means all
	Scale, Data, Out, Shard string
	Seeds                   []int64
	Devices                 int
	JSON                    bool
	Fresh                   bool // measure again what was kept
}

// Runner runs lessons.
type Runner struct {
	Find    func(names ...string) ([]lessons.Lesson, error)
	Backend func(context.Context) (backend.Selected, error)
	// Store keeps measurements; nil keeps none. A fresh one gives nothing back.
	Store func(fresh bool) *keep.Store
	Grace time.Duration // time for a lesson to return after an interrupt

	Stdout io.Writer
	Tell   exit.Teller
}

// errand is a checked request: what to measure, and where to report it.
type errand struct {
	jobs   []job // the whole plan
	shard  shard
	recipe recipe
	out    string
	json   bool
}

// Run checks everything that can be checked before the work begins, runs, and writes
// the finished results whatever stopped it.
func (r Runner) Run(ctx context.Context, q Request) error {
	e, err := r.prepare(q)
	if err != nil {
		return err
	}
	backend, err := r.startBackend(ctx)
	if err != nil {
		return err
	}
	if most := backend.NumDevices(); q.Devices > most {
		return badinput.Errorf("--devices %d: the backend has %s (%s): give no more", q.Devices, datasets.Counted(most, "device"), backend.Name())
	}
	kept, err := openStore(e.shard, e.out, e.jobs, backend)
	if err != nil {
		return err
	}
	own := share(e.shard, e.jobs)
	if r.Store != nil {
		ctx = experiment.Keeping(ctx, r.Store(q.Fresh))
	}
	results, status := r.measureAll(ctx, own, backend, kept, q.Fresh || os.Getenv(keep.Variable) == "off")
	if line := keptLine(results); line != "" {
		r.Tell.Complain("%s", line)
	}
	if kept != nil {
		e.out = "" // its units are already written
	}
	status = max(status, r.deliver(results, e))
	if kept != nil && !e.json {
		_, err = fmt.Fprintf(r.Stdout, "shard %v: %d of %d units, %d of them finished before\n", e.shard, len(own), len(e.jobs), kept.found)
		status = max(status, r.Tell.Status(err))
	}
	return exit.Status(status)
}

func (r Runner) prepare(q Request) (errand, error) {
	e := errand{out: q.Out, json: q.JSON}
	chosen, err := r.Find(q.Names...)
	if err != nil {
		return e, err
	}
	scale, err := experiment.ParsePreset(q.Scale)
	if err != nil {
		return e, err
	}
	if err := knob.CheckSeeds("--seed", q.Seeds); err != nil {
		return e, err
	}
	if err := r.checkData(q, chosen); err != nil {
		return e, err
	}
	if e.shard, err = parseShard(q.Shard); err != nil {
		return e, err
	}
	if e.shard.n > 0 && q.Out == "" {
		return e, badinput.Errorf("--shard %v keeps no units without a folder: name one with --out", e.shard)
	}
	if q.Out != "" {
		if err := files.WantFolder(q.Out); err != nil {
			return e, err
		}
	}
	if err := checkDevices(q.Devices, chosen); err != nil {
		return e, err
	}
	options := experiment.Options{Preset: scale, Data: q.Data}
	if q.Devices > 1 {
		options.Devices = q.Devices
	}
	if e.jobs, err = plan(chosen, options, q.Seeds); err != nil {
		return e, err
	}
	e.recipe, err = r.recipeOf(unitsOf(e.jobs))
	e.recipe.shard, e.recipe.out = e.shard, q.Out
	return e, err
}

// checkData returns an error if --data names nothing readable, or if a lesson that
// was named takes no data. If all lessons run, it tells the user which of them use
// the data.
func (r Runner) checkData(q Request, chosen []lessons.Lesson) error {
	if q.Data == "" {
		return nil
	}
	without := namesOf(chosen, func(l lessons.Lesson) bool { return l.DataSet == "" })
	if len(q.Names) > 0 && len(without) > 0 {
		all, err := r.Find()
		if err != nil {
			return err
		}
		return badinput.Errorf("--data %q: %s no data; %s: leave the flag or the lesson out", q.Data, subject(without, "takes", "take"), takers(all))
	}
	if info, err := os.Stat(q.Data); err != nil || !info.IsDir() && (!info.Mode().IsRegular() || info.Size() == 0) {
		what, todo := recognise.Path(q.Data)
		return badinput.Errorf("--data %q is no folder and no table of texts: it %s: %s", q.Data, what, cmp.Or(todo, "name the one that holds the data set"))
	}
	if len(without) > 0 {
		with := namesOf(chosen, func(l lessons.Lesson) bool { return l.DataSet != "" })
		r.Tell.Complain("--data %q: %s it, %s without", q.Data, subject(with, "uses", "use"), subject(without, "runs", "run"))
	}
	return nil
}

// takers says which lessons take data.
func takers(all []lessons.Lesson) string {
	with := namesOf(all, func(l lessons.Lesson) bool { return l.DataSet != "" })
	if len(with) == 1 {
		return with[0] + " does"
	}
	return strings.Join(with, ", ") + " do"
}

// checkDevices returns an error if a lesson trains on one device only.
func checkDevices(devices int, chosen []lessons.Lesson) error {
	if devices < 1 {
		return badinput.Errorf("--devices %d: give 1 or more", devices)
	}
	if single := namesOf(chosen, func(l lessons.Lesson) bool { return !l.Devices }); devices > 1 && len(single) > 0 {
		return badinput.Errorf("--devices %d: %s on one device: leave the flag or the lesson out", devices, subject(single, "trains", "train"))
	}
	return nil
}

func namesOf(all []lessons.Lesson, which func(lessons.Lesson) bool) []string {
	var names []string
	for _, l := range all {
		if which(l) {
			names = append(names, l.Name)
		}
	}
	return names
}

// subject joins the names as the subject of a sentence, with the verb in the singular
// or plural.
func subject(names []string, one, many string) string {
	if len(names) == 1 {
		return "lesson " + names[0] + " " + one
	}
	return "lessons " + strings.Join(names, ", ") + " " + many
}

// measureAll runs the units in order. It reports a failing unit at once and continues
// with the others; an interrupt stops it.
func (r Runner) measureAll(ctx context.Context, jobs []job, backend compute.Backend, kept *store, fresh bool) ([]finished, int) {
	took := durations.Open()
	board, stop := newBoard(jobs, took, fresh, r.Tell)
	defer stop()
	ctx = progress.WithNotices(progress.With(ctx, board.update), board.notice)
	results, status := []finished{}, 0
	for i, j := range jobs {
		board.begin(i)
		began := time.Now()
		result, err := r.finish(ctx, j, backend, kept)
		board.end(i)
		if err == nil {
			results = append(results, result)
			old, _ := keptOf(result)
			took.Note(j.key(), time.Since(began), old > 0)
		}
		if ctx.Err() != nil {
			return results, board.fail(ctx.Err())
		}
		if err != nil {
			status = max(status, board.fail(fmt.Errorf("lesson %s: %w", j.Lesson, err)))
		}
	}
	return results, status
}

// finish takes a unit from the store, or measures and keeps it.
func (r Runner) finish(ctx context.Context, j job, backend compute.Backend, kept *store) (finished, error) {
	if f, found := kept.load(j.unit); found {
		return f, nil
	}
	report, err := r.measure(ctx, j.lesson, backend, j.options())
	if err == nil {
		err = kept.save(j.unit, report)
	}
	return finished{Unit: j.unit, Report: report}, err
}

func (r Runner) startBackend(ctx context.Context) (compute.Backend, error) {
	type started struct {
		backend.Selected
		error
	}
	result, err := within(ctx, r.Grace, func() started {
		selected, err := r.Backend(ctx)
		return started{selected, err}
	})
	if err = errors.Join(err, result.error); err != nil {
		return nil, err
	}
	if result.Slow {
		r.Tell.Complain("%s", result.Why)
	}
	return result.Backend, nil
}

// measure runs one lesson and checks its report.
func (r Runner) measure(ctx context.Context, l lessons.Lesson, backend compute.Backend, options experiment.Options) (report.Report, error) {
	type measured struct {
		report.Report
		error
	}
	result, err := within(ctx, r.Grace, func() (m measured) {
		defer func() {
			// A panic in one lesson must not lose the others' results.
			if cause := recover(); cause != nil {
				m.error = fmt.Errorf("panic: %v", cause)
			}
		}()
		report, err := l.Run(ctx, backend, options)
		return measured{report, err}
	})
	if err = errors.Join(err, result.error); err != nil {
		return report.Report{}, err
	}
	return result.Report, result.Validate()
}

// within waits for the work, but no longer than the grace period after the context is
// cancelled. A compilation of XLA cannot be interrupted, so it is abandoned and ends
// with the process.
func within[T any](ctx context.Context, grace time.Duration, work func() T) (T, error) {
	done := make(chan T, 1)
	go func() { done <- work() }()
	select {
	case result := <-done:
		return result, nil
	case <-ctx.Done():
	}
	select {
	case result := <-done:
		return result, nil
	case <-time.After(grace):
		var none T
		return none, ctx.Err()
	}
}

// deliver writes the reports to the folder, if there is one, and to standard output,
// and returns the exit status of their verdicts.
func (r Runner) deliver(results []finished, e errand) int {
	reports := reportsOf(results)
	status := exit.Differs(reports)
	if e.out != "" {
		status = max(status, r.Tell.Status(saveResults(e.out, results)))
	}
	if e.json {
		return max(status, r.Tell.Status(files.WriteJSON(r.Stdout, reports)))
	}
	err := r.printResults(results)
	return max(status, r.Tell.Status(errors.Join(err, printRepeat(r.Stdout, e.recipe, reports))))
}

// keptLine says how many experiments were measured before; "" for none.
func keptLine(results []finished) string {
	kept, all := 0, 0
	for _, f := range results {
		its, experiments := keptOf(f)
		kept, all = kept+its, all+experiments
	}
	if kept == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s kept from an earlier run: --fresh measures them again", kept, datasets.Counted(all, "experiment"))
}

// keptOf counts the experiments of a unit, and those that were measured before.
func keptOf(f finished) (kept, all int) {
	for _, e := range f.Report.Experiments {
		if e.Kept {
			kept++
		}
	}
	return kept, len(f.Report.Experiments)
}
