// Package textcnn is the lesson on question 5: what a convolutional net reads in
// a text, what it loses by taking the maximum over time, what it costs, and how
// one is trained, saved and used (after Kim 2014).
//
// Each rule says since when it has its form, and why it was changed after a
// measurement if it was. Thresholds are the smallest effects that would make a
// difference to a reader. Intervals are of Student's t or Wilson's at 95 %, over
// the seeds, and a sign test has to agree with them (see
// [claim.Estimate.Above]).
package textcnn
