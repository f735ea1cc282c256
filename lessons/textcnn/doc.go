// Package textcnn is the lesson on question 5: what a convolutional net reads in
// a text, what it loses by taking the maximum over time, what it costs, and how
// one is trained, saved and used (after Kim 2014).
package textcnn
