// Package handout writes the files of an exercise: the student's notebook, the
// solution and the key.
package handout

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"evident/internal/badinput"
	"evident/internal/checkout"
	"evident/internal/files"
	"evident/internal/homework"
)

// Request holds the arguments of `evident variant`.
type Request struct {
	Lesson  string
	Seed    int64
	Student string // "" for all students
	Out     string // folder for the files
	Course  string // folder of an nbgrader course, instead of Out; "" for none
	Force   bool   // replace existing files that differ
}

// idPattern restricts a student's id, because it becomes part of a file name.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)

// Write draws the exercises and writes their files. It returns the paths of the files
// that it wrote, also after an error.
func Write(q Request) (written []string, err error) {
	if q.Student != "" && !idPattern.MatchString(q.Student) {
		return nil, badinput.Errorf("--student %q: use up to 64 letters, digits, dots, dashes and underscores", q.Student)
	}
	v, err := homework.NewVariant(q.Lesson, q.Seed, q.Student)
	if err != nil {
		return nil, err
	}
	all, err := filesOf(v, q)
	if err != nil {
		return nil, err
	}
	if !q.Force {
		for _, f := range all {
			if err := checkSame(f); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range all {
		if err := files.Save(f.Path, f.Content); err != nil {
			return written, err
		}
		written = append(written, f.Path)
	}
	return written, nil
}

// checkSame returns an error if a file exists with other content, which may be a
// student's work.
func checkSame(f files.File) error {
	present, err := os.ReadFile(f.Path)
	if err == nil && !bytes.Equal(present, f.Content) {
		return badinput.Errorf("%s is there and differs: move it, or replace it with --force", f.Path)
	}
	return nil
}

// filesOf returns all files of a variant.
func filesOf(v homework.Variant, q Request) ([]files.File, error) {
	student, err := v.Student()
	if err != nil {
		return nil, err
	}
	solution, err := v.Solution()
	if err != nil {
		return nil, err
	}
	var key bytes.Buffer
	if err := files.WriteJSON(&key, v.Key()); err != nil {
		return nil, err
	}
	name := v.Set.Lesson
	if v.Name != "" {
		name += "-" + v.Name
	}
	if q.Course == "" {
		path := func(ending string) string { return filepath.Join(q.Out, name+ending) }
		return []files.File{{Path: path(".ipynb"), Content: student}, {Path: path("-solution.ipynb"), Content: solution}, {Path: path("-key.json"), Content: key.Bytes()}}, nil
	}
	written := []files.File{
		{Path: filepath.Join(q.Course, "source", name, name+".ipynb"), Content: solution},
		{Path: filepath.Join(q.Course, "keys", name+".json"), Content: key.Bytes()},
	}
	return withCourseConfig(written, q.Course)
}

// withCourseConfig adds nbgrader's settings to a course that has none.
func withCourseConfig(written []files.File, course string) ([]files.File, error) {
	path := filepath.Join(course, "nbgrader_config.py")
	if _, err := os.Stat(path); err == nil {
		return written, nil
	}
	root, err := checkout.Find()
	if err != nil {
		return nil, err
	}
	settings := fmt.Sprintf("# The settings of evident for this course; add your own below.\nload_subconfig(%q)\n", filepath.Join(root, "grading", "nbgrader_config.py"))
	return append(written, files.File{Path: path, Content: []byte(settings)}), nil
}
