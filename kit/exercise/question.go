// Package exercise judges students' answers to questions, and recognises common
// mistakes. Use [Set.Answer] or [Several] where the answers may be known to the
// reader. Use [Sheet.Answer] where the student must not find them: a sealed sheet
// tells a right answer from a wrong one and names the mistake, but does not contain
// the answer.
//
// A sheet stores each answer as a slow hash (PBKDF2, RFC 8018) of its canonical
// form, salted with the sheet's code and the question. A sheet lets you test
// guesses; it does not reveal answers.
package exercise

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
)

// Question is an exercise with its answer.
type Question struct {
	ID       string // lesson and name, as in "params.conv1"
	Title    string
	Text     string // Markdown, with all numbers that the student needs
	Form     Form
	Points   int
	Right    any       // the answer; nil for Code
	Why      string    // Markdown: how to find the answer, for the solution
	Mistakes []Mistake // at least three for a computed answer
	Hint     string    // for any other wrong answer, in plain text; formulas stand between dollars
	Function *Function // for Code
}

// Mistake is a common wrong answer.
type Mistake struct {
	Answer any
	Hint   string // names the mistake but not the answer, as in "the biases are missing"
}

// Function describes the function that a coding question asks for. Its functions
// are plain Go, or [Caller].
type Function struct {
	Name      string // in the notebook
	Solution  string // Go source, the whole function
	Reference any    // a correct function of the same type
	Wrong     []Slip // functions with common mistakes
	// Inputs draws the arguments for one call.
	Inputs func(random *rand.Rand) []any
}

// Caller is a function that plain Go cannot call with numbers, such as a function
// on nodes (see package nodes).
type Caller interface {
	// Signature returns the type of the function in Go's notation.
	Signature() string
	// Call applies the function to a JSON list of arguments. The types are those of
	// [Form]. It may panic if the function does. The error is a [badinput.Err].
	Call(types []string, arguments json.RawMessage) (Outcome, error)
}

// Slip is a function with a common mistake.
type Slip struct {
	Function any
	Hint     string
}

// Set holds the exercises of one lesson for one student.
type Set struct {
	Lesson    string
	Code      string // of this draw; differs for every seed and student
	Questions []Question
}

// Case is one call of a function with the expected results.
type Case struct {
	Inputs json.RawMessage `json:"inputs"` // a list of arguments
	Output json.RawMessage `json:"output"` // a list of results, or an Outcome
	Slips  []CaseSlip      `json:"slips,omitempty"`
}

// CaseSlip is the result of a common mistake.
type CaseSlip struct {
	Output json.RawMessage `json:"output"`
	Hint   string          `json:"hint"`
}

// Cases draws n calls of a coding question's function.
func (q Question) Cases(n int, random *rand.Rand) ([]Case, error) {
	cases := make([]Case, n)
	for i := range cases {
		drawn := q.Function.Inputs(random)
		inputs, err := json.Marshal(drawn)
		if err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		types := q.types(drawn)
		cases[i].Inputs = inputs
		if cases[i].Output, err = call(q.Function.Reference, types, inputs); err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		for _, wrong := range q.Function.Wrong {
			output, err := call(wrong.Function, types, inputs)
			if err != nil {
				return nil, fmt.Errorf("question %s, %s: %w", q.ID, wrong.Hint, err)
			}
			cases[i].Slips = append(cases[i].Slips, CaseSlip{output, wrong.Hint})
		}
	}
	return cases, nil
}

// signature returns the type of a function in Go's notation.
func signature(function any) string {
	if caller, ok := function.(Caller); ok {
		return caller.Signature()
	}
	return fmt.Sprintf("%T", function)
}

// types returns the type of the numbers in each argument of a function on nodes:
// "float32" for a [][]float32.
func (q Question) types(arguments []any) []string {
	if _, onNodes := q.Function.Reference.(Caller); !onNodes {
		return nil
	}
	types := make([]string, len(arguments))
	for i, argument := range arguments {
		of := reflect.TypeOf(argument)
		for of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		types[i] = of.String()
	}
	return types
}
