package render

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"evident/internal/badinput"
	"evident/kit/report"
)

// Table is a [report.Table] that can be rendered.
type Table report.Table

// Text aligns the columns, with numbers on the right. A row whose only content is its
// first cell becomes a separate line, and does not widen the first column.
func (t Table) Text(w io.Writer) error {
	var text strings.Builder
	t = t.onItsLines()
	fmt.Fprintln(&text, t.Title)
	columns := t.columns()
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		line := " "
		for i, cell := range row {
			line += " " + columns[i].pad(cell) + " "
			if isLine(row) {
				break
			}
		}
		fmt.Fprintln(&text, strings.TrimRight(line, " "))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Image implements [Figure].
func (t Table) Image() ([]byte, error) { return nil, nil }

// Cell implements [Figure].
func (t Table) Cell() ([]Bundle, error) {
	node, err := t.element()
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	if err := t.Text(&text); err != nil {
		return nil, err
	}
	bundle, err := cardBundle(node, text.String())
	return []Bundle{bundle}, err
}

func (t Table) element() (g.Node, error) {
	return h.Div(h.Class("evident-scroll"), h.Table(h.Class("evident-table"), lineByLine(
		h.Caption(typeset(t.Title)),
		h.THead(h.Tr(g.Map(t.Columns, columnHead))),
		h.TBody(lineByLine(g.Map(t.Rows, tableRow)...)),
	))), nil
}

func columnHead(name string) g.Node { return h.Th(h.Scope("col"), typeset(name)) }

func tableRow(row []string) g.Node {
	return h.Tr(g.Map(row, func(cell string) g.Node {
		if numeric(cell) {
			return h.Td(h.Class("evident-number"), typeset(cell))
		}
		return h.Td(g.Text(cell))
	}))
}

// Markdown writes the table in GitHub's form, with the rows of one cell as a list
// below. It escapes all markup in cells.
func (t Table) Markdown(w io.Writer) error {
	var text, lines strings.Builder
	t = t.onItsLines()
	fmt.Fprintf(&text, "%s\n\n", paragraph(t.Title))
	rule := make([]string, len(t.Columns))
	for i, column := range t.columns() {
		rule[i] = "---"
		if column.numbers {
			rule[i] = "---:"
		}
	}
	for i, row := range append([][]string{t.Columns}, t.Rows...) {
		cells := make([]string, len(row))
		for k, cell := range row {
			cells[k] = markdown(cell)
		}
		if i > 0 && isLine(row) {
			fmt.Fprintf(&lines, "- %s\n", paragraph(row[0]))
			continue
		}
		fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			fmt.Fprintf(&text, "| %s |\n", strings.Join(rule, " | "))
		}
	}
	if lines.Len() > 0 {
		text.WriteString("\n" + lines.String())
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// block matches the beginning of a line that Markdown would read as a heading or a
// list, up to its mark.
var block = regexp.MustCompile(`^\s*(\d{1,9}[.)]|[-+#=])`)

// paragraph is markdown for the beginning of a line.
func paragraph(text string) string {
	escaped := markdown(text)
	if begin := block.FindString(escaped); begin != "" {
		last := len(begin) - 1
		return begin[:last] + `\` + escaped[last:]
	}
	return escaped
}

// marks matches text that Markdown would read as markup: its special characters,
// underscores outside of words, and what GitHub turns into a link or an emoji, such
// as http:// and :tada: do.
var marks = regexp.MustCompile("[\\\\|`*~<>\\[\\]&$@]|_+|:[\\pL/+-]|(?i:www)\\.")

// markdown escapes with a backslash what Markdown would read as markup.
func markdown(text string) string {
	var escaped strings.Builder
	end := 0
	for _, at := range marks.FindAllStringIndex(text, -1) {
		escaped.WriteString(text[end:at[0]])
		end = at[1]
		switch mark := text[at[0]:end]; {
		case mark == "_" && isWord(text[:at[0]], utf8.DecodeLastRuneInString) && isWord(text[end:], utf8.DecodeRuneInString):
			escaped.WriteString(mark)
		case mark[0] == '_':
			escaped.WriteString(strings.Repeat(`\_`, len(mark)))
		case len(mark) == len("www."):
			escaped.WriteString(mark[:len("www")] + `\.`)
		default:
			escaped.WriteString(`\` + mark)
		}
	}
	return escaped.String() + text[end:]
}

// isWord reports whether the first or the last character of a text belongs to a word.
func isWord(text string, sign func(string) (rune, int)) bool {
	r, _ := sign(text)
	return text != "" && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// onItsLines returns the table with every cell on one line, because a layer of a
// Keras model may have any name.
func (t Table) onItsLines() Table {
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = badinput.OneLine(cell)
		}
	}
	t.Rows, t.Title, t.Columns = rows, badinput.OneLine(t.Title), slices.Clone(t.Columns)
	for i, name := range t.Columns {
		t.Columns[i] = badinput.OneLine(name)
	}
	return t
}

// column describes the layout of a column's cells.
type column struct {
	width   int
	numbers bool
}

func (t Table) columns() []column {
	columns := make([]column, len(t.Columns))
	for i, name := range t.Columns {
		columns[i] = column{width: utf8.RuneCountInString(name), numbers: len(t.Rows) > 0}
	}
	for _, row := range t.Rows {
		if isLine(row) {
			continue
		}
		for i, cell := range row {
			columns[i].width = max(columns[i].width, utf8.RuneCountInString(cell))
			columns[i].numbers = columns[i].numbers && numeric(cell)
		}
	}
	return columns
}

func (c column) pad(cell string) string {
	space := strings.Repeat(" ", max(c.width-utf8.RuneCountInString(cell), 0))
	if c.numbers {
		return space + cell
	}
	return cell + space
}

// isLine reports whether a row's only content is its first cell.
func isLine(row []string) bool {
	return len(row) > 1 && strings.Join(row[1:], "") == ""
}

var number = regexp.MustCompile(`^(\?|[−+-]?[\d.,]*\d(e[+-]?\d+)?\s?(%|s|ms|MB|KB|×)?)$`)

// numeric reports whether a cell is a number, or the sign of an unknown one. Numbers
// are aligned to the right.
func numeric(cell string) bool { return number.MatchString(strings.TrimSpace(cell)) }
