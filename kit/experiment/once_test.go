package experiment_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/progress"
)

type (
	knobs struct {
		Size int `role:"fixed" help:"of the data"`
	}
	dataKey int
)

// All experiments and the provenance of a run share one copy of the data. Nothing is kept outside of a run,
// and no error is kept.
func TestDataIsLoadedOnceInARun(t *testing.T) {
	loaded := 0
	load := func(ctx context.Context, size int) (int, error) {
		return experiment.Once(ctx, dataKey(size), func() (int, error) {
			if loaded++; size < 0 {
				return 0, errors.New("no data")
			}
			return size, nil
		})
	}
	one := func(name string, times int) experiment.Part[knobs] {
		return experiment.Of(experiment.Experiment[knobs, int]{
			Name: name, Title: name,
			Measure: func(ctx context.Context, _ compute.Backend, c knobs) (int, error) { return load(ctx, times*c.Size) },
		}, func(c knobs) knobs { return c })
	}
	none := func() knobs { return knobs{} }
	lesson := experiment.Lesson[knobs]{
		Name: "own", Title: "Own", Smoke: none, Default: none, Full: none,
		Data: func(ctx context.Context, c knobs) (name, hash string, err error) {
			_, err = load(ctx, c.Size)
			return "numbers", "", err
		},
		Experiments: []experiment.Part[knobs]{one("First", 1), one("Second", 1), one("Double", 2)},
	}
	for run := 1; run <= 2; run++ {
		_, err := lesson.Run(t.Context(), lessontest.PureGo(t), knobs{Size: 3})
		require.NoError(t, err)
		require.Equal(t, 2*run, loaded, "3 and 6, in each run")
	}
	loaded = 0
	for range 2 {
		_, err := load(t.Context(), 3)
		require.NoError(t, err)
	}
	require.Equal(t, 2, loaded)
	_, err := lesson.Run(t.Context(), lessontest.PureGo(t), knobs{Size: -3})
	require.ErrorContains(t, err, "no data")
}

func TestUpdatesNameTheExperimentThatIsMeasured(t *testing.T) {
	var seen []string
	ctx := progress.With(context.Background(), func(p progress.Update) { seen = append(seen, p.Experiment+" "+p.Task) })
	measured := func(name string, other func(context.Context) error) experiment.Experiment[knobs, int] {
		return experiment.Experiment[knobs, int]{
			Name: name, Title: name,
			Measure: func(ctx context.Context, _ compute.Backend, c knobs) (int, error) {
				err := other(ctx)
				progress.ReportTask(ctx, "training", 1, 2)
				return c.Size, err
			},
		}
	}
	inner := measured("Inner", func(context.Context) error { return nil })
	outer := measured("Outer", func(ctx context.Context) error {
		_, err := inner.Measured(ctx, nil, knobs{})
		return err
	})
	_, _, err := outer.Run(ctx, nil, knobs{})
	require.NoError(t, err)
	progress.ReportTask(ctx, "waiting", 0, 0)
	require.Equal(t, []string{"Outer ", "Inner ", "Inner training", "Outer training", " waiting"}, seen)
}
