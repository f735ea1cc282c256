package live

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"evident/internal/mathml"
)

// placeholder stands for a formula, in which Markdown has no meaning: a letter of the private area, with its number.
var placeholder = regexp.MustCompile("\uE000(\\d+)\uE000")

// accessible completes tables for screen readers and narrow screens.
var accessible = strings.NewReplacer("<table>", `<div class="evident-scroll"><table aria-label="Table of the question">`, "</table>", "</table></div>", "<th>", `<th scope="col">`, "<th></th>", "<td></td>")

// markdown renders the text of a question, with formulas in MathML.
func markdown(text string) (string, error) {
	var formulas []string
	var failed error
	text = mathml.Formula.ReplaceAllStringFunc(text, func(match string) string {
		markup, err := mathml.Set(match)
		if err != nil && failed == nil {
			failed = err
		}
		formulas = append(formulas, markup)
		return fmt.Sprintf("\uE000%d\uE000", len(formulas)-1)
	})
	if failed != nil {
		return "", failed
	}
	var out strings.Builder
	if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert([]byte(text), &out); err != nil {
		return "", err
	}
	return placeholder.ReplaceAllStringFunc(accessible.Replace(out.String()), func(match string) string {
		number, _ := strconv.Atoi(strings.Trim(match, "\uE000")) // the expression has digits alone
		return formulas[number]
	}), nil
}
