package claim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evident/kit/claim"
)

// found returns a rule that reports the given finding.
func found(kind claim.Kind, verdict claim.Verdict, samples int) []claim.Rule[struct{}] {
	return []claim.Rule[struct{}]{{
		Claim: claim.Claim{ID: "q1", Kind: kind, Recorded: claim.Supported},
		Judge: func(struct{}) claim.Finding {
			return claim.Finding{Decision: claim.Decision{Verdict: verdict}, Evidence: "e", Samples: samples}
		},
	}}
}

func TestSampledClaimNeedsFiveSeeds(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind     claim.Kind
		verdict  claim.Verdict
		samples  int
		want     claim.Verdict
		evidence string
	}{
		{"exact, one run", claim.Exact, claim.Refuted, 1, claim.Refuted, "e"},
		{"sampled, enough", claim.Sampled, claim.Supported, 5, claim.Supported, "e"},
		{"sampled, too few", claim.Sampled, claim.Supported, 4, claim.Inconclusive, "e (4 seeds; a verdict needs 5)"},
		{"a refutation needs them too", claim.Sampled, claim.Refuted, 2, claim.Inconclusive, "e (2 seeds; a verdict needs 5)"},
		{"inconclusive already", claim.Sampled, claim.Inconclusive, 2, claim.Inconclusive, "e (2 seeds; a verdict needs 5)"},
		{"nothing was measured", claim.Sampled, claim.Inconclusive, 0, claim.Inconclusive, "e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			claim := claim.Judge(found(c.kind, c.verdict, c.samples), struct{}{})[0]
			assert.Equal(t, c.want, claim.Verdict)
			assert.Equal(t, c.evidence, claim.Evidence)
			assert.Equal(t, c.samples, claim.Samples)
		})
	}
}

func TestJudgeKeepsTheOrderAndTheDeclaration(t *testing.T) {
	rules := append(found(claim.Exact, claim.Supported, 1), found(claim.Exact, claim.Refuted, 1)...)
	rules[1].Claim.ID = "q2"
	claims := claim.Judge(rules, struct{}{})
	assert.Equal(t, "q1", claims[0].ID)
	assert.Equal(t, "q2", claims[1].ID)
	assert.Equal(t, claim.Supported, claims[1].Recorded)
	assert.Empty(t, rules[1].Claim.Verdict, "the rules themselves are left alone")
	assert.Equal(t, []claim.Claim{rules[0].Claim, rules[1].Claim}, claim.Declared(rules))
}

func TestClaimAgreesWithItsRecordOrStaysOpen(t *testing.T) {
	for _, c := range []struct {
		verdict, recorded claim.Verdict
		want              bool
	}{
		{claim.Supported, claim.Supported, true},
		{claim.Refuted, claim.Refuted, true},
		{claim.Inconclusive, claim.Supported, true},
		{claim.Inconclusive, claim.Inconclusive, true},
		{claim.Supported, claim.Refuted, false},
		{claim.Refuted, claim.Supported, false},
		{claim.Supported, claim.Inconclusive, false},
		{claim.Refuted, claim.NoRecord, true},
	} {
		assert.Equal(t, c.want, claim.Claim{Verdict: c.verdict, Recorded: c.recorded}.Agrees(), "%s against %s", c.verdict, c.recorded)
	}
}

func TestClaimsWithoutARecordAreCountedBesideTheOthers(t *testing.T) {
	claims := []claim.Claim{{Verdict: claim.Supported, Recorded: claim.Supported}, {Verdict: claim.Refuted, Recorded: claim.Supported}}
	claim.Unrecord(claims[1:])
	tally := claim.TallyOf(claims)
	assert.Equal(t, claim.Tally{Claims: 2, Supported: 1, Refuted: 1, Unrecorded: 1}, tally)
	assert.Equal(t, "every verdict agrees with the record or is inconclusive; for your own data (1 of the claims) there is no record", tally.Record())
}

func TestPValueStandsBesideTheEvidence(t *testing.T) {
	rules := []claim.Rule[[]float64]{{
		Claim: claim.Claim{ID: "q1", Kind: claim.Sampled},
		Judge: func(values []float64) claim.Finding {
			mean := claim.EstimateMean(values)
			return claim.Finding{Decision: mean.Above(0), Evidence: "It rises.", Samples: mean.N}
		},
	}}
	judged := claim.Judge(rules, []float64{1, 1.1, 0.9, 1, 1})[0]
	assert.Equal(t, claim.Supported, judged.Verdict)
	assert.Equal(t, "It rises. Sign test: p = 0.031.", judged.Evidence)
	assert.Equal(t, 1.0/32, *judged.PValue)
}
