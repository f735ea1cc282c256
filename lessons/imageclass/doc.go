// Package imageclass is the lesson on question 4: a small net that tells two
// kinds of pictures apart, how to find out how good it is, and what can make it
// look better than it is.
package imageclass
