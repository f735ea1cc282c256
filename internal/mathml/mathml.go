// Package mathml sets LaTeX as MathML, which browsers show and screen readers read
// without any script.
package mathml

import (
	"regexp"
	"strings"

	"github.com/wyatt915/treeblood"
)

// Inline sets a formula that stands in a line of text.
func Inline(latex string) (string, error) { return set(latex, treeblood.InlineStyle) }

// Display sets a formula on lines of its own.
func Display(latex string) (string, error) { return set(latex, treeblood.DisplayStyle) }

func set(latex string, style func(string, map[string]string) (string, error)) (string, error) {
	markup, err := style(plain(latex), nil)
	return source.ReplaceAllString(strings.TrimSpace(markup), ""), err
}

var (
	// source is the LaTeX that treeblood repeats inside of its MathML.
	source = regexp.MustCompile(`(?s)<annotation.*?</annotation>`)
	// What treeblood does not read as TeX does: digits as arguments without
	// braces, operators by name, and empty groups in an alignment, at which it
	// panics.
	digits   = regexp.MustCompile(`\\(t?frac)(\d)(\d)`)
	operator = regexp.MustCompile(`\\operatorname\{`)
	notRead  = strings.NewReplacer("{}", "", "<", `\lt `, ">", `\gt `)
)

// plain says the same formula in what treeblood reads. It passes on what it finds
// in \text: no angle bracket may get there.
func plain(latex string) string {
	latex = digits.ReplaceAllString(latex, `\$1{$2}{$3}`)
	return notRead.Replace(operator.ReplaceAllString(latex, `\mathrm{`))
}
