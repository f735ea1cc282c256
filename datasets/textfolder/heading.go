package textfolder

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"evident/datasets"
)

// maxAbove is the largest number of lines above the header, such as titles.
const maxAbove = 10

// withoutRemarks blanks the lines above a table that begin with # and a blank,
// which many programs use for remarks, unless a line of the table begins so too.
func withoutRemarks(content string, report *Report) string {
	end := 0
	var remarks []string
	for line := range strings.Lines(content) {
		if strings.TrimSpace(line) != "" {
			if !isRemark(line) {
				break
			}
			remarks = append(remarks, line)
		}
		end += len(line)
	}
	if len(remarks) == 0 || len(remarks) > maxAbove || strings.Contains(content[end:], "\n# ") {
		return content
	}
	report.note("left out above the table: %q", shortened(remarks[0]))
	return strings.Repeat("\n", strings.Count(content[:end], "\n")) + content[end:]
}

func isRemark(line string) bool {
	line = strings.TrimRight(line, "\n")
	return (line == "#" || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "##")) && !namesBoth(strings.FieldsFunc(line, isDelimiter))
}

func isDelimiter(r rune) bool { return strings.ContainsRune(",;\t|", r) }

// namesBoth reports whether a line has names for both columns.
func namesBoth(record []string) bool {
	return len(known(record, textNames)) > 0 && len(known(record, labelNames)) > 0
}

// withoutTitles drops the lines above the header: everything above known names, and
// lines with a single field.
func (t *table) withoutTitles() {
	above := 0
	for i := range min(maxAbove+1, len(t.records)-1) {
		if t.isHeader(i) {
			above = i
			break
		}
		if i == above && filled(t.records[i]) <= 1 {
			above++
		}
	}
	if above == 0 || 2*above >= len(t.records) {
		return
	}
	t.above = above
	first := shortened(strings.TrimRight(strings.Join(t.records[0], string(t.format.Delimiter)), string(t.format.Delimiter)))
	which := fmt.Sprintf("line %d, %q", t.lines[0], first)
	if above > 1 {
		which = fmt.Sprintf("lines %d to %d, the first of which is %q", t.lines[0], t.lines[above-1], first)
	}
	t.notes = append(t.notes, "left out above the table: "+which)
	t.records, t.lines = t.records[above:], t.lines[above:]
	t.measure()
}

// isHeader reports whether a record holds names for both columns that no other
// record has.
func (t *table) isHeader(index int) bool {
	record := t.records[index]
	if !namesBoth(record) {
		return false
	}
	if surelyNamed(record) {
		return true
	}
	texts, labels := known(record, textNames), known(record, labelNames)
	for i, other := range t.records {
		if i == index || slices.Equal(other, record) {
			continue
		}
		for _, column := range slices.Concat(texts, labels) {
			if column < len(other) && folded(other[column]) == folded(record[column]) {
				return false
			}
		}
	}
	return true
}

// filled counts the fields that are not empty.
func filled(record []string) (count int) {
	for _, field := range record {
		if strings.TrimSpace(field) != "" {
			count++
		}
	}
	return count
}

// withoutImportIDs drops the second and third header of a table from Qualtrics: the
// questions, and identifiers such as {"ImportId":"QID1"}.
func (t *table) withoutImportIDs() {
	for i := 1; i < min(4, len(t.records)); i++ {
		ids := 0
		for _, field := range t.records[i] {
			if strings.HasPrefix(strings.TrimSpace(field), `{"ImportId"`) {
				ids++
			}
		}
		if ids > 0 && 2*ids >= filled(t.records[i]) {
			t.notes = append(t.notes, fmt.Sprintf("left out below the header: lines %d to %d, as Qualtrics writes them", t.lines[1], t.lines[i]))
			t.leaveOutBelowHeader(i)
			t.headed = true
			return
		}
	}
}

// leaveOutBelowHeader drops count records as further headers.
func (t *table) leaveOutBelowHeader(count int) {
	t.records, t.lines = slices.Delete(slices.Clone(t.records), 1, 1+count), slices.Delete(slices.Clone(t.lines), 1, 1+count)
}

// withoutFurtherHeaders drops one or two lines below the header whose labels occur
// nowhere else while all other labels repeat. Such lines describe the columns
// again, as string,category does below text,label.
func (t *table) withoutFurtherHeaders() {
	var once []string
	for i := 1; i <= 2 && i < len(t.records) && t.format.Label < len(t.records[i]); i++ {
		label := t.records[i][t.format.Label]
		if t.labels.values[folded(label)] != 1 || isNumber(label) || isMissing(label) {
			break
		}
		once = append(once, label)
	}
	others := 0
	for label, count := range t.labels.values {
		isOnce := slices.ContainsFunc(once, func(other string) bool { return folded(other) == label })
		switch {
		case isOnce:
		case count == 1:
			return
		default:
			others++
		}
	}
	if len(once) == 0 || others < 2 || len(t.records) < few {
		return
	}
	for i, label := range once {
		t.notes = append(t.notes, fmt.Sprintf("line %d is taken for a further header, since %q is the label of no other line", t.lines[1+i], shortened(label)))
		delete(t.labels.values, folded(label))
	}
	t.labels.distinct = len(t.labels.values)
	t.leaveOutBelowHeader(len(once))
}

// ruler matches a line of dashes, as below a header in Markdown and in the output
// of databases.
var ruler = regexp.MustCompile(`^[ \t]*[|+:]?[|+:= -]*-[|+:= -]*$`)

func isRuler(line string) bool {
	return strings.Count(line, "-") > 1 && strings.ContainsAny(line, "|+") && ruler.MatchString(strings.TrimRight(line, "\n"))
}

// drawn reads a table drawn with bars and lines of dashes, as in Markdown.
func drawn(content string) (t table, yes bool) {
	t.format.Delimiter = '|'
	t.headed = true
	var outside []string // lines
	number, before := 0, ""
	for line := range strings.Lines(content) {
		number++
		isRow := strings.Contains(line, "|") && !isRuler(line)
		switch {
		case isRuler(line):
			yes = yes || len(t.records) == 1
		case isRow && !yes: // the last row above the ruler is the header
			if len(t.records) > 0 {
				outside = append(outside, before)
			}
			t.records, t.lines = [][]string{cells(line)}, []int{number}
			before = line
		case isRow:
			t.records, t.lines = append(t.records, cells(line)), append(t.lines, number)
		case strings.TrimSpace(line) != "":
			outside = append(outside, line)
		}
		if !yes && number > 3*maxAbove {
			return table{}, false
		}
	}
	if !yes || len(outside) > maxAbove || len(t.records) < 2 || len(t.records) < len(outside) {
		return table{}, false // or the ruler is part of a text
	}
	t.notes = append(t.notes, "read as a table that is drawn with bars, as in Markdown")
	if len(outside) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("left out beside the table: %s, such as %q", datasets.Counted(len(outside), "line"), shortened(outside[0])))
	}
	t.format.Columns = len(t.records[0])
	for i, record := range t.records {
		for len(record) < t.format.Columns {
			record = append(record, "")
		}
		t.records[i] = record
		if len(record) > t.format.Columns {
			if t.bad == 0 {
				t.firstBad = i
			}
			t.bad++
		}
	}
	return t, t.format.Columns > 1
}

// cells splits a row at its bars; \| is a bar inside a cell.
func cells(line string) []string {
	const bar = "\x00" // occurs in no text
	line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, bar)
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	fields := strings.Split(line, "|")
	for i, field := range fields {
		fields[i] = strings.ReplaceAll(strings.TrimSpace(field), bar, "|")
	}
	return fields
}
