package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/kit/report"
	"evident/kit/show"
)

func (a app) notebooksCommand() *cobra.Command {
	var out string
	var inPlace bool
	cmd := &cobra.Command{
		Use:   "notebooks [NAME…]",
		Short: "Execute notebooks through Jupyter and print their verdicts; all of them when none is named",
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.runNotebooks(cmd.Context(), names, out, inPlace)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for the executed notebooks and their HTML (default out/notebooks of the checkout)")
	cmd.Flags().BoolVar(&inPlace, "inplace", false, "also write the outputs into the notebooks themselves, to commit them")
	return cmd
}

// runNotebooks executes the notebooks one after the other; each is written
// when it is done, so an interrupt loses only the one that runs.
func (a app) runNotebooks(ctx context.Context, names []string, out string, inPlace bool) error {
	root, err := checkout()
	if err != nil {
		return err
	}
	if out == "" {
		out = filepath.Join(root, "out", "notebooks")
	}
	paths, err := a.chooseNotebooks(filepath.Join(root, "notebooks"), names)
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
	reports, status := []report.Report{}, 0
	for _, path := range paths {
		found, err := a.runNotebook(ctx, jupyter, path, out, inPlace)
		reports = append(reports, found...)
		if ctx.Err() != nil {
			status = a.status(ctx.Err())
			break
		}
		status = max(status, a.status(err))
	}
	status = max(status, disagreement(reports))
	return told(max(status, a.status(show.VerdictTable(a.stdout, reports, styleOf(a.stdout)))))
}

// runNotebook executes one notebook, writes NAME.ipynb and NAME.html, and
// returns the reports in its outputs. An error in a cell is told after the
// files are written: they show where it happened.
func (a app) runNotebook(ctx context.Context, j jupyter, path, out string, inPlace bool) ([]report.Report, error) {
	name := filepath.Base(path)
	bar := newBar(a.stderr, -1, name)
	defer func() { _ = bar.Clear() }()
	content, err := j.execute(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	executed, err := parseNotebook(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	target := filepath.Join(out, name)
	if err := saveFile(target, content); err != nil {
		return nil, err
	}
	page, err := j.html(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := saveFile(strings.TrimSuffix(target, ".ipynb")+".html", page); err != nil {
		return nil, err
	}
	reports, err := executed.reports()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if failed := executed.failure(); failed != "" {
		return reports, fmt.Errorf("%s: %s", name, failed)
	}
	if !inPlace {
		return reports, nil
	}
	if content, err = stamp(content); err != nil {
		return reports, fmt.Errorf("%s: %w", name, err)
	}
	return reports, saveFile(path, content)
}

// leadingNumber orders the notebooks and may be left out of a name.
var leadingNumber = regexp.MustCompile(`^\d+-`)

// chooseNotebooks returns the paths of the named notebooks, or of all, in the
// order of the course. A notebook answers to its file name, with or without
// number and ending, and to the name of its lesson.
func (a app) chooseNotebooks(dir string, names []string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil {
		return nil, err
	}
	answers, err := a.notebookNames(all)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, name := range names {
		path, known := answers[strings.TrimSuffix(filepath.Base(name), ".ipynb")]
		if !known {
			return nil, badinput.Errorf("unknown notebook %q: the notebooks are %s", name, strings.Join(baseNames(all), ", "))
		}
		wanted[path] = true
	}
	if len(all) == 0 {
		return nil, badinput.Errorf("no notebooks in %s: check the files out again", dir)
	}
	if len(names) == 0 {
		return all, nil
	}
	var chosen []string
	for _, path := range all {
		if wanted[path] {
			chosen = append(chosen, path)
		}
	}
	return chosen, nil
}

// notebookNames maps every name that a notebook answers to, to its path.
func (a app) notebookNames(paths []string) (map[string]string, error) {
	catalog, err := a.find()
	if err != nil {
		return nil, err
	}
	answers := map[string]string{}
	for _, path := range paths {
		stem := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		answers[stem], answers[leadingNumber.ReplaceAllString(stem, "")] = path, path
		for _, l := range catalog {
			if l.Notebook == filepath.Base(path) {
				answers[l.Name] = path
			}
		}
	}
	return answers, nil
}

func baseNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	return names
}

// findJupyter is the Jupyter of the project's own environment.
func findJupyter(root string, grace time.Duration) (jupyter, error) {
	path := filepath.Join(root, ".venv", "bin", "jupyter")
	if _, err := os.Stat(path); err != nil {
		return jupyter{}, badinput.Errorf("no Jupyter in %s: run `make lab` or `make lessons` first", filepath.Join(root, ".venv"))
	}
	return jupyter{path: path, grace: grace}, nil
}
