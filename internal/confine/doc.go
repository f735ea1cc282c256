// Package confine runs students' code so that it can neither read nor write the
// files of a course.
package confine
