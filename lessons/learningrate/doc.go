// Package learningrate is the lesson on question 1 (a) and (b): what too high
// and too low a learning rate do to gradient descent, how to recognise it in
// the curves, and which of the sheet's symptoms are not symptoms.
package learningrate
