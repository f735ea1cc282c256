package byhand

import (
	"fmt"
	"math"
	"slices"

	"evident/kit/exercise"
	"evident/kit/report"
)

// Blank is a calculation as an exercise: what is given, and the formulas
// without numbers and results.
func Blank(worked report.Derivation) report.Derivation {
	blank := report.Derivation{ID: worked.ID + "-blank", Title: worked.Title + ": to be filled in"}
	for _, step := range worked.Steps {
		lines := slices.Clone(step.Lines)
		if step.Title != stepGiven {
			lines = slices.DeleteFunc(lines, func(l report.DerivationLine) bool { return l.Formula == "" }) // a matrix of results
			for i := range lines {
				lines[i].Filled, lines[i].Values = "", nil
			}
		}
		blank.Steps = append(blank.Steps, report.DerivationStep{Title: step.Title, Note: step.Note, Lines: lines})
	}
	return blank
}

// An answer is right when it is off by no more than rounding explains: the
// numbers before it were rounded to about four decimals too.
const (
	roundedBy = 1e-4 // absolute
	carriedOn = 0.01 // relative to the value
)

// Check judges answers to a calculation: a number for each name of a line that
// was worked out, as in "z1", "dL/dw11" or "w11'", rounded to four decimals or
// three significant digits. It names the first line that is wrong with its
// formula and without its numbers; the rest is left to the reader. The error is
// [badinput.Err] for a name that the calculation does not have.
func Check(worked report.Derivation, answers map[string]float64) (exercise.Result, error) {
	return exercise.Several(worked.Title, questions(worked), answers)
}

// questions are the numbers to work out, in their order.
func questions(worked report.Derivation) []exercise.Question {
	var all []exercise.Question
	for _, line := range worked.Lines() {
		value, isNumber := line.Number()
		if !isNumber || line.Formula == "" {
			continue
		}
		all = append(all, exercise.Question{
			ID: line.Name, Form: exercise.Form{Kind: exercise.Number, Step: roundedBy + carriedOn*math.Abs(value)}, Right: value,
			Hint: fmt.Sprintf("It is $%s = %s$; what follows from it may be wrong for that reason alone", line.Symbol, line.Formula),
		})
	}
	return all
}
