package datasets

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// SplitParts sorts folders into those that are called like the two sides of a
// split, as in train, training_set and train2017, or test, valid, val2017, and the
// rest.
func SplitParts(folders []string) (training, held, rest []string) {
	for _, folder := range folders {
		words := strings.FieldsFunc(strings.ToLower(path.Base(folder)), func(r rune) bool { return !unicode.IsLetter(r) })
		is := func(whole []string, beginnings ...string) bool {
			return slices.ContainsFunc(words, func(word string) bool {
				return slices.Contains(whole, word) || slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
			})
		}
		switch short := []string{"val", "dev"}; { // words that others, such as device, begin with
		case is(nil, "train") && !is(short):
			training = append(training, folder)
		case is(short, "test", "valid", "eval", "holdout"):
			held = append(held, folder)
		default:
			rest = append(rest, folder)
		}
	}
	return training, held, rest
}
