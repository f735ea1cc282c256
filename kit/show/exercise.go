package show

import (
	"errors"
	"fmt"
	"os"

	"github.com/janpfeifer/must"

	"evident/internal/badinput"
	"evident/internal/render"
	"evident/kit/exercise"
)

// Exercises is a sealed sheet in a notebook: it tells whether an answer is right.
type Exercises struct {
	sheet exercise.Sheet
	tries map[string]int // by question
}

// mostTries is how many answers to one question a cell may give. More is not
// answering, but trying all there are.
const mostTries = 10

// OpenExercises are those of a sheet that [exercise.Sheet.Encode] wrote. It panics
// when that is damaged.
func OpenExercises(encoded string) Exercises {
	return Exercises{must.M1(exercise.Open(encoded)), map[string]int{}}
}

// Answer says whether an answer is right, and for a usual mistake, which one it is.
// The answer is a value, a function that returns one, or the function that a
// coding question asks for. Where there is no such question, one line says so.
func (e Exercises) Answer(id string, answer any) {
	if e.tries[id]++; e.tries[id] > mostTries {
		must.M(badinput.Errorf("over %d answers to %s in one cell: work it out, then answer", mostTries, id))
	}
	Answer(e.sheet.Answer(id, answer))
}

// Answer shows as a card what became of an answer, whatever was asked. For a
// [badinput.Err] one line says what the reader has to change; on any other error
// it panics, as notebooks do.
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

// Unseen calls a function on inputs that a grader has drawn, and notes what it
// returns. It does not judge.
func (e Exercises) Unseen(id string, function any, inputs string) {
	Answer(must.M1(e.sheet.Unseen(id, function, inputs)), nil)
}
