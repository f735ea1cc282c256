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

func TestClaimOfSeveralParts(t *testing.T) {
	s, r, i := tested(claim.Supported, 0.01), tested(claim.Refuted, 0.02), tested(claim.Inconclusive, 0.5)
	for _, c := range []struct {
		name        string
		parts       []claim.Decision
		all, agreed claim.Decision
	}{
		{"none", nil, tested(claim.Supported, 0), tested(claim.Inconclusive, 0)},
		{"all supported", []claim.Decision{s, tested(claim.Supported, 0.03)}, tested(claim.Supported, 0.03), tested(claim.Supported, 0.03)},
		{"an exact part has no p", []claim.Decision{claim.Holds(true), s}, s, s},
		{"one open", []claim.Decision{s, i}, i, i},
		{"one refuted", []claim.Decision{i, r, s}, r, i},
		{"it depends", []claim.Decision{s, r}, r, tested(claim.Inconclusive, 0.02)},
		{"all refuted", []claim.Decision{r, r}, r, r},
		{"refuted by an exact part", []claim.Decision{s, claim.Holds(false)}, tested(claim.Refuted, 0), tested(claim.Inconclusive, 0.01)},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.all, claim.All(c.parts...))
			assert.Equal(t, c.agreed, claim.Agreed(c.parts...))
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
