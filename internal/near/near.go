// Package near suggests the intended name for a mistyped one.
package near

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Hint returns " (did you mean NAME?)" for the known name that is nearest to the typed
// text, or that begins with it. It returns "" if no name is near. A name is near if at
// most about a third of its letters have to change: one of four, or two of five.
func Hint(typed string, known []string) string {
	typed = strings.ToLower(typed)
	best, least := "", 0
	for _, name := range known {
		distance := levenshtein.Distance(typed, strings.ToLower(name), nil)
		near := distance <= (len(name)+1)/3 || len(typed) > 2 && strings.HasPrefix(strings.ToLower(name), typed)
		if near && (best == "" || distance < least) {
			best, least = name, distance
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}
