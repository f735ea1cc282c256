package exercise_test

import (
	"fmt"

	"evident/kit/exercise"
)

// A sheet recognises a right answer without containing it.
func ExampleSheet_Answer() {
	set := exercise.Set{Lesson: "toy", Code: "c0de", Questions: []exercise.Question{{
		ID: "toy.biases", Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Right: 352,
		Mistakes: []exercise.Mistake{{Answer: 336, Hint: "the biases are missing"}},
	}}}
	sheet, err := set.Seal()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, answer := range []any{352, 336, "many"} {
		result, err := sheet.Answer("toy.biases", answer)
		fmt.Println(result.Verdict, result.Hint, err)
	}
	// Output:
	// right  <nil>
	// wrong The biases are missing. <nil>
	// unreadable The answer "many" cannot be read: write a whole number (parameters). <nil>
}
