package grading

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/exit"
	"evident/internal/homework"
	"evident/internal/nbformat"
	"evident/kit/exercise"
)

func TestTheWorstAnswerDecidesTheStatus(t *testing.T) {
	for want, verdicts := range map[int][]exercise.Verdict{
		0:             {exercise.Right, exercise.Right},
		exit.Failed:   {exercise.Right, exercise.Missing, exercise.Wrong, exercise.Unjudged},
		exit.BadInput: {exercise.Unreadable, exercise.Wrong},
	} {
		var graded []homework.Graded
		for _, v := range verdicts {
			graded = append(graded, homework.Graded{Result: exercise.Result{Verdict: v}})
		}
		require.Equal(t, want, Status(graded))
	}
}

// Only the output of a question's cell counts as its answer, whatever else
// the notebook holds.
func TestAnswersAreReadFromTheCellsOfTheirQuestions(t *testing.T) {
	output := func(question string, answer int) string {
		content, err := json.Marshal(exercise.Result{Question: question, Answer: json.RawMessage{byte('0' + answer)}})
		require.NoError(t, err)
		return `{"output_type": "display_data", "data": {"text/plain": "", "` + exercise.MIMEType + `": ` + string(content) + `}}`
	}
	cell := func(id, outputs string) string {
		return `{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": "` + id + `"}}, "outputs": [` + outputs + `]}`
	}
	n, err := nbformat.Parse([]byte(`{"cells": [` +
		cell("toy-one", output("toy.one", 1)+","+output("toy.two", 7)+`, {"output_type": "stream", "text": "11"}`) + "," +
		cell("toy-two", "") + "," + cell("other", output("toy.three", 3)) + "," +
		`{"cell_type": "markdown", "source": ["text"], "metadata": {}}]}`))
	require.NoError(t, err)
	given := given(n, []string{"toy.one", "toy.two", "toy.three"})
	require.Len(t, given["toy.one"], 2)
	require.JSONEq(t, "1", string(given["toy.one"][0].Answer))
	answers, found := given["toy.two"]
	require.True(t, found)
	require.Empty(t, answers)
	require.NotContains(t, given, "toy.three", "its cell is missing")
}

// Whatever a function puts out where it is given the unseen inputs, no word of it
// comes back.
func TestOfUnseenInputsNothingIsTold(t *testing.T) {
	told := `{"question": "toy.one", "verdict": "wrong", "hint": "on 987654", "answer": "987654", "unseen": [[1]]}`
	n, err := nbformat.Parse([]byte(`{"cells": [
		{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "toy-one"}}},
		{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "toy-one-unseen"}}, "outputs": [
			{"output_type": "display_data", "data": {"` + exercise.MIMEType + `": ` + told + `}},
			{"output_type": "error", "evalue": "987654"}]},
		{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "toy-two-unseen"}}, "outputs": [
			{"output_type": "display_data", "data": {"` + exercise.MIMEType + `": ` + told + `}}]}]}`))
	require.NoError(t, err)
	require.Equal(t, homework.Given{"toy.one": {
		{Question: "toy.one", Verdict: exercise.Wrong, Unseen: []json.RawMessage{json.RawMessage("[1]")}},
		{Question: "toy.one", Verdict: exercise.Failed},
	}}, given(n, []string{"toy.one", "toy.two"}))
}
