package claim

import "gonum.org/v1/gonum/stat/distuv"

// Significance is the level of the sign test at which a sampled claim is
// decided.
const Significance = 0.05

// Decision is a verdict with the p-value of the sign test behind it.
type Decision struct {
	Verdict Verdict
	P       float64
	Tested  bool // whether there was a test; exact checks need none
}

// Holds is [Supported] when the condition is true, else [Refuted]: the decision
// of an exact check.
func Holds(condition bool) Decision {
	if condition {
		return Decision{Verdict: Supported}
	}
	return Decision{Verdict: Refuted}
}

// Open is the decision where nothing was measured.
func Open() Decision { return Decision{Verdict: Inconclusive} }

// All decides a claim that needs every part: refuted when any part is,
// supported when every part is, inconclusive otherwise. Its p-value is the
// largest of the parts that led to the verdict, so that of the weakest.
func All(parts ...Decision) Decision {
	verdict := Supported
	for _, part := range parts {
		if part.Verdict == Refuted {
			verdict = Refuted
			break
		}
		if part.Verdict == Inconclusive {
			verdict = Inconclusive
		}
	}
	return weakest(verdict, parts)
}

// Agreed decides a claim that is tried under several conditions: supported or
// refuted when it is so under all of them, inconclusive where that depends.
func Agreed(parts ...Decision) Decision {
	for _, part := range parts {
		if part.Verdict != parts[0].Verdict {
			return weakest(Inconclusive, parts)
		}
	}
	if len(parts) == 0 {
		return Open()
	}
	return weakest(parts[0].Verdict, parts)
}

// weakest is the verdict with the largest p-value of the parts that share it;
// of all parts, where none does.
func weakest(verdict Verdict, parts []Decision) Decision {
	own, whole := Decision{Verdict: verdict}, Decision{Verdict: verdict}
	shared := false
	for _, part := range parts {
		whole = whole.with(part)
		if part.Verdict == verdict {
			own, shared = own.with(part), true
		}
	}
	if shared {
		return own
	}
	return whole
}

func (d Decision) with(part Decision) Decision {
	if part.Tested {
		d.P, d.Tested = max(d.P, part.P), true
	}
	return d
}

// signTest is the probability that at least so many of n seeds lie on one side
// when each is as likely to lie on the other: the one-sided sign test.
func signTest(onSide, n int) float64 {
	if onSide == 0 {
		return 1
	}
	// Survival is P(X > k), so k is one less.
	return distuv.Binomial{N: float64(n), P: 0.5}.Survival(float64(onSide) - 1)
}
