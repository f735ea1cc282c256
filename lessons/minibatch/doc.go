// Package minibatch is the lesson on question 1 (d): why the loss falls
// steadily with full batches and fluctuates with mini-batches, how to tell the
// two by their curves, and what a larger batch buys.
package minibatch
