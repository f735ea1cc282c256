package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/handout"
)

const variantHelp = `Draw the exercises of a lesson, with numbers that the seed and the student decide:

  LESSON-STUDENT.ipynb           for the student: no answers, but it knows right from wrong
  LESSON-STUDENT-solution.ipynb  with answers and hidden tests; the source of an nbgrader assignment
  LESSON-STUDENT-key.json        for "evident check --key"

Keep the seed to yourself, and choose one that nobody guesses: it gives the answers.

With --course the files go where nbgrader looks for them: source/NAME/NAME.ipynb and
keys/NAME.json below the folder, with an nbgrader_config.py if there is none (see
docs/teaching.md).`

func (a app) variantCommand() *cobra.Command {
	var q handout.Request
	cmd := &cobra.Command{
		Use:     "variant LESSON --seed N",
		Short:   "Write exercises on a lesson: student notebook, solution and key",
		Long:    variantHelp,
		Example: "  evident variant params --seed 80127 --student ada",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badinput.Errorf("`evident variant` takes one lesson, but got %d: `evident list` shows them", len(args))
			}
			if !cmd.Flags().Changed("seed") {
				return badinput.Errorf("`evident variant` needs --seed N: any number that your students do not know")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			q.Lesson = args[0]
			written, err := handout.Write(q)
			for _, path := range written {
				_, failed := fmt.Fprintln(a.stdout, path)
				err = errors.Join(err, failed)
			}
			return err
		},
	}
	cmd.Flags().Int64Var(&q.Seed, "seed", 0, "of the numbers; keep it to yourself")
	cmd.Flags().StringVar(&q.Student, "student", "", "id of the student, for numbers of their own")
	cmd.Flags().StringVar(&q.Out, "out", filepath.Join("out", "homework"), "folder for the files")
	cmd.Flags().StringVar(&q.Course, "course", "", "folder of an nbgrader course, in place of --out")
	cmd.Flags().BoolVar(&q.Force, "force", false, "replace files that are there and differ")
	return cmd
}
