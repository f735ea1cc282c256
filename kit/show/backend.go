package show

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/janpfeifer/must"

	"evident/kit/backend"
)

// Backend is the backend that package backend chooses, for use in a notebook cell:
// it says so in one line when lessons will be slow on it.
func Backend() compute.Backend {
	selected := must.M1(backend.Select(context.Background()))
	if selected.Slow {
		notice(selected.Why)
	}
	return selected.Backend
}
