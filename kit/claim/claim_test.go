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

func TestClaimAgreesWithItsRecord(t *testing.T) {
	for _, c := range []struct {
		verdict, recorded claim.Verdict
		want, atRecord    bool
	}{
		{claim.Supported, claim.Supported, true, true},
		{claim.Refuted, claim.Refuted, true, true},
		{claim.Mixed, claim.Mixed, true, true},
		{claim.Inconclusive, claim.Supported, true, false},
		{claim.Inconclusive, claim.Mixed, true, false},
		{claim.Inconclusive, claim.Inconclusive, true, true},
		{claim.Inconclusive, claim.NoRecord, true, true},
		{claim.Unmeasured, claim.Supported, true, true},
		{claim.Supported, claim.Refuted, false, false},
		{claim.Refuted, claim.Supported, false, false},
		{claim.Mixed, claim.Supported, false, false},
		{claim.Supported, claim.Mixed, false, false},
		{claim.Supported, claim.Inconclusive, false, false},
		{claim.Supported, claim.Unmeasured, false, false},
		{claim.Refuted, claim.NoRecord, true, true},
	} {
		judged := []claim.Claim{{Verdict: c.verdict, Recorded: c.recorded}}
		assert.Equal(t, c.want, judged[0].Agrees(), "%s against %s", c.verdict, c.recorded)
		claim.AtRecord(judged)
		assert.Equal(t, c.atRecord, judged[0].Agrees(), "%s against %s at the scale of the record", c.verdict, c.recorded)
	}
}

// part returns a part that gives the verdict, and its rule's record.
func part(id string, verdict, recorded claim.Verdict, samples int) claim.Rule[struct{}] {
	return claim.SampledRule(id, "", id+" holds.", "by hand", recorded, func(struct{}) claim.Finding {
		return claim.Finding{Decision: claim.Decision{Verdict: verdict}, Evidence: "It is so.", Samples: samples}
	})
}

func TestVerdictOfAClaimFollowsFromItsParts(t *testing.T) {
	const s, r, m, i, u = claim.Supported, claim.Refuted, claim.Mixed, claim.Inconclusive, claim.Unmeasured
	for _, c := range []struct{ a, b, want claim.Verdict }{
		{s, s, s}, {r, r, r}, {s, r, m}, {r, s, m}, {s, i, i}, {i, r, i}, {s, u, u}, {u, i, i}, {u, u, u},
	} {
		whole := claim.Whole("q1", "Q1", "Both hold.", part("q1a", c.a, c.a, 8), part("q1b", c.b, c.b, 6))
		assert.Equal(t, c.want, whole.Claim.Recorded, "record of %s and %s", c.a, c.b)
		judged := claim.Judge([]claim.Rule[struct{}]{whole}, struct{}{})[0]
		assert.Equal(t, c.want, judged.Verdict, "%s and %s", c.a, c.b)
		assert.Equal(t, 6, judged.Samples, "the fewest seeds of a part")
		assert.Equal(t, []claim.Verdict{c.a, c.b}, []claim.Verdict{judged.Parts[0].Verdict, judged.Parts[1].Verdict})
		assert.True(t, judged.Agrees())
		assert.NoError(t, judged.Validate())
	}
	assert.PanicsWithValue(t, `claim: part 2 of q1 has the id "q1c": it must be "q1b"`, func() {
		claim.Whole("q1", "Q1", "Both hold.", part("q1a", s, s, 5), part("q1c", s, s, 5))
	})
}

// Parts that were swapped make the same verdict, and differ from the record.
func TestPartsAgreeOneByOne(t *testing.T) {
	swapped := claim.Whole("q1", "Q1", "Both hold.", part("q1a", claim.Supported, claim.Refuted, 5), part("q1b", claim.Refuted, claim.Supported, 5))
	judged := claim.Judge([]claim.Rule[struct{}]{swapped}, struct{}{})[0]
	assert.Equal(t, claim.Mixed, judged.Verdict)
	assert.Equal(t, claim.Mixed, judged.Recorded)
	assert.False(t, judged.Agrees())
	assert.Equal(t, "(a) supported: It is so. (b) refuted: It is so.", judged.Evidence)
}

func TestARuleSaysWhenItWasMade(t *testing.T) {
	rule := part("q1", claim.Supported, claim.Supported, 5)
	assert.Empty(t, rule.Claim.RuleHistory())
	assert.Equal(t, "In its first form, of 24 November 2026.", rule.From("2026-11-24").Claim.RuleHistory())
	assert.Equal(t, "Revised on 30 November 2026, after a measurement: the threshold was 0.", rule.Revised("2026-11-30", "the threshold was 0").Claim.RuleHistory())
	wrong := rule.From("24.11.2026").Claim
	wrong.Verdict = claim.Supported
	assert.EqualError(t, wrong.Validate(), `claim "q1": the date of its rule is "24.11.2026": give it as in 2026-11-24`)
}

// The p-values are those of Benjamini and Hochberg (1995), section 4.1: fifteen
// tests, of which the first four hold at a false discovery rate of 5 %.
func TestCorrectionForManyTests(t *testing.T) {
	published := []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}
	claims := make([]claim.Claim, len(published))
	for i := range published {
		claims[i] = claim.Claim{ID: string(rune('a' + i)), Verdict: claim.Supported, PValue: &published[len(published)-1-i]}
	}
	held := 0
	for _, p := range claim.Adjusted(claims) {
		if p <= claim.Significance {
			held++
		}
	}
	assert.Equal(t, 4, held)
	assert.InDelta(t, .0095*15/4, claim.Adjusted(claims)["l"], 1e-12)
	assert.Equal(t, "15 verdicts on claims and parts rest on a sign test at 0.05: if each true mean lay on its threshold, about 0.8 would be decided by chance; after Benjamini and Hochberg's correction these do not hold: a, b, c, d, e, f, g, h, i, j, k.", claim.Errors(claims))
	assert.Empty(t, claim.Errors([]claim.Claim{{ID: "open", Verdict: claim.Inconclusive, PValue: &published[0]}}), "what is not decided counts as no test")
}

func TestClaimsWithoutARecordAreCountedBesideTheOthers(t *testing.T) {
	claims := []claim.Claim{{Verdict: claim.Supported, Recorded: claim.Supported}, {Verdict: claim.Refuted, Recorded: claim.Supported}}
	claim.Unrecord(claims[1:])
	tally := claim.TallyOf(claims)
	assert.Equal(t, claim.Tally{Claims: 2, Supported: 1, Refuted: 1, Unrecorded: 1}, tally)
	assert.Equal(t, "every verdict agrees with the record; for these data (1 of the claims) there is no record", tally.Record())
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
