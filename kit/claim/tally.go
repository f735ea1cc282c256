package claim

import (
	"fmt"
	"strings"
)

// Tally counts claims by their verdicts. Open are those that nothing has judged
// yet, Differ those whose verdict is not the one on record, and Unrecorded those
// that have no record. Undecided are those that are inconclusive where the record
// has a decision of a larger scale.
type Tally struct {
	Claims, Supported, Refuted, Mixed, Inconclusive, Unmeasured, Open int
	Differ, Undecided, Unrecorded                                     int
}

// TallyOf counts the claims; the parts of a claim count as one.
func TallyOf(claims []Claim) Tally {
	t := Tally{Claims: len(claims)}
	for _, c := range claims {
		switch c.Verdict {
		case Supported:
			t.Supported++
		case Refuted:
			t.Refuted++
		case Mixed:
			t.Mixed++
		case Inconclusive:
			t.Inconclusive++
		case Unmeasured:
			t.Unmeasured++
		default:
			t.Open++
		}
		switch {
		case !c.Agrees():
			t.Differ++
		case c.Recorded == NoRecord:
			t.Unrecorded++
		case c.Verdict == Inconclusive && c.Recorded != Inconclusive:
			t.Undecided++
		}
	}
	return t
}

// Of returns the number of claims with the verdict.
func (t Tally) Of(v Verdict) int {
	return map[Verdict]int{Supported: t.Supported, Refuted: t.Refuted, Mixed: t.Mixed, Inconclusive: t.Inconclusive, Unmeasured: t.Unmeasured}[v]
}

// Record says how the verdicts compare with the record.
func (t Tally) Record() string {
	if t.Claims > 0 && t.Unrecorded == t.Claims {
		return "for these data there is no record"
	}
	record := "every verdict agrees with the record"
	switch {
	case t.Differ == 1:
		record = "1 verdict differs from the record"
	case t.Differ > 1:
		record = fmt.Sprintf("%d verdicts differ from the record", t.Differ)
	case t.Undecided > 0:
		record += " or is not decided at this scale"
	}
	if t.Unrecorded > 0 {
		record += fmt.Sprintf("; for these data (%d of the claims) there is no record", t.Unrecorded)
	}
	return record
}

// String is a line that closes a table of verdicts.
func (t Tally) String() string {
	if t.Claims == 0 {
		return "no claims were judged"
	}
	noun := "claims"
	if t.Claims == 1 {
		noun = "claim"
	}
	counts := []string{fmt.Sprintf("%d supported", t.Supported), fmt.Sprintf("%d refuted", t.Refuted)}
	for _, v := range Verdicts()[2:] {
		if n := t.Of(v); n > 0 || v == Inconclusive {
			counts = append(counts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return fmt.Sprintf("%d %s: %s; %s", t.Claims, noun, strings.Join(counts, ", "), t.Record())
}
