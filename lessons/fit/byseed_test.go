package fit

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/lessons/lesson"
)

func TestTrainingsSideBySideAreThoseOneAfterTheOther(t *testing.T) {
	selected, err := Backend(context.Background())
	require.NoError(t, err)
	data := xor(256, 1)
	open := func() (*Classifier, error) {
		return NewClassifier(selected.Backend, mlp, data, 32, optimizer.Adam().Done())
	}
	losses := func(workers int) [][]float64 {
		results, err := bySeed(context.Background(), workers, lesson.Seeds(7), open, func(ctx context.Context, net *Classifier, seed int64) ([]float64, error) {
			history, err := net.Train(ctx, data, Training{Seed: seed, Epochs: 2})
			return history.Losses, err
		})
		require.NoError(t, err)
		return results
	}
	alone := losses(1)
	require.Len(t, alone, 7)
	require.NotEqual(t, alone[0], alone[1], "the seeds differ")
	require.Equal(t, alone, losses(3))
}

// opened counts how many were opened and are not freed yet.
type opened struct{ count *atomic.Int32 }

func (o opened) Finalize() { o.count.Add(-1) }

func TestFirstErrorEndsAllMeasurements(t *testing.T) {
	var count atomic.Int32
	broken := errors.New("seed 2 is broken")
	open := func() (opened, error) {
		count.Add(1)
		return opened{&count}, nil
	}
	_, err := bySeed(context.Background(), 3, lesson.Seeds(9), open, func(ctx context.Context, _ opened, seed int64) (int, error) {
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
	_, err := bySeed(context.Background(), 2, lesson.Seeds(3), func() (opened, error) { return opened{}, closed },
		func(context.Context, opened, int64) (int, error) { panic("nothing to measure with") })
	require.ErrorIs(t, err, closed)
}

func TestProgressIsThatOfOneAtATime(t *testing.T) {
	var tasks atomic.Int32
	ctx := WithProgress(context.Background(), func(p Progress) {
		if strings.HasPrefix(p.Task, "seed") {
			tasks.Add(1)
		}
	})
	var count atomic.Int32
	open := func() (opened, error) {
		count.Add(1)
		return opened{&count}, nil
	}
	// All three wait for each other, so that each takes one seed.
	arrived := make(chan struct{}, 3)
	_, err := bySeed(ctx, 3, lesson.Seeds(3), open, func(ctx context.Context, _ opened, _ int64) (int, error) {
		ReportTask(ctx, "seed", 1, 1)
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
