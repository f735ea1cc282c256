package claim

import (
	"gonum.org/v1/gonum/stat/distuv"
)

// Significance is the level of the sign test that a sampled claim must pass.
const Significance = 0.05

// Decision is a verdict with the p-value of the sign test behind it.
type Decision struct {
	Verdict Verdict
	P       float64
	Tested  bool   // whether there was a sign test; exact checks need none
	Power   *Power // what the seeds could have shown, if they decided nothing
	Bounds  []Bound
}

// Bound is an estimate with the threshold that it was compared with.
type Bound struct {
	Estimate  Estimate
	Threshold float64
}

// Holds decides an exact check: [Supported] if the condition is true, else
// [Refuted].
func Holds(condition bool) Decision {
	if condition {
		return Decision{Verdict: Supported}
	}
	return Decision{Verdict: Refuted}
}

// Open is the decision when a measurement shows nothing.
func Open() Decision { return Decision{Verdict: Inconclusive} }

// Missing is the decision when data, a machine or a compared knob is not there.
func Missing() Decision { return Decision{Verdict: Unmeasured} }

// All decides a claim that needs every condition. It is refuted if any condition
// is refuted, supported if every one is supported, and open otherwise. Its
// p-value is the largest among the conditions that decided the verdict, which is
// the weakest evidence. Conditions that a reader would want to see one by one
// are parts, see [Whole].
func All(conditions ...Decision) Decision {
	verdict := Supported
	for _, open := range []Verdict{Unmeasured, Inconclusive, Refuted} { // the last one found counts
		for _, condition := range conditions {
			if condition.Verdict == open {
				verdict = open
			}
		}
	}
	return weakest(verdict, conditions)
}

// weakest returns the verdict with the largest p-value among the conditions that
// share it, and what the least powerful of them could have shown.
func weakest(verdict Verdict, conditions []Decision) Decision {
	whole := Decision{Verdict: verdict}
	for _, condition := range conditions {
		whole.Bounds = append(whole.Bounds, condition.Bounds...)
		if condition.Verdict != verdict {
			continue
		}
		if condition.Tested {
			whole.P, whole.Tested = max(whole.P, condition.P), true
		}
		if condition.Power.weaker(whole.Power) {
			whole.Power = condition.Power
		}
	}
	return whole
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

// signNeeds returns how many of n seeds must lie on one side for the sign test to
// pass; more than n if it cannot.
func signNeeds(n int) int {
	for k := n; k >= 0; k-- {
		if signTest(k, n) > Significance {
			return k + 1
		}
	}
	return 0
}
