package claim

import "fmt"

// Tally counts claims by their verdicts. Open are those that nothing has judged
// yet, Differ those whose verdict is not the one on record, and Unrecorded those
// that have no record.
type Tally struct{ Claims, Supported, Refuted, Inconclusive, Open, Differ, Unrecorded int }

// TallyOf counts the claims.
func TallyOf(claims []Claim) Tally {
	t := Tally{Claims: len(claims)}
	for _, c := range claims {
		switch c.Verdict {
		case Supported:
			t.Supported++
		case Refuted:
			t.Refuted++
		case Inconclusive:
			t.Inconclusive++
		default:
			t.Open++
		}
		if !c.Agrees() {
			t.Differ++
		}
		if c.Recorded == NoRecord {
			t.Unrecorded++
		}
	}
	return t
}

// AllAgree describes verdicts that do not differ from the record.
const AllAgree = "every verdict agrees with the record or is inconclusive"

// Record says how the verdicts compare with the record.
func (t Tally) Record() string {
	if t.Claims > 0 && t.Unrecorded == t.Claims {
		return "for your own data there is no record"
	}
	record := AllAgree
	switch {
	case t.Differ == 1:
		record = "1 verdict differs from the record"
	case t.Differ > 1:
		record = fmt.Sprintf("%d verdicts differ from the record", t.Differ)
	}
	if t.Unrecorded > 0 {
		record += fmt.Sprintf("; for your own data (%d of the claims) there is no record", t.Unrecorded)
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
	return fmt.Sprintf("%d %s: %d supported, %d refuted, %d inconclusive; %s",
		t.Claims, noun, t.Supported, t.Refuted, t.Inconclusive, t.Record())
}
