package textfolder

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"evident/datasets"
	"evident/datasets/recognise"
)

func readTable(files fs.FS, name, path string, report *Report) ([]row, error) {
	content, encoding, err := readWhole(files, name, path)
	if err != nil {
		return nil, err
	}
	if encoding == windows1252 {
		var found letters
		found.add(content)
		if err := found.western(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		report.note("not UTF-8: read as %s, as in %q, so look whether its letters are right", windows1252, accentedWord(content))
	}
	rows, format, err := parse(content, report)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	format.Encoding = encoding
	report.Format = &format
	return rows, nil
}

// readWhole returns the text of a file.
func readWhole(files fs.FS, name, path string) (content, encoding string, err error) {
	f, err := files.Open(name)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path, datasets.WithoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	return readAll(f, path)
}

// parse reads a table. The error names the line and the fault.
func parse(content string, report *Report) ([]row, Format, error) {
	content, ends := unixLines(content)
	content, delimiter := withoutSep(content)
	if err := refuseOther(content); err != nil {
		return nil, Format{}, err
	}
	content = withoutRemarks(content, report)
	if rows, yes := fastText(strings.TrimLeft(content, "\n"), report); yes {
		return rows, Format{Delimiter: ' ', LineEnds: ends, Columns: 2, Text: 1}, nil
	}
	found, isDrawn := drawn(content)
	var err error
	switch {
	case !isDrawn:
		found, err = sniff(content, delimiter)
	case found.bad > 0:
		err = found.unequal(found.firstBad)
	default:
		err = found.choose()
	}
	if err != nil {
		return nil, Format{}, err
	}
	for _, note := range found.notes {
		report.note("%s", note)
	}
	found.format.LineEnds = ends
	if found.unknownHeader {
		report.note("line %d is taken for a header, since %q is the label of no other line", found.format.HeaderAt, shortened(found.records[0][found.format.Label]))
	}
	rows, err := found.rows(report)
	return rows, found.format, err
}

var wholePage = regexp.MustCompile(`(?i)<(!doctype|html)\b`)

// refuseOther returns an error for text that is not a table.
func refuseOther(content string) error {
	const write = "write it as a table with a header text,label, as with pandas: read_json(…).to_csv(…, index=False)"
	if strings.TrimSpace(content) == "" {
		return errors.New("empty: it takes a table of texts and labels")
	}
	head := content[:min(len(content), recognise.HeadSize)]
	switch kind := recognise.Content([]byte(head)); {
	case kind == recognise.JSON:
		return errors.New("JSON, not a table: " + write)
	case kind == recognise.XML, kind == recognise.WebPage && wholePage.MatchString(head): // a text may begin with a tag
		return fmt.Errorf("%s, not a table: download the file itself", kind)
	}
	return nil
}

// fastText reads lines such as "__label__spam win a prize". If most lines have
// this form, the others are dropped.
func fastText(content string, report *Report) (rows []row, yes bool) {
	const mark = "__label__"
	if !strings.HasPrefix(content, mark) {
		return nil, false
	}
	for line := range strings.Lines(content) {
		label, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		text = strings.TrimSpace(text)
		switch {
		case label == "":
		case !strings.HasPrefix(label, mark):
			report.leaveOut("line", "without __label__", fmt.Sprintf("%q", shortened(line)))
		case strings.HasPrefix(text, mark):
			report.leaveOut("line", "with several labels", fmt.Sprintf("%q", shortened(line)))
		default:
			rows = append(rows, row{text, strings.TrimPrefix(label, mark)})
		}
	}
	return rows, true
}

// table is a file cut into rows and columns in one way.
type table struct {
	records       [][]string
	lines         []int // first line of each record, from 1
	broken        error // fault in the quotes, at which the records end
	format        Format
	bad           int // records with another number of columns than most
	firstBad      int // index of the first of them
	unknownHeader bool
	headed        bool // the first record is a header, whatever its content
	above         int  // lines dropped above the header
	labels        column
	notes         []string
}

// blankBehindQuote finds blanks between a quote and the end of its column.
var blankBehindQuote = regexp.MustCompile(`"[ \x{a0}]+([,;\t|\n]|$)`)

// ways are those of taking quotes, in the order of trying.
var ways = []struct {
	fits func(content string, delimiter rune) bool
	cut  func(content string, delimiter rune) table
}{
	{always, func(content string, delimiter rune) table { return cutCSV(content, delimiter, func(*csv.Reader) {}) }},
	{notTabs, func(content string, delimiter rune) table { // as in a, "b"
		return cutCSV(content, delimiter, func(r *csv.Reader) { r.TrimLeadingSpace = true })
	}},
	{blanksBehind, func(content string, delimiter rune) table { // as in "a" , b
		content = blankBehindQuote.ReplaceAllString(content, `"$1`)
		return cutCSV(content, delimiter, func(r *csv.Reader) { r.TrimLeadingSpace = delimiter != '\t' })
	}},
	{escapes, func(content string, delimiter rune) table { // as in "he said \"no\""
		return cutCSV(strings.ReplaceAll(content, `\"`, `""`), delimiter, func(*csv.Reader) {})
	}},
}

func always(string, rune) bool                    { return true }
func notTabs(_ string, delimiter rune) bool       { return delimiter != '\t' }
func blanksBehind(content string, _ rune) bool    { return blankBehindQuote.MatchString(content) }
func escapes(content string, delimiter rune) bool { return strings.Contains(content, `\"`) }

// sniff cuts a file in all ways, and takes the one with the same number of columns
// in every line and with labels that repeat. A delimiter of 0 means unknown.
func sniff(content string, delimiter rune) (table, error) {
	var found []table
	var failed []error
	worst := table{}
	for _, d := range delimiters[:4] {
		if delimiter != 0 && d.sign != delimiter || !strings.ContainsRune(content, d.sign) {
			continue
		}
		t := cut(content, d.sign)
		if t.format.Columns < 2 || t.bad > 0 || t.broken != nil {
			if worst.records == nil || t.fraction() > worst.fraction() {
				worst = t
			}
			continue
		}
		if err := t.choose(); err != nil {
			failed = append(failed, err)
			continue
		}
		found = append(found, t)
	}
	switch {
	case len(found) > 0:
		return slices.MinFunc(found, table.compare), nil
	case len(failed) > 0:
		return table{}, failed[0]
	case worst.records == nil || worst.format.Columns < 2:
		first, _, _ := strings.Cut(strings.TrimSpace(content), "\n")
		return table{}, fmt.Errorf("no columns in the lines, as in %q: separate text and label by commas, semicolons, tabs or bars, below a header text,label", shortened(first))
	case worst.broken != nil:
		return table{}, fmt.Errorf("cut at %s: %w: double the quotes inside of quotes", nameOf(worst.format.Delimiter), worst.broken)
	}
	return table{}, worst.unequal(worst.firstBad)
}

// unequal returns the error for a record with another number of columns.
func (t *table) unequal(record int) error {
	name := nameOf(t.format.Delimiter)
	remedy := fmt.Sprintf("put a text with %s or line ends in it in double quotes", name)
	switch {
	case t.headed && t.format.Delimiter == '|':
		remedy = `write a bar inside of a text as \|`
	case record < maxAbove && t.bad <= record+1:
		remedy += ", or remove the line if it is a title above the header"
	case len(t.records[record]) < t.format.Columns:
		remedy += ", or remove the line if it is no row"
	}
	return fmt.Errorf("line %d has %s between %s where most have %d: %s",
		t.lines[record], datasets.Counted(len(t.records[record]), "column"), name, t.format.Columns, remedy)
}

// fraction returns the fraction of records with the usual number of columns.
func (t *table) fraction() float64 {
	if t.format.Columns < 2 {
		return 0
	}
	return 1 - float64(t.bad)/float64(max(len(t.records), 1))
}

// cut tries the interpretations of quotes. The last two differ on unclosed quotes;
// the one with more rows has swallowed fewer.
func cut(content string, delimiter rune) table {
	best := table{}
	for _, way := range ways {
		if !way.fits(content, delimiter) {
			continue
		}
		t := way.cut(content, delimiter)
		if t.whole() {
			return t
		}
		if best.records == nil || best.broken != nil && len(t.records) > len(best.records) {
			best = t // the way that went farthest names the fault
		}
	}
	lazy := cutCSV(content, delimiter, func(r *csv.Reader) { r.LazyQuotes = true })
	raw := cutRaw(content, delimiter)
	switch {
	case lazy.whole() && (!raw.whole() || len(lazy.records) >= len(raw.records)):
		return lazy
	case raw.whole():
		return raw
	case best.broken != nil && lazy.fraction() > best.fraction():
		return lazy
	}
	return best
}

func (t *table) whole() bool { return t.broken == nil && t.bad == 0 && t.format.Columns > 1 }

func cutCSV(content string, delimiter rune, set func(*csv.Reader)) table {
	t := table{format: Format{Delimiter: delimiter}}
	reader := csv.NewReader(strings.NewReader(content))
	reader.Comma, reader.FieldsPerRecord = delimiter, -1
	set(reader)
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.broken = err
			break
		}
		line, _ := reader.FieldPos(0)
		t.records, t.lines = append(t.records, record), append(t.lines, line)
		if t.hopeless() {
			break
		}
	}
	t.settle()
	return t
}

// settle measures a table that is cut whole, and drops what is not part of it.
func (t *table) settle() {
	t.measure()
	t.withoutTitles()
	t.withoutImportIDs()
}

// cutRaw treats quotes as ordinary characters.
func cutRaw(content string, delimiter rune) table {
	t := table{format: Format{Delimiter: delimiter}}
	number := 0
	for line := range strings.Lines(content) {
		number++
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			continue
		}
		record := strings.Split(line, string(delimiter))
		for i, field := range record {
			if inner := strings.TrimSpace(field); len(inner) > 1 && inner[0] == '"' && inner[len(inner)-1] == '"' {
				record[i] = strings.ReplaceAll(inner[1:len(inner)-1], `""`, `"`)
			}
		}
		t.records, t.lines = append(t.records, record), append(t.lines, number)
		if t.hopeless() {
			break
		}
	}
	t.settle()
	return t
}

// hopeless saves the time of cutting a large file at a wrong delimiter.
func (t *table) hopeless() bool {
	const enough = 2000
	if len(t.records) != enough {
		return false
	}
	t.measure()
	return t.fraction() < 0.5
}

// measure finds the number of columns of most records. Empty columns at the end of
// a longer record do not count. Below a header that names text and label, a record
// may lack the last columns.
func (t *table) measure() {
	counts := map[int]int{}
	for _, record := range t.records {
		counts[len(record)]++
	}
	width := 0
	for n, count := range counts {
		if count > counts[width] || count == counts[width] && n > width {
			width = n
		}
	}
	t.format.Columns, t.bad = width, 0
	named := len(t.records) > 0 && len(t.records[0]) == width && len(known(t.records[0], textNames)) == 1 && len(known(t.records[0], labelNames)) == 1
	for i, record := range t.records {
		for len(record) > width && strings.TrimSpace(record[len(record)-1]) == "" {
			record = record[:len(record)-1]
		}
		t.records[i] = record
		if len(record) > width || len(record) < width && (!named || width <= 2) {
			if t.bad == 0 {
				t.firstBad = i
			}
			t.bad++
		}
	}
}

// compare prefers the better of two ways of cutting a file: known names in the
// header, then no other delimiter in the labels, then fewer dropped lines, then
// fewer and shorter labels.
func (t table) compare(other table) int {
	rank := func(t table) []float64 {
		rank := []float64{1, 0, float64(t.above), float64(t.labels.distinct), t.labels.signs}
		if t.format.Header != nil && !t.unknownHeader {
			rank[0] = 0
		}
		if t.labels.delimiters > 0 {
			rank[1] = 1
		}
		return rank
	}
	return slices.Compare(rank(t), rank(other))
}

// rows returns the texts and labels of the chosen columns.
func (t *table) rows(report *Report) ([]row, error) {
	text, label := t.format.Text, t.format.Label
	records, lines := t.records, t.lines
	if t.format.Header != nil {
		records, lines = records[1:], lines[1:]
	}
	rows := make([]row, 0, len(records))
	for i, record := range records {
		switch {
		case t.format.Header != nil && slices.Equal(record, t.format.Header):
			report.leaveOut("repeated header", "", fmt.Sprintf("in line %d", lines[i]))
			continue
		case !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }):
			report.leaveOut("empty row", "", fmt.Sprintf("in line %d", lines[i]))
			continue
		case len(record) <= max(text, label):
			return nil, t.unequal(i + len(t.records) - len(records))
		}
		if err := t.swallowed(record[text], lines[i]); err != nil {
			return nil, err
		}
		rows = append(rows, row{strings.TrimSpace(record[text]), record[label]})
	}
	return rows, nil
}

// swallowed detects rows that became part of a text because a quote before them is
// not closed. It looks inside the text for a line that begins or ends with a
// label, or that has columns between tabs, since texts hardly contain tabs.
func (t *table) swallowed(text string, line int) error {
	inside := strings.Split(text, "\n")
	if len(inside) < 2 {
		return nil
	}
	isLabel := func(field string) bool { return t.labels.values[folded(field)] > 1 }
	for i, part := range inside {
		fields := strings.Split(part, string(t.format.Delimiter))
		labelled := len(fields) > 1 && (t.format.Delimiter == '\t' || i < len(inside)-1 && isLabel(fields[len(fields)-1]) || i > 0 && isLabel(fields[0]))
		if labelled {
			return fmt.Errorf("line %d: a quote that is not closed takes in further rows, such as %q: double or remove the quote", line, shortened(part))
		}
	}
	return nil
}
