// Package learningrate is the lesson on question 1 (a) and (b): what too high
// and too low a learning rate do to gradient descent, how to tell from the
// curves, and which of the signs on the sheet are none.
package learningrate
