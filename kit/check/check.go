// Package check tells readers of a notebook whether their answers to the
// homework's own questions are right:
//
//	check.Answer("params.conv1", 352)
//
// The questions with other numbers, which a teacher hands out, come in notebooks
// of their own (see `evident variant`), where `check` is their sealed sheet.
package check

import (
	"strings"

	"evident/internal/badinput"
	"evident/internal/homework"
	"evident/kit/exercise"
	"evident/kit/show"
)

// Answer shows whether an answer is right, and for a usual mistake, which one it
// is. The answer is a value, or the function that a coding question asks for.
// Where there is no such question, one line names those that there are.
func Answer(id string, answer any) {
	name, _, _ := strings.Cut(id, ".")
	set, err := homework.Sheet(name)
	if err != nil {
		show.Answer(exercise.Result{}, badinput.Errorf("there is no question %q, which would be a lesson, a dot and a name, as in params.conv1: %w", id, err))
		return
	}
	show.Answer(set.Answer(id, answer))
}
