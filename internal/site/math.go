package site

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/wyatt915/treeblood"
	nodes "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// formula finds LaTeX between dollar signs: two of them for a line of its own.
var formula = regexp.MustCompile(`(?s)\$\$(.+?)\$\$|\$([^$]+)\$`)

// setFormulas turns the LaTeX of the text into MathML, which browsers set and
// screen readers read without any script.
func setFormulas(root *nodes.Node) error {
	for _, text := range all(root, func(n *nodes.Node) bool { return n.Type == nodes.TextNode && !isVerbatim(n) }) {
		if !formula.MatchString(text.Data) {
			continue
		}
		markup, err := withMathML(text.Data)
		if err != nil {
			return err
		}
		if err := replaceText(text, markup); err != nil {
			return err
		}
	}
	return nil
}

func isVerbatim(text *nodes.Node) bool {
	for parent := text.Parent; parent != nil; parent = parent.Parent {
		if isKind(atom.Pre, atom.Code)(parent) {
			return true
		}
	}
	return false
}

// withMathML is the text as markup with its formulas set.
func withMathML(text string) (string, error) {
	var out strings.Builder
	end := 0
	for _, at := range formula.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(html.EscapeString(text[end:at[0]]))
		end = at[1]
		markup, err := mathML(text, at)
		if err != nil {
			return "", err
		}
		out.WriteString(markup)
	}
	out.WriteString(html.EscapeString(text[end:]))
	return out.String(), nil
}

func mathML(text string, at []int) (string, error) {
	if at[2] < 0 {
		markup, err := treeblood.InlineStyle(plainLaTeX(text[at[4]:at[5]]), nil)
		if err != nil {
			return "", fmt.Errorf("formula %q: %w", text[at[0]:at[1]], err)
		}
		return source.ReplaceAllString(strings.TrimSpace(markup), ""), nil
	}
	markup, err := treeblood.DisplayStyle(plainLaTeX(text[at[2]:at[3]]), nil)
	if err != nil {
		return "", fmt.Errorf("formula %q: %w", text[at[0]:at[1]], err)
	}
	// A span: the formula may stand in the midst of a paragraph.
	return `<span class="formula">` + source.ReplaceAllString(strings.TrimSpace(markup), "") + "</span>", nil
}

var (
	// source is the LaTeX that treeblood repeats inside of its MathML.
	source = regexp.MustCompile(`(?s)<annotation.*?</annotation>`)
	// What treeblood does not read as TeX does: digits as arguments without
	// braces, operators by name, and empty groups in an alignment.
	digits   = regexp.MustCompile(`\\(t?frac)(\d)(\d)`)
	operator = regexp.MustCompile(`\\operatorname\{`)
	notRead  = strings.NewReplacer("{}", "", "<", `\lt `, ">", `\gt `)
)

// plainLaTeX says the same formula in what treeblood reads. It passes on what it
// finds in \text: no angle bracket may get there.
func plainLaTeX(latex string) string {
	latex = digits.ReplaceAllString(latex, `\$1{$2}{$3}`)
	return notRead.Replace(operator.ReplaceAllString(latex, `\mathrm{`))
}
