package main

import (
	"io"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/internal/grading"
	"evident/internal/homework"
)

const checkHelp = `Check the answers in an executed notebook of exercises, question by question.

Without a key the notebook's own sealed sheet decides, as it does inside the notebook.
With --key, the teacher's key decides. It also judges functions by their results on
inputs that the student has not seen.

Exit status 0: all answers are right. 1: an answer is wrong or missing, or did not run.
2: an answer has the wrong type or unit, or the notebook or the key is unreadable.

--json prints [{"question", "verdict": "right|wrong|unreadable|missing|failed|unjudged",
"hint", "answer", "points", "of"}].`

func (a app) checkCommand() *cobra.Command {
	var key string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check FILE.ipynb",
		Short:   "Check the answers in an executed notebook of exercises",
		Long:    checkHelp,
		Example: "  evident check params-ada.ipynb\n  evident check params-ada.ipynb --key params-ada-key.json --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badinput.Errorf("`evident check` takes one notebook, but got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.check(args[0], key, asJSON) },
	}
	cmd.Flags().StringVar(&key, "key", "", "key file from \"evident variant\"")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func (a app) check(path, key string, asJSON bool) error {
	graded, err := grading.File(path, key)
	if err != nil {
		return err
	}
	write := grading.Print
	if asJSON {
		write = func(w io.Writer, graded []homework.Graded) error { return files.WriteJSON(w, graded) }
	}
	if err := write(a.stdout, graded); err != nil {
		return err
	}
	return exit.Status(grading.Status(graded))
}
