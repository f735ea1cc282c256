package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/checkout"
	"evident/internal/scaffold"
)

const newHelp = `Write a new lesson that runs: a package with the same files as all lessons, its
tests, its notebook and its line in the catalog.

NAME is the name of the package, in lower-case letters and digits. The lesson
holds a small experiment with gradient descent; replace it by your own.
docs/own-lesson.md explains how, step by step.`

func (a app) newCommand() *cobra.Command {
	var title string
	cmd := &cobra.Command{
		Use:     "new NAME",
		Short:   "Write a new lesson: package, tests, notebook, line in the catalog",
		Long:    newHelp,
		Example: `  evident new averaging --title "The mean of noisy gradients"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badinput.Errorf("`evident new` takes the name of one lesson, but got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.writeLesson(args[0], title) },
	}
	cmd.Flags().StringVar(&title, "title", "", "title of the lesson, in one line (default its name)")
	return cmd
}

func (a app) writeLesson(name, title string) error {
	root, err := checkout.Find()
	if err != nil {
		return err
	}
	written, err := scaffold.Lesson(root, name, title)
	if err != nil {
		return err
	}
	for _, path := range written {
		if _, err := fmt.Fprintln(a.stdout, path); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.stdout, "Next: go run ./cmd/evident run %s, then docs/own-lesson.md.\n", name)
	return err
}
