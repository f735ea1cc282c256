// Package confine runs what students wrote so that it can neither read nor write the
// files of a course.
package confine
