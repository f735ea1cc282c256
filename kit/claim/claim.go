package claim

import (
	"cmp"
	"fmt"
)

// Kind says how a claim is decided.
type Kind string

const (
	// Exact claims follow from an equality or a theorem that is checked
	// numerically; one run is enough.
	Exact Kind = "exact"
	// Sampled claims depend on random numbers; they are decided over at least
	// [MinSamples] seeds against a threshold fixed beforehand.
	Sampled Kind = "sampled"
)

// MinSamples is the number of seeds below which a sampled claim is left
// inconclusive, whatever its numbers say.
const MinSamples = 5

// Verdict is what the measurement says of a claim.
type Verdict string

// The three verdicts. Inconclusive is a result too: the numbers neither
// support nor refute the claim at this scale, or on this data set.
const (
	Supported    Verdict = "supported"
	Refuted      Verdict = "refuted"
	Inconclusive Verdict = "inconclusive"
)

// NoRecord stands in the place of a verdict on record where there is none.
const NoRecord Verdict = ""

// Claim is one assertion with the verdict of its experiment.
type Claim struct {
	ID        string `json:"id"`        // stable, as in "q7a.1"
	Source    string `json:"source"`    // where it is asserted, as in "Q7 (a) 1"
	Statement string `json:"statement"` // in our words, one or two sentences
	Kind      Kind   `json:"kind"`
	Rule      string `json:"rule"` // what decides, fixed before the measurement

	Verdict  Verdict `json:"verdict"`
	Recorded Verdict `json:"recorded"` // the verdict on record; CI compares with it. NoRecord on the reader's own data
	Evidence string  `json:"evidence"` // one sentence with the numbers
	Samples  int     `json:"samples"`  // seeds behind the verdict; 1 for exact claims
	// PValue is that of the sign test behind the verdict, one-sided; nil for a
	// verdict that rests on none.
	PValue *float64 `json:"p_value,omitempty"`
}

// Agrees reports whether the claim came out as recorded, is inconclusive
// at this scale, or has no record.
func (c Claim) Agrees() bool {
	return c.Verdict == c.Recorded || c.Verdict == Inconclusive || c.Recorded == NoRecord
}

// Unrecord takes the record from claims that were judged on other data than it was.
func Unrecord(claims []Claim) {
	for i := range claims {
		claims[i].Recorded = NoRecord
	}
}

// Finding is what a rule concludes from measurements.
type Finding struct {
	Decision
	Evidence string
	Samples  int
}

// Rule pairs a claim with the pure function that judges it from measurements
// of type M. An experiment declares its rules in its own file.
type Rule[M any] struct {
	Claim Claim
	Judge func(M) Finding
}

// ExactRule declares an exact claim; decides says in words what judge does.
func ExactRule[M any](id, source, statement, decides string, recorded Verdict, judge func(M) Finding) Rule[M] {
	return Rule[M]{
		Claim: Claim{ID: id, Source: source, Statement: statement, Kind: Exact, Rule: decides, Recorded: recorded},
		Judge: judge,
	}
}

// SampledRule declares a sampled claim.
func SampledRule[M any](id, source, statement, decides string, recorded Verdict, judge func(M) Finding) Rule[M] {
	rule := ExactRule(id, source, statement, decides, recorded, judge)
	rule.Claim.Kind = Sampled
	return rule
}

// Judge applies the rules in order. A sampled claim with fewer than
// [MinSamples] seeds is inconclusive, and its evidence says why.
func Judge[M any](rules []Rule[M], measured M) []Claim {
	claims := make([]Claim, len(rules))
	for i, rule := range rules {
		finding := rule.Judge(measured)
		claim := rule.Claim
		claim.Verdict, claim.Evidence, claim.Samples = finding.Verdict, finding.Evidence, finding.Samples
		if finding.Tested {
			claim.PValue = &finding.P
			claim.Evidence += fmt.Sprintf(" Sign test: p = %.2g.", finding.P)
		}
		if claim.Kind == Sampled && finding.Samples > 0 && finding.Samples < MinSamples {
			claim.Verdict = Inconclusive
			claim.Evidence += fmt.Sprintf(" (%d seeds; a verdict needs %d)", claim.Samples, MinSamples)
		}
		claims[i] = claim
	}
	return claims
}

// Declared lists the claims of the rules, not yet judged.
func Declared[M any](rules []Rule[M]) []Claim {
	claims := make([]Claim, len(rules))
	for i, rule := range rules {
		claims[i] = rule.Claim
	}
	return claims
}

// Validate returns an error for a verdict or a kind that is unknown.
func (c Claim) Validate() error {
	for _, verdict := range []Verdict{c.Verdict, cmp.Or(c.Recorded, c.Verdict)} {
		switch verdict {
		case Supported, Refuted, Inconclusive:
		default:
			return fmt.Errorf("claim %q: unknown verdict %q", c.ID, verdict)
		}
	}
	if c.Kind != Exact && c.Kind != Sampled {
		return fmt.Errorf("claim %q: unknown kind %q", c.ID, c.Kind)
	}
	return nil
}
