package fit

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"evident/kit/backend"
	"evident/kit/progress"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/kit/knob"
)

func TestTrainingsSideBySideAreThoseOneAfterTheOther(t *testing.T) {
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	data := xor(256, 1)
	open := func(backend compute.Backend) (*Classifier, error) {
		return NewClassifier(backend, mlp, data, 32, optimizer.Adam().Done())
	}
	losses := func(seeds []int64) [][]float64 {
		results, err := BySeed(context.Background(), selected.Backend, seeds, open, func(ctx context.Context, net *Classifier, seed int64) ([]float64, error) {
			history, err := net.Train(ctx, data, Training{Seed: seed, Epochs: 2})
			return history.Losses, err
		})
		require.NoError(t, err)
		return results
	}
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	var alone [][]float64
	for _, seed := range knob.Seeds(7) {
		alone = append(alone, losses([]int64{seed})...)
	}
	require.NotEqual(t, alone[0], alone[1], "the seeds differ")
	for _, atOnce := range []int{1, 3} {
		runtime.GOMAXPROCS(atOnce)
		require.Equal(t, alone, losses(knob.Seeds(7)), "%d processors", atOnce)
	}
}

// workers share no backend.
func workers(n int) sharing {
	return sharing{n, func() (compute.Backend, error) { return nil, nil }, func(compute.Backend) {}}
}

// opened counts how many were opened and are not freed yet.
type opened struct{ count *atomic.Int32 }

func (o opened) Finalize() { o.count.Add(-1) }

func TestOneIsOpenedAfterTheOther(t *testing.T) {
	var count, opening, most atomic.Int32
	_, err := bySeed(context.Background(), workers(4), knob.Seeds(20), func(compute.Backend) (opened, error) {
		most.Store(max(most.Load(), opening.Add(1)))
		time.Sleep(time.Millisecond)
		opening.Add(-1)
		count.Add(1)
		return opened{&count}, nil
	}, func(context.Context, opened, int64) (int, error) { return 0, nil })
	require.NoError(t, err)
	require.EqualValues(t, 1, most.Load())
}

func TestFirstErrorEndsAllMeasurements(t *testing.T) {
	var count atomic.Int32
	broken := errors.New("seed 2 is broken")
	open := func(compute.Backend) (opened, error) {
		count.Add(1)
		return opened{&count}, nil
	}
	_, err := bySeed(context.Background(), workers(3), knob.Seeds(9), open, func(ctx context.Context, _ opened, seed int64) (int, error) {
		if seed == 2 {
			return 0, broken
		}
		<-ctx.Done() // without the error, they would wait for ever
		return 0, ctx.Err()
	})
	require.ErrorIs(t, err, broken)
	require.Zero(t, count.Load(), "all were freed")
}

func TestWhatCannotBeOpenedIsNotMeasured(t *testing.T) {
	closed := errors.New("it does not compile")
	_, err := bySeed(context.Background(), workers(2), knob.Seeds(3), func(compute.Backend) (opened, error) { return opened{}, closed },
		func(context.Context, opened, int64) (int, error) { panic("nothing to measure with") })
	require.ErrorIs(t, err, closed)
}

func TestProgressIsThatOfOneAtATime(t *testing.T) {
	var tasks atomic.Int32
	ctx := progress.With(context.Background(), func(p progress.Update) {
		if strings.HasPrefix(p.Task, "seed") {
			tasks.Add(1)
		}
	})
	var count atomic.Int32
	open := func(compute.Backend) (opened, error) {
		count.Add(1)
		return opened{&count}, nil
	}
	// All three wait for each other, so that each takes one seed.
	arrived := make(chan struct{}, 3)
	_, err := bySeed(ctx, workers(3), knob.Seeds(3), open, func(ctx context.Context, _ opened, _ int64) (int, error) {
		progress.ReportTask(ctx, "seed", 1, 1)
		arrived <- struct{}{}
		for len(arrived) < cap(arrived) {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 1, tasks.Load())
}
