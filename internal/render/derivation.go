package render

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/mathml"
	"evident/kit/report"
)

// Derivation is a [report.Derivation] that can be rendered.
type Derivation report.Derivation

// Image implements [Figure].
func (d Derivation) Image() ([]byte, error) { return nil, nil }

// Cell returns Markdown with LaTeX, which JupyterLab and GitHub typeset.
func (d Derivation) Cell() ([]Bundle, error) {
	var page, text strings.Builder
	if d.Title != "" {
		fmt.Fprintf(&page, "#### %s\n", d.Title)
	}
	for _, step := range d.Steps {
		fmt.Fprintf(&page, "\n**%s.** %s\n\n$$\n%s\n$$\n", step.Title, step.Note, stepLaTeX(step))
	}
	if err := d.Text(&text); err != nil {
		return nil, err
	}
	return []Bundle{{Data: map[string]any{"text/markdown": page.String(), plainMIME: text.String()}}}, nil
}

func (d Derivation) element() (g.Node, error) {
	var steps g.Group
	for _, step := range d.Steps {
		formulas, err := mathML(step)
		if err != nil {
			return nil, err
		}
		steps = append(steps, lineByLine(
			h.H4(g.Text(step.Title)),
			g.If(step.Note != "", h.P(g.Text(step.Note))),
			h.Div(h.Class("evident-scroll"), g.Raw(formulas)),
		))
	}
	return h.Details(h.Class("derivation"), h.Summary(g.Text(d.Title)), lineByLine(steps...)), nil
}

// mathML formats a step for a page without scripts.
func mathML(step report.DerivationStep) (string, error) {
	formulas, err := mathml.Display(stepLaTeX(step))
	if err != nil {
		return "", fmt.Errorf("step %q: %w", step.Title, err)
	}
	return formulas, nil
}

// stepLaTeX sets the lines of a step below each other, aligned at their
// equals signs. Given numbers share a row.
func stepLaTeX(step report.DerivationStep) string {
	var rows []string
	beside := 0 // given numbers in the last row
	for _, line := range step.Lines {
		switch isGiven := line.Formula == "" && len(line.Values) > 0; {
		case isGiven && beside > 0 && beside < mostBeside:
			rows[len(rows)-1] += `, \quad ` + line.Symbol + " = " + matrixLaTeX(line.Values)
			beside++
		case isGiven:
			rows = append(rows, line.Symbol+" &= "+matrixLaTeX(line.Values))
			beside = 1
		default:
			rows = append(rows, lineLaTeX(line))
			beside = 0
		}
	}
	return "\\begin{aligned}\n" + strings.Join(rows, ` \\`+"\n") + "\n\\end{aligned}"
}

// The layout of formulas.
const (
	mostBeside = 4  // given numbers per row
	longLine   = 60 // characters; formula and numbers of a longer line go below each other
	widest     = 95 // characters; a longer sum is broken
	brokenAt   = 75 // … into rows of this length
)

// width estimates the width of a formula in characters.
func width(latex string) int { return utf8.RuneCountInString(plainMath(latex)) }

// broken splits a sum that is wider than the page into several rows.
func broken(sum string) string {
	if width(sum) <= widest {
		return sum
	}
	const sign = " + "
	var rows []string
	row := ""
	for _, term := range strings.Split(sum, sign) {
		if row != "" && width(row+sign+term) > brokenAt {
			rows, row = append(rows, row), ""
		}
		if row != "" {
			row += sign
		}
		row += term
	}
	return strings.Join(append(rows, row), ` \\`+"\n"+`&\quad {} + `)
}

// lineLaTeX returns symbol = formula = numbers = value.
func lineLaTeX(line report.DerivationLine) string {
	between := " = "
	if width(line.Formula)+width(line.Filled) > longLine {
		between = ` \\` + "\n&= "
	}
	latex := line.Symbol + " &= " + line.Formula
	if line.Filled != "" && line.Filled != line.Formula {
		latex += between + broken(line.Filled)
	}
	value, isNumber := line.Number()
	switch {
	case isNumber && report.Decimal(value) == line.Filled: // already shown
	case isNumber && report.IsRounded(value):
		latex += ` \approx ` + report.Decimal(value)
	case len(line.Values) > 0:
		latex += " = " + matrixLaTeX(line.Values)
	}
	return latex
}

// matrixLaTeX returns a number, or a matrix in brackets.
func matrixLaTeX(values [][]float64) string {
	inside := report.Matrix(values, " & ", ` \\ `)
	if len(values) == 1 && len(values[0]) == 1 {
		return inside
	}
	return `\begin{pmatrix} ` + inside + ` \end{pmatrix}`
}

// Text implements [Figure].
func (d Derivation) Text(w io.Writer) error {
	var page bytes.Buffer
	if d.Title != "" {
		fmt.Fprintln(&page, d.Title)
	}
	for _, step := range d.Steps {
		fmt.Fprintf(&page, "  %s\n", step.Title)
		for _, line := range step.Lines {
			fmt.Fprintf(&page, "    %s\n", lineText(line))
		}
	}
	_, err := page.WriteTo(w)
	return err
}

func lineText(line report.DerivationLine) string {
	parts := []string{plainMath(line.Symbol)}
	for _, latex := range []string{line.Formula, line.Filled} {
		if text := plainMath(latex); text != "" && text != parts[len(parts)-1] {
			parts = append(parts, text)
		}
	}
	text := strings.Join(parts, " = ")
	value, isNumber := line.Number()
	switch {
	case isNumber && report.Decimal(value) == parts[len(parts)-1]:
	case isNumber && report.IsRounded(value):
		text += " ≈ " + report.Decimal(value)
	case isNumber:
		text += " = " + report.Decimal(value)
	case len(line.Values) > 0:
		text += " = [" + report.Matrix(line.Values, " ", " | ") + "]"
	}
	return text
}

// The parts of LaTeX that [plainMath] replaces.
var (
	fraction = regexp.MustCompile(`\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}`)
	scripted = regexp.MustCompile(`([_^])\{([^{}]*)\}`)
	words    = regexp.MustCompile(`\\(?:text|mathrm)\{([^{}]*)\}`)
	signs    = strings.NewReplacer(
		`\cdot`, "·", `\sigma`, "σ", `\partial `, "∂", `\eta`, "η", `\Delta `, "Δ", `\hat y`, "ŷ", `\lVert `, "‖", ` \rVert`, "‖", `\sum`, "Σ",
		`\tanh`, "tanh", `\ln`, "ln", `\max`, "max", `\quad`, " ", ` \, `, "·", `\,`, "", "^2", "²", `\`, "",
	)
)

// plainMath returns a formula without LaTeX, as in "σ(z_1)".
func plainMath(latex string) string {
	text := words.ReplaceAllString(latex, "$1")
	text = fraction.ReplaceAllStringFunc(text, func(whole string) string {
		parts := fraction.FindStringSubmatch(whole)
		over, under := parts[1], parts[2]
		if strings.ContainsAny(under, "+-") {
			under = "(" + under + ")"
		}
		return over + "/" + under
	})
	text = scripted.ReplaceAllStringFunc(text, func(whole string) string {
		parts := scripted.FindStringSubmatch(whole)
		if parts[1] == "^" {
			return "^(" + parts[2] + ")"
		}
		return "_" + parts[2]
	})
	return strings.Join(strings.Fields(signs.Replace(text)), " ")
}
