package claim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"evident/kit/claim"
)

// tested returns a decision with a p-value, or with none if p is 0.
func tested(verdict claim.Verdict, p float64) claim.Decision {
	return claim.Decision{Verdict: verdict, P: p, Tested: p > 0}
}

func TestClaimThatNeedsSeveralConditions(t *testing.T) {
	s, r, i, u := tested(claim.Supported, 0.01), tested(claim.Refuted, 0.02), tested(claim.Inconclusive, 0.5), claim.Missing()
	for _, c := range []struct {
		name       string
		conditions []claim.Decision
		all        claim.Decision
	}{
		{"none", nil, tested(claim.Supported, 0)},
		{"all supported", []claim.Decision{s, tested(claim.Supported, 0.03)}, tested(claim.Supported, 0.03)},
		{"an exact one has no p", []claim.Decision{claim.Holds(true), s}, s},
		{"one open", []claim.Decision{s, i}, i},
		{"one refuted", []claim.Decision{i, r, s}, r},
		{"one refuted beside an unmeasured one", []claim.Decision{u, r}, r},
		{"one unmeasured", []claim.Decision{s, u}, u},
		{"one open and one unmeasured", []claim.Decision{u, i}, i},
		{"refuted by an exact one", []claim.Decision{s, claim.Holds(false)}, tested(claim.Refuted, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.all, claim.All(c.conditions...))
		})
	}
	assert.Equal(t, claim.Supported, claim.Holds(true).Verdict)
	assert.Equal(t, claim.Refuted, claim.Holds(false).Verdict)
	assert.Equal(t, claim.Inconclusive, claim.Open().Verdict)
}

// The expected p-values are computed by hand: k of n coins on one side, Σ C(n,
// j) / 2ⁿ for j ≥ k.
func TestSignTestCountsCoins(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		p      float64
	}{
		{"five of five", []float64{1, 2, 3, 4, 5}, 1.0 / 32},
		{"eight of eight", []float64{1, 2, 1, 2, 1, 2, 1, 2}, 1.0 / 256},
		{"seven of eight", []float64{1, 1, 1, 1, 1, 1, 1, -0.1}, 9.0 / 256},
		{"none of four is one of the other side", []float64{-1, -1, -1, -1}, 1.0 / 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			decision := claim.EstimateMean(c.values).Above(0)
			assert.True(t, decision.Tested)
			assert.InDelta(t, c.p, decision.P, 1e-12)
		})
	}
}

// Skewed values shift Student's interval, because their mean and median
// differ. The sign test then disagrees, and nothing is decided.
func TestIntervalAloneDecidesNothing(t *testing.T) {
	values := make([]float64, 40)
	for i := range values {
		values[i] = math.Exp(float64(i-20) / 3)
	}
	mean := claim.EstimateMean(values)
	threshold := 10.0
	assert.Greater(t, mean.Low, threshold)
	assert.Equal(t, claim.Inconclusive, mean.Above(threshold).Verdict)
}

// A value equal to the threshold is not above it.
func TestTiesSpeakAgainstTheClaim(t *testing.T) {
	zeros := claim.EstimateMean(make([]float64, 6))
	assert.Equal(t, claim.Refuted, zeros.Above(0).Verdict)
	assert.Equal(t, claim.Refuted, zeros.Below(0).Verdict)
	assert.Equal(t, claim.Supported, zeros.Below(0.1).Verdict)
}

// Five seeds must all lie on one side: 5 of 5 have p = 1/32, 4 of 5 have 6/32.
func TestPowerSaysWhatTheSignTestNeeds(t *testing.T) {
	for _, c := range []struct {
		seeds int
		want  string
	}{
		{4, "4 seeds can show a distance of 0 from 0 (power 80 %), but are too few for the sign test"},
		{5, "if 5 lie on one side"},
		{8, "if 7 lie on one side"},   // 9/256
		{12, "if 10 lie on one side"}, // 79/4096
		{24, "if 17 lie on one side"}, // 0.032
	} {
		assert.Contains(t, (&claim.Power{Seeds: c.seeds}).String(), c.want)
	}
}

func TestADecisionKeepsWhatItCompared(t *testing.T) {
	a, b := claim.EstimateMean([]float64{1, 2, 3}), claim.EstimateMean([]float64{-1, -2})
	for name, c := range map[string]struct {
		decision claim.Decision
		want     []claim.Bound
	}{
		"above":   {a.Above(0), []claim.Bound{{Estimate: a, Threshold: 0}}},
		"refuted": {b.Above(0), []claim.Bound{{Estimate: b, Threshold: 0}}},
		"below":   {b.Below(3), []claim.Bound{{Estimate: b, Threshold: 3}}},
		"within":  {a.Within(-1, 1), []claim.Bound{{Estimate: a, Threshold: -1}, {Estimate: a, Threshold: 1}}},
		"all":     {claim.All(a.Above(0), claim.Holds(true), b.Below(3)), []claim.Bound{{Estimate: a, Threshold: 0}, {Estimate: b, Threshold: 3}}},
		"exact":   {claim.Holds(true), nil},
	} {
		assert.Equal(t, c.want, c.decision.Bounds, name)
	}
}
