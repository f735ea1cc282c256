package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/internal/homework"
	"evident/kit/exercise"
)

const checkHelp = `Check the answers in a notebook of exercises that was run, question by question.

Without a key the notebook's own sealed sheet decides, as in the notebook itself.
With --key (a teacher's), the exercises are drawn again from the seed, and functions
are judged by what they returned on unseen inputs.

Exit status 0: all is right. 1: something is wrong or missing. 2: an answer has the
wrong type or unit, or the notebook or the key cannot be read.

With --json: [{"question", "verdict": "right|wrong|unreadable|missing|unjudged",
"hint", "answer", "points", "of"}].`

func (a app) checkCommand() *cobra.Command {
	var key string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check FILE.ipynb",
		Short:   "Check the answers in a notebook of exercises",
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
	cmd.Flags().StringVar(&key, "key", "", "the key file that `evident variant` wrote")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func (a app) check(path, key string, asJSON bool) error {
	graded, err := gradeFile(path, key)
	if err != nil {
		return err
	}
	write := printGrades
	if asJSON {
		write = func(w io.Writer, graded []homework.Graded) error { return writeJSON(w, graded) }
	}
	if err := write(a.stdout, graded); err != nil {
		return err
	}
	return told(checkStatus(graded))
}

// checkStatus is that of the worst answer.
func checkStatus(graded []homework.Graded) int {
	status := 0
	for _, g := range graded {
		switch g.Verdict {
		case exercise.Right:
		case exercise.Unreadable:
			status = exitBadInput
		default:
			status = max(status, exitFailed)
		}
	}
	return status
}

func gradeFile(path, keyPath string) ([]homework.Graded, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	n, err := parseNotebook(content)
	if err != nil {
		return nil, badinput.Errorf("%s is %w", path, err)
	}
	grade, ids, err := judgeOf(n, path, keyPath)
	if err != nil {
		return nil, err
	}
	graded, err := grade(n.given(ids))
	return graded, named(path, err)
}

// judgeOf is what judges the answers of a notebook, and the questions that there
// are.
func judgeOf(n notebook, path, keyPath string) (func(homework.Given) ([]homework.Graded, error), []string, error) {
	if keyPath != "" {
		v, err := readKey(keyPath)
		return v.Grade, v.Sheet.Questions(), err
	}
	if n.Metadata.Evident.Sheet == "" {
		return nil, nil, badinput.Errorf("%s holds no exercises (its metadata have no sheet): take one that `evident variant` wrote, as it was handed out", path)
	}
	sheet, err := exercise.Open(n.Metadata.Evident.Sheet)
	return func(given homework.Given) ([]homework.Graded, error) { return homework.Check(sheet, given) }, sheet.Questions(), named(path, err)
}

func readKey(path string) (homework.Variant, error) {
	content, err := readFile(path)
	if err != nil {
		return homework.Variant{}, err
	}
	var key homework.Key
	if err := json.Unmarshal(content, &key); err != nil || key.Lesson == "" {
		return homework.Variant{}, badinput.Errorf("%s is not a key: name the file that `evident variant` wrote", path)
	}
	return key.Variant()
}

// maxNotebook bounds what is read of a file: a notebook with its pictures has a
// few MB.
const maxNotebook = 256 << 20

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, badinput.Errorf("cannot read %s: %w", path, datasets.WithoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	content, err := io.ReadAll(io.LimitReader(f, maxNotebook+1))
	switch {
	case err != nil:
		return nil, badinput.Errorf("cannot read %s: %w", path, datasets.WithoutPath(err))
	case len(content) > maxNotebook:
		return nil, badinput.Errorf("cannot read %s: it has more than %d MB: name a notebook or a key", path, maxNotebook>>20)
	}
	return content, nil
}

// given are the results in the outputs of the cells of the questions.
func (n notebook) given(ids []string) homework.Given {
	byCell := map[string]string{}
	for _, id := range ids {
		byCell[homework.GradeID(id)] = id
	}
	given := homework.Given{}
	for _, cell := range n.Cells {
		id, asked := byCell[cell.Metadata.Grader.ID]
		if !asked {
			continue
		}
		given[id] = nil
		for _, output := range cell.Outputs {
			var result exercise.Result
			if attached, ok := output.Data[exercise.MIMEType]; ok && json.Unmarshal(attached, &result) == nil {
				given[id] = append(given[id], result)
			}
		}
	}
	return given
}

func printGrades(w io.Writer, graded []homework.Graded) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	points, of := 0, 0
	for _, g := range graded {
		points, of = points+g.Points, of+g.Of
		if _, err := fmt.Fprintf(columns, "%s\t%d of %d\t%s\t%s\n", badinput.OneLine(g.Question), g.Points, g.Of, g.Verdict, badinput.OneLine(g.Hint)); err != nil {
			return err
		}
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d points\n", points, of)
	return err
}
