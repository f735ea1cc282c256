package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"evident/datasets/textfolder"
	"evident/lessons"
	"evident/lessons/fit"
	"evident/lessons/lesson"
	"evident/lessons/show"
)

// runFlags are the flags of `evident run`.
type runFlags struct {
	scale, data, out string
	seed             int64
	json             bool
}

func (a app) runCommand() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run [LESSON…]",
		Short: "Run lessons and print their verdicts; all of them when none is named",
		Example: "  evident run inception --scale smoke\n" +
			"  evident run --out out/report\n" +
			"  evident run inception --scale full --data cifar-10-batches-bin",
		RunE: func(cmd *cobra.Command, names []string) error { return a.runLessons(cmd.Context(), names, flags) },
	}
	cmd.Flags().StringVar(&flags.scale, "scale", string(lesson.DefaultScale), "smoke (seconds), default (minutes) or full (the homework's own)")
	cmd.Flags().StringVar(&flags.data, "data", "", "folder of the real data set, or table of texts, in place of the generated data")
	cmd.Flags().Int64Var(&flags.seed, "seed", 0, "shift every seed of the lessons by this number")
	cmd.Flags().StringVar(&flags.out, "out", "", "folder for verdicts.json, report.html and pictures")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the reports as one JSON array")
	return cmd
}

// runLessons checks all that can be checked before the work begins, runs, and
// writes what was finished whatever stopped it.
func (a app) runLessons(ctx context.Context, names []string, flags runFlags) error {
	chosen, options, err := a.prepare(names, flags)
	if err != nil {
		return err
	}
	backend, err := a.startBackend(ctx)
	if err != nil {
		return err
	}
	reports, status := a.measureAll(ctx, chosen, backend, options)
	return told(max(status, a.deliver(reports, flags.out, flags.json)))
}

func (a app) prepare(names []string, flags runFlags) ([]lessons.Lesson, lesson.Options, error) {
	chosen, err := a.find(names...)
	if err != nil {
		return nil, lesson.Options{}, err
	}
	scale, err := lesson.ParseScale(flags.scale)
	if err != nil {
		return nil, lesson.Options{}, err
	}
	if flags.data != "" {
		if info, err := os.Stat(flags.data); err != nil || !info.IsDir() && !textfolder.IsTable(flags.data) {
			return nil, lesson.Options{}, lesson.BadInputf("--data %q is no folder and no table of texts: name the one that holds the data set", flags.data)
		}
	}
	if flags.out != "" {
		if err := checkWritable(flags.out); err != nil {
			return nil, lesson.Options{}, unwritable(flags.out, err)
		}
	}
	return chosen, lesson.Options{Scale: scale, Data: flags.data, Seed: flags.seed}, nil
}

// measureAll runs the lessons in order. One that fails is told at once and
// does not keep the others from running; an interrupt does.
func (a app) measureAll(ctx context.Context, chosen []lessons.Lesson, backend compute.Backend, options lesson.Options) ([]lesson.Report, int) {
	bar := newTaskBar(a.stderr)
	reports, status := []lesson.Report{}, 0
	for _, l := range chosen {
		report, err := a.measure(fit.WithProgress(ctx, bar.report), l, backend, options)
		bar.clear()
		if err == nil {
			reports = append(reports, report)
		}
		if ctx.Err() != nil {
			return reports, a.status(ctx.Err())
		}
		if err != nil {
			status = max(status, a.status(fmt.Errorf("lesson %s: %w", l.Name, err)))
		}
	}
	return reports, status
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
func (a app) measure(ctx context.Context, l lessons.Lesson, backend compute.Backend, options lesson.Options) (lesson.Report, error) {
	type measured struct {
		lesson.Report
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
		return lesson.Report{}, err
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
func (a app) deliver(reports []lesson.Report, out string, asJSON bool) int {
	status := disagreement(reports)
	if out != "" {
		status = max(status, a.status(saveReports(out, reports)))
	}
	if asJSON {
		return max(status, a.status(writeJSON(a.stdout, reports)))
	}
	err := show.Headlines(a.stdout, reports)
	return max(status, a.status(errors.Join(err, show.VerdictTable(a.stdout, reports, styleOf(a.stdout)))))
}

// disagreement is exitFailed when a verdict is not the one on record; the
// table has marked it.
func disagreement(reports []lesson.Report) int {
	for _, report := range reports {
		for _, claim := range report.Claims {
			if !claim.Agrees() {
				return exitFailed
			}
		}
	}
	return 0
}
