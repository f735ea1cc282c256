package claim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind says how a claim is decided.
type Kind string

const (
	// Exact claims follow from an equality or a theorem, which a single run
	// checks numerically.
	Exact Kind = "exact"
	// Sampled claims depend on random numbers. They are decided over at least
	// [MinSamples] seeds, against a threshold.
	Sampled Kind = "sampled"
)

// MinSamples is the smallest number of seeds that can decide a sampled claim.
// With fewer seeds it stays inconclusive.
const MinSamples = 5

// Verdict is the outcome of judging a claim.
type Verdict string

// The five verdicts.
const (
	Supported Verdict = "supported"
	Refuted   Verdict = "refuted"
	// Mixed is the verdict on a claim of several parts that are all decided, but
	// not all alike.
	Mixed Verdict = "mixed"
	// Inconclusive means that the numbers neither support nor refute the claim.
	Inconclusive Verdict = "inconclusive"
	// Unmeasured means that the claim needs data or a machine that is not there.
	Unmeasured Verdict = "unmeasured"
)

// Verdicts returns all verdicts, in the order in which they are counted.
func Verdicts() []Verdict {
	return []Verdict{Supported, Refuted, Mixed, Inconclusive, Unmeasured}
}

// NoRecord stands in the place of a verdict on record where there is none.
const NoRecord Verdict = ""

// Claim is one assertion with the verdict of its experiment.
type Claim struct {
	ID        string `json:"id"`               // stable, as in "q7a.1"; a part has a letter more, as in "q1c.4a"
	Source    string `json:"source,omitempty"` // where it is asserted, as in "Q7 (a) 1"
	Statement string `json:"statement"`        // in one or two sentences
	Kind      Kind   `json:"kind"`
	Rule      string `json:"rule"` // how the claim is decided

	// RuleDate is the day on which the rule got its present form, as in
	// "2026-11-24"; "" if that is not known.
	RuleDate string `json:"rule_date,omitempty"`
	// Revision says why the rule was changed after a measurement; "" for a rule
	// that still has its first form.
	Revision string `json:"revision,omitempty"`

	Verdict  Verdict `json:"verdict"`
	Recorded Verdict `json:"recorded"` // the verdict on record; CI compares with it. NoRecord on the reader's own data
	// AtRecord says that the verdict was given at the scale of the record, where
	// inconclusive differs from a recorded decision.
	AtRecord bool   `json:"at_record,omitempty"`
	Evidence string `json:"evidence"` // one sentence with the numbers
	Samples  int    `json:"samples"`  // seeds behind the verdict; 1 for exact claims
	// PValue is the one-sided p-value of the sign test behind the verdict, or
	// nil if the verdict needs no sign test.
	PValue *float64 `json:"p_value,omitempty"`
	// Bounds are the estimates behind the verdict on a sampled claim, each with its threshold.
	Bounds []Bound `json:"-"`
	// Parts are judged one by one. The claim's own verdict follows from theirs.
	Parts []Claim `json:"parts,omitempty"`
}

// Agrees reports whether the verdict does not contradict the record. At a
// smaller scale than that of the record, inconclusive does not; unmeasured never
// does. The parts must agree too.
func (c Claim) Agrees() bool {
	for _, part := range c.Parts {
		if !part.Agrees() {
			return false
		}
	}
	switch c.Verdict {
	case c.Recorded, Unmeasured:
		return true
	case Inconclusive:
		return !c.AtRecord || c.Recorded == NoRecord
	}
	return c.Recorded == NoRecord
}

// RuleHistory says in one sentence when the rule was made, or "" if that is not
// known.
func (c Claim) RuleHistory() string {
	day, err := time.Parse(time.DateOnly, c.RuleDate)
	switch {
	case err != nil:
		return ""
	case c.Revision != "":
		return fmt.Sprintf("Revised on %s, after a measurement: %s.", day.Format("2 January 2006"), c.Revision)
	}
	return fmt.Sprintf("In its first form, of %s.", day.Format("2 January 2006"))
}

// Each calls do for every claim and every part.
func Each(claims []Claim, do func(*Claim)) {
	for i := range claims {
		do(&claims[i])
		Each(claims[i].Parts, do)
	}
}

// Unrecord takes the record from claims that were judged on other data than it was.
func Unrecord(claims []Claim) { Each(claims, func(c *Claim) { c.Recorded = NoRecord }) }

// AtRecord marks claims that were judged at the scale of the record.
func AtRecord(claims []Claim) { Each(claims, func(c *Claim) { c.AtRecord = true }) }

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
	Judge func(M) Finding // nil for a claim of several parts
	Parts []Rule[M]
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

// Whole declares a claim of several parts, such as two assertions in one
// sentence or one assertion under two conditions. Each part is a rule of its
// own, whose id is that of the claim with the letter a, b, …
func Whole[M any](id, source, statement string, parts ...Rule[M]) Rule[M] {
	whole := ExactRule[M](id, source, statement, "by its parts: mixed if all are decided and not all alike", NoRecord, nil)
	whole.Parts = parts
	records := make([]Verdict, len(parts))
	for i, part := range parts {
		if want := fmt.Sprintf("%s%c", id, 'a'+i); part.Claim.ID != want {
			panic(fmt.Sprintf("claim: part %d of %s has the id %q: it must be %q", i+1, id, part.Claim.ID, want))
		}
		if part.Claim.Kind == Sampled {
			whole.Claim.Kind = Sampled
		}
		records[i] = part.Claim.Recorded
		whole.Claim.Parts = append(whole.Claim.Parts, part.Claim)
	}
	whole.Claim.Recorded = combined(records)
	return whole
}

// From says on which day the rule got its form, as in "2026-11-24": it has not
// changed since it was first written.
func (r Rule[M]) From(day string) Rule[M] {
	r.Claim.RuleDate = day
	return r
}

// Revised says on which day and why the rule was changed after a measurement.
func (r Rule[M]) Revised(day, why string) Rule[M] {
	r.Claim.RuleDate, r.Claim.Revision = day, why
	return r
}

// Judge applies the rules in order. A sampled claim with fewer than
// [MinSamples] seeds is inconclusive, and its evidence says why.
func Judge[M any](rules []Rule[M], measured M) []Claim {
	claims := make([]Claim, len(rules))
	for i, rule := range rules {
		claims[i] = rule.judged(measured)
	}
	return claims
}

func (r Rule[M]) judged(measured M) Claim {
	c := r.Claim
	if len(r.Parts) > 0 {
		c.Parts = Judge(r.Parts, measured)
		c.sum()
		return c
	}
	finding := r.Judge(measured)
	c.Verdict, c.Evidence, c.Samples, c.Bounds = finding.Verdict, finding.Evidence, finding.Samples, finding.Bounds
	if finding.Tested {
		c.PValue = &finding.P
		c.Evidence += fmt.Sprintf(" Sign test: p = %.2g.", finding.P)
	}
	if c.Kind == Sampled && finding.Samples > 0 && finding.Samples < MinSamples && c.Verdict != Unmeasured {
		c.Verdict = Inconclusive
		c.Evidence += fmt.Sprintf(" (%d seeds; a verdict needs %d)", c.Samples, MinSamples)
	} else if c.Verdict == Inconclusive && finding.Power != nil {
		c.Evidence += " " + finding.Power.String()
	}
	return c
}

// sum derives the verdict on a claim from its parts. Its samples are the fewest
// of a sampled part.
func (c *Claim) sum() {
	verdicts, evidence := make([]Verdict, len(c.Parts)), make([]string, len(c.Parts))
	c.Samples = 0
	for i, part := range c.Parts {
		verdicts[i] = part.Verdict
		evidence[i] = fmt.Sprintf("(%s) %s: %s", strings.TrimPrefix(part.ID, c.ID), part.Verdict, part.Evidence)
		if part.Kind == c.Kind && (c.Samples == 0 || part.Samples < c.Samples) {
			c.Samples = part.Samples
		}
	}
	c.Verdict, c.Evidence = combined(verdicts), strings.Join(evidence, " ")
}

// combined is the verdict on a claim whose parts have the given ones: theirs if
// they are alike, open if one is open, else mixed.
func combined(parts []Verdict) Verdict {
	for _, open := range []Verdict{Inconclusive, Unmeasured} {
		if slices.Contains(parts, open) {
			return open
		}
	}
	for _, part := range parts {
		if part != parts[0] {
			return Mixed
		}
	}
	return parts[0]
}

// Declared lists the claims of the rules, not yet judged.
func Declared[M any](rules []Rule[M]) []Claim {
	claims := make([]Claim, len(rules))
	for i, rule := range rules {
		claims[i] = rule.Claim
	}
	return claims
}

// Validate returns an error for a verdict, a kind or a date that is unknown.
func (c Claim) Validate() error {
	for _, verdict := range []Verdict{c.Verdict, cmp.Or(c.Recorded, c.Verdict)} {
		if !slices.Contains(Verdicts(), verdict) {
			return fmt.Errorf("claim %q: unknown verdict %q", c.ID, verdict)
		}
	}
	if c.Kind != Exact && c.Kind != Sampled {
		return fmt.Errorf("claim %q: unknown kind %q", c.ID, c.Kind)
	}
	if _, err := time.Parse(time.DateOnly, c.RuleDate); c.RuleDate != "" && err != nil {
		return fmt.Errorf("claim %q: the date of its rule is %q: give it as in 2026-11-24", c.ID, c.RuleDate)
	}
	for _, part := range c.Parts {
		if err := part.Validate(); err != nil {
			return err
		}
	}
	return nil
}
