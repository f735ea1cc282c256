package render

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/report"
)

func TestTextTablePutsNumbersToTheRightAndLetsLinesStandAlone(t *testing.T) {
	var text strings.Builder
	require.NoError(t, Table(report.Table{
		Title: `Model: "net"`, Columns: []string{"Layer", "Param #", "Shape"},
		Rows: [][]string{
			{"conv", "1,216", "(None, 26)"},
			{"flatten", "0", "?"},
			{"Total params: 1,216 (4.75 KB)", "", ""},
		},
	}).Text(&text))
	require.Equal(t, strings.Join([]string{
		`Model: "net"`,
		"  Layer    Param #  Shape",
		"  conv       1,216  (None, 26)",
		"  flatten        0  ?",
		"  Total params: 1,216 (4.75 KB)", "",
	}, "\n"), text.String())
}

// cmark-gfm renders each of these as the text on its left.
func TestNothingInATableIsTakenForAMarkOfMarkdown(t *testing.T) {
	for name, want := range map[string]string{
		"conv2d_1 (Conv2D)": `conv2d_1 (Conv2D)`,
		"a|b":               `a\|b`,
		`a\|b`:              `a\\\|b`,
		"a\nb\r\n- c":       `a b  - c`,
		"*a* **b**":         `\*a\* \*\*b\*\*`,
		"_a_ b_c":           `\_a\_ b_c`,
		"__init__":          `\_\_init\_\_`,
		"a__b":              `a\_\_b`,
		"é_ü_1":             `é_ü_1`,
		"`code`":            "\\`code\\`",
		"~~a~~ $x$":         `\~\~a\~\~ \$x\$`,
		"<b>&amp;</b>":      `\<b\>\&amp;\</b\>`,
		"[a](b) ![c](d)":    `\[a\](b) !\[c\](d)`,
		"http://a.b":        `http\://a.b`,
		"www.a.b":           `www\.a.b`,
		"a@b.c":             `a\@b.c`,
		":tada: dense:0":    `\:tada: dense:0`,
	} {
		require.Equal(t, want, markdown(badinput.OneLine(name)), name)
	}
	for name, want := range map[string]string{
		"# a": `\# a`, "1. a": `1\. a`, "12) a": `12\) a`, "- a": `\- a`, "+ a": `\+ a`, "---": `\---`, "===": `\===`,
		"1.5": `1\.5`, "a - b": `a - b`, "Total params: 1,216 (4.75 KB)": `Total params: 1,216 (4.75 KB)`,
	} {
		require.Equal(t, want, paragraph(name), name)
	}
}

func TestMarkdownTableIsATableAndAListOfItsLines(t *testing.T) {
	var text strings.Builder
	table := report.Table{
		Title: "# Model: \"a\nb\"", Columns: []string{"Lay|er", "Param\n#"},
		Rows: [][]string{{"a|b\n_c_", "1,216"}, {"1. total\n- *all*", ""}},
	}
	require.NoError(t, Table(table).Markdown(&text))
	require.Equal(t, strings.Join([]string{
		`\# Model: "a b"`, ``,
		`| Lay\|er | Param # |`,
		`| --- | ---: |`,
		`| a\|b \_c\_ | 1,216 |`, ``,
		`- 1\. total - \*all\*`, ``,
	}, "\n"), text.String())
	require.Equal(t, []string{"Lay|er", "Param\n#"}, table.Columns, "the table itself stays as it was")

	text.Reset()
	require.NoError(t, Table(table).Text(&text))
	require.Len(t, strings.Split(strings.TrimSpace(text.String()), "\n"), 4)
}
