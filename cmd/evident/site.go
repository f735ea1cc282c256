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
	var static bool
	cmd := &cobra.Command{
		Use:   "site",
		Short: "Build a static site of the executed notebooks, all verdicts and the packages; it needs no server",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.makeSite(cmd.Context(), out, static)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the site (default out/site in the checkout)")
	cmd.Flags().BoolVar(&static, "static", false, "pages that run nothing: without the program for the browser")
	return cmd
}

// makeSite builds the site of the notebooks as they are committed, with their
// outputs; it executes nothing. Unless it is static, its pages run experiments in the browser. If a page has faults, it returns an error and
// writes nothing.
func (a app) makeSite(ctx context.Context, out string, static bool) error {
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
	var live *site.Live
	if !static {
		if live, err = site.BuildLive(ctx, root); err != nil {
			return err
		}
	}
	made, err := site.FromNotebooks(ctx, j, root, catalog, live)
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
