package claim

import "gonum.org/v1/gonum/stat/distuv"

// Significance is the level of the sign test that a sampled claim must pass.
const Significance = 0.05

// Decision is a verdict with the p-value of the sign test behind it.
type Decision struct {
	Verdict Verdict
	P       float64
	Tested  bool // whether there was a sign test; exact checks need none
}

// Holds decides an exact check: [Supported] if the condition is true, else
// [Refuted].
func Holds(condition bool) Decision {
	if condition {
		return Decision{Verdict: Supported}
	}
	return Decision{Verdict: Refuted}
}

// Open is the decision when nothing was measured.
func Open() Decision { return Decision{Verdict: Inconclusive} }

// All decides a claim that needs every part. It is refuted if any part is
// refuted, supported if every part is supported, and inconclusive otherwise.
// Its p-value is the largest among the parts that decided the verdict, which is
// the weakest evidence.
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

// Agreed decides a claim that is tested under several conditions. It is
// supported or refuted only if that is the decision under all of them.
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

// weakest returns the verdict with the largest p-value among the parts that
// share it, or among all parts if none do.
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

// signTest returns the p-value of the one-sided sign test: the probability that
// at least onSide of n seeds lie on one side when both sides are equally
// likely.
func signTest(onSide, n int) float64 {
	if onSide == 0 {
		return 1
	}
	// Survival(k) is P(X > k), so subtract one.
	return distuv.Binomial{N: float64(n), P: 0.5}.Survival(float64(onSide) - 1)
}
