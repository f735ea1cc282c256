package learningrate

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"

	"evident/kit/claim"
)

func judgeSlow(m Measurements) claim.Finding {
	const asymptotic = 0.125
	worst, checked := 0.0, 0
	var counts []string
	predicted := math.Log(1 / m.Quadratic.Tolerance)
	for _, s := range m.Quadratic.Slow {
		counts = append(counts, fmt.Sprint(s.Steps))
		if s.Rate <= asymptotic {
			checked++
			worst = max(worst, math.Abs(float64(s.Steps)*s.Rate/predicted-1))
		}
	}
	return claim.Finding{
		Decision: claim.Holds(checked > 0 && worst <= withinTenth && m.Quadratic.Frozen),
		Evidence: fmt.Sprintf("Steps to the tolerance, each at twice the rate of the one before: %s; steps times ηλ is ln(1/ε) = %.2f but for at most %.1f %% up to ηλ = 1/8. In float32 at η = %g, 1,000 steps leave every bit as it was: %t.",
			strings.Join(counts, ", "), predicted, 100*worst, frozenRate, m.Quadratic.Frozen),
		Samples: 1,
	}
}

func judgeStuck(m Measurements) claim.Finding {
	own := m.Basins.Of(wideDeep)
	last := len(m.Basins.Rates) - 1
	more := claim.EstimateDifference(own.StayedLow[0], own.StayedLow[last])
	plateau := m.Basins.Plateau
	slowest, fastest := plateau[0], plateau[len(plateau)-1]
	return claim.Finding{
		Decision: claim.All(more.Above(someRuns), claim.Holds(slowest.Left > onPlateau && fastest.Left < leftPlateau)),
		Evidence: fmt.Sprintf("Of the runs that start in the shallow basin, %s stay at η = %.2g and %s at %.2g; the difference is %s. On the saturated sigmoid η = %g keeps %.2f of the loss and η = %g keeps %.2g in the same steps.",
			claim.EstimateMean(own.StayedLow[0]), m.Basins.Rates[0], claim.EstimateMean(own.StayedLow[last]), m.Basins.Rates[last], more,
			slowest.Rate, slowest.Left, fastest.Rate, fastest.Left),
		Samples: more.N,
	}
}

func judgeVanishing(m Measurements) claim.Finding {
	v := m.Vanishing
	same, seeds := v.SameAtStart(), len(v.Course)
	falls := claim.EstimateMean(v.FallAtTinyRate())
	var byDepth []string
	for i, name := range v.Variants {
		byDepth = append(byDepth, fmt.Sprintf("%s %.1f", name, claim.EstimateMean(v.FallWithDepth(i)).Mean))
	}
	return claim.Finding{
		Decision: claim.All(claim.Holds(same < seeds), falls.Above(vanishes)),
		Evidence: fmt.Sprintf("The gradient at step 0 is the same to the bit at %d rates from %d of %d seeds; along the training at η = %g it falls by %s powers of ten. What makes it vanish is the net: from %d to %d layers the first layer's falls by (powers of ten) %s.",
			len(v.Rates), same, seeds, v.TinyRate, falls, v.Depths[0], v.Depths[len(v.Depths)-1], strings.Join(byDepth, "; ")),
		Samples: seeds,
	}
}

func judgeUnderfitting(m Measurements) claim.Finding {
	test, train := m.Grid.Deficits()
	onTest, onTrain := claim.EstimateMean(test), claim.EstimateMean(train)
	return claim.Finding{
		Decision: claim.All(onTest.Above(poorBy), onTrain.Above(poorBy)),
		Evidence: fmt.Sprintf("At η = %g the accuracy lies %s below the best of the grid on the test examples, and %s on the training examples: the training loss shows it too.",
			m.Grid.Rates[0], onTest, onTrain),
		Samples: onTest.N,
	}
}

func judgeRangeTest(m Measurements) claim.Finding {
	best := map[float64]int{}
	for seed := range m.Grid.Runs[0] {
		best[m.Grid.Rates[m.Grid.Best(seed)]]++
	}
	var shown []string
	for length, tests := range m.Grid.Ranges {
		found := make([]float64, len(tests))
		for seed, test := range tests {
			found[seed] = math.Log10(test.Found)
		}
		shown = append(shown, fmt.Sprintf("a test of %d steps finds η = %.2g (geometric mean), where training reaches %s of the best rate's fall of the loss",
			len(tests[0].Rates), math.Pow(10, stat.Mean(found, nil)), claim.EstimateMean(m.Grid.RangeFalls(length))))
	}
	fall := claim.EstimateMean(m.Grid.RangeFalls(0))
	return claim.Finding{
		Decision: fall.Above(goodShare),
		Evidence: fmt.Sprintf("By length: %s. The best of the grid is %s.", strings.Join(shown, "; "), mostCommon(best)),
		Samples:  fall.N,
	}
}

// mostCommon names the rate with the largest count, the lowest of equals.
func mostCommon(counts map[float64]int) string {
	rate, most, total := 0.0, 0, 0
	for r, n := range counts {
		total += n
		if n > most || n == most && r < rate {
			rate, most = r, n
		}
	}
	return fmt.Sprintf("%.2g from %d of %d seeds", rate, most, total)
}

func judgeEdge(m Measurements) claim.Finding {
	s := m.Sharpness
	var parts []claim.Decision
	var shown []string
	samples := 0
	for rate, eta := range s.Rates {
		first, last := s.Ratios(rate)
		before, after := claim.EstimateMean(first), claim.EstimateMean(last)
		note := ""
		if s.Time(rate) >= flowTime {
			parts = append(parts, before.Below(1-nearEdge), after.Above(1-nearEdge), after.Below(1+nearEdge))
			samples = after.N
		} else {
			note = " (too short a training)"
		}
		shown = append(shown, fmt.Sprintf("η = %g from %s to %s%s", eta, before, after, note))
	}
	decision := claim.All(parts...)
	if len(parts) == 0 {
		decision = claim.Open()
	}
	return claim.Finding{
		Decision: decision,
		Evidence: "λ_max·η/2 moves at " + strings.Join(shown, ", at ") + "; 1 is the edge of stability.",
		Samples:  samples,
	}
}
