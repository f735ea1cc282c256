package fit

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Finalizer frees what was compiled: a [Classifier], or several.
type Finalizer interface{ Finalize() }

// SideBySide is how many trainings of small networks run at once: one for every
// two processors. A step on a batch of small pictures keeps about two busy, and
// more processors do not make it faster.
func SideBySide() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// BySeed measures the same from every seed and returns the results in the order
// of the seeds. Up to [SideBySide] measurements run at once, each with what open
// has compiled for it. Measure must get all that is random from the seed and
// change nothing that others use: then the results are those of one after the
// other. The first of those that run at once reports its progress, for all. The
// first error cancels the others.
func BySeed[C Finalizer, T any](ctx context.Context, seeds []int64, open func() (C, error), measure func(ctx context.Context, compiled C, seed int64) (T, error)) ([]T, error) {
	return bySeed(ctx, SideBySide(), seeds, open, measure)
}

func bySeed[C Finalizer, T any](ctx context.Context, workers int, seeds []int64, open func() (C, error), measure func(context.Context, C, int64) (T, error)) ([]T, error) {
	results := make([]T, len(seeds))
	next := make(chan int, len(seeds))
	for i := range seeds {
		next <- i
	}
	close(next)
	group, ctx := errgroup.WithContext(ctx)
	for worker := range min(workers, len(seeds)) {
		group.Go(func() error {
			ctx := ctx
			if worker > 0 {
				ctx = WithProgress(ctx, func(Progress) {})
			}
			compiled, err := open()
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
