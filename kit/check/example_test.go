package check_test

import (
	"math"

	"evident/kit/check"
)

// A Conv1D with 16 filters of kernel size 3 on 7 features has 3·7·16 weights and 16 biases.
func ExampleAnswer() {
	check.Answer("params.conv1", 352)
	check.Answer("params.conv1", 336)
	check.Answer("params.conv1", "352 parameters")
	// Output:
	// ✔ params.conv1: right.
	// ✘ params.conv1: wrong. The biases are missing.
	// ? params.conv1: unreadable. The answer "352 parameters" cannot be read: write a whole number (parameters).
}

// A question that there is not costs one line, and the cell goes on.
func ExampleAnswer_unknown() {
	check.Answer("params.conv9", 352)
	check.Answer("conv1", 352)
	check.Answer("", 352)
	check.Answer("params", 352)
	check.Answer("params.\nconv1", 352)
	check.Answer("byhand.conv1", 352)
	check.Answer("params.conv1", math.NaN())
	check.Answer("params.conv1", []float64{math.NaN()})
	check.Answer("params.conv1", func() int { return 352 })
	check.Answer("params.conv1", nil)
	// Output:
	// ✘ there is no question "params.conv9" here: the questions are params.conv1, params.conv2, params.flat, params.dense, params.total, params.change, params.count, params.conv
	// ✘ there is no question "conv1", which would be a lesson, a dot and a name, as in params.conv1: no exercises for lesson "conv1": there are some for learningrate, saddle, minibatch, byhand, params, convdims, imageclass, textcnn, pointwise, inception
	// ✘ there is no question "", which would be a lesson, a dot and a name, as in params.conv1: no exercises for lesson "": there are some for learningrate, saddle, minibatch, byhand, params, convdims, imageclass, textcnn, pointwise, inception
	// ✘ there is no question "params" here: the questions are params.conv1, params.conv2, params.flat, params.dense, params.total, params.change, params.count, params.conv
	// ✘ there is no question "params.\nconv1" here: the questions are params.conv1, params.conv2, params.flat, params.dense, params.total, params.change, params.count, params.conv
	// ✘ there is no question "byhand.conv1" here: the questions are byhand.forward, byhand.backward, byhand.convolution, byhand.pooling, byhand.kernel, byhand.gradient, byhand.hidden
	// ? params.conv1: unreadable. The answer NaN cannot be read: write a whole number (parameters).
	// ? params.conv1: unreadable. The answer [NaN] cannot be read: write a whole number (parameters).
	// ? params.conv1: unreadable. The answer of the type func() int cannot be read: write a whole number (parameters).
	// … params.conv1: missing. Write your answer: a whole number (parameters).
}
