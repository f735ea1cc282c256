package learningrate

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
		if c.Kind == lesson.Exact {
			require.Equal(t, c.Recorded, c.Verdict, "%s: %s", c.ID, c.Evidence)
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
}

func TestSmokeScaleInPureGo(t *testing.T) {
	pure, err := gobackend.New("")
	require.NoError(t, err)
	report, err := RunScale(context.Background(), pure, lesson.Options{Scale: lesson.Smoke, Seed: 5})
	require.NoError(t, err)
	requireSound(t, report)
}

func TestOneSeedDecidesNothing(t *testing.T) {
	pure, err := gobackend.New("")
	require.NoError(t, err)
	c := Smoke()
	for _, seeds := range []*[]int64{&c.Floor.Seeds, &c.Basins.Seeds, &c.Grid.Seeds, &c.Vanishing.Seeds, &c.Sharpness.Seeds} {
		*seeds = (*seeds)[:1]
	}
	report, err := Run(context.Background(), pure, c)
	require.NoError(t, err)
	for _, claim := range report.Claims {
		if claim.Kind == lesson.Sampled {
			require.Equal(t, lesson.Inconclusive, claim.Verdict, claim.ID)
		}
	}
}

func TestCancelledRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	ctx = fit.WithProgress(ctx, func(fit.Progress) { cancel() })
	_, err := RunScale(ctx, backend(t), lesson.Options{Scale: lesson.Smoke})
	require.ErrorIs(t, err, context.Canceled)
}
