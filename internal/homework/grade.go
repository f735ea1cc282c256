package homework

import (
	"encoding/json"

	"evident/internal/badinput"
	"evident/kit/exercise"
)

// Given holds the outputs of a notebook's cells by question. A missing question
// has no cell, and one without results was not run.
type Given map[string][]exercise.Result

// Graded is the verdict on one question.
type Graded struct {
	exercise.Result
	Points int `json:"points"` // earned
	Of     int `json:"of"`     // possible
}

// Check judges answers by the sheet alone, as the student's notebook does. It
// ignores the notebook's own verdicts and judges the last answer in each cell.
// The error is a [badinput.Err] if a cell is missing.
func Check(sheet exercise.Sheet, given Given) ([]Graded, error) {
	var all []Graded
	for _, item := range sheet.Items {
		results, found := given[item.ID]
		if !found {
			return nil, badinput.Errorf("the cell of question %s is missing: put it back from the notebook as it was handed out", item.ID)
		}
		answer := exercise.Result{Question: item.ID}
		for _, r := range results {
			if r.Question == item.ID && r.Answer != nil {
				answer = r
			}
		}
		judged, err := sheet.Judge(answer)
		if err != nil {
			return nil, err
		}
		all = append(all, scored(judged, item))
	}
	return all, nil
}

func scored(r exercise.Result, item exercise.Item) Graded {
	g := Graded{Result: r, Of: item.Points}
	if r.Verdict == exercise.Right {
		g.Points = item.Points
	}
	return g
}

// Grade judges answers by the key. It judges functions by their results on inputs
// that the student has not seen.
func (v Variant) Grade(given Given) ([]Graded, error) {
	all, err := Check(v.Sheet, given)
	if err != nil {
		return nil, err
	}
	for i, q := range v.Set.Questions {
		if q.Form.Kind != exercise.Code || all[i].Verdict != exercise.Right {
			continue
		}
		cases, err := v.unseen(q)
		if err != nil {
			return nil, err
		}
		if verdict, hint := judgeUnseen(cases, given[q.ID]); verdict != exercise.Right {
			all[i].Verdict, all[i].Hint, all[i].Points = verdict, hint, 0
		}
	}
	return all, nil
}

func judgeUnseen(cases []exercise.Case, results []exercise.Result) (exercise.Verdict, string) {
	var outputs []json.RawMessage
	for _, r := range results {
		if r.Verdict == exercise.Unjudged {
			outputs = r.Unseen
		}
	}
	switch {
	case outputs == nil:
		return exercise.Unjudged, "Right on the examples; it was not run on unseen inputs, which the hidden test of the solution notebook does."
	case !exercise.Agree(cases, outputs):
		return exercise.Wrong, "Right on the examples, wrong on unseen inputs."
	}
	return exercise.Right, ""
}
