package show

import (
	"context"
	"errors"

	"github.com/janpfeifer/must"
)

// Check ends a cell with the error of its experiment. After an interrupt it
// prints one line, and the results so far stay. On any other error it panics,
// as notebooks do.
func Check(err error) {
	if errors.Is(err, context.Canceled) {
		notice("Interrupted: this is what was finished.")
		return
	}
	must.M(err)
}
