package render

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/report"
)

// fixedDerivation returns a derivation with every kind of line.
func fixedDerivation() report.Derivation {
	one := func(v float64) [][]float64 { return [][]float64{{v}} }
	return report.Derivation{ID: "step", Title: "One step <by hand>", Steps: []report.DerivationStep{
		{Title: "Given", Lines: []report.DerivationLine{
			{Name: "x1", Symbol: "x_1", Values: one(-0.3)}, {Name: "b", Symbol: "b", Values: one(1)},
			{Name: "X", Symbol: "X", Values: [][]float64{{1, 0.5}, {0, -1}}},
		}},
		{Title: "Forward", Note: "Sums & bends.", Lines: []report.DerivationLine{
			{Name: "z1", Symbol: "z_1", Formula: `w_{11} \, x_1 + b`, Filled: `2 \cdot (-0.3) + 1`, Values: one(0.4)},
			{Name: "a1", Symbol: "a_1", Formula: `\sigma(z_1)`, Filled: `\frac{1}{1 + e^{-0.4}}`, Values: one(0.598687660112452)},
			{Symbol: `\frac{\partial L}{\partial k_{uv}}`, Formula: `\sum_{i,j} \frac{\partial L}{\partial s_{ij}} \, x_{i+u-1,\,j+v-1}`},
			{Name: "dL/db", Symbol: `\frac{\partial L}{\partial b}`, Formula: `\frac{\partial L}{\partial z_1}`, Filled: "0.25", Values: one(0.25)},
			{Name: "r", Symbol: "r", Formula: `a_1 \, [a_1 > 0] + a_1 \, [a_1 > 0] + a_1 \, [a_1 > 0]`, Filled: `0.5987 \cdot 1 + 0.5987 \cdot 1 + 0.5987 \cdot 1`, Values: one(1.796062980337356)},
		}},
	}}
}

func TestDerivationIsSetAsAPersonWrites(t *testing.T) {
	steps := fixedDerivation().Steps
	assert.Equal(t, `\begin{aligned}
x_1 &= -0.3, \quad b = 1, \quad X = \begin{pmatrix} 1 & 0.5 \\ 0 & -1 \end{pmatrix}
\end{aligned}`, stepLaTeX(steps[0]))
	assert.Equal(t, `\begin{aligned}
z_1 &= w_{11} \, x_1 + b = 2 \cdot (-0.3) + 1 = 0.4 \\
a_1 &= \sigma(z_1) = \frac{1}{1 + e^{-0.4}} \approx 0.5987 \\
\frac{\partial L}{\partial k_{uv}} &= \sum_{i,j} \frac{\partial L}{\partial s_{ij}} \, x_{i+u-1,\,j+v-1} \\
\frac{\partial L}{\partial b} &= \frac{\partial L}{\partial z_1} = 0.25 \\
r &= a_1 \, [a_1 > 0] + a_1 \, [a_1 > 0] + a_1 \, [a_1 > 0] \\
&= 0.5987 \cdot 1 + 0.5987 \cdot 1 + 0.5987 \cdot 1 \approx 1.7961
\end{aligned}`, stepLaTeX(steps[1]))
}

func TestLongSumIsBrokenBetweenTerms(t *testing.T) {
	term := `0.1234 \cdot 0.5` // 12 characters as text
	assert.Equal(t, term+" + "+term, broken(term+" + "+term))
	rows := strings.Split(broken(strings.Repeat(term+" + ", 9)+term), ` \\`+"\n"+`&\quad {} + `)
	require.Len(t, rows, 2)
	assert.Equal(t, strings.Repeat(term+" + ", 9)+term, strings.Join(rows, " + "), "no term is lost")
	assert.LessOrEqual(t, width(rows[0]), brokenAt)
}

func TestDerivationOnATerminal(t *testing.T) {
	var text strings.Builder
	require.NoError(t, Derivation(fixedDerivation()).Text(&text))
	assert.Equal(t, `One step <by hand>
  Given
    x_1 = -0.3
    b = 1
    X = [1 0.5 | 0 -1]
  Forward
    z_1 = w_11·x_1 + b = 2 · (-0.3) + 1 = 0.4
    a_1 = σ(z_1) = 1/(1 + e^(-0.4)) ≈ 0.5987
    ∂L/∂k_uv = Σ_i,j ∂L/∂s_ij·x_i+u-1,j+v-1
    ∂L/∂b = ∂L/∂z_1 = 0.25
    r = a_1·[a_1 > 0] + a_1·[a_1 > 0] + a_1·[a_1 > 0] = 0.5987 · 1 + 0.5987 · 1 + 0.5987 · 1 ≈ 1.7961
`, text.String())
	shown := report.Report{Figures: report.Figures{Derivations: []report.Derivation{fixedDerivation()}}}
	text.Reset()
	require.NoError(t, TextReport(&text, shown, Style{}))
	assert.Contains(t, text.String(), "z_1 = w_11·x_1 + b")
}

func TestDerivationInANotebookIsMarkdown(t *testing.T) {
	shown, err := Derivation(fixedDerivation()).Cell()
	require.NoError(t, err)
	require.Len(t, shown, 1)
	assert.Contains(t, shown[0].Data["text/markdown"], "**Forward.** Sums & bends.\n\n$$\n\\begin{aligned}\nz_1 &= ")
	assert.NotContains(t, shown[0].Data, htmlMIME, "it would be preferred to the formulas")
	assert.Contains(t, shown[0].Data, plainMIME)
}

func TestDerivationOnThePageIsMathML(t *testing.T) {
	reports := []report.Report{{Lesson: "byhand", Title: "By hand", Figures: report.Figures{Derivations: []report.Derivation{fixedDerivation()}}}}
	var page bytes.Buffer
	require.NoError(t, Page(&page, reports))
	html := page.String()
	assert.Contains(t, html, "<summary>One step &lt;by hand&gt;</summary>")
	assert.Contains(t, html, "<p>Sums &amp; bends.</p>")
	assert.Equal(t, 2, strings.Count(html, "<math "))
	assert.Contains(t, html, "<mfrac>")
	assert.NotContains(t, html, "<merror")
	assert.NotContains(t, html, "<script")
}

func TestLongSumOnThePageIsMathMLToo(t *testing.T) {
	sum := strings.Repeat(`0.25 \cdot (-4) + `, 12) + "1"
	require.Contains(t, broken(sum), "{}", "an empty group, before the sign of every further row")
	markup, err := mathML(report.DerivationStep{Title: "Sum", Lines: []report.DerivationLine{{Symbol: "s", Formula: "s", Filled: sum}}})
	require.NoError(t, err)
	require.Equal(t, 13, strings.Count(markup, "<mo>+</mo>")+1, "all terms are there")
	require.NotContains(t, markup, "merror")
}

func TestMathMLIsWellFormedAndCannotBreakOut(t *testing.T) {
	markup, err := mathML(report.DerivationStep{Lines: []report.DerivationLine{
		{Symbol: "x", Formula: `[a > 0] + \text{<script>alert(1)</script>}`},
		{Name: "X", Symbol: "X", Values: [][]float64{{1, 2}, {3, 4}}},
	}})
	require.NoError(t, err)
	assert.NotContains(t, markup, "<script")
	assert.Contains(t, markup, "&gt;")
	decoder := xml.NewDecoder(strings.NewReader(markup))
	decoder.Entity = xml.HTMLEntity
	for {
		_, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
}
