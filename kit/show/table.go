package show

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"evident/internal/badinput"
	"evident/kit/report"
)

// TextTable writes a table with aligned columns, those of numbers to the right.
// A row with nothing but a first cell is a line of its own, and does not widen
// the first column.
func TextTable(w io.Writer, t report.Table) error {
	var text strings.Builder
	fmt.Fprintln(&text, t.Title)
	t = lineByLine(t)
	columns := columnsOf(t)
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

// MarkdownTable writes a table as GitHub sets it, with the rows of one cell as a
// list below. Nothing in a cell is taken for a mark.
func MarkdownTable(w io.Writer, t report.Table) error {
	var text, lines strings.Builder
	fmt.Fprintf(&text, "%s\n\n", markdown(badinput.OneLine(t.Title)))
	t = lineByLine(t)
	rule := make([]string, len(t.Columns))
	for i, column := range columnsOf(t) {
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
			fmt.Fprintf(&lines, "- %s\n", cells[0])
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

// markdown is the text with a backslash in front of what Markdown would take for
// a mark. An underscore is none inside a word.
func markdown(text string) string {
	signs := []rune(text)
	inWord := func(i int) bool {
		return i >= 0 && i < len(signs) && (unicode.IsLetter(signs[i]) || unicode.IsDigit(signs[i]) || signs[i] == '_')
	}
	var escaped strings.Builder
	for i, sign := range signs {
		if strings.ContainsRune("\\|`*~<>[]&$", sign) || sign == '_' && (!inWord(i-1) || !inWord(i+1)) {
			escaped.WriteByte('\\')
		}
		escaped.WriteRune(sign)
	}
	return escaped.String()
}

// lineByLine is the table with cells that stay on their line, whoever wrote what is
// in them: a layer of a Keras model has any name.
func lineByLine(t report.Table) report.Table {
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = badinput.OneLine(cell)
		}
	}
	t.Rows = rows
	return t
}

// column is how the cells of a column are laid out.
type column struct {
	width   int
	numbers bool
}

func columnsOf(t report.Table) []column {
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

// isLine reports whether a row has nothing but a first cell.
func isLine(row []string) bool {
	return len(row) > 1 && strings.Join(row[1:], "") == ""
}
