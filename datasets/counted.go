package datasets

import (
	"fmt"

	"github.com/dustin/go-humanize/english"
)

// Counted formats a number with its noun, as in "1 text" and "2 empty rows". The
// noun is in the singular and must have a regular plural.
func Counted(n int, noun string) string {
	return fmt.Sprintf("%d %s", n, english.PluralWord(n, noun, ""))
}
