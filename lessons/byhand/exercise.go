package byhand

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"evident/internal/badinput"
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

// Check compares answers with a calculation, in its order: a number for each
// name of a line that was worked out, as in "z1", "dL/dw11" or "w11'" (see
// [Names]), rounded to four decimals or three significant digits. It returns
// the first line that is wrong with its formula and without its numbers; the
// rest is left to the reader. The error is [badinput.Err] for a name that
// the calculation does not have.
func Check(worked report.Derivation, answers map[string]float64) (report.Derivation, error) {
	known := Names(worked)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		if !slices.Contains(known, name) {
			return report.Derivation{}, badinput.Errorf("there is no number %q to work out: the names are %v", name, known)
		}
	}
	right := 0
	var wrong *report.DerivationLine
	for _, line := range worked.Lines() {
		answer, given := answers[line.Name]
		switch value, _ := line.Number(); {
		case !given:
		case math.Abs(answer-value) <= roundedBy+carriedOn*math.Abs(value):
			right++
		case wrong == nil:
			wrong = &report.DerivationLine{Name: line.Name, Symbol: line.Symbol, Formula: line.Formula}
		}
	}
	result := report.Derivation{ID: worked.ID + "-check", Title: fmt.Sprintf("%d of %d answers are right", right, len(answers))}
	if wrong != nil {
		result.Steps = []report.DerivationStep{{
			Title: "Look again at " + wrong.Name, Note: "It is the first that is wrong; what follows from it may be wrong for that reason alone.",
			Lines: []report.DerivationLine{*wrong},
		}}
	}
	return result, nil
}

// Names are those of the numbers to work out, in their order.
func Names(worked report.Derivation) []string {
	var names []string
	for _, line := range worked.Lines() {
		if _, isNumber := line.Number(); isNumber && line.Formula != "" {
			names = append(names, line.Name)
		}
	}
	return names
}
