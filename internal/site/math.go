package site

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	nodes "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"evident/internal/mathml"
)

// formula matches LaTeX between dollar signs: double ones for a separate line.
var formula = regexp.MustCompile(`(?s)\$\$(.+?)\$\$|\$([^$]+)\$`)

// setFormulas converts the LaTeX of the text to MathML, which browsers display
// and screen readers read without a script.
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

// withMathML returns the text as markup with MathML formulas.
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
	var markup string
	var err error
	if at[2] < 0 {
		markup, err = mathml.Inline(text[at[4]:at[5]])
	} else if markup, err = mathml.Display(text[at[2]:at[3]]); err == nil {
		// Use a span, because the formula may be in the middle of a paragraph.
		markup = `<span class="formula">` + markup + "</span>"
	}
	if err != nil {
		return "", fmt.Errorf("formula %q: %w", text[at[0]:at[1]], err)
	}
	return markup, nil
}
