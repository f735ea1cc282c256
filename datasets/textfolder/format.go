package textfolder

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"evident/datasets"
)

// Format says how a table was read.
type Format struct {
	Encoding  string   // "UTF-8", "UTF-16 (little endian)", …
	LineEnds  string   // "LF", "CRLF", "CR" or "mixed"
	Delimiter rune     // between columns; a blank for fastText's format
	Columns   int      // number of columns in most rows
	Text      int      // index of the column of texts, from 0
	Label     int      // index of the column of labels
	Header    []string // names of the columns; nil for no header
	HeaderAt  int      // line of the header, from 1
}

// delimiters are the ones to try, with their names.
var delimiters = []struct {
	sign rune
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}, {' ', "blanks"}}

func nameOf(delimiter rune) string {
	for _, d := range delimiters {
		if d.sign == delimiter {
			return d.name
		}
	}
	return fmt.Sprintf("%q", delimiter)
}

// String describes the format in a few words, without what is usual.
func (f Format) String() string {
	if f.Delimiter == ' ' {
		return "in the format of fastText"
	}
	header := "no header"
	if f.Header != nil {
		header = "the first line is a header"
	}
	if f.HeaderAt > 1 {
		header = fmt.Sprintf("line %d is the header", f.HeaderAt)
	}
	parts := []string{fmt.Sprintf("%d columns between %s, %s", f.Columns, nameOf(f.Delimiter), header),
		fmt.Sprintf("the text is in column %s, the label in column %s", f.column(f.Text), f.column(f.Label))}
	if f.LineEnds == lineCR || f.LineEnds == lineMixed {
		parts = append(parts, "line ends: "+f.LineEnds)
	}
	if f.Encoding != utf8Name {
		parts = append(parts, f.Encoding)
	}
	return strings.Join(parts, "; ")
}

// column describes a column by number and name.
func (f Format) column(i int) string {
	if i < len(f.Header) && strings.TrimSpace(f.Header[i]) != "" {
		return fmt.Sprintf("%d %q", i+1, shortened(f.Header[i]))
	}
	return fmt.Sprint(i + 1)
}

// The ends of lines.
const (
	lineLF    = "LF"
	lineCRLF  = "CRLF"
	lineCR    = "CR"
	lineMixed = "mixed"
)

// unixLines converts all line ends to line feeds, including single carriage
// returns (classic Mac) and CR CR LF, which some programs write on Windows.
func unixLines(content string) (lines, ends string) {
	if !strings.Contains(content, "\r") {
		return content, lineLF
	}
	all := strings.Count(content, "\r")
	crlf := strings.Count(content, "\r\n")
	lf := strings.Count(content, "\n")
	ends = lineMixed
	switch {
	case crlf == all && crlf == lf:
		ends = lineCRLF
	case lf == 0:
		ends = lineCR
	}
	return strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n", "\r", "\n").Replace(content), ends
}

// sepLine matches a first line that tells Excel the delimiter, such as sep=;
var sepLine = regexp.MustCompile(`^(?i)"?sep=(\\t|[,;|\t])"?[ ,;|\t]*(\n|$)`)

// withoutSep blanks that line. The delimiter is 0 if there is none.
func withoutSep(content string) (rest string, delimiter rune) {
	found := sepLine.FindStringSubmatch(content)
	if found == nil {
		return content, 0
	}
	sign := strings.Replace(found[1], `\t`, "\t", 1)
	return "\n" + content[len(found[0]):], rune(sign[0])
}

// The known names of columns, the best first, in lower case and without
// punctuation.
var (
	textNames = []string{
		"text", "texts", "review", "sentence", "comment", "message", "tweet", "content", "body", "document", "phrase", "reviewtext", "tweettext", "commenttext",
		"cleantext", "utterance", "sms", "headline", "question", "description", "abstract", "statement", "mail", "email",
	}
	labelNames = []string{
		"label", "labels", "class", "sentiment", "category", "target", "rating", "polarity", "stars", "score", "topic", "emotion", "intent", "tag", "y", "spam",
		"classes", "sentimentlabel", "airlinesentiment", "overall",
	}
)

// plainName returns the name of a column in lower case without punctuation.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_- .:#*", r) {
			return -1
		}
		return r
	}, folded(name))
}

// known returns the columns of a header whose names are in a list. If one has the
// list's first name, only that one counts.
func known(header, names []string) []int {
	var found []int
	for i, name := range header {
		switch at := slices.Index(names, plainName(name)); {
		case at == 0:
			return []int{i}
		case at > 0:
			found = append(found, i)
		}
	}
	return found
}

// maxAbove is the largest number of lines above the header, such as titles.
const maxAbove = 10

// withoutRemarks blanks the lines above a table that begin with # and a blank,
// which many programs use for remarks, unless a line of the table begins so too.
func withoutRemarks(content string, report *Report) string {
	end, number := 0, 0
	var remarks []string
	var lines []int
	for line := range strings.Lines(content) {
		number++
		if strings.TrimSpace(line) != "" {
			if !isRemark(line) {
				break
			}
			remarks, lines = append(remarks, line), append(lines, number)
		}
		end += len(line)
	}
	if len(remarks) == 0 || len(remarks) > maxAbove || strings.Contains(content[end:], "\n# ") {
		return content
	}
	report.note("%s", leftOutAbove(lines, remarks[0]))
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
	first := strings.TrimRight(strings.Join(t.records[0], string(t.format.Delimiter)), string(t.format.Delimiter))
	t.notes = append(t.notes, leftOutAbove(t.lines[:above], first))
	t.records, t.lines = t.records[above:], t.lines[above:]
	t.measure()
}

// leftOutAbove names lines that stand above a table by their numbers and the first
// one's text.
func leftOutAbove(lines []int, first string) string {
	if len(lines) == 1 {
		return fmt.Sprintf("left out above the table: line %d, %q", lines[0], shortened(first))
	}
	return fmt.Sprintf("left out above the table: lines %d to %d, the first of which is %q", lines[0], lines[len(lines)-1], shortened(first))
}

// isHeader reports whether a record holds names of both columns, which stand in no
// other record.
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
