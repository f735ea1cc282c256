package show

import (
	"errors"
	"fmt"
	"os"

	"github.com/janpfeifer/must"

	"evident/internal/badinput"
	"evident/internal/render"
	"evident/kit/exercise"
	"evident/kit/exercise/nodes"
)

// Exercises is a sealed sheet in a notebook. It says whether an answer is right.
type Exercises struct {
	sheet exercise.Sheet
	tries map[string]int // by question
}

// mostTries limits the answers to one question in a cell, to prevent a search
// through all possible answers.
const mostTries = 10

// OpenExercises opens a sheet from [exercise.Sheet.Encode]. It panics if the sheet
// is damaged.
func OpenExercises(encoded string) Exercises {
	return Exercises{must.M1(exercise.Open(encoded)), map[string]int{}}
}

// Answer shows whether an answer is right, and names a common mistake. The answer
// is a value, a function that returns one, or the function that a coding question
// asks for. If there is no such question, it prints one line that says so.
func (e Exercises) Answer(id string, answer any) {
	if e.tries[id]++; e.tries[id] > mostTries {
		must.M(badinput.Errorf("over %d answers to %s in one cell: work it out, then answer", mostTries, id))
	}
	Answer(e.sheet.Answer(id, nodes.Answer(answer)))
}

// Answer shows the result of an answer as a card. For a [badinput.Err] it prints
// one line that says what to change. On any other error it panics, as notebooks do.
func Answer(r exercise.Result, err error) {
	switch {
	case errors.Is(err, badinput.Err):
		notice("✘ " + badinput.OneLine(err.Error()))
	case err != nil:
		must.M(err)
	default:
		put(func() ([]render.Bundle, error) { return one(render.AnswerCell(r)) }, func() error {
			_, err := fmt.Fprintln(os.Stdout, render.AnswerText(r))
			return err
		})
	}
}

// Unseen calls a function on a grader's inputs and records its results. It does not
// judge them.
func (e Exercises) Unseen(id string, function any, inputs string) {
	Answer(must.M1(e.sheet.Unseen(id, nodes.Answer(function), inputs)), nil)
}
