// Package pointwise is the lesson on question 6: what a 1×1 convolution
// computes, what it is good for, where the well-known nets use it, and what it
// cannot do.
package pointwise
