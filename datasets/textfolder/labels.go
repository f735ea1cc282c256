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
)

// missing lists the folded labels that mean "no label" in common programs.
var missing = []string{"", "na", "n/a", "#n/a", "nan", "none", "null", "nil", "?", "-"}

func isMissing(label string) bool { return slices.Contains(missing, folded(label)) }

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

// merged lists the labels that count as one, with the counts of each spelling.
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
