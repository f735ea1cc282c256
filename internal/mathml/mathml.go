// Package mathml converts LaTeX to MathML, which browsers display and screen
// readers read without a script.
package mathml

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/wyatt915/treeblood"
)

// Formula matches LaTeX between dollar signs: double ones for a separate line.
var Formula = regexp.MustCompile(`(?s)\$\$.+?\$\$|\$[^$]+\$`)

// Set converts what [Formula] matches.
func Set(match string) (string, error) {
	latex, onItsOwn := strings.CutPrefix(match, "$$")
	if !onItsOwn {
		markup, err := Inline(strings.Trim(match, "$"))
		return markup, problem(match, err)
	}
	// Use a span, because the formula may be in the middle of a paragraph.
	markup, err := Display(strings.TrimSuffix(latex, "$$"))
	return `<span class="formula">` + markup + "</span>", problem(match, err)
}

func problem(match string, err error) error {
	if err != nil {
		return fmt.Errorf("formula %q: %w", match, err)
	}
	return nil
}

// Inline converts a formula within a line of text.
func Inline(latex string) (string, error) { return set(latex, treeblood.InlineStyle) }

// Display converts a formula on its own line.
func Display(latex string) (string, error) { return set(latex, treeblood.DisplayStyle) }

func set(latex string, style func(string, map[string]string) (string, error)) (string, error) {
	markup, err := style(plain(latex), nil)
	return source.ReplaceAllString(strings.TrimSpace(markup), ""), err
}

var (
	// source is the LaTeX that treeblood repeats inside its MathML.
	source = regexp.MustCompile(`(?s)<annotation.*?</annotation>`)
	// treeblood reads these differently from TeX: digits as arguments without
	// braces, named operators, and empty groups in an alignment, which make it
	// panic.
	digits   = regexp.MustCompile(`\\(t?frac)(\d)(\d)`)
	operator = regexp.MustCompile(`\\operatorname\{`)
	notRead  = strings.NewReplacer("{}", "", "<", `\lt `, ">", `\gt `)
)

// plain rewrites a formula in a form that treeblood reads. treeblood does not
// escape the content of \text, so no angle bracket may occur there.
func plain(latex string) string {
	latex = digits.ReplaceAllString(latex, `\$1{$2}{$3}`)
	return notRead.Replace(operator.ReplaceAllString(latex, `\mathrm{`))
}
