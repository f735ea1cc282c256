package datasets

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// SplitParts sorts folders by name into the two sides of a split and the rest.
// Names for training are train, training_set, train2017 and the like; names for
// the held-back side are test, valid, val2017 and the like.
func SplitParts(folders []string) (training, held, rest []string) {
	for _, folder := range folders {
		words := strings.FieldsFunc(strings.ToLower(path.Base(folder)), func(r rune) bool { return !unicode.IsLetter(r) })
		is := func(whole []string, beginnings ...string) bool {
			return slices.ContainsFunc(words, func(word string) bool {
				return slices.Contains(whole, word) || slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
			})
		}
		switch short := []string{"val", "dev"}; { // other words, such as device, begin with these
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
