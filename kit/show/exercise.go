package show

import (
	"errors"
	"fmt"
	"os"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/must"

	"evident/internal/badinput"
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

// NewExercises are those of a sheet.
func NewExercises(sheet exercise.Sheet) Exercises { return Exercises{sheet, map[string]int{}} }

// OpenExercises are those of a sheet that [exercise.Sheet.Encode] wrote. It panics
// when that is damaged.
func OpenExercises(encoded string) Exercises {
	return NewExercises(must.M1(exercise.Open(encoded)))
}

// Answer says whether an answer is right, and for a usual mistake, which one it is.
// The answer is a value, a function that returns one, or the function that a
// coding question asks for. Where there is no such question, one line says so.
func (e Exercises) Answer(id string, answer any) {
	if e.tries[id]++; e.tries[id] > mostTries {
		must.M(badinput.Errorf("over %d answers to %s in one cell: work it out, then answer", mostTries, id))
	}
	r, err := e.sheet.Answer(id, answer)
	if err != nil {
		BadInput(err)
		return
	}
	result(r)
}

// BadInput shows in one line what the reader has to change, for a
// [badinput.Err]. It panics on any other error.
func BadInput(err error) {
	if !errors.Is(err, badinput.Err) {
		must.M(err)
	}
	notice("✘ " + badinput.OneLine(err.Error()))
}

// Unseen calls a function on inputs that a grader has drawn, and notes what it
// returns. It does not judge.
func (e Exercises) Unseen(id string, function any, inputs string) {
	result(must.M1(e.sheet.Unseen(id, function, inputs)))
}

func result(r exercise.Result) {
	if !gonbui.IsNotebook {
		must.M1(fmt.Fprintln(os.Stdout, resultText(r)))
		return
	}
	display(must.M1(resultBundle(r)))
	gonbui.Sync()
}

// resultSigns stand before a verdict on an answer.
var resultSigns = map[exercise.Verdict]string{
	exercise.Right: "✔", exercise.Wrong: "✘", exercise.Unreadable: "?", exercise.Missing: "…", exercise.Unjudged: "…",
}

// resultText is one line, as in "✘ params.conv1: wrong. The biases are missing."
func resultText(r exercise.Result) string {
	text := fmt.Sprintf("%s %s: %s.", resultSigns[r.Verdict], r.Question, r.Verdict)
	if r.Hint != "" {
		text += " " + r.Hint
	}
	return text
}

func resultBundle(r exercise.Result) (bundle, error) {
	page, err := fragment(answerCard(r))
	if err != nil {
		return bundle{}, err
	}
	attached, err := plain(r)
	if err != nil {
		return bundle{}, err
	}
	return bundle{Data: forms{"text/html": page, exercise.MIMEType: attached, "text/plain": resultText(r)}}, nil
}
