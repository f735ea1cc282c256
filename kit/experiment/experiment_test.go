package experiment_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/report"
)

// coins is a minimal experiment that tosses coins.
type coins struct {
	Tosses int     `role:"fixed" range:"[1, inf)" help:"of each coin"`
	Seeds  []int64 `role:"averaged" help:"of the coins"`
}

type heads struct{ Shares []float64 }

// lesson returns a lesson with two experiments, of which the second needs the first. It counts how often
// each is measured.
func lesson(measured map[string]int) experiment.Lesson[struct{ Fair coins }] {
	type config = struct{ Fair coins }
	toss := experiment.Experiment[coins, heads]{
		Name: "Fair", Title: "A fair coin",
		Measure: func(_ context.Context, _ compute.Backend, c coins) (heads, error) {
			measured["Fair"]++
			if c.Tosses == 13 {
				return heads{}, errors.New("the coin rolled away")
			}
			var h heads
			for range c.Seeds {
				h.Shares = append(h.Shares, 0.5)
			}
			return h, nil
		},
		Rules: []claim.Rule[heads]{claim.SampledRule("q0.1", "Q0", "A coin falls on its head.", "the mean is above 0.4", claim.Supported,
			func(h heads) claim.Finding {
				mean := claim.EstimateMean(h.Shares)
				return claim.Finding{Decision: mean.Above(0.4), Evidence: "Half of them do.", Samples: mean.N}
			})},
		Figures: func(_ coins, h heads) (report.Figures, error) {
			return report.Figures{Tables: []report.Table{{ID: "heads", Columns: []string{"share"}}}}, nil
		},
	}
	again := experiment.Experiment[coins, heads]{
		Name: "Again", Title: "The same coin",
		Measure: func(ctx context.Context, b compute.Backend, c coins) (heads, error) {
			measured["Again"]++
			return toss.Measured(ctx, b, c)
		},
	}
	preset := func() config { return config{coins{Tosses: 10, Seeds: []int64{1, 2, 3, 4, 5}}} }
	return experiment.Lesson[config]{
		Name: "coins", Title: "Coins", Smoke: preset, Default: preset, Full: preset,
		Experiments: []experiment.Part[config]{
			experiment.Of(toss, func(c config) coins { return c.Fair }),
			experiment.Of(again, func(c config) coins { return c.Fair }),
		},
	}
}

func pure(t *testing.T) compute.Backend {
	t.Helper()
	b, err := backend.PureGo()
	require.NoError(t, err)
	return b
}

func TestRunJoinsTheExperiments(t *testing.T) {
	measured := map[string]int{}
	l := lesson(measured)
	r, err := l.Run(t.Context(), pure(t), l.Config(experiment.Options{Seed: 10}))
	require.NoError(t, err)
	require.Equal(t, map[string]int{"Fair": 1, "Again": 1}, measured, "equal knobs are measured once in a run")
	require.Equal(t, claim.Supported, r.Claims[0].Verdict)
	require.Equal(t, []int64{11, 12, 13, 14, 15}, r.Provenance.Seeds)
	require.Equal(t, "heads", r.Tables[0].ID)
	require.Equal(t, []string{"q0.1"}, r.Experiments[0].Claims)
	require.Equal(t, "default", r.Preset, "a shift of all seeds keeps the preset")
	require.True(t, r.Claims[0].AtRecord)
	r, err = l.Run(t.Context(), pure(t), l.Default())
	require.NoError(t, err)
	require.Equal(t, "default", r.Preset)
	r, err = l.Run(t.Context(), pure(t), l.Config(experiment.Options{Seed: 10}))
	require.NoError(t, err)
	require.Equal(t, []string{"heads"}, r.Experiments[0].Figures)
	require.Equal(t, report.Knob{Path: "Fair.Tosses", Role: "fixed", Value: "10", Help: "of each coin"}, r.Knobs[0])
	require.JSONEq(t, `{"Fair":{"Tosses":10,"Seeds":[11,12,13,14,15]}}`, string(r.Config))
}

func TestLivePresetIsSmokeUnlessTheLessonHasItsOwn(t *testing.T) {
	l := lesson(map[string]int{})
	live := experiment.Options{Preset: experiment.Live}
	tosses := func(n int) func() struct{ Fair coins } {
		return func() struct{ Fair coins } { return struct{ Fair coins }{coins{Tosses: n, Seeds: knob.Seeds(5)}} }
	}
	l.Smoke = tosses(3)
	require.Equal(t, 3, l.Config(live).Fair.Tosses)
	l.Live = tosses(4)
	require.Equal(t, 4, l.Config(live).Fair.Tosses)
	r, err := l.Run(t.Context(), pure(t), l.Config(live))
	require.NoError(t, err)
	require.Equal(t, "live", r.Preset)
	require.False(t, r.Claims[0].AtRecord)
}

func TestAnExperimentRunsWithKnobsOfItsOwn(t *testing.T) {
	l := lesson(map[string]int{})
	knobs := l.Experiments[0].Knobs(l.Default())
	require.NoError(t, knob.Set("Fair", knobs, "Seeds", "1, 2"))
	result, err := l.Experiments[0].Run(t.Context(), pure(t), knobs)
	require.NoError(t, err)
	require.Equal(t, 2, result.Claims[0].Samples)
	require.Len(t, l.Default().Fair.Seeds, 5, "the preset stays")
}

// source may name data of the reader.
type source struct {
	File string `role:"fixed" json:"-" help:"the reader's own data"`
}

func (s source) OwnData() bool { return s.File != "" }

func TestVerdictOnOwnDataDiffersFromNoRecord(t *testing.T) {
	type knobs struct {
		Coins coins
		From  source
	}
	refuted := experiment.Experiment[knobs, heads]{
		Name: "Own", Title: "Own coins",
		Measure: func(context.Context, compute.Backend, knobs) (heads, error) { return heads{}, nil },
		Rules: []claim.Rule[heads]{claim.ExactRule("q0.2", "Q0", "It holds.", "it is so", claim.Supported,
			func(heads) claim.Finding {
				return claim.Finding{Decision: claim.Holds(false), Evidence: "No.", Samples: 1}
			})},
	}
	for _, c := range []struct {
		file   string
		differ int
		says   string
	}{
		{"", 1, "1 claim: 0 supported, 1 refuted, 0 inconclusive; 1 verdict differs from the record"},
		{"mine", 0, "1 claim: 0 supported, 1 refuted, 0 inconclusive; for these data there is no record"},
	} {
		_, result, err := refuted.Run(t.Context(), pure(t), knobs{coins{Tosses: 1, Seeds: []int64{1}}, source{c.file}})
		require.NoError(t, err)
		require.Equal(t, claim.Refuted, result.Claims[0].Verdict, "it is judged all the same")
		require.NoError(t, result.Claims[0].Validate())
		tally := claim.TallyOf(result.Claims)
		require.Equal(t, c.differ, tally.Differ)
		require.Equal(t, c.says, tally.String())
	}
	require.Equal(t, claim.Supported, refuted.Rules[0].Claim.Recorded, "the rule itself is left alone")
}

func TestOnlyRunsWhatIsAskedFor(t *testing.T) {
	l := lesson(map[string]int{})
	only, err := l.Only("again")
	require.NoError(t, err)
	r, err := only.Run(t.Context(), pure(t), only.Config(experiment.Options{}))
	require.NoError(t, err)
	require.Empty(t, r.Claims)
	require.Len(t, r.Experiments, 1)
	require.Len(t, l.Experiments, 2, "the lesson itself stays whole")
	_, err = l.Only("aga1n")
	require.ErrorIs(t, err, badinput.Err)
	require.EqualError(t, err, `lesson coins has no experiment "aga1n" (did you mean again?): it has fair, again`)
}

func TestKnobsAreCheckedBeforeAnythingIsMeasured(t *testing.T) {
	measured := map[string]int{}
	l := lesson(measured)
	c := l.Config(experiment.Options{})
	c.Fair.Tosses = 0
	_, err := l.Run(t.Context(), pure(t), c)
	require.ErrorIs(t, err, badinput.Err)
	require.EqualError(t, err, "Fair.Tosses is 0: it must be at least 1")
	require.Empty(t, measured)
}

func TestPureGoMeasuresWithoutXLA(t *testing.T) {
	own, err := backend.PureGo()
	require.NoError(t, err)
	defer own.Finalize()
	for pureGo, want := range map[bool]string{true: own.Name(), false: "none"} {
		named := experiment.Experiment[coins, string]{
			Name: "Named", PureGo: pureGo,
			Measure: func(_ context.Context, b compute.Backend, _ coins) (string, error) {
				if b == nil {
					return "none", nil
				}
				return b.Name(), nil
			},
		}
		got, err := named.Measured(context.Background(), nil, coins{1, []int64{1}})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestAFailedMeasurementIsNotKept(t *testing.T) {
	measured := map[string]int{}
	l := lesson(measured)
	c := l.Config(experiment.Options{})
	c.Fair.Tosses = 13
	_, err := l.Run(t.Context(), pure(t), c)
	require.EqualError(t, err, "the coin rolled away")
}

type noKnobs = struct{}

// Once tries again after a failure, and keeps a value once it succeeds.
func TestOnceKeepsWhatWasMade(t *testing.T) {
	broken, calls := errors.New("broken"), 0
	try := func() (int, error) {
		if calls++; calls == 1 {
			return 0, broken
		}
		return 7, nil
	}
	e := experiment.Experiment[noKnobs, int]{Name: "Once", Measure: func(ctx context.Context, _ compute.Backend, _ noKnobs) (int, error) {
		_, err := experiment.Once(ctx, "seven", try)
		require.ErrorIs(t, err, broken)
		for range 2 {
			seven, err := experiment.Once(ctx, "seven", try)
			require.NoError(t, err)
			require.Equal(t, 7, seven)
		}
		return calls, nil
	}}
	made, err := e.Measured(context.Background(), nil, noKnobs{})
	require.NoError(t, err)
	require.Equal(t, 2, made)
}

// Two experiments that need a third one measure it once per run, whether they run in a lesson or alone.
func TestEqualKnobsAreMeasuredOnce(t *testing.T) {
	measured := 0
	shared := experiment.Experiment[noKnobs, int]{Name: "Shared", Measure: func(context.Context, compute.Backend, noKnobs) (int, error) {
		measured++
		return measured, nil
	}}
	asks := experiment.Experiment[noKnobs, int]{Name: "Asks", Measure: func(ctx context.Context, backend compute.Backend, c noKnobs) (int, error) {
		first, err := shared.Measured(ctx, backend, c)
		require.NoError(t, err)
		second, err := shared.Measured(ctx, backend, c)
		require.NoError(t, err)
		return first + second, nil
	}}
	for _, want := range []int{2, 4} { // the second run measures anew
		sum, err := asks.Measured(context.Background(), nil, noKnobs{})
		require.NoError(t, err)
		require.Equal(t, want, sum)
	}
}
