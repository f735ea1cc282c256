// Package params is the lesson on question 3 (a): how many parameters each layer
// of a one-dimensional convolutional net has, counted by formula and in the net
// that GoMLX builds, and what the count depends on.
package params
