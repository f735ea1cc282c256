package textfolder

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/text"
	"evident/internal/badinput"
)

// Report says how the files were read and which texts are used.
type Report struct {
	Path       string
	Format     *Format // of a table; nil for a folder
	Notes      []string
	LeftOut    []LeftOut
	Merged     []string // labels that count as one, with their counts
	Duplicates audit.Duplicates
	Parted     bool // near duplicates may be on both sides of a split; copies never are
	// Disputed are groups of exact duplicates with different labels, so that at
	// least one is wrong. DisputedNear are such groups of near duplicates.
	Disputed, DisputedNear [][]string
}

// LeftOut counts unused items with one reason.
type LeftOut struct {
	What    string // in the singular, as in "text"
	Because string // follows What, as in "without a label"; may be ""
	Count   int
	First   string // as an example
}

func (r *Report) leaveOut(what, because, example string) {
	for i := range r.LeftOut {
		if r.LeftOut[i].What == what && r.LeftOut[i].Because == because {
			r.LeftOut[i].Count++
			return
		}
	}
	r.LeftOut = append(r.LeftOut, LeftOut{what, because, 1, example})
}

// note keeps a remark for the reader.
func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// leftOut lists the unused items, or returns "".
func (r *Report) leftOut() string {
	var parts []string
	for _, l := range r.LeftOut {
		parts = append(parts, l.String())
	}
	return strings.Join(parts, "; ")
}

// Reason says why an item is unused, in the singular.
func (l LeftOut) Reason() string { return strings.TrimSpace(l.What + " " + l.Because) }

func (l LeftOut) String() string {
	as := ", "
	if l.Count > 1 {
		as = ", as "
	}
	return strings.TrimSpace(datasets.Counted(l.Count, l.What)+" "+l.Because) + as + l.First
}

// leastGroups is the smallest number of groups that each class needs to keep near
// duplicates together: enough for training, validation and testing.
const leastGroups = 5

// find searches for duplicates, and keeps them together.
func (r *Report) find(set *text.Set) {
	r.Duplicates = audit.FindTexts(set.Texts)
	r.Disputed = disputed(*set, r.Duplicates.Copies)
	r.DisputedNear = disputed(*set, r.Duplicates.NearOnly())
	set.Groups = numbered(set.Len(), r.Duplicates.Groups)
	for class, count := range set.Different() {
		if count < leastGroups && r.Duplicates.Near > 0 {
			set.Groups = numbered(set.Len(), r.Duplicates.Copies)
			r.Parted = true
			r.note("near twins may stand on both sides of the split, since class %q has but %s when near twins count once: expect a lower accuracy on other texts", shortened(set.Classes[class]), datasets.Counted(count, "text"))
			return
		}
	}
}

// numbered gives each group one number, and every other text its own.
func numbered(n int, groups [][]int) []int32 {
	numbers := make([]int32, n)
	for i := range numbers {
		numbers[i] = int32(i)
	}
	for _, group := range groups {
		for _, i := range group {
			numbers[i] = int32(group[0])
		}
	}
	return numbers
}

// disputed shows the groups whose labels differ.
func disputed(set text.Set, groups [][]int) [][]string {
	var all [][]string
	for _, group := range audit.Disputed(groups, func(i int) int { return int(set.Labels[i]) }) {
		var shown []string
		for _, i := range group {
			shown = append(shown, fmt.Sprintf("%s: %s", shortened(set.Classes[set.Labels[i]]), shortened(set.Texts[i])))
		}
		all = append(all, shown)
	}
	return all
}

// ClassCounts lists the classes with their numbers of texts.
func (t Texts) ClassCounts() string {
	var classes []string
	for class, count := range t.Counts() {
		classes = append(classes, fmt.Sprintf("%s %d", shortened(t.Classes[class]), count))
	}
	return strings.Join(upTo(classes, 12), ", ")
}

// First returns the beginning of a class's first text.
func (t Texts) First(class int) string {
	return shortened(t.Texts[slices.Index(t.Labels, int32(class))])
}

// Lines tell the reader how the data was read, before anything is measured.
func (t Texts) Lines() []string {
	understood := ""
	if t.Report.Format != nil {
		understood = t.Report.Format.String() + "; "
	}
	lines := []string{fmt.Sprintf("%s: %s%d texts of %d classes, %s; the first is %q", t.Name, understood, t.Len(), len(t.Classes), t.ClassCounts(), shortened(t.Texts[0]))}
	if len(t.Report.LeftOut) > 0 {
		lines = append(lines, t.Name+": left out: "+t.Report.leftOut())
	}
	if len(t.Report.Merged) > 0 {
		lines = append(lines, t.Name+": taken for one label: "+strings.Join(upTo(t.Report.Merged, 5), "; "))
	}
	if found := t.Report.Duplicates; found.Exact+found.Near > 0 {
		lines = append(lines, fmt.Sprintf("%s: %s and %s of other texts; %s stay on one side of the split; groups of copies with different labels: %d",
			t.Name, datasets.Counted(found.Exact, "copy"), datasets.Counted(found.Near, "near twin"), t.Report.together(), len(t.Report.Disputed)))
	}
	for _, note := range t.Report.Notes {
		lines = append(lines, t.Name+": "+note)
	}
	for i := range lines {
		lines[i] = badinput.OneLine(lines[i])
	}
	return lines
}

// together says which duplicates always stay together.
func (r *Report) together() string {
	if r.Parted {
		return "copies"
	}
	return "both"
}

// shortened returns the beginning of a text in one line.
func shortened(s string) string {
	const most = 60
	signs := []rune(badinput.OneLine(strings.TrimSpace(s[:min(len(s), 5*most)])))
	if len(signs) > most {
		return string(signs[:most-1]) + "…"
	}
	return string(signs)
}

// upTo returns the first elements of a list, and marks that there are more.
func upTo(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	return append(list[:most:most], fmt.Sprintf("and %d more", len(list)-most))
}

// missing lists the folded labels that mean "no label" in common programs.
var missing = []string{"", "na", "n/a", "#n/a", "nan", "none", "null", "nil", "?", "-"}

func isMissing(value string) bool {
	const most = 100 // bytes; what is longer is a text, and folding takes time
	return len(strings.TrimSpace(value)) <= most && slices.Contains(missing, folded(value))
}

// standIn says what stands in place of a label or text that is missing; "" where
// nothing does.
func standIn(value string) string {
	if value = strings.TrimSpace(value); value == "" {
		return ""
	}
	return fmt.Sprintf(" (%q stands for none)", value)
}

// folded normalises what people vary by mistake: case, white space, invisible
// characters, ways of writing an accent, and trailing zeros of a number, as in
// 1.0 for 1.
func folded(label string) string {
	label = cases.Fold().String(norm.NFKC.String(label))
	label = strings.Join(strings.FieldsFunc(label, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.C, r) }), " ")
	if number, err := strconv.ParseFloat(label, 64); err == nil && strings.Contains(label, ".") {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return label
}

// labels counts the spellings of each label.
type labels map[string]map[string]int // by folded label, by label as written

func newLabels() labels { return labels{} }

func (l labels) add(label string) {
	key := folded(label)
	if l[key] == nil {
		l[key] = map[string]int{}
	}
	l[key][label]++
}

// name returns the most frequent spelling of a label.
func (l labels) name(key string) string {
	return strings.TrimSpace(l.spellings(key)[0])
}

// spellings returns the spellings of a label, the most frequent first.
func (l labels) spellings(key string) []string {
	return slices.SortedFunc(maps.Keys(l[key]), func(a, b string) int {
		return cmp.Or(cmp.Compare(l[key][b], l[key][a]), cmp.Compare(b, a)) // lower case first
	})
}

// classes returns the names in order, and a function from labels to numbers.
func (l labels) classes() (names []string, number func(label string) int32) {
	keys := slices.SortedFunc(maps.Keys(l), func(a, b string) int { return cmp.Or(cmp.Compare(l.name(a), l.name(b)), cmp.Compare(a, b)) })
	place := map[string]int32{}
	for i, key := range keys {
		names = append(names, l.name(key))
		place[key] = int32(i)
	}
	return names, func(label string) int32 { return place[folded(label)] }
}

// several is the first label that is a list of others, as "pos;funny" beside "pos"
// or "funny, sad"; "" for none.
func (l labels) several() string {
	parts := map[string][]string{} // of each label
	in := map[string]int{}         // labels with a part
	for key := range l {
		parts[key] = strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune(",;|/[]'\"", r) })
		for i, part := range parts[key] {
			parts[key][i] = strings.TrimSpace(part)
			in[parts[key][i]]++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l)) {
		named := slices.DeleteFunc(slices.Clone(parts[key]), func(part string) bool { return part == "" })
		if len(named) > 1 && slices.ContainsFunc(named, func(part string) bool { return in[part] > 1 }) {
			return l.name(key)
		}
	}
	return ""
}

// merged says which labels were taken for one, with the counts of each.
func (l labels) merged() []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(l)) {
		if len(l[key]) < 2 {
			continue
		}
		var counts []string
		for _, spelling := range l.spellings(key) {
			counts = append(counts, fmt.Sprintf("%q %d", spelling[:min(len(spelling), 60)], l[key][spelling]))
		}
		all = append(all, strings.Join(upTo(counts, 5), ", "))
	}
	return all
}
