package site

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"evident/internal/files"
	"evident/internal/jupyter"
	"evident/internal/nbformat"
	"evident/kit/claim"
	"evident/lessons"
)

// FromNotebooks builds the site of the notebooks in a checkout as they are
// committed, with their outputs; it executes nothing. It returns an error if a page
// has faults.
func FromNotebooks(ctx context.Context, j jupyter.Jupyter, checkout string, catalog []lessons.Lesson) (Site, error) {
	pages, err := readLessons(ctx, j, filepath.Join(checkout, "notebooks"), catalog)
	if err != nil {
		return nil, err
	}
	made, err := Build(checkout, pages)
	if err != nil {
		return nil, err
	}
	return made, sound(made)
}

// Save writes the files of the site into a folder.
func (s Site) Save(folder string) error {
	for _, file := range slices.Sorted(maps.Keys(s)) {
		if err := files.Save(filepath.Join(folder, filepath.FromSlash(file)), s[file]); err != nil {
			return err
		}
	}
	return nil
}

// sound returns one error that lists all faults of the pages.
func sound(made Site) error {
	problems, err := made.Check()
	if err != nil || len(problems) == 0 {
		return err
	}
	return errors.New("the site has faults: " + strings.Join(problems, "; "))
}

// readLessons renders the notebooks of the lessons and reads the verdicts from their
// outputs.
func readLessons(ctx context.Context, j jupyter.Jupyter, dir string, catalog []lessons.Lesson) ([]Lesson, error) {
	paths := make([]string, len(catalog))
	for i, l := range catalog {
		paths[i] = filepath.Join(dir, l.Notebook)
	}
	bodies, err := j.Bodies(ctx, paths)
	if err != nil {
		return nil, err
	}
	read := make([]Lesson, len(catalog))
	for i, l := range catalog {
		claims, err := judgedClaims(l, paths[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Notebook, err)
		}
		read[i] = Lesson{Name: l.Name, Title: l.Title, Question: l.Question, Notebook: l.Notebook, Body: bodies[i], Claims: claims}
	}
	return read, nil
}

// judgedClaims returns the claims of a notebook's report, or the lesson's declared
// claims if the notebook holds no report.
func judgedClaims(l lessons.Lesson, path string) ([]claim.Claim, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := nbformat.Parse(content)
	if err != nil {
		return nil, err
	}
	reports, err := n.Reports()
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
