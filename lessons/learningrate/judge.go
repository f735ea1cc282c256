package learningrate

import (
	"fmt"
	"math"

	"evident/kit/claim"
)

func judgeOvershoot(m Measurements) claim.Finding {
	q := m.Quadratic
	exactFactors, checked, flips := 0, 0, true
	for i, rate := range q.Rates {
		path := q.Paths[i]
		for step := 1; step < len(path); step++ {
			checked++
			if math.Abs(path[step]-(1-rate)*path[step-1]) <= 1e-12*math.Abs(path[step-1]) {
				exactFactors++
			}
			flips = flips && (path[step]*path[step-1] < 0) == (rate > 1)
		}
	}
	worst, netFlips := 0.0, 0
	for _, d := range q.Net {
		worst = max(worst, math.Abs(d.Factor-(1-d.Rate))/math.Abs(1-d.Rate))
		if d.alternates() {
			netFlips++
		}
	}
	netRight := true
	for _, d := range q.Net {
		if d.Rate > 1 && d.Rate < 2 {
			netRight = netRight && d.alternates()
		}
	}
	return claim.Finding{
		Decision: claim.Holds(exactFactors == checked && checked > 0 && flips && worst <= withinPercent && netRight),
		Evidence: fmt.Sprintf("%d of %d steps on the parabola multiply θ by 1 − ηλ, with a change of sign exactly where ηλ > 1: %t; along a net's top eigenvector the factors differ from 1 − ηλ by at most %.2g %%, and the sign flips at every step at %d of %d rates.",
			exactFactors, checked, flips, 100*worst, netFlips, len(q.Net)),
		Samples: 1,
	}
}

// alternates reports whether the displacement changes its sign at every step.
func (d DirectionFact) alternates() bool {
	for step := 1; step < len(d.Signs); step++ {
		if !(d.Signs[step]*d.Signs[step-1] < 0) {
			return false
		}
	}
	return true
}

func judgeDivergence(m Measurements) claim.Finding {
	q := m.Quadratic
	right := 0
	for i, rate := range q.Rates {
		grows, falls := true, true
		for step := 1; step < len(q.Paths[i]); step++ {
			grew := math.Abs(q.Paths[i][step]) > math.Abs(q.Paths[i][step-1])
			grows, falls = grows && grew, falls && !grew
		}
		if (rate > 2 && grows) || (rate <= 2 && falls) {
			right++
		}
	}
	logistic := q.Logistic.Threshold * q.Logistic.Sharpness
	near := func(threshold float64) bool { return math.Abs(threshold/2-1) <= withinPercent }
	return claim.Finding{
		Decision: claim.Holds(right == len(q.Rates) && near(q.Threshold) && near(logistic)),
		Evidence: fmt.Sprintf("At %d of %d rates the loss on a parabola grows at every step above 2/λ and at none below. Measured threshold times λ_max: %.4f on a bowl, %.4f on logistic regression. There, at 1.5 times the threshold, the loss stays finite: %.3f, and %.3f at the minimum.",
			right, len(q.Rates), q.Threshold, logistic, q.Logistic.Beyond, q.Logistic.Minimum),
		Samples: 1,
	}
}

func judgeFloor(m Measurements) claim.Finding {
	f := m.Floor
	slope := claim.EstimateMean(f.slopes(f.Excess))
	last := len(f.Rates) - 1
	return claim.Finding{
		Decision: slope.Above(floorPower),
		Evidence: fmt.Sprintf("The final excess loss grows as η to the power %s, from %s at η = %g to %s at %g; with batches drawn with replacement the power is %s.",
			slope, claim.EstimateMean(f.Excess[0]), f.Rates[0], claim.EstimateMean(f.Excess[last]), f.Rates[last], claim.EstimateMean(f.slopes(f.Replaced))),
		Samples: slope.N,
	}
}

func judgeJump(m Measurements) claim.Finding {
	own := m.Basins.Of(sharpDeep)
	above, below := own.jumps(m.Basins.Rates)
	more := claim.EstimateDifference(above, below)
	returned := claim.EstimateMean(claim.Finite(own.Returned))
	evidence := fmt.Sprintf("Above 2/f″ = %.2g, %s of the runs end in the shallow basin, and %s below half of it; the difference is %s. A small rate takes %s of them back.",
		own.Unstable, claim.EstimateMean(above), claim.EstimateMean(below), more, returned)
	for _, name := range []string{wideDeep, twoD} {
		other := m.Basins.Of(name)
		above, _ := other.jumps(m.Basins.Rates)
		evidence += fmt.Sprintf(" With a %s: %s above %.2g.", name, claim.EstimateMean(above), other.Unstable)
	}
	return claim.Finding{Decision: claim.All(more.Above(someRuns), returned.Below(someRuns)), Evidence: evidence, Samples: more.N}
}

// jumps is, for every seed, the share of runs that end in the shallow basin, at
// the rates above the deep minimum's limit and at those below half of it.
func (l LandscapeFacts) jumps(rates []float64) (above, below []float64) {
	var high, low [][]float64
	for i, rate := range rates {
		switch {
		case rate > l.Unstable:
			high = append(high, l.Shallow[i])
		case rate < l.Unstable/2:
			low = append(low, l.Shallow[i])
		}
	}
	return overRates(high), overRates(low)
}

// overRates averages [rate][seed] over the rates; empty for none.
func overRates(shares [][]float64) []float64 {
	if len(shares) == 0 {
		return nil
	}
	return layerMeans(shares)
}

func judgeFineTuning(m Measurements) claim.Finding {
	f := m.Floor
	last := len(f.Rates) - 1
	farther := claim.EstimateDifference(claim.Logs(f.Distance[last]), claim.Logs(f.Distance[0]))
	nearer := claim.EstimateDifference(claim.Logs(f.Distance[last]), claim.Logs(f.Decayed[last]))
	return claim.Finding{
		Decision: claim.All(farther.Above(math.Log10(twice)), nearer.Above(math.Log10(twice))),
		Evidence: fmt.Sprintf("At η = %g the weights end %.1f times as far from the minimum as at %g (powers of ten: %s); a decay to that rate brings them %.1f times as near (%s): the decay is the fine-tuning.",
			f.Rates[last], math.Pow(10, farther.Mean), f.Rates[0], farther, math.Pow(10, nearer.Mean), nearer),
		Samples: farther.N,
	}
}

func judgeHighSign(m Measurements) claim.Finding { return judgeSign(m.Grid, TooHigh) }

func judgeLowSign(m Measurements) claim.Finding { return judgeSign(m.Grid, TooLow) }

func judgeSign(f GridFacts, kind Truth) claim.Finding {
	d := f.Detect(kind)
	precision, recall := claim.EstimateMean(d.Precision), claim.EstimateMean(d.Recall)
	called, right, were := 0, 0, 0
	for pair, n := range f.Confusion() {
		if pair[1] == kind {
			called += n
		}
		if pair[0] == kind {
			were += n
		}
		if pair == [2]Truth{kind, kind} {
			right += n
		}
	}
	return claim.Finding{
		Decision: claim.All(precision.Above(detects), recall.Above(detects)),
		Evidence: fmt.Sprintf("From the curve alone %d trainings look %s, %d of them rightly, out of %d that are: precision %s, recall %s.",
			called, kind, right, were, precision, recall),
		Samples: precision.N,
	}
}

func judgeOverfitting(m Measurements) claim.Finding {
	high, low := m.Grid.GapAtEqualLoss()
	wider := claim.EstimateDifference(high, low)
	shares := m.Grid.PoorAbove()
	lowLoss := claim.EstimateMean(shares)
	return claim.Finding{
		Decision: claim.All(wider.Above(gapMatters), lowLoss.Above(mostRuns)),
		Evidence: fmt.Sprintf("At equal training loss the accuracy gap is %s at the highest rate that gets there and %s at the lowest; the difference is %s. Above the best rate, %s of the runs with poor validation have a low training loss: too high a rate spoils the training itself.",
			claim.EstimateMean(high), claim.EstimateMean(low), wider, lowLoss),
		Samples: min(wider.N, lowLoss.N),
	}
}
