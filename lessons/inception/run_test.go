package inception

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/stretchr/testify/require"

	"evident/lessons/fit"
	"evident/lessons/lesson"
)

func backend(t testing.TB) compute.Backend {
	t.Helper()
	selected, err := fit.Backend(context.Background())
	require.NoError(t, err)
	return selected.Backend
}

func requireSound(t *testing.T, report lesson.Report) {
	t.Helper()
	require.NoError(t, report.Validate())
	for _, c := range report.Claims {
		require.True(t, c.Agrees(), "%s is %s: %s", c.ID, c.Verdict, c.Evidence)
		require.NotEmpty(t, c.Evidence, c.ID)
		if c.Kind == lesson.Exact && c.ID != "q7.t" {
			require.Equal(t, lesson.Supported, c.Verdict, c.ID)
		}
	}
	text, err := json.Marshal(report)
	require.NoError(t, err)
	var again lesson.Report
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, report.Claims, again.Claims)
	require.Equal(t, report.Charts, again.Charts)
}

func TestSmokeScale(t *testing.T) {
	report, err := RunScale(context.Background(), backend(t), lesson.Options{Scale: lesson.Smoke})
	require.NoError(t, err)
	requireSound(t, report)
	require.Equal(t, lesson.Smoke, report.Scale)
	require.Equal(t, "shapes (seed 1)", report.Provenance.DataSet)
}

func TestSmokeScaleInPureGo(t *testing.T) {
	pure, err := gobackend.New("")
	require.NoError(t, err)
	report, err := RunScale(context.Background(), pure, lesson.Options{Scale: lesson.Smoke, Seed: 5})
	require.NoError(t, err)
	requireSound(t, report)
}

func TestCancelledRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	ctx = fit.WithProgress(ctx, func(fit.Progress) { cancel() })
	_, err := RunScale(ctx, backend(t), lesson.Options{Scale: lesson.Smoke})
	require.ErrorIs(t, err, context.Canceled)
}

func TestMissingDataIsBadInput(t *testing.T) {
	_, err := RunScale(context.Background(), backend(t), lesson.Options{Scale: lesson.Smoke, Data: t.TempDir()})
	require.ErrorIs(t, err, lesson.ErrBadInput)
}
