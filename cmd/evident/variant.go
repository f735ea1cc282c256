package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/handout"
)

const variantHelp = `Write the exercises of a lesson. The seed and the student's id decide the numbers.

  LESSON-STUDENT.ipynb           for the student: checks answers but does not contain them
  LESSON-STUDENT-solution.ipynb  answers and hidden tests; the source of an nbgrader assignment
  LESSON-STUDENT-key.json        for "evident check --key"

Choose a seed that nobody can guess, and keep it secret: it reveals the answers.

--course writes the files where nbgrader looks for them: source/NAME/NAME.ipynb and
keys/NAME.json below the folder. It adds nbgrader_config.py if there is none (see
docs/teaching.md).`

func (a app) variantCommand() *cobra.Command {
	var q handout.Request
	cmd := &cobra.Command{
		Use:     "variant LESSON --seed N",
		Short:   "Write the exercises of a lesson: student notebook, solution and key",
		Long:    variantHelp,
		Example: "  evident variant params --seed 80127 --student ada --out homework",
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
	cmd.Flags().Int64Var(&q.Seed, "seed", 0, "seed of the exercises; keep it secret")
	cmd.Flags().StringVar(&q.Student, "student", "", "id of the student, who gets different numbers from other students")
	cmd.Flags().StringVar(&q.Out, "out", ".", "folder for the files")
	cmd.Flags().StringVar(&q.Course, "course", "", "folder of an nbgrader course, instead of --out")
	cmd.Flags().BoolVar(&q.Force, "force", false, "replace existing files that differ")
	return cmd
}
