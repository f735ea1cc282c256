package claim

import (
	"cmp"
	"fmt"
)

// Kind says how a claim is decided.
type Kind string

const (
	// Exact claims follow from an equality or a theorem, which a single run
	// checks numerically.
	Exact Kind = "exact"
	// Sampled claims depend on random numbers. They are decided over at least
	// [MinSamples] seeds, against a threshold fixed beforehand.
	Sampled Kind = "sampled"
)

// MinSamples is the smallest number of seeds that can decide a sampled claim.
// With fewer seeds it stays inconclusive.
const MinSamples = 5

// Verdict is the outcome of judging a claim.
type Verdict string

// The three verdicts. Inconclusive is a result too: at this preset, or on this
// data set, the numbers neither support nor refute the claim.
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
	Statement string `json:"statement"` // in one or two sentences
	Kind      Kind   `json:"kind"`
	Rule      string `json:"rule"` // how the claim is decided, fixed before the measurement

	Verdict  Verdict `json:"verdict"`
	Recorded Verdict `json:"recorded"` // the verdict on record; CI compares with it. NoRecord on the reader's own data
	Evidence string  `json:"evidence"` // one sentence with the numbers
	Samples  int     `json:"samples"`  // seeds behind the verdict; 1 for exact claims
	// PValue is the one-sided p-value of the sign test behind the verdict, or
	// nil if the verdict needs no sign test.
	PValue *float64 `json:"p_value,omitempty"`
}

// Agrees reports whether the verdict is the recorded one or inconclusive.
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
// of type M. It stands beside the measurement, in the file of its experiment.
type Rule[M any] struct {
	Claim Claim
	Judge func(M) Finding
}

// ExactRule declares an exact claim. The text decides describes the criterion
// that judge applies.
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
