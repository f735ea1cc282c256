package forecast

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
)

func shown(id string, v claim.Verdict) claim.Claim { return claim.Claim{ID: id, Verdict: v} }

func TestScoresAreThoseComputedByHand(t *testing.T) {
	for name, c := range map[string]struct {
		predicted                  map[string]float64
		verdicts                   []claim.Claim
		brier, supported, baseRate float64
		unscored                   []Unscored
	}{
		"perfect":   {map[string]float64{"a": 1, "b": 0}, []claim.Claim{shown("a", claim.Supported), shown("b", claim.Refuted)}, 0, 0.5, 0.25, nil},
		"all wrong": {map[string]float64{"a": 0, "b": 1}, []claim.Claim{shown("a", claim.Supported), shown("b", claim.Mixed)}, 1, 0.5, 0.25, nil},
		// (0.1² + 0.8² + 0.3² + 0.5²) / 4 = (0.01 + 0.64 + 0.09 + 0.25) / 4
		"four": {map[string]float64{"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.5},
			[]claim.Claim{shown("a", claim.Supported), shown("b", claim.Refuted), shown("c", claim.Supported), shown("d", claim.Supported)}, 0.2475, 0.75, 0.1875, nil},
		"open": {map[string]float64{"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}, []claim.Claim{shown("a", claim.Supported), shown("b", claim.Inconclusive), shown("c", claim.Unmeasured)},
			0.01, 1, 0, []Unscored{{"b", "inconclusive"}, {"c", "unmeasured"}, {"d", "no verdict yet"}}},
		"parts": {map[string]float64{"a": 0.2, "aa": 0.6}, []claim.Claim{{ID: "a", Verdict: claim.Mixed, Parts: []claim.Claim{shown("aa", claim.Supported), shown("ab", claim.Refuted)}}},
			0.1, 0.5, 0.25, nil}, // (0.2² + 0.4²) / 2
	} {
		t.Run(name, func(t *testing.T) {
			var b Book
			for _, id := range []string{"a", "aa", "b", "c", "d"} {
				if p, is := c.predicted[id]; is {
					b.Predict(id, p)
				}
			}
			b.Show(c.verdicts)
			score := b.Score()
			require.InDelta(t, c.brier, score.Brier(), 1e-12)
			require.InDelta(t, c.supported, score.Supported(), 1e-12)
			require.InDelta(t, c.baseRate, score.BaseRate(), 1e-12)
			require.Equal(t, c.unscored, score.Unscored)
		})
	}
}

func TestEvenOddsScoreAQuarterWhateverComes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var even, other Book
		for range 1 + random.IntN(20) {
			id := string(rune('a' + random.IntN(26)))
			even.Predict(id, 0.5)
			other.Predict(id, random.Float64())
			verdicts := []claim.Claim{shown(id, claim.Verdicts()[random.IntN(3)])}
			even.Show(verdicts)
			other.Show(verdicts)
		}
		require.True(t, even.Predictions.None())
		require.InDelta(t, EvenOdds, even.Score().Brier(), 1e-12)
		require.LessOrEqual(t, other.Score().BaseRate(), EvenOdds)
		brier := other.Score().Brier()
		require.True(t, brier >= 0 && brier <= 1, "%v", brier)
		binned := 0
		for _, bin := range other.Score().Bins() {
			binned += len(bin.Scored)
			require.True(t, bin.Predicted() >= bin.Low && bin.Predicted() <= bin.High)
		}
		require.Equal(t, len(other.Score().Scored), binned)
	}
}

func TestBins(t *testing.T) {
	for p, low := range map[float64]float64{0: 0, 0.19: 0, 0.2: 0.2, 0.4: 0.4, 0.5: 0.4, 0.6: 0.6, 0.8: 0.8, 0.999: 0.8, 1: 0.8} {
		bins := Score{Scored: []Scored{{Prediction: Prediction{P: p}}}}.Bins()
		require.Len(t, bins, 1)
		require.Equal(t, low, bins[0].Low, "%v", p)
	}
}

func TestSurprisesAreOnTheWrongSide(t *testing.T) {
	var b Book
	for _, p := range []Prediction{{ID: "a", P: 0.4}, {ID: "b", P: 0.9}, {ID: "c", P: 0.5}, {ID: "d", P: 0.7}} {
		b.Predict(p.ID, p.P)
	}
	b.Show([]claim.Claim{shown("a", claim.Supported), shown("b", claim.Refuted), shown("c", claim.Refuted), shown("d", claim.Supported)})
	var ids []string
	for _, s := range b.Score().Surprises() {
		ids = append(ids, s.ID)
	}
	require.Equal(t, []string{"b", "a"}, ids)
}

func TestAPredictionAfterItsVerdict(t *testing.T) {
	var b Book
	require.Equal(t, Prediction{ID: "a", P: 0.3}, b.Predict("a", 0.3))
	require.Equal(t, Prediction{ID: "a", P: 0.6}, b.Predict("a", 0.6), "nothing was shown: it is replaced")
	b.Show([]claim.Claim{shown("a", claim.Refuted), shown("b", claim.Supported)})
	require.Equal(t, "60 %", b.Predict("a", 0.1).String(), "it stays")
	require.Equal(t, "100 %, after the verdict", b.Predict("b", 1).String())
	require.Equal(t, "99.9 %, after the verdict", b.Predict("b", 0.999).String())
	score := b.Score()
	require.InDelta(t, 0.36, score.Brier(), 1e-12)
	require.Equal(t, []Unscored{{"b", "predicted after the verdict"}}, score.Unscored)
}

func TestTheFirstDecidedVerdictCounts(t *testing.T) {
	var b Book
	b.Predict("a", 1)
	for _, v := range []claim.Verdict{claim.Unmeasured, claim.Inconclusive, claim.Supported, claim.Refuted, claim.Inconclusive} {
		b.Show([]claim.Claim{shown("a", v)})
	}
	require.Zero(t, b.Score().Brier())
}

func predictions(t *testing.T, s *Session) (all Predictions) {
	require.NoError(t, s.Update(func(b *Book) { all = b.Predictions }))
	return all
}

func TestSessionsDoNotSeeOneAnother(t *testing.T) {
	folder := t.TempDir()
	for name, paths := range map[string][2]string{
		"files": {filepath.Join(folder, "one"), filepath.Join(folder, "two")}, "processes": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := At(paths[0]), At(paths[1])
			require.NoError(t, one.Update(func(b *Book) { b.Predict("a", 0.7) }))
			require.Empty(t, predictions(t, two))
			require.Len(t, predictions(t, one), 1)
			if paths[0] != "" {
				require.Len(t, predictions(t, At(paths[0])), 1, "another program reads it")
			}
		})
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 2)
}

func TestABrokenBookIsAnErrorAndStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	require.ErrorContains(t, At(path).Update(func(*Book) { t.Error("called") }), "predictions: unexpected end of JSON input")
}
