// Package check tells readers of a notebook whether their answers to the
// homework's original questions are right:
//
//	check.Answer("params.conv1", 352)
//
// A teacher can hand out notebooks with other numbers (see `evident variant`).
// In those, `check` is the notebook's own sealed sheet.
package check

import (
	"strings"

	"evident/internal/badinput"
	"evident/internal/homework"
	"evident/kit/exercise"
	"evident/kit/exercise/nodes"
	"evident/kit/show"
)

// Answer shows whether an answer is right, and names a common mistake. The
// answer is a value, or the function that a coding question asks for. If there
// is no such question, it prints one line that lists the questions.
func Answer(id string, answer any) {
	name, _, _ := strings.Cut(id, ".")
	set, err := homework.Sheet(name)
	if err != nil {
		show.Answer(exercise.Result{}, badinput.Errorf("there is no question %q, which would be a lesson, a dot and a name, as in params.conv1: %w", id, err))
		return
	}
	show.Answer(set.Answer(id, nodes.Answer(answer)))
}
