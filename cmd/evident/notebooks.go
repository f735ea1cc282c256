package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/checkout"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/internal/jupyter"
	"evident/internal/render"
	"evident/internal/terminal"
	"evident/kit/keep"
)

const notebooksHelp = `Execute notebooks through Jupyter, by default all of them, and print their verdicts.

Several run at the same time; those that took longest the last time begin first. A line
for each that has ended says how long it took, and how many of its experiments were kept
from an earlier run. A run that was interrupted goes on where it stopped: what its
notebooks have measured is kept.

A notebook is kept whole, as "go test" keeps the results of a package: with the same cells,
code, kernel, data, backend and machine it is not executed again. It is always executed
when a cell runs a command of the shell, or names a file outside of its folder. --fresh
executes and measures all.

Times that a notebook shows, such as those of a training step, were measured beside the
other notebooks. --jobs 1 gives them the machine alone. No verdict depends on them.

Exit status 0: every verdict agrees with the record. 1: a verdict
differs, or a cell failed. 2: an argument, a file or the machine needs fixing.
130: interrupted.`

func (a app) notebooksCommand() *cobra.Command {
	var q jupyter.Request
	cmd := &cobra.Command{
		Use:   "notebooks [NAME…]",
		Short: "Execute notebooks through Jupyter, by default all of them, and print their verdicts",
		Long:  notebooksHelp,
		RunE: func(cmd *cobra.Command, names []string) error {
			if q.Jobs < 0 || cmd.Flags().Changed("jobs") && q.Jobs == 0 {
				return badinput.Errorf("--jobs %d: give 1 or more", q.Jobs)
			}
			if q.Fresh {
				// The kernels get it with the environment: a cell may read what another cell of this run has measured.
				if err := os.Setenv(keep.Variable, keep.Since(time.Now())); err != nil {
					return err
				}
			}
			return a.runNotebooks(cmd.Context(), names, q)
		},
	}
	cmd.Flags().StringVar(&q.Out, "out", "", "folder for the executed notebooks and their HTML (default out/notebooks in the checkout)")
	cmd.Flags().IntVar(&q.Jobs, "jobs", 0, "notebooks that run at the same time (default one for each processor, as far as there are 1.5 GB of memory for each)")
	cmd.Flags().BoolVar(&q.Fresh, "fresh", false, "execute and measure again what an earlier run has kept")
	cmd.Flags().BoolVar(&q.InPlace, "inplace", false, "also write the outputs into the notebooks themselves, so that you can commit them")
	return cmd
}

func (a app) runNotebooks(ctx context.Context, names []string, q jupyter.Request) error {
	root, err := checkout.Find()
	if err != nil {
		return err
	}
	if q.Out == "" {
		q.Out = filepath.Join(root, "out", "notebooks")
	}
	catalog, err := a.find()
	if err != nil {
		return err
	}
	q.Paths, err = jupyter.Choose(filepath.Join(root, "notebooks"), catalog, names)
	if err != nil {
		return err
	}
	j, err := jupyter.Find(root, a.grace)
	if err != nil {
		return err
	}
	if err := files.WantFolder(q.Out); err != nil {
		return err
	}
	q.Fresh = q.Fresh || os.Getenv(keep.Variable) == "off"
	reports, status := j.Run(ctx, q, a.tell())
	if len(reports) == 0 {
		return exit.Status(status)
	}
	return exit.Status(max(status, a.tell().Status(render.VerdictTable(a.stdout, reports, terminal.StyleOf(a.stdout)))))
}
