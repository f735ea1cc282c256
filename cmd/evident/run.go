package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"evident/datasets/recognise"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
	"evident/lessons"
)

const runHelp = `Run lessons and print their verdicts; all of them when none is named.

The line "repeat:" gives the same reports again, measured times aside, with the same
code and backend.

With --shard I/N the work is dealt out to N machines, one lesson from one seed at a
time. Every unit is written to --out when it is finished, so a shard that was killed
goes on where it was when it is run again. "evident merge" joins the folders
(docs/clusters.md).

Exit status 0: every verdict is the one on record, or inconclusive. 1: one differs, or
a lesson failed. 2: something to mend. 130: interrupted.`

// runFlags are the flags of `evident run`.
type runFlags struct {
	scale, data, out, shard string
	seeds                   []int64
	devices                 int
	json                    bool
}

func (a app) runCommand() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run [LESSON…]",
		Short: "Run lessons and print their verdicts; all of them when none is named",
		Long:  runHelp,
		Example: "  evident run inception --scale smoke\n" +
			"  evident run --out out/report\n" +
			"  evident run inception --scale full --data cifar-10-batches-bin\n" +
			"  evident run inception --devices 2\n" +
			"  evident run --seed 0,1000,2000 --shard 2/5 --out out/sweep",
		RunE: func(cmd *cobra.Command, names []string) error {
			if cmd.Flags().Changed("data") && flags.data == "" {
				return badinput.Errorf("--data is empty: name a folder or a table, or leave the flag out")
			}
			return a.runLessons(cmd.Context(), names, flags)
		},
	}
	cmd.Flags().StringVar(&flags.scale, "scale", string(experiment.Default), "smoke (seconds), default (minutes) or full (the homework's own)")
	cmd.Flags().StringVar(&flags.data, "data", "", "folder of the real data set or of your own, or table of texts, in place of the generated data")
	cmd.Flags().Int64SliceVar(&flags.seeds, "seed", []int64{0}, "shift every seed of the lessons by this number; several, as in 0,1000,2000, repeat the lessons")
	cmd.Flags().IntVar(&flags.devices, "devices", 1, "train data-parallel: so many devices of the backend share every batch")
	cmd.Flags().StringVar(&flags.shard, "shard", "", "I/N: run the I-th of N parts, as in 2/5; --out gets their units for `evident merge`")
	cmd.Flags().StringVar(&flags.out, "out", "", "folder for verdicts.json, report.html and pictures")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the reports as one JSON array")
	return cmd
}

// errand is a run that has been checked: what to measure, and how to say it.
type errand struct {
	jobs   []job // all of the plan
	shard  shard
	recipe recipe
	out    string
	json   bool
}

// runLessons checks all that can be checked before the work begins, runs, and
// writes what was finished whatever stopped it.
func (a app) runLessons(ctx context.Context, names []string, flags runFlags) error {
	e, err := a.prepare(names, flags)
	if err != nil {
		return err
	}
	backend, err := a.startBackend(ctx)
	if err != nil {
		return err
	}
	kept, err := openStore(e.shard, e.out, e.jobs, backend)
	if err != nil {
		return err
	}
	own := share(e.shard, e.jobs)
	results, status := a.measureAll(ctx, own, backend, kept)
	if kept != nil {
		e.out = "" // its units are written
	}
	status = max(status, a.deliver(results, e))
	if kept != nil && !e.json {
		_, err = fmt.Fprintf(a.stdout, "shard %v: %d of %d units, %d of them finished before\n", e.shard, len(own), len(e.jobs), kept.found)
		status = max(status, a.status(err))
	}
	return told(status)
}

func (a app) prepare(names []string, flags runFlags) (errand, error) {
	e := errand{out: flags.out, json: flags.json}
	chosen, err := a.find(names...)
	if err != nil {
		return e, err
	}
	scale, err := experiment.ParsePreset(flags.scale)
	if err != nil {
		return e, err
	}
	if err := knob.CheckSeeds("--seed", flags.seeds); err != nil {
		return e, err
	}
	if flags.data != "" {
		if info, err := os.Stat(flags.data); err != nil || !info.IsDir() && (!info.Mode().IsRegular() || info.Size() == 0) {
			what, todo := recognise.Path(flags.data)
			return e, badinput.Errorf("--data %q is no folder and no table of texts: it %s: %s", flags.data, what, cmp.Or(todo, "name the one that holds the data set"))
		}
	}
	if e.shard, err = parseShard(flags.shard); err != nil {
		return e, err
	}
	if e.shard.n > 0 && flags.out == "" {
		return e, badinput.Errorf("--shard %v keeps no units without a folder: name one with --out", e.shard)
	}
	if flags.out != "" {
		if err := wantWritable(flags.out); err != nil {
			return e, err
		}
	}
	if flags.devices < 1 {
		return e, badinput.Errorf("--devices %d: give 1 or more", flags.devices)
	}
	options := experiment.Options{Preset: scale, Data: flags.data}
	if flags.devices > 1 {
		options.Devices = flags.devices
	}
	if e.jobs, err = plan(chosen, options, flags.seeds); err != nil {
		return e, err
	}
	e.recipe, err = a.recipeOf(unitsOf(e.jobs))
	e.recipe.shard, e.recipe.out = e.shard, flags.out
	return e, err
}

// measureAll runs the units in order. One that fails is told at once and does
// not keep the others from running; an interrupt does.
func (a app) measureAll(ctx context.Context, jobs []job, backend compute.Backend, kept *store) ([]finished, int) {
	bar := newTaskBar(a.stderr)
	ctx = fit.WithNotices(fit.WithProgress(ctx, bar.report), func(line string) {
		bar.clear()
		a.complain("%s", line)
	})
	results, status := []finished{}, 0
	for _, j := range jobs {
		result, err := a.finish(ctx, j, backend, kept)
		bar.clear()
		if err == nil {
			results = append(results, result)
		}
		if ctx.Err() != nil {
			return results, a.status(ctx.Err())
		}
		if err != nil {
			status = max(status, a.status(fmt.Errorf("lesson %s: %w", j.Lesson, err)))
		}
	}
	return results, status
}

// finish takes a unit that was finished before, or measures and keeps it.
func (a app) finish(ctx context.Context, j job, backend compute.Backend, kept *store) (finished, error) {
	if f, found := kept.load(j.unit); found {
		return f, nil
	}
	report, err := a.measure(ctx, j.lesson, backend, j.options())
	if err == nil {
		err = kept.save(j.unit, report)
	}
	return finished{Unit: j.unit, Report: report}, err
}

func (a app) startBackend(ctx context.Context) (compute.Backend, error) {
	type started struct {
		fit.Selected
		error
	}
	result, err := within(ctx, a.grace, func() started {
		selected, err := a.backend(ctx)
		return started{selected, err}
	})
	if err = errors.Join(err, result.error); err != nil {
		return nil, err
	}
	if result.Slow {
		a.complain("%s", result.Why)
	}
	return result.Backend, nil
}

// measure runs one lesson and checks its report.
func (a app) measure(ctx context.Context, l lessons.Lesson, backend compute.Backend, options experiment.Options) (report.Report, error) {
	type measured struct {
		report.Report
		error
	}
	result, err := within(ctx, a.grace, func() (m measured) {
		defer func() {
			// A panic of one lesson must not lose the others' results.
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

// within waits for the work, and for no longer than the grace once the context
// is cancelled: a compilation of XLA cannot be interrupted, so it is left
// behind, to end with the process.
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

// deliver writes the reports to the folder, if one is given, and to standard
// output, and returns the exit status that their verdicts ask for.
func (a app) deliver(results []finished, e errand) int {
	reports := reportsOf(results)
	status := disagreement(reports)
	if e.out != "" {
		status = max(status, a.status(saveResults(e.out, results)))
	}
	if e.json {
		return max(status, a.status(writeJSON(a.stdout, reports)))
	}
	err := a.printResults(results)
	return max(status, a.status(errors.Join(err, printRepeat(a.stdout, e.recipe, reports))))
}

// disagreement is exitFailed when a verdict is not the one on record; the
// table has marked it.
func disagreement(reports []report.Report) int {
	if claim.TallyOf(report.ClaimsOf(reports)).Differ > 0 {
		return exitFailed
	}
	return 0
}
