// Package saddle is the lesson on question 1 (c): what a saddle point is, how
// SGD and Adam get past it, and which of the sheet's pros and cons of the two
// optimizers hold when they are measured.
package saddle
