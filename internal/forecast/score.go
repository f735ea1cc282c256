package forecast

import (
	"cmp"
	"math"
	"slices"

	"evident/kit/claim"
)

// scored reports whether a verdict can be predicted: an open one decides nothing.
func scored(v claim.Verdict) bool {
	return v == claim.Supported || v == claim.Refuted || v == claim.Mixed
}

// Scored is a prediction beside its verdict.
type Scored struct {
	Prediction
	Shown
}

// Outcome is 1 for supported. It is 0 for refuted, and for mixed: the claim as a whole
// does not hold.
func (s Scored) Outcome() float64 {
	if s.Verdict == claim.Supported {
		return 1
	}
	return 0
}

// Error is the squared error, from 0 to 1.
func (s Scored) Error() float64 { return math.Pow(s.P-s.Outcome(), 2) }

// Unscored is a prediction that does not count, and why.
type Unscored struct{ ID, Why string }

// Score compares predictions with verdicts.
type Score struct {
	Scored   []Scored // in the order of the predictions
	Unscored []Unscored
}

// Score compares what was predicted with what was shown.
func (b Book) Score() Score {
	var s Score
	for _, p := range b.Predictions {
		shown, found := b.Shown[p.ID]
		switch {
		case !found:
			s.Unscored = append(s.Unscored, Unscored{p.ID, "no verdict yet"})
		case p.After:
			s.Unscored = append(s.Unscored, Unscored{p.ID, "predicted after the verdict"})
		case !scored(shown.Verdict):
			s.Unscored = append(s.Unscored, Unscored{p.ID, string(shown.Verdict)})
		default:
			s.Scored = append(s.Scored, Scored{p, shown})
		}
	}
	return s
}

// Brier is the mean squared error: 0 is perfect, and 50:50 gives [EvenOdds]. It is NaN
// if nothing is scored.
func (s Score) Brier() float64 {
	return mean(s.Scored, Scored.Error)
}

// EvenOdds is the Brier score of 50 % for each claim.
const EvenOdds = 0.25

// Supported is the share of the scored claims that are supported.
func (s Score) Supported() float64 {
	return mean(s.Scored, Scored.Outcome)
}

// BaseRate is the Brier score of who gives each claim the share of supported ones, which
// is known only afterwards.
func (s Score) BaseRate() float64 { return s.Supported() * (1 - s.Supported()) }

// Surprises are the predictions on the wrong side of 50 %, the worst first.
func (s Score) Surprises() []Scored {
	wrong := slices.DeleteFunc(slices.Clone(s.Scored), func(s Scored) bool { return s.Error() <= EvenOdds })
	slices.SortStableFunc(wrong, func(a, b Scored) int { return cmp.Compare(b.Error(), a.Error()) })
	return wrong
}

// Bin holds the predictions of a range of probabilities, which belongs to the bin
// without its upper end.
type Bin struct {
	Low, High float64
	Scored    []Scored
}

// Predicted is the mean probability.
func (b Bin) Predicted() float64 { return mean(b.Scored, func(s Scored) float64 { return s.P }) }

// Supported is the share of supported claims.
func (b Bin) Supported() float64 { return mean(b.Scored, Scored.Outcome) }

// bins is their number. They are wide, because a notebook has a dozen claims.
const bins = 5

// Bins returns the bins that are not empty. The last one includes certainty.
func (s Score) Bins() []Bin {
	var all []Bin
	for i := range bins {
		bin := Bin{Low: float64(i) / bins, High: float64(i+1) / bins}
		for _, one := range s.Scored {
			if min(int(one.P*bins), bins-1) == i {
				bin.Scored = append(bin.Scored, one)
			}
		}
		if len(bin.Scored) > 0 {
			all = append(all, bin)
		}
	}
	return all
}

func mean(all []Scored, of func(Scored) float64) float64 {
	sum := 0.0
	for _, s := range all {
		sum += of(s)
	}
	return sum / float64(len(all))
}
