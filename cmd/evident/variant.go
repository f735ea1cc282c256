package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/homework"
)

const variantHelp = `Draw the exercises of a lesson, with numbers that the seed and the student decide:

  LESSON-STUDENT.ipynb           for the student: no answers, but it knows right from wrong
  LESSON-STUDENT-solution.ipynb  with answers and hidden tests; the source of an nbgrader assignment
  LESSON-STUDENT-key.json        for "evident check --key"

Keep the seed to yourself, and choose one that nobody guesses: it gives the answers.

With --course the files go where nbgrader looks for them: source/NAME/NAME.ipynb and
keys/NAME.json below the folder, with an nbgrader_config.py if there is none (see
docs/teaching.md).`

// variantFlags are the flags of `evident variant`.
type variantFlags struct {
	seed                 int64
	student, out, course string
	force                bool
}

func (a app) variantCommand() *cobra.Command {
	var flags variantFlags
	cmd := &cobra.Command{
		Use:     "variant LESSON --seed N",
		Short:   "Write exercises on a lesson: student notebook, solution and key",
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
		RunE: func(_ *cobra.Command, args []string) error { return a.writeVariant(args[0], flags) },
	}
	cmd.Flags().Int64Var(&flags.seed, "seed", 0, "of the numbers; keep it to yourself")
	cmd.Flags().StringVar(&flags.student, "student", "", "id of the student, for numbers of their own")
	cmd.Flags().StringVar(&flags.out, "out", ".", "folder for the files")
	cmd.Flags().StringVar(&flags.course, "course", "", "folder of an nbgrader course, in place of --out")
	cmd.Flags().BoolVar(&flags.force, "force", false, "replace files that are there and differ")
	return cmd
}

// idPattern is what a student's id may be made of: it becomes part of a file name.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)

func (a app) writeVariant(name string, flags variantFlags) error {
	if flags.student != "" && !idPattern.MatchString(flags.student) {
		return badinput.Errorf("--student %q: use up to 64 letters, digits, dots, dashes and underscores", flags.student)
	}
	v, err := homework.NewVariant(name, flags.seed, flags.student)
	if err != nil {
		return err
	}
	files, err := variantFiles(v, flags)
	if err != nil {
		return err
	}
	if !flags.force {
		for _, f := range files {
			if err := f.check(); err != nil {
				return err
			}
		}
	}
	for _, f := range files {
		if err := saveFile(f.path, f.content); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(a.stdout, f.path); err != nil {
			return err
		}
	}
	return nil
}

// file is one that is to be written.
type file struct {
	path    string
	content []byte
}

// check refuses to write over a file that holds something else: it may be what a
// student has worked on.
func (f file) check() error {
	present, err := os.ReadFile(f.path)
	if err == nil && !bytes.Equal(present, f.content) {
		return badinput.Errorf("%s is there and differs: move it, or replace it with --force", f.path)
	}
	return nil
}

// variantFiles are the files of a variant, all of them or none.
func variantFiles(v homework.Variant, flags variantFlags) ([]file, error) {
	student, err := v.Student()
	if err != nil {
		return nil, err
	}
	solution, err := v.Solution()
	if err != nil {
		return nil, err
	}
	var key bytes.Buffer
	if err := writeJSON(&key, v.Key()); err != nil {
		return nil, err
	}
	name := v.Set.Lesson
	if v.Name != "" {
		name += "-" + v.Name
	}
	if flags.course == "" {
		path := func(ending string) string { return filepath.Join(flags.out, name+ending) }
		return []file{{path(".ipynb"), student}, {path("-solution.ipynb"), solution}, {path("-key.json"), key.Bytes()}}, nil
	}
	files := []file{
		{filepath.Join(flags.course, "source", name, name+".ipynb"), solution},
		{filepath.Join(flags.course, "keys", name+".json"), key.Bytes()},
	}
	return withCourseConfig(files, flags.course)
}

// withCourseConfig adds the settings of nbgrader to a course that has none.
func withCourseConfig(files []file, course string) ([]file, error) {
	path := filepath.Join(course, "nbgrader_config.py")
	if _, err := os.Stat(path); err == nil {
		return files, nil
	}
	root, err := checkout()
	if err != nil {
		return nil, err
	}
	settings := fmt.Sprintf("# The settings of evident for this course; add your own below.\nload_subconfig(%q)\n", filepath.Join(root, "grading", "nbgrader_config.py"))
	return append(files, file{path, []byte(settings)}), nil
}
