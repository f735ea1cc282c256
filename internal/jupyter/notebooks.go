package jupyter

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"evident/internal/badinput"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/internal/nbformat"
	"evident/internal/near"
	"evident/internal/terminal"
	"evident/kit/report"
	"evident/lessons"
)

// Run executes notebooks one after the other, and returns the reports in their
// outputs with the exit status. It writes each notebook to the folder as soon as it
// is done, so an interrupt loses only the running one. With inPlace it also writes
// the outputs into the notebook itself.
func (j Jupyter) Run(ctx context.Context, paths []string, out string, inPlace bool, tell exit.Teller) ([]report.Report, int) {
	reports, status := []report.Report{}, 0
	for _, path := range paths {
		found, err := j.run(ctx, path, out, inPlace, tell.W)
		reports = append(reports, found...)
		if ctx.Err() != nil {
			return reports, tell.Status(ctx.Err())
		}
		status = max(status, tell.Status(err))
	}
	return reports, max(status, exit.Differs(reports))
}

// run executes one notebook, writes NAME.ipynb and NAME.html, and returns the
// reports in its outputs. It reports an error in a cell after writing the files,
// which show where the error happened.
func (j Jupyter) run(ctx context.Context, path, out string, inPlace bool, stderr io.Writer) ([]report.Report, error) {
	name := filepath.Base(path)
	bar := terminal.NewBar(stderr, -1, name)
	defer func() { _ = bar.Clear() }()
	content, err := j.execute(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	executed, err := nbformat.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	target := filepath.Join(out, name)
	if err := files.Save(target, content); err != nil {
		return nil, err
	}
	page, err := j.html(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := files.Save(strings.TrimSuffix(target, ".ipynb")+".html", page); err != nil {
		return nil, err
	}
	reports, err := executed.Reports()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if failed := executed.Failure(); failed != "" {
		return reports, fmt.Errorf("%s: %s", name, failed)
	}
	if !inPlace {
		return reports, nil
	}
	if content, err = nbformat.Stamp(content); err != nil {
		return reports, fmt.Errorf("%s: %w", name, err)
	}
	return reports, files.Save(path, content)
}

// Number is the prefix that orders the notebooks. Users may omit it from a name.
var Number = regexp.MustCompile(`^\d+-`)

// Choose returns the paths of the named notebooks, or of all, in the order of the
// course. A name may be a file name, with or without number and ending, or the name
// of a lesson.
func Choose(dir string, catalog []lessons.Lesson, names []string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil {
		return nil, err
	}
	answers := namesOf(all, catalog)
	wanted := map[string]bool{}
	for _, name := range names {
		stem := strings.TrimSuffix(filepath.Base(name), ".ipynb")
		path, known := answers[stem]
		if !known {
			return nil, badinput.Errorf("unknown notebook %q%s: the notebooks are %s", name, near.Hint(stem, slices.Sorted(maps.Keys(answers))), strings.Join(baseNames(all), ", "))
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

// namesOf maps every valid name of a notebook to its path.
func namesOf(paths []string, catalog []lessons.Lesson) map[string]string {
	answers := map[string]string{}
	for _, path := range paths {
		stem := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		answers[stem], answers[Number.ReplaceAllString(stem, "")] = path, path
		for _, l := range catalog {
			if l.Notebook == filepath.Base(path) {
				answers[l.Name] = path
			}
		}
	}
	return answers
}

func baseNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	return names
}
