package homework

import (
	"encoding/json"
	"slices"

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

// Check judges answers by the sheet alone, as the student's notebook does. What
// the notebook says of an answer is not believed: only the answer counts, and the
// last one of its cell. Without one, it may say why there is none. The error is a
// [badinput.Err]: the notebook has no cell of any question.
func Check(sheet exercise.Sheet, given Given) ([]Graded, error) {
	if len(given) == 0 {
		return nil, badinput.Errorf("no question of %s has a cell here: take the notebook as it was handed out", sheet.Lesson)
	}
	var all []Graded
	for _, item := range sheet.Items {
		results, found := given[item.ID]
		if !found {
			gone := exercise.Result{Question: item.ID, Verdict: exercise.Missing, Hint: "Its cell is gone: put it back from the notebook as it was handed out."}
			all = append(all, scored(gone, item))
			continue
		}
		answer := answerOf(item.ID, results)
		if answer.Answer == nil && answer.Verdict != "" {
			all = append(all, scored(answer, item))
			continue
		}
		judged, err := sheet.Judge(answer)
		if err != nil {
			return nil, err
		}
		all = append(all, scored(judged, item))
	}
	return all, nil
}

// answerOf is the last answer among the results of a cell or, where there is none,
// the first reason for that.
func answerOf(id string, results []exercise.Result) exercise.Result {
	answer := exercise.Result{Question: id}
	for _, r := range results {
		switch {
		case r.Question != id:
		case r.Answer != nil:
			answer = r
		case answer.Answer == nil && answer.Verdict == "" && slices.Contains(reasons, r.Verdict):
			answer = exercise.Result{Question: id, Verdict: r.Verdict, Hint: r.Hint}
		}
	}
	return answer
}

// reasons are the verdicts on what has no answer.
var reasons = []exercise.Verdict{exercise.Wrong, exercise.Unreadable, exercise.Failed}

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

// judgeUnseen tells nothing of the inputs: a hint is shown to the student.
func judgeUnseen(cases []exercise.Case, results []exercise.Result) (exercise.Verdict, string) {
	var outputs []json.RawMessage
	failed := false
	for _, r := range results {
		switch {
		case r.Verdict == exercise.Unjudged:
			outputs = r.Unseen
		case r.Answer == nil && slices.Contains(reasons, r.Verdict):
			failed = true
		}
	}
	switch {
	case outputs == nil && failed:
		return exercise.Wrong, "Right on the examples; on unseen inputs it panics, does not end, or returns no finite numbers."
	case outputs == nil:
		return exercise.Unjudged, "Right on the examples; it was not run on unseen inputs, which the hidden test of the solution notebook does."
	case !exercise.Agree(cases, outputs):
		return exercise.Wrong, "Right on the examples, wrong on unseen inputs."
	}
	return exercise.Right, ""
}
