// Package grading judges the answers in notebooks of exercises.
package grading

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"evident/internal/badinput"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/internal/homework"
	"evident/internal/nbformat"
	"evident/kit/exercise"
)

// Status returns the exit status for the worst answer.
func Status(graded []homework.Graded) int {
	status := 0
	for _, g := range graded {
		switch g.Verdict {
		case exercise.Right:
		case exercise.Unreadable:
			status = exit.BadInput
		default:
			status = max(status, exit.Failed)
		}
	}
	return status
}

// File judges the answers in an executed notebook by its own sealed sheet, or by a
// teacher's key if keyPath is not "".
func File(path, keyPath string) ([]homework.Graded, error) {
	content, err := files.Read(path)
	if err != nil {
		return nil, err
	}
	n, err := nbformat.Parse(content)
	if err != nil {
		return nil, badinput.Errorf("%s is %w", path, err)
	}
	grade, ids, err := judgeOf(n, path, keyPath)
	if err != nil {
		return nil, err
	}
	graded, err := grade(given(n, ids))
	return graded, inFile(path, err)
}

// judgeOf returns the function that judges a notebook's answers, and the ids of the
// questions.
func judgeOf(n nbformat.Notebook, path, keyPath string) (func(homework.Given) ([]homework.Graded, error), []string, error) {
	if keyPath != "" {
		v, err := readKey(keyPath)
		return v.Grade, v.Sheet.Questions(), err
	}
	if n.Metadata.Evident.Sheet == "" {
		return nil, nil, badinput.Errorf("%s holds no exercises (its metadata have no sheet): take one that `evident variant` wrote, as it was handed out", path)
	}
	sheet, err := exercise.Open(n.Metadata.Evident.Sheet)
	return func(given homework.Given) ([]homework.Graded, error) { return homework.Check(sheet, given) }, sheet.Questions(), inFile(path, err)
}

func readKey(path string) (homework.Variant, error) {
	content, err := files.Read(path)
	if err != nil {
		return homework.Variant{}, err
	}
	var key homework.Key
	if err := json.Unmarshal(content, &key); err != nil || key.Lesson == "" {
		return homework.Variant{}, badinput.Errorf("%s is not a key: name the file that `evident variant` wrote", path)
	}
	return key.Variant()
}

// inFile prefixes an error with the name of the file.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}

// given are the results in the outputs of the cells of the questions, and why there
// are none.
func given(n nbformat.Notebook, ids []string) homework.Given {
	results, failures := homework.Given{}, map[string]string{}
	byCell, answers, unseen := map[string]string{}, map[string]string{}, map[string]string{}
	for _, id := range ids {
		cell := homework.GradeID(id)
		byCell[cell], answers[cell+"-answer"], unseen[cell+unseenEnding] = id, id, id
	}
	for _, cell := range n.Cells {
		if id, ok := byCell[cell.Metadata.Grader.ID]; ok {
			results[id] = append(results[id], resultsIn(cell.Outputs)...)
			failures[id] = cmp.Or(failures[id], because("The cell below the answer", cell.Outputs))
			if cell.Count != nil && len(results[id]) == 0 {
				failures[id] = cmp.Or(failures[id], "The cell below the answer put out none: the program ended before.")
			}
		} else if id, ok := answers[cell.Metadata.Grader.ID]; ok {
			// It says more than the cell below, which lacks what this one declares.
			failures[id] = cmp.Or(because("The cell of the answer", cell.Outputs), failures[id])
		}
	}
	for id, hint := range failures {
		if _, found := results[id]; found && hint != "" {
			results[id] = append(results[id], exercise.Result{Question: id, Verdict: exercise.Failed, Hint: hint})
		}
	}
	for _, cell := range n.Cells {
		id, ok := unseen[cell.Metadata.Grader.ID]
		if _, found := results[id]; !ok || !found {
			continue
		}
		for _, r := range resultsIn(cell.Outputs) {
			// Nothing else that was put out where the inputs were known can be told.
			results[id] = append(results[id], exercise.Result{Question: id, Verdict: r.Verdict, Unseen: r.Unseen})
		}
		if nbformat.Failure(cell.Outputs) != "" {
			results[id] = append(results[id], exercise.Result{Question: id, Verdict: exercise.Failed})
		}
	}
	return results
}

// unseenEnding is that of the cell that calls a function on unseen inputs, where a
// grader has put it behind all others (grading/evident_grading.py).
const unseenEnding = "-unseen"

// because says why a cell failed, or is empty.
func because(cell string, outputs []nbformat.Output) string {
	reason := nbformat.Failure(outputs)
	if reason == "" {
		return ""
	}
	return cell + " failed: " + strings.TrimSuffix(badinput.OneLine(reason), ".") + "."
}

func resultsIn(outputs []nbformat.Output) []exercise.Result {
	results := []exercise.Result{}
	for _, output := range outputs {
		var result exercise.Result
		if attached, ok := output.Data[exercise.MIMEType]; ok && json.Unmarshal(attached, &result) == nil {
			results = append(results, result)
		}
	}
	return results
}

// Print writes one line per question, and the sum.
func Print(w io.Writer, graded []homework.Graded) error {
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
