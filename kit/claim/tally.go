package claim

import "fmt"

// Tally counts claims by verdict. Open counts claims without a verdict, and
// Differ counts verdicts that differ from the record.
type Tally struct{ Claims, Supported, Refuted, Inconclusive, Open, Differ int }

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
	}
	return t
}

// AllAgree describes verdicts that do not differ from the record.
const AllAgree = "every verdict agrees with the record or is inconclusive"

// String returns the line that closes a table of verdicts.
func (t Tally) String() string {
	verdict := AllAgree
	switch {
	case t.Claims == 0:
		return "no claims were judged"
	case t.Differ == 1:
		verdict = "1 verdict differs from the record"
	case t.Differ > 1:
		verdict = fmt.Sprintf("%d verdicts differ from the record", t.Differ)
	}
	noun := "claims"
	if t.Claims == 1 {
		noun = "claim"
	}
	return fmt.Sprintf("%d %s: %d supported, %d refuted, %d inconclusive; %s",
		t.Claims, noun, t.Supported, t.Refuted, t.Inconclusive, verdict)
}
