// Package lesson holds what a lesson says, as plain data: claims with their
// verdicts and evidence, and the tables, charts and pictures that show them.
//
// It knows nothing of how a measurement is made (that is package fit and the
// lessons themselves) nor of how a report looks (that is package show), so
// the rules of judging are tested here without training anything, and a
// [Report] survives a round trip through JSON.
package lesson
