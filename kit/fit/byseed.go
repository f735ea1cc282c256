package fit

import (
	"context"
	"runtime"

	"evident/kit/backend"
	"evident/kit/progress"

	"github.com/gomlx/compute"
	"golang.org/x/sync/errgroup"
)

// Finalizer frees what was compiled: a [Classifier], or several.
type Finalizer interface{ Finalize() }

// BySeed measures the same from every seed and returns the results in the order
// of the seeds. Several measurements run at once, each with what open has
// compiled for it on the backend that it is given. Measure must get all that is
// random from the seed and change nothing that others use: then the results are
// those of one after the other. The first of those that run at once reports its
// progress, for all. The first error cancels the others.
//
// On a CPU there is a measurement for each processor, on an XLA of its own with
// one thread. A training step of a small network is a chain of many small
// operations; divided among threads it takes more work in all, since they wait
// for each other. And how a sum is divided decides its last digits, which are so
// the same on a machine of any size. Elsewhere all share the backend, one
// measurement for every two processors.
func BySeed[C Finalizer, T any](ctx context.Context, backend compute.Backend, seeds []int64, open func(compute.Backend) (C, error), measure func(ctx context.Context, compiled C, seed int64) (T, error)) ([]T, error) {
	return bySeed(ctx, sharingOf(backend), seeds, open, measure)
}

// sharing is how many measurements run at once, and where each gets its backend.
type sharing struct {
	workers  int
	lend     func() (compute.Backend, error)
	giveBack func(compute.Backend)
}

func sharingOf(b compute.Backend) sharing {
	processors := runtime.GOMAXPROCS(0)
	if lend, giveBack, pooled := backend.Pool(b); pooled {
		return sharing{processors, lend, giveBack}
	}
	return sharing{max(1, processors/2), func() (compute.Backend, error) { return b, nil }, func(compute.Backend) {}}
}

func bySeed[C Finalizer, T any](ctx context.Context, s sharing, seeds []int64, open func(compute.Backend) (C, error), measure func(context.Context, C, int64) (T, error)) ([]T, error) {
	results := make([]T, len(seeds))
	next := make(chan int, len(seeds))
	for i := range seeds {
		next <- i
	}
	close(next)
	group, ctx := errgroup.WithContext(ctx)
	for worker := range min(s.workers, len(seeds)) {
		group.Go(func() error {
			ctx := ctx
			if worker > 0 {
				ctx = progress.With(ctx, func(progress.Update) {})
			}
			backend, err := s.lend()
			if err != nil {
				return err
			}
			defer s.giveBack(backend)
			compiled, err := open(backend)
			if err != nil {
				return err
			}
			defer compiled.Finalize()
			for i := range next {
				if err := ctx.Err(); err != nil {
					return err
				}
				if results[i], err = measure(ctx, compiled, seeds[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return results, group.Wait()
}
