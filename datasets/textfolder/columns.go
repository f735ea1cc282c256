package textfolder

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// column holds the measurements that tell texts, labels and other columns apart.
type column struct {
	filled     int            // values that are not empty
	values     map[string]int // number of occurrences of each value, folded
	distinct   int
	numbers    int     // values that are numbers
	whole      int     // numbers that are whole
	dates      int     // values that are dates, times or addresses
	letters    float64 // average number of letters in words per value
	signs      float64 // average number of characters per value
	delimiters int     // values that contain another delimiter
	spaced     int     // values that begin with a blank
}

// isDate matches dates, times, and web addresses.
var isDate = regexp.MustCompile(`(?i)^[^ ]*://|\d[-/.]\d+[-/.]\d|\d:\d\d|^(19|20)\d\d[-/.](0\d|1[0-2])$|^(\d{1,2}\.? )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (\d{1,2},? )?\d{2,4}$`)

// columnOf measures a column of the records.
func columnOf(records [][]string, index int, delimiter rune) column {
	c := column{values: map[string]int{}}
	for _, record := range records {
		if index >= len(record) {
			continue
		}
		value := strings.TrimSpace(record[index])
		key := value
		if len(value) <= 100 {
			key = folded(value) // long values are texts, and folding them takes time
		}
		if slices.Contains(missing, key) {
			continue
		}
		c.filled++
		if strings.HasPrefix(record[index], " ") {
			c.spaced++
		}
		c.values[key]++
		c.signs += float64(len(value))
		c.letters += float64(lettersOf(value))
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			c.numbers++
			if number == math.Trunc(number) {
				c.whole++
			}
		}
		if len(value) <= 100 && isDate.MatchString(value) {
			c.dates++
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r != delimiter && strings.ContainsRune(",;\t|", r) }) {
			c.delimiters++
		}
	}
	c.distinct = len(c.values)
	c.signs /= float64(max(c.filled, 1))
	c.letters /= float64(max(c.filled, 1))
	return c
}

// lettersOf counts the letters in words, but not those in numbers, user names and
// addresses.
func lettersOf(text string) (count int) {
	for word := range strings.FieldsSeq(text) {
		letters := 0
		for _, r := range word {
			switch {
			case unicode.IsLetter(r):
				letters++
			case unicode.IsDigit(r), strings.ContainsRune("@/_", r):
				letters = math.MinInt32
			}
		}
		count += max(letters, 0)
	}
	return count
}

// most reports whether count is nearly all of the values.
func (c column) most(count int) bool { return count > 0 && 10*count >= 9*c.filled }

// usable reports whether a column has enough different values.
func (c column) usable(rows int) bool { return c.distinct > 1 && 10*c.filled >= rows }

// repeats reports whether the values are few enough to be classes.
func (c column) repeats() bool {
	return c.distinct <= maxClasses && float64(c.distinct) <= max(2, 2*math.Sqrt(float64(c.filled)))
}

// fewNumbers is how many different numbers may be classes without further
// evidence.
const fewNumbers = 5

// amounts reports whether the values are numbers, and more different ones than
// classes usually have.
func (c column) amounts() bool { return c.distinct > fewNumbers && c.most(c.numbers) }

// maxRatings returns how many different numbers may be ratings or class numbers:
// half points up to 5, or whole numbers.
func (c column) maxRatings() int {
	if c.whole == c.numbers {
		return 20
	}
	return 11
}

// classes reports whether the values may be classes.
func (c column) classes() bool {
	return c.distinct > 1 && c.repeats() && !c.most(c.dates) && (!c.amounts() || c.distinct <= c.maxRatings())
}

// choose finds the columns of texts and labels, and decides whether the first line
// is a header.
func (t *table) choose() error {
	first, body := t.records[0], t.records
	if len(body) > 1 {
		body = body[1:] // the other lines decide, whatever the first is
	}
	copies := 0 // copies of the first line, which may be a repeated header
	for _, record := range body {
		if slices.Equal(record, first) {
			copies++
		}
	}
	const rare = 20 // lines per header; a line that repeats more often is a text with copies
	if copies > 0 && (namesBoth(first) || rare*copies <= len(body)) {
		body = slices.DeleteFunc(slices.Clone(body), func(record []string) bool { return slices.Equal(record, first) })
	} else {
		copies = 0
	}
	columns := make([]column, t.format.Columns)
	for i := range columns {
		columns[i] = columnOf(body, i, t.format.Delimiter)
	}
	if len(t.records) == 1 && len(known(first, textNames))+len(known(first, labelNames)) > 0 {
		return fmt.Errorf("a header alone (%s), without texts", shortened(strings.Join(first, string(t.format.Delimiter))))
	}
	texts, labels := named(columns, first, textNames), named(columns, first, labelNames)
	if !surelyNamed(first) {
		texts = wordy(columns, texts)
		labels = likely(columns, texts, labels)
	}
	text, label, err := pick(columns, texts, labels, len(body))
	if same := constant(columns, len(body)); same >= 0 && (err != nil || columns[text].distinct > 1 && (columns[text].letters == 0 || columns[text].repeats())) {
		return t.allTheSame(same) // then the supposed texts are not texts
	}
	if err != nil {
		return fmt.Errorf("%w: the first line is %q, cut at %s: name the columns text and label in a header", err, shortened(strings.Join(first, string(t.format.Delimiter))), nameOf(t.format.Delimiter))
	}
	t.format.Text, t.format.Label = text, label
	t.labels = columns[label]
	t.header(slices.Contains(texts, text), slices.Contains(labels, label), copies)
	if t.format.Header == nil && cutInside(columns, text, label) {
		return fmt.Errorf("the texts seem to be cut at their %s, as in the first line, %q: put them in double quotes, or name the columns text and label in a header", nameOf(t.format.Delimiter), shortened(strings.Join(first, string(t.format.Delimiter))))
	}
	return t.check(columns[text], t.labels)
}

// cutInside reports whether a column beside the texts seems to be part of them.
// After a comma in a sentence, the next column begins with a blank.
func cutInside(columns []column, text, label int) bool {
	if columns[label].most(columns[label].spaced) {
		return false // then the blank may be part of the format
	}
	before, behind := text-1, text+1
	return before >= 0 && before != label && columns[text].most(columns[text].spaced) ||
		behind < len(columns) && behind != label && columns[behind].most(columns[behind].spaced)
}

// named returns the columns with a known name that is not one of their values. A
// line with names for both text and label is a header, whatever follows.
func named(columns []column, header, names []string) []int {
	surely := surelyNamed(header)
	return slices.DeleteFunc(known(header, names), func(i int) bool {
		return i >= len(columns) || !surely && columns[i].values[folded(header[i])] > 0
	})
}

// surelyNamed reports whether a line has the names text and label, which always
// decide.
func surelyNamed(header []string) bool {
	is := func(name string) func(string) bool { return func(s string) bool { return plainName(s) == name } }
	return slices.ContainsFunc(header, is(textNames[0])) && slices.ContainsFunc(header, is(labelNames[0]))
}

// wordy drops columns that have the name of a text column but less than half of
// another column's words. Examples are mail addresses under E-Mail and message
// numbers under Message.
func wordy(columns []column, texts []int) []int {
	most := 0.0
	for _, c := range columns {
		most = max(most, c.letters)
	}
	return slices.DeleteFunc(texts, func(i int) bool { return 2*columns[i].letters < most })
}

// likely drops columns that have the name of a label column but hold dates,
// amounts or unrepeated values, if another column holds possible classes.
func likely(columns []column, texts, labels []int) []int {
	better := false
	for i, c := range columns {
		better = better || !slices.Contains(texts, i) && c.classes()
	}
	if !better {
		return labels
	}
	return slices.DeleteFunc(labels, func(i int) bool { return !columns[i].classes() })
}

// constant returns the column whose several words are the same in all rows, if no
// other column has half as many, or −1.
func constant(columns []column, rows int) int {
	found, most := -1, 0.0
	for i, c := range columns {
		if c.distinct == 1 && c.filled == rows && rows >= few && c.letters > most {
			found, most = i, c.letters
		}
	}
	for i, c := range columns {
		if i != found && 2*c.letters > most {
			return -1
		}
	}
	return found
}

// pick finds the columns of texts and labels by their names, or else by their
// values.
func pick(columns []column, texts, labels []int, rows int) (text, label int, err error) {
	if len(texts) == 1 && len(labels) == 1 {
		return texts[0], labels[0], nil
	}
	var useful []int
	for i, c := range columns {
		if c.usable(rows) {
			useful = append(useful, i)
		}
	}
	if len(columns) == 2 {
		useful = []int{0, 1}
	}
	if len(useful) == 2 && len(texts)+len(labels) == 0 {
		text, label = ofTwo(columns, useful[0], useful[1])
		return text, label, nil
	}
	without := func(list []int, but ...int) []int {
		return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return slices.Contains(but, i) })
	}
	if len(texts) == 0 {
		texts = without(useful, labels...)
	}
	if text, err = longest(columns, texts); err != nil {
		return 0, 0, err
	}
	if len(labels) == 0 {
		labels = without(useful, text)
	}
	label, err = fewest(columns, labels)
	return text, label, err
}

// ofTwo tells texts from labels in a table of two columns: labels have fewer
// different values and are shorter.
func ofTwo(columns []column, a, b int) (text, label int) {
	first, second := columns[a], columns[b]
	if first.distinct < second.distinct || first.distinct == second.distinct && first.signs < second.signs {
		return b, a
	}
	return a, b
}

// longest returns the column of texts, which has twice the letters of any other.
func longest(columns []column, candidates []int) (int, error) {
	if len(candidates) == 0 {
		return 0, fmt.Errorf("no column of texts")
	}
	sorted := slices.Clone(candidates)
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(columns[b].letters, columns[a].letters) })
	if len(sorted) > 1 && columns[sorted[0]].letters < 2*columns[sorted[1]].letters {
		return 0, fmt.Errorf("columns %d and %d may both be the texts", min(sorted[0], sorted[1])+1, max(sorted[0], sorted[1])+1)
	}
	return sorted[0], nil
}

// fewest returns the column of labels, which is the only one whose values repeat.
// Amounts count only if there is no other.
func fewest(columns []column, candidates []int) (int, error) {
	if len(candidates) == 1 {
		return candidates[0], nil
	}
	classes := func(i int) bool { return columns[i].classes() }
	if !slices.ContainsFunc(candidates, classes) {
		classes = func(i int) bool { c := columns[i]; return c.distinct > 1 && c.repeats() && !c.most(c.dates) }
	}
	found := slices.DeleteFunc(slices.Clone(candidates), func(i int) bool { return !classes(i) })
	switch len(found) {
	case 0:
		return 0, fmt.Errorf("no column has labels that repeat")
	case 1:
		return found[0], nil
	}
	return 0, fmt.Errorf("columns %d and %d may both be the labels", found[0]+1, found[1]+1)
}

// header decides whether the first record is a header: it has known names, or its
// label occurs in no other line while all others repeat. Copies of the header do
// not count among the labels.
func (t *table) header(knownText, knownLabel bool, copies int) {
	first := t.records[0]
	if len(first) <= t.format.Label || len(t.records) == 1 {
		return
	}
	label := first[t.format.Label]
	once := t.labels.values[folded(label)] == 0 && len(t.records) > 2
	surely := t.headed || knownText && knownLabel || once && (knownText || knownLabel)
	maybe := once && !isNumber(label) && !isMissing(label)
	if surely || maybe {
		t.withoutFurtherHeaders()
	}
	switch {
	case surely:
		t.format.Header = first
	case maybe && t.repeating():
		t.format.Header, t.unknownHeader = first, true
	}
	if t.format.Header != nil {
		t.format.HeaderAt = t.lines[0]
	} else {
		t.labels.values[folded(label)] += 1 + copies
		t.labels.distinct = len(t.labels.values)
	}
}

// repeating reports whether all labels except the first line's repeat.
func (t *table) repeating() bool {
	counts := slices.Collect(maps.Values(t.labels.values))
	return len(counts) > 0 && slices.Min(counts) > 1
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil
}

// few is a number of rows that is too small to decide.
const few = 12

// check returns an error if a chosen column cannot have its role.
func (t *table) check(text, label column) error {
	remedy := ": name the columns text and label in a header"
	if t.format.Header != nil && !t.unknownHeader {
		remedy = ": give the names text and label to the right columns"
	}
	switch {
	case text.filled >= few && text.most(text.numbers):
		return fmt.Errorf("the texts, in column %s, are numbers, as in %q: which column is the text?%s", t.format.column(t.format.Text), shortened(t.example(t.format.Text)), remedy[1:])
	case label.filled >= few && 2*label.distinct > label.filled:
		return fmt.Errorf("the labels, in column %s, do not repeat: %d different ones in %d rows, as in %q; it takes classes, not numbers or texts to predict%s",
			t.format.column(t.format.Label), label.distinct, label.filled, shortened(t.example(t.format.Label)), remedy)
	case text.filled >= few && text.distinct == 1:
		return t.allTheSame(t.format.Text)
	case label.filled >= few && text.distinct < label.distinct:
		return fmt.Errorf("column %s has fewer different texts (%d) than column %s labels (%d)%s",
			t.format.column(t.format.Text), text.distinct, t.format.column(t.format.Label), label.distinct, remedy)
	}
	if label.filled < few || !label.most(label.dates) && !label.amounts() {
		return nil
	}
	what, classes := "dates, times or addresses", "a few classes, such as early and late"
	if label.amounts() {
		what, classes = fmt.Sprintf("%d different numbers", label.distinct), "a few classes, such as low and high"
	}
	what = fmt.Sprintf("the labels, in column %s, are %s, as in %s", t.format.column(t.format.Label), what, t.examples(t.format.Label))
	if !surelyNamed(t.format.Header) && (label.most(label.dates) || label.distinct > label.maxRatings()) {
		return fmt.Errorf("%s, which are hardly classes: give the name label to another column, or put them together to %s; if each is a class, name the columns text and label in a header", what, classes)
	}
	t.notes = append(t.notes, fmt.Sprintf("%s: each is a class of its own, and their order is not used; to use it, put them together to %s", what, classes))
	return nil
}

// allTheSame returns the error for a column of texts without differences.
func (t *table) allTheSame(index int) error {
	last := t.example(index)
	count := 0
	for _, record := range t.records {
		if index < len(record) && record[index] == last {
			count++
		}
	}
	return allTheSame(count, last, fmt.Sprintf("column %s is that of the texts, or name the columns text and label in a header", t.format.column(index)))
}

// examples returns the first different values of a column.
func (t *table) examples(index int) string {
	records := t.records
	if t.format.Header != nil {
		records = records[1:]
	}
	var found []string
	for _, record := range records {
		if index >= len(record) || isMissing(record[index]) {
			continue
		}
		if value := fmt.Sprintf("%q", shortened(record[index])); !slices.Contains(found, value) {
			if found = append(found, value); len(found) == 3 {
				break
			}
		}
	}
	return strings.Join(found, ", ")
}

// example returns a value of a column.
func (t *table) example(index int) string {
	last := t.records[len(t.records)-1]
	return last[min(index, len(last)-1)]
}
