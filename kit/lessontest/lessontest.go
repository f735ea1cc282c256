// Package lessontest holds the tests that all lessons share. The presets must be in range, an error must name a
// bad knob, the smoke preset must run on both backends and agree with the record, and a cancelled run must
// stop.
package lessontest

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/keep"
	"evident/kit/knob"
	"evident/kit/progress"
	"evident/kit/report"
)

// Whole runs the tests that all lessons share.
func Whole[C any](t *testing.T, l experiment.Lesson[C]) {
	t.Run("presets are in their ranges", func(t *testing.T) {
		for _, preset := range []experiment.Preset{experiment.Smoke, experiment.Live, experiment.Default, experiment.Full} {
			require.NoError(t, knob.Check("", l.Config(experiment.Options{Preset: preset})), preset)
		}
	})
	t.Run("claims are declared", func(t *testing.T) {
		for _, c := range l.Claims() {
			require.NotEmpty(t, c.Statement, c.ID)
			require.NotEmpty(t, c.Rule, c.ID)
			require.NotEmpty(t, c.Source, c.ID)
		}
	})
	t.Run("experiments have names", func(t *testing.T) {
		seen := map[string]bool{}
		for _, p := range l.Experiments {
			require.NotEmpty(t, p.Title, p.Name)
			require.False(t, seen[p.Command()], "two experiments are called %s", p.Command())
			seen[p.Command()] = true
		}
	})
	t.Run("seed moves every seed once", func(t *testing.T) {
		own, moved := l.Config(experiment.Options{Preset: experiment.Smoke}), l.Config(experiment.Options{Preset: experiment.Smoke, Seed: 100})
		seeds := knob.SeedsOf(own)
		for i, seed := range knob.SeedsOf(moved) {
			require.Equal(t, seeds[i]+100, seed)
		}
	})
	t.Run("smoke preset", func(t *testing.T) { soundRun(t, l, Backend(t), 0) })
	t.Run("smoke preset in pure Go, measured and kept", func(t *testing.T) { keptRun(t, l, PureGo(t), 5) })
	t.Run("one seed decides nothing", func(t *testing.T) {
		c := l.Config(experiment.Options{Preset: experiment.Smoke})
		knob.Cut(&c, 1)
		r, err := l.Run(context.Background(), PureGo(t), c)
		require.NoError(t, err)
		for _, c := range r.Claims {
			if c.Kind == claim.Sampled {
				require.Contains(t, []claim.Verdict{claim.Inconclusive, claim.Unmeasured}, c.Verdict, c.ID)
			}
		}
	})
	t.Run("an experiment runs alone", func(t *testing.T) {
		last := l.Experiments[len(l.Experiments)-1]
		alone, err := l.Only(last.Command())
		require.NoError(t, err)
		r, err := alone.Run(context.Background(), PureGo(t), alone.Config(experiment.Options{Preset: experiment.Smoke}))
		require.NoError(t, err)
		require.Equal(t, IDs(last.Claims), IDs(r.Claims))
	})
	t.Run("cancelled run stops", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		ctx = progress.With(ctx, func(progress.Update) { cancel() })
		_, err := l.Run(ctx, Backend(t), l.Config(experiment.Options{Preset: experiment.Smoke}))
		require.ErrorIs(t, err, context.Canceled)
	})
}

// keptRun measures with a store, and holds that later runs measure nothing and find the same: from the kept results, and
// from the kept measurements where the results are gone.
func keptRun[C any](t *testing.T, l experiment.Lesson[C], backend compute.Backend, seed int64) {
	store := keep.At(t.TempDir(), time.Time{})
	ctx := experiment.Keeping(context.Background(), store)
	c := l.Config(experiment.Options{Preset: experiment.Smoke, Seed: seed})
	measured, err := l.Run(ctx, backend, c)
	require.NoError(t, err)
	RequireSound(t, measured)
	require.Equal(t, IDs(l.Claims()), IDs(measured.Claims))
	for _, e := range measured.Experiments {
		require.False(t, e.Kept, e.Name)
	}
	for _, source := range []string{"results", "measurements"} {
		kept, err := l.Run(ctx, backend, c)
		require.NoError(t, err)
		for i, e := range kept.Experiments {
			require.True(t, e.Kept, "%s was kept", e.Name)
			require.Equal(t, measured.Experiments[i].Measured.UnixNano(), e.Measured.UnixNano(), "when %s was measured, from its %s", e.Name, source)
		}
		require.Equal(t, WithoutBounds(measured.Claims), WithoutBounds(kept.Claims), "from the %s", source)
		require.Equal(t, measured.Figures, kept.Figures, "from the %s", source)
		forgotten, err := store.Group(experiment.Results).Forget()
		require.NoError(t, err)
		require.Equal(t, len(l.Experiments), forgotten, "every experiment has a result")
	}
}

func soundRun[C any](t *testing.T, l experiment.Lesson[C], backend compute.Backend, seed int64) {
	r, err := l.Run(context.Background(), backend, l.Config(experiment.Options{Preset: experiment.Smoke, Seed: seed}))
	require.NoError(t, err)
	RequireSound(t, r)
	require.Equal(t, IDs(l.Claims()), IDs(r.Claims))
}

// RequireKnobs spoils one knob at a time, and requires a one-line error that names it. The map's key must be
// part of the error.
func RequireKnobs[C any](t *testing.T, sound func() C, spoil map[string]func(*C)) {
	t.Helper()
	for want, change := range spoil {
		t.Run(want, func(t *testing.T) {
			c := sound()
			change(&c)
			err := knob.Check("", c)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// Backend returns the backend that the user would get.
func Backend(t testing.TB) compute.Backend {
	t.Helper()
	selected, err := backend.Select(context.Background())
	require.NoError(t, err)
	return selected.Backend
}

// PureGo returns GoMLX's backend without XLA.
func PureGo(t testing.TB) compute.Backend {
	t.Helper()
	backend, err := backend.PureGo()
	require.NoError(t, err)
	return backend
}

// RequireSound requires that a report is valid, that its claims agree with the record or are open, and that
// JSON preserves all of it but the bounds behind the verdicts.
func RequireSound(t testing.TB, r report.Report) {
	t.Helper()
	require.NoError(t, r.Validate())
	for _, c := range r.Claims {
		require.True(t, c.Agrees(), "%s is %s: %s", c.ID, c.Verdict, c.Evidence)
		require.NotEmpty(t, c.Evidence, c.ID)
	}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var again report.Report
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, WithoutBounds(r.Claims), again.Claims)
	require.Equal(t, r.Charts, again.Charts)
}

// WithoutBounds returns the claims without the estimates behind their verdicts, which JSON leaves out and which may be no
// numbers.
func WithoutBounds(claims []claim.Claim) []claim.Claim {
	left := slices.Clone(claims)
	for i := range left {
		left[i].Bounds, left[i].Parts = nil, WithoutBounds(left[i].Parts)
	}
	return left
}

// Named returns the claim with the id.
func Named(t testing.TB, claims []claim.Claim, id string) claim.Claim {
	t.Helper()
	for _, c := range claims {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no claim %q", id)
	return claim.Claim{}
}

// Part returns the claim or the part of a claim with the id.
func Part(t testing.TB, claims []claim.Claim, id string) claim.Claim {
	t.Helper()
	var found []claim.Claim
	claim.Each(claims, func(c *claim.Claim) {
		if c.ID == id {
			found = append(found, *c)
		}
	})
	if len(found) != 1 {
		t.Fatalf("%d claims and parts %q", len(found), id)
	}
	return found[0]
}

// Judged returns the claim with the id as the rules judge it from handmade measurements.
func Judged[M any](t testing.TB, rules []claim.Rule[M], id string, measured M) claim.Claim {
	t.Helper()
	return Named(t, claim.Judge(rules, measured), id)
}

// Around returns five values spread evenly about the mean, with a 95 % interval of ±1.96·spread (t = 2.776 for
// 4 degrees of freedom; standard deviation 1.58·spread).
func Around(mean, spread float64) []float64 {
	return []float64{mean - 2*spread, mean - spread, mean, mean + spread, mean + 2*spread}
}

// IDs returns the ids of the claims, in order.
func IDs(claims []claim.Claim) []string {
	ids := make([]string, len(claims))
	for i, c := range claims {
		ids[i] = c.ID
	}
	return ids
}
