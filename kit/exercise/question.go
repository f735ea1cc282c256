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
	Text     string // Markdown, with all numbers that the answer needs
	Form     Form
	Points   int
	Right    any       // the answer; nil for Code
	Why      string    // Markdown: how to get there, for the solution
	Mistakes []Mistake // at least three of a computed answer
	Hint     string    // for any other wrong answer, in plain; formulas stand between dollars
	Effort   int       // sums and products that it takes by hand; 0 for Choice and Code
	Function *Function // of Code
}

// Mistake is a usual wrong answer.
type Mistake struct {
	Answer any
	Hint   string // names the mistake, and not the answer, as in "the biases are missing"
}

// Function is what a coding question asks for.
type Function struct {
	Name      string // in the notebook
	Solution  string // Go source, the whole function
	Solved    any    // the same as a function
	Reference any    // a function of the same type that is right
	Wrong     []Slip // functions that make usual mistakes
	// Inputs draws the arguments of one call.
	Inputs func(random *rand.Rand) []any
}

// Slip is a function that makes a usual mistake.
type Slip struct {
	Function any
	Hint     string
}

// Set is the exercises of one lesson for one student.
type Set struct {
	Lesson    string
	Code      string // of this draw; another for every seed and student
	Questions []Question
}

// Case is one call of a function and what should come of it.
type Case struct {
	Inputs json.RawMessage `json:"inputs"` // a list of arguments
	Output json.RawMessage `json:"output"` // of the results
	Slips  []CaseSlip      `json:"slips,omitempty"`
}

// CaseSlip is what comes of a usual mistake.
type CaseSlip struct {
	Output json.RawMessage `json:"output"`
	Hint   string          `json:"hint"`
}

// Cases draws calls of a coding question's function.
func (q Question) Cases(n int, random *rand.Rand) ([]Case, error) {
	cases := make([]Case, n)
	for i := range cases {
		inputs, err := json.Marshal(q.Function.Inputs(random))
		if err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		cases[i].Inputs = inputs
		if cases[i].Output, err = call(q.Function.Reference, inputs); err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		for _, wrong := range q.Function.Wrong {
			output, err := call(wrong.Function, inputs)
			if err != nil {
				return nil, fmt.Errorf("question %s, %s: %w", q.ID, wrong.Hint, err)
			}
			cases[i].Slips = append(cases[i].Slips, CaseSlip{output, wrong.Hint})
		}
	}
	return cases, nil
}

// signature is the type of a function, as Go writes it.
func signature(function any) string { return reflect.TypeOf(function).String() }
