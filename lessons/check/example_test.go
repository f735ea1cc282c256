package check_test

import "evident/lessons/check"

// A Conv1D with 16 filters of kernel size 3 on 7 features: 3·7·16 weights and 16
// biases.
func ExampleAnswer() {
	check.Answer("params.conv1", 352)
	check.Answer("params.conv1", 336)
	check.Answer("params.conv1", "352 parameters")
	// Output:
	// ✔ params.conv1: right.
	// ✘ params.conv1: wrong. The biases are missing.
	// ? params.conv1: unreadable. The answer "352 parameters" cannot be read: write a whole number (parameters).
}
