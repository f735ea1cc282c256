package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/checkout"
	"evident/internal/scaffold"
)

const newHelp = `Write a lesson of your own, as a start that runs: a package in the anatomy that
all lessons have, its tests, its notebook and its line in the catalog.

NAME is that of the package: lower-case letters and digits. The experiment in
it is a small one, on gradient descent; replace it by yours. docs/own-lesson.md
goes through it step by step.`

func (a app) newCommand() *cobra.Command {
	var title string
	cmd := &cobra.Command{
		Use:     "new NAME",
		Short:   "Write a lesson of your own: package, tests, notebook, line in the catalog",
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
	cmd.Flags().StringVar(&title, "title", "", "of the lesson, one line (default: its name)")
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
