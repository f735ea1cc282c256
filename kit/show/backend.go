package show

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/janpfeifer/must"

	"evident/kit/backend"
)

// Backend returns the backend that package backend selects, for use in a
// notebook cell. If lessons will be slow on it, it says so in one line.
func Backend() compute.Backend {
	selected := must.M1(backend.Select(context.Background()))
	if selected.Slow {
		notice(selected.Why)
	}
	return selected.Backend
}
