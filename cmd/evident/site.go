package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"evident/internal/checkout"
	"evident/internal/files"
	"evident/internal/jupyter"
	"evident/internal/site"
	"evident/internal/terminal"
)

func (a app) siteCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "site",
		Short: "Build a static site of the executed notebooks, all verdicts and the packages; it needs no server",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.makeSite(cmd.Context(), out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the site (default out/site in the checkout)")
	return cmd
}

// makeSite builds the site of the notebooks as they are committed, with their
// outputs; it executes nothing. If a page has faults, it returns an error and
// writes nothing.
func (a app) makeSite(ctx context.Context, out string) error {
	root, err := checkout.Find()
	if err != nil {
		return err
	}
	if out == "" {
		out = filepath.Join(root, "out", "site")
	}
	catalog, err := a.find()
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
	bar := terminal.NewBar(a.stderr, -1, "site")
	defer func() { _ = bar.Clear() }()
	made, err := site.FromNotebooks(ctx, j, root, catalog)
	if err == nil {
		err = made.Save(out)
	}
	if err != nil {
		return err
	}
	_ = bar.Clear()
	_, err = fmt.Fprintln(a.stdout, filepath.Join(out, "index.html"))
	return err
}
