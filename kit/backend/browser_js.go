package backend

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// Select starts GoMLX's backend in pure Go, the only one in a browser.
func Select(ctx context.Context) (Selected, error) {
	if err := ctx.Err(); err != nil {
		return Selected{}, err
	}
	b, err := PureGo()
	return Selected{Backend: b, Why: "Backend " + gobackend.BackendName + ": the only one in a browser."}, err
}

// Chosen says what [Select] would start.
func Chosen() string { return gobackend.BackendName }

// Open starts the backend that [Select] starts. It has one device.
func Open(int) (compute.Backend, error) { return PureGo() }

// Pool lends no backends: a browser computes in one thread.
func Pool(compute.Backend) (lend func() (compute.Backend, error), giveBack func(compute.Backend), ok bool) {
	return nil, nil, false
}
