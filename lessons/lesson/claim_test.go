package lesson_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evident/lessons/lesson"
)

// found is a rule that concludes what the test says.
func found(kind lesson.Kind, verdict lesson.Verdict, samples int) []lesson.Rule[struct{}] {
	return []lesson.Rule[struct{}]{{
		Claim: lesson.Claim{ID: "q1", Kind: kind, Recorded: lesson.Supported},
		Judge: func(struct{}) lesson.Finding {
			return lesson.Finding{Decision: lesson.Decision{Verdict: verdict}, Evidence: "e", Samples: samples}
		},
	}}
}

func TestSampledClaimNeedsFiveSeeds(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind     lesson.Kind
		verdict  lesson.Verdict
		samples  int
		want     lesson.Verdict
		evidence string
	}{
		{"exact, one run", lesson.Exact, lesson.Refuted, 1, lesson.Refuted, "e"},
		{"sampled, enough", lesson.Sampled, lesson.Supported, 5, lesson.Supported, "e"},
		{"sampled, too few", lesson.Sampled, lesson.Supported, 4, lesson.Inconclusive, "e (4 seeds; a verdict needs 5)"},
		{"a refutation needs them too", lesson.Sampled, lesson.Refuted, 2, lesson.Inconclusive, "e (2 seeds; a verdict needs 5)"},
		{"inconclusive already", lesson.Sampled, lesson.Inconclusive, 2, lesson.Inconclusive, "e (2 seeds; a verdict needs 5)"},
		{"nothing was measured", lesson.Sampled, lesson.Inconclusive, 0, lesson.Inconclusive, "e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			claim := lesson.Judge(found(c.kind, c.verdict, c.samples), struct{}{})[0]
			assert.Equal(t, c.want, claim.Verdict)
			assert.Equal(t, c.evidence, claim.Evidence)
			assert.Equal(t, c.samples, claim.Samples)
		})
	}
}

func TestJudgeKeepsTheOrderAndTheDeclaration(t *testing.T) {
	rules := append(found(lesson.Exact, lesson.Supported, 1), found(lesson.Exact, lesson.Refuted, 1)...)
	rules[1].Claim.ID = "q2"
	claims := lesson.Judge(rules, struct{}{})
	assert.Equal(t, "q1", claims[0].ID)
	assert.Equal(t, "q2", claims[1].ID)
	assert.Equal(t, lesson.Supported, claims[1].Recorded)
	assert.Empty(t, rules[1].Claim.Verdict, "the rules themselves are left alone")
	assert.Equal(t, []lesson.Claim{rules[0].Claim, rules[1].Claim}, lesson.Declared(rules))
}

func TestClaimAgreesWithItsRecordOrStaysOpen(t *testing.T) {
	for _, c := range []struct {
		verdict, recorded lesson.Verdict
		want              bool
	}{
		{lesson.Supported, lesson.Supported, true},
		{lesson.Refuted, lesson.Refuted, true},
		{lesson.Inconclusive, lesson.Supported, true},
		{lesson.Inconclusive, lesson.Inconclusive, true},
		{lesson.Supported, lesson.Refuted, false},
		{lesson.Refuted, lesson.Supported, false},
		{lesson.Supported, lesson.Inconclusive, false},
	} {
		assert.Equal(t, c.want, lesson.Claim{Verdict: c.verdict, Recorded: c.recorded}.Agrees(), "%s against %s", c.verdict, c.recorded)
	}
}

func TestPValueStandsBesideTheEvidence(t *testing.T) {
	rules := []lesson.Rule[[]float64]{{
		Claim: lesson.Claim{ID: "q1", Kind: lesson.Sampled},
		Judge: func(values []float64) lesson.Finding {
			mean := lesson.EstimateMean(values)
			return lesson.Finding{Decision: mean.Above(0), Evidence: "It rises.", Samples: mean.N}
		},
	}}
	claim := lesson.Judge(rules, []float64{1, 1.1, 0.9, 1, 1})[0]
	assert.Equal(t, lesson.Supported, claim.Verdict)
	assert.Equal(t, "It rises. Sign test: p = 0.031.", claim.Evidence)
	assert.Equal(t, 1.0/32, *claim.PValue)
}
