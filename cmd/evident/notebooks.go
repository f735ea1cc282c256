package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"evident/internal/checkout"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/internal/jupyter"
	"evident/internal/render"
	"evident/internal/terminal"
	"evident/kit/keep"
)

func (a app) notebooksCommand() *cobra.Command {
	var out string
	var inPlace, fresh bool
	cmd := &cobra.Command{
		Use:   "notebooks [NAME…]",
		Short: "Execute notebooks through Jupyter, by default all of them, and print their verdicts",
		RunE: func(cmd *cobra.Command, names []string) error {
			if fresh {
				// The kernels get it with the environment: a cell may read what another cell of this run has measured.
				if err := os.Setenv(keep.Variable, keep.Since(time.Now())); err != nil {
					return err
				}
			}
			return a.runNotebooks(cmd.Context(), names, out, inPlace)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the executed notebooks and their HTML (default out/notebooks in the checkout)")
	cmd.Flags().BoolVar(&fresh, "fresh", false, "measure again what an earlier run has kept")
	cmd.Flags().BoolVar(&inPlace, "inplace", false, "also write the outputs into the notebooks themselves, so that you can commit them")
	return cmd
}

func (a app) runNotebooks(ctx context.Context, names []string, out string, inPlace bool) error {
	root, err := checkout.Find()
	if err != nil {
		return err
	}
	if out == "" {
		out = filepath.Join(root, "out", "notebooks")
	}
	catalog, err := a.find()
	if err != nil {
		return err
	}
	paths, err := jupyter.Choose(filepath.Join(root, "notebooks"), catalog, names)
	if err != nil {
		return err
	}
	j, err := jupyter.Find(root, a.grace)
	if err != nil {
		return err
	}
	if err := files.WantFolder(out); err != nil {
		return err
	}
	reports, status := j.Run(ctx, paths, out, inPlace, a.tell())
	if len(reports) == 0 {
		return exit.Status(status)
	}
	return exit.Status(max(status, a.tell().Status(render.VerdictTable(a.stdout, reports, terminal.StyleOf(a.stdout)))))
}
