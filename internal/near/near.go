// Package near finds the name that a mistyped one was meant to be.
package near

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Hint is " (did you mean NAME?)" for the known name that is nearest to what was
// typed, or that begins with it; "" when none is near. Near is a name of which no more
// than about a third of the letters have to change: one of four, and two of five.
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
