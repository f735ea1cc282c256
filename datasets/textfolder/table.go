package textfolder

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"evident/datasets"
)

func readTable(path string, report *Report) ([]row, error) {
	content, encoding, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	rows, format, err := parse(content, report)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	format.Encoding = encoding
	if encoding == windows1252 {
		report.note("not UTF-8: read as %s, so look whether its letters are right", windows1252)
	}
	report.Format = &format
	return rows, nil
}

// readWhole is the text of a file.
func readWhole(path string) (content, encoding string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path, datasets.WithoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	return readAll(f, path)
}

// parse reads a table. The error says what stands where.
func parse(content string, report *Report) ([]row, Format, error) {
	content, ends := unixLines(content)
	content, delimiter := withoutSep(content)
	if err := refuseOther(content); err != nil {
		return nil, Format{}, err
	}
	if rows, yes := fastText(content, report); yes {
		return rows, Format{Delimiter: ' ', LineEnds: ends, Columns: 2, Text: 1}, nil
	}
	found, err := sniff(content, delimiter)
	if err != nil {
		return nil, Format{}, err
	}
	found.format.LineEnds = ends
	if found.unknownHeader {
		report.note("the first line is taken for a header, since %q is the label of no other line", shortened(found.records[0][found.format.Label]))
	}
	rows, err := found.rows(report)
	return rows, found.format, err
}

// refuseOther names what is text but no table.
func refuseOther(content string) error {
	start := strings.TrimSpace(content[:min(len(content), 200)])
	lower := strings.ToLower(start)
	const write = "write it as a table with a header text,label, as with pandas: read_json(…).to_csv(…, index=False)"
	switch {
	case start == "":
		return errors.New("empty: it takes a table of texts and labels")
	case strings.HasPrefix(start, `{"`), strings.HasPrefix(start, "{'"), strings.HasPrefix(start, "{\n"), strings.HasPrefix(start, `[{`), strings.HasPrefix(start, `["`), strings.HasPrefix(start, "[\n"), strings.HasPrefix(start, "[["):
		return errors.New("JSON, not a table: " + write)
	case strings.HasPrefix(lower, "<!doctype"), strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<?xml"):
		return errors.New("a web page or XML, not a table: download the file itself")
	case strings.HasPrefix(start, "version https://git-lfs"):
		return errors.New("a pointer of Git LFS, not the file itself: fetch it with `git lfs pull`")
	}
	return nil
}

// fastText reads lines as in "__label__spam win a prize". Where most lines are so,
// the others are left out.
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
			report.leaveOut("line without __label__", fmt.Sprintf("%q", shortened(line)))
		case strings.HasPrefix(text, mark):
			report.leaveOut("with several labels", fmt.Sprintf("%q", shortened(line)))
		default:
			rows = append(rows, row{text, strings.TrimPrefix(label, mark)})
		}
	}
	return rows, true
}

// table is a file cut into rows and columns in one way.
type table struct {
	records       [][]string
	lines         []int // where the records begin, from 1
	broken        error // of quotes; the records end there
	format        Format
	bad           int // records that do not have the columns of most
	firstBad      int // the first of them
	unknownHeader bool
	labels        column
}

// ways are those of taking quotes, in the order of trying.
var ways = []struct {
	fits func(content string, delimiter rune) bool
	cut  func(content string, delimiter rune) table
}{
	{always, func(content string, delimiter rune) table { return cutCSV(content, delimiter, func(*csv.Reader) {}) }},
	{notTabs, func(content string, delimiter rune) table { // as in a, "b"
		return cutCSV(content, delimiter, func(r *csv.Reader) { r.TrimLeadingSpace = true })
	}},
	{escapes, func(content string, delimiter rune) table { // as in "he said \"no\""
		return cutCSV(strings.ReplaceAll(content, `\"`, `""`), delimiter, func(*csv.Reader) {})
	}},
}

func always(string, rune) bool                    { return true }
func notTabs(_ string, delimiter rune) bool       { return delimiter != '\t' }
func escapes(content string, delimiter rune) bool { return strings.Contains(content, `\"`) }

// sniff cuts a file in all ways, and takes the one that gives the same number of
// columns in every line and labels that repeat. A delimiter of 0 is not known.
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
			if worst.records == nil || t.share() > worst.share() {
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

// unequal is the error of a record with another number of columns.
func (t *table) unequal(record int) error {
	return fmt.Errorf("line %d has %d columns between %s where most have %d: put a text with %s or line ends in it in double quotes",
		t.lines[record], len(t.records[record]), nameOf(t.format.Delimiter), t.format.Columns, nameOf(t.format.Delimiter))
}

// share is that of the records with the columns of most.
func (t *table) share() float64 {
	if t.format.Columns < 2 {
		return 0
	}
	return 1 - float64(t.bad)/float64(max(len(t.records), 1))
}

// cut tries the ways of taking quotes. The last two do not agree on what quotes
// that are not closed mean: the one that gives more rows has swallowed fewer.
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
		if best.records == nil {
			best = t
		}
	}
	lazy := cutCSV(content, delimiter, func(r *csv.Reader) { r.LazyQuotes = true })
	raw := cutRaw(content, delimiter)
	switch {
	case lazy.whole() && (!raw.whole() || len(lazy.records) >= len(raw.records)):
		return lazy
	case raw.whole():
		return raw
	case best.broken != nil && lazy.share() > best.share():
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
	t.measure()
	return t
}

// cutRaw takes quotes for signs like others.
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
	t.measure()
	return t
}

// hopeless saves the time of cutting a large file at what is no delimiter.
func (t *table) hopeless() bool {
	const enough = 2000
	if len(t.records) != enough {
		return false
	}
	t.measure()
	return t.share() < 0.5
}

// measure counts the columns of most records. Empty columns at the end of a longer
// one do not count. Below a header that names text and label, a shorter one may do
// without the last columns.
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

// compare puts the better of two ways of cutting a file first: whose header has
// names that are known, whose labels have no other delimiter in them, whose
// labels are fewer, and shorter.
func (t table) compare(other table) int {
	rank := func(t table) []float64 {
		rank := []float64{1, 0, float64(t.labels.distinct), t.labels.signs}
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

// rows are the texts and labels of the chosen columns.
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
			report.leaveOut("header again", fmt.Sprintf("in line %d", lines[i]))
			continue
		case !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }):
			report.leaveOut("empty row", fmt.Sprintf("in line %d", lines[i]))
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

// swallowed finds rows that became part of a text, since a quote in front of them
// is not closed: a line inside of the text that begins or ends with a label, or,
// since texts hardly have tabs, one that has columns between tabs.
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
