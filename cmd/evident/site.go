package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/site"
	"evident/kit/claim"
	"evident/lessons"
)

func (a app) siteCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "site",
		Short: "Make a static site of the executed notebooks, all verdicts and the packages; it works from a folder",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.makeSite(cmd.Context(), out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the site (default out/site of the checkout)")
	return cmd
}

// makeSite writes the site of the notebooks as they are committed, with their
// outputs; it executes nothing. A page that is not sound is an error, and then
// nothing is written.
func (a app) makeSite(ctx context.Context, out string) error {
	root, err := checkout()
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
	jupyter, err := findJupyter(root, a.grace)
	if err != nil {
		return err
	}
	if err := wantWritable(out); err != nil {
		return err
	}
	bar := newBar(a.stderr, -1, "site")
	defer func() { _ = bar.Clear() }()
	pages, err := readLessons(ctx, jupyter, filepath.Join(root, "notebooks"), catalog)
	if err != nil {
		return err
	}
	made, err := site.Build(root, pages)
	if err != nil {
		return err
	}
	if err := sound(made); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(made)) {
		if err := saveFile(filepath.Join(out, filepath.FromSlash(file)), made[file]); err != nil {
			return err
		}
	}
	_ = bar.Clear()
	_, err = fmt.Fprintln(a.stdout, filepath.Join(out, "index.html"))
	return err
}

// sound lists everything that is wrong with the pages in one error.
func sound(made site.Site) error {
	problems, err := made.Check()
	if err != nil || len(problems) == 0 {
		return err
	}
	return errors.New("the site is not sound: " + strings.Join(problems, "; "))
}

// readLessons renders the notebooks of the lessons and reads the verdicts from
// their outputs.
func readLessons(ctx context.Context, j jupyter, dir string, catalog []lessons.Lesson) ([]site.Lesson, error) {
	paths := make([]string, len(catalog))
	for i, l := range catalog {
		paths[i] = filepath.Join(dir, l.Notebook)
	}
	bodies, err := j.bodies(ctx, paths)
	if err != nil {
		return nil, err
	}
	read := make([]site.Lesson, len(catalog))
	for i, l := range catalog {
		claims, err := judgedClaims(l, paths[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Notebook, err)
		}
		read[i] = site.Lesson{Name: l.Name, Title: l.Title, Question: l.Question, Notebook: l.Notebook, Body: bodies[i], Claims: claims}
	}
	return read, nil
}

// judgedClaims are the claims of a notebook's report, or as the lesson declares
// them while the notebook holds none.
func judgedClaims(l lessons.Lesson, path string) ([]claim.Claim, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := parseNotebook(content)
	if err != nil {
		return nil, err
	}
	reports, err := n.reports()
	if err != nil {
		return nil, err
	}
	for _, report := range reports {
		if report.Lesson == l.Name {
			return report.Claims, nil
		}
	}
	return l.Claims, nil
}

// bodies renders notebooks without the page around them, in one call.
func (j jupyter) bodies(ctx context.Context, paths []string) ([][]byte, error) {
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return nil, badinput.Errorf("no notebook %s: check the files out again", path)
		}
	}
	work, err := os.MkdirTemp("", "evident-site-*")
	if err != nil {
		return nil, unwritable(os.TempDir(), err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := j.call(ctx, work, append([]string{"nbconvert", "--to=html", "--template=basic", "--output-dir=" + work}, paths...)...); err != nil {
		return nil, err
	}
	bodies := make([][]byte, len(paths))
	for i, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb") + ".html"
		if bodies[i], err = os.ReadFile(filepath.Join(work, name)); err != nil {
			return nil, fmt.Errorf("jupyter rendered no %s: %w", name, err)
		}
	}
	return bodies, nil
}
