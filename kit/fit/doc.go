// Package fit trains classifiers with GoMLX: it chooses the backend, turns a
// seed into initial weights and an order of the data, runs the one training
// loop that all lessons share, and returns divergence as an outcome.
//
// It prints nothing and, [Backend] and [TuneAllocator] aside, reads nothing of
// the environment.
package fit
