package lesson

import "fmt"

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

// Claim is one assertion with the verdict of its experiment.
type Claim struct {
	ID        string `json:"id"`        // stable, as in "q7a.1"
	Source    string `json:"source"`    // where it is asserted, as in "Q7 (a) 1"
	Statement string `json:"statement"` // in our words, one or two sentences
	Kind      Kind   `json:"kind"`
	Rule      string `json:"rule"` // what decides, fixed before the measurement

	Verdict  Verdict `json:"verdict"`
	Recorded Verdict `json:"recorded"` // the verdict on record; CI compares with it
	Evidence string  `json:"evidence"` // one sentence with the numbers
	Samples  int     `json:"samples"`  // seeds behind the verdict; 1 for exact claims
}

// Agrees reports whether the claim came out as recorded, or is inconclusive
// at this scale.
func (c Claim) Agrees() bool {
	return c.Verdict == c.Recorded || c.Verdict == Inconclusive
}

// Finding is what a rule concludes from measurements.
type Finding struct {
	Verdict  Verdict
	Evidence string
	Samples  int
}

// Rule pairs a claim with the pure function that judges it from measurements
// of type M. A lesson declares its rules once, in claims.go.
type Rule[M any] struct {
	Claim Claim
	Judge func(M) Finding
}

// Judge applies the rules in order. A sampled claim with fewer than
// [MinSamples] seeds becomes inconclusive and its evidence says why.
func Judge[M any](rules []Rule[M], measured M) []Claim {
	claims := make([]Claim, len(rules))
	for i, rule := range rules {
		finding := rule.Judge(measured)
		claim := rule.Claim
		claim.Verdict, claim.Evidence, claim.Samples = finding.Verdict, finding.Evidence, finding.Samples
		if claim.Kind == Sampled && claim.Verdict != Inconclusive && claim.Samples < MinSamples {
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

// Holds is [Supported] when the condition is true, else [Refuted]: the verdict
// of an exact check.
func Holds(condition bool) Verdict {
	if condition {
		return Supported
	}
	return Refuted
}

// All is the verdict of a claim with several parts: refuted when any part is,
// supported when every part is, inconclusive otherwise.
func All(parts ...Verdict) Verdict {
	verdict := Supported
	for _, part := range parts {
		switch part {
		case Refuted:
			return Refuted
		case Inconclusive:
			verdict = Inconclusive
		}
	}
	return verdict
}
