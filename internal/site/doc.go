// Package site builds the static site of the lessons: an index with the table
// of all verdicts, a page for each executed notebook, and the documentation of
// the packages that notebooks import.
//
// The pages contain no script and load nothing from a network, so they work
// from a folder. Formulas are MathML; pictures are files beside the pages, each
// with alternative text. [Site.Check] enforces this on every page.
package site
