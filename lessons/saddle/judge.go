package saddle

import (
	"fmt"
	"math"
	"strings"

	"evident/kit/claim"
)

func judgeDefinition(m Measurements) claim.Finding {
	right := true
	var shown []string
	for name, is := range map[string]string{plainSaddle: saddle, monkeySaddle: saddle, flatSaddle: saddle, plainBowl: minimum, flatBowl: minimum} {
		place, found := m.Definition.Of(name)
		byHessian := place.ByHessian()
		right = right && found && place.ByDefinition() == is && (byHessian == is || byHessian == noKind)
	}
	for _, place := range m.Definition.Places {
		shown = append(shown, fmt.Sprintf("%s: %s (by the Hessian: %s)", place.Name, place.ByDefinition(), place.ByHessian()))
	}
	return claim.Finding{
		Decision: claim.Holds(right), Samples: 1,
		Evidence: "At the origin, " + strings.Join(shown, "; ") + ".",
	}
}

func judgeParts(m Measurements) claim.Finding {
	p := m.Theory.Parts
	return claim.Finding{
		Decision: claim.Holds(p.AsRMSProp <= roundoff && p.AsBall <= roundoff && p.FromRMSProp > roundoff && p.FromBall > roundoff && p.Steps > 0),
		Evidence: fmt.Sprintf("Over %d steps Adam's directions differ by at most %.1g from those of bias-corrected RMSProp where β₁ = 0, and by %.1g from those of bias-corrected momentum over c where all gradients are ±c (relative to the largest). As it is used it differs from the one by %.2g and from the other by %.2g.",
			p.Steps, p.AsRMSProp, p.AsBall, p.FromRMSProp, p.FromBall),
		Samples: 1,
	}
}

func judgeTheory(m Measurements) claim.Finding {
	checked, broken, beyond := 0, 0, 0
	tightest := 0.0
	for _, d := range m.Theory.Descents {
		if !d.Promised() {
			beyond += d.Broken()
			continue
		}
		checked, broken = checked+len(d.Excess), broken+d.Broken()
		for k := range d.Excess {
			tightest = max(tightest, d.Excess[k]/d.Bound[k])
		}
	}
	e := m.Theory.Counter
	sgdEnd, adamEnd, amsEnd := e.End(sgd), e.End(adam), e.End(amsgrad)
	ends := math.Abs(sgdEnd+1) <= atTheEnd && math.Abs(amsEnd+1) <= atTheEnd && math.Abs(adamEnd-1) <= atTheEnd
	return claim.Finding{
		Decision: claim.Holds(checked > 0 && broken == 0 && ends),
		Evidence: fmt.Sprintf("The bound holds at %d of %d steps with η ≤ 1/L (at most %.2g of it is used), and is broken at %d steps with a higher rate. On the counter-example SGD ends at %.3f, AMSGrad at %.3f, both near the best point −1, and Adam at %.3f, the worst.",
			checked-broken, checked, tightest, beyond, sgdEnd, amsEnd, adamEnd),
		Samples: 1,
	}
}

// amsgrad is in the counter-example besides SGD and Adam.
const amsgrad = "AMSGrad"

func judgeHeavy(m Measurements) claim.Finding {
	own, found := m.Cost.Of(sgd)
	lighter, heavier := found, found
	var shown []string
	for _, o := range m.Cost.Optimizers {
		if o.Name == momentum || o.Name == rmsprop || o.Name == adam {
			lighter = lighter && own.Kept < o.Kept && own.Operations < o.Operations
			heavier = heavier && (own.Kept > o.Kept || own.Operations > o.Operations)
		}
		shown = append(shown, fmt.Sprintf("%s %.0f and %d", o.Name, o.Kept, o.Operations))
	}
	decision := claim.Open()
	if lighter || heavier {
		decision = claim.Holds(heavier)
	}
	return claim.Finding{
		Decision: decision, Samples: 1,
		Evidence: fmt.Sprintf("Values kept for each of %d parameters, and operations on it in a step: %s.", m.Cost.Parameters, strings.Join(shown, ", ")),
	}
}

func judgeEscape(m Measurements) claim.Finding {
	p, d := m.Plane, m.Deep
	iSGD, iBall, iAdam := position(p.Names, sgd), position(p.Names, momentum), position(p.Names, adam)
	slopes := [3]float64{p.PerDecade(iSGD, 0), p.PerDecade(iBall, 0), p.PerDecade(iAdam, farFromTiny)}
	formulas := [2]float64{math.Ln10 / math.Log(Growth(p.Rate)), math.Ln10 / math.Log(MomentumGrowth(p.Rate, p.Beta))}
	exact := math.Abs(slopes[0]/formulas[0]-1) <= withinTenth && math.Abs(slopes[1]/formulas[1]-1) <= withinTenth &&
		slopes[2] < hardlyAtAll*slopes[0]
	stuck := true
	for _, steps := range p.Stuck {
		stuck = stuck && steps == 0
	}
	away := arrivals(p.Shaken[iSGD])
	bySGD, byAdam := claim.EstimateMean(d.Escaped(iSGD)), claim.EstimateMean(d.Escaped(iAdam))
	slower := claim.EstimateDifference(claim.Logs(d.Slowdown(iSGD)), claim.Logs(d.Slowdown(iAdam)))
	return claim.Finding{
		Decision: claim.All(claim.Holds(exact && stuck && away == len(p.Shaken[iSGD])),
			bySGD.Above(mostRuns), byAdam.Above(mostRuns), slower.Above(math.Log10(slowerByHalf))),
		Evidence: fmt.Sprintf("Steps for each power of ten in ε: SGD %.2f (formula %.2f), momentum %.2f (%.2f), Adam %.2f from ε = %g on. From exactly (1, 0) none leaves: %t; with noise on the gradient SGD does in %d of %d runs. From the saddle of a deep linear net SGD gets away in %s of the runs, Adam in %s; from the smallest initial weights SGD takes %.1f times as long as from the largest, Adam %.1f times (difference in powers of ten %s).",
			slopes[0], formulas[0], slopes[1], formulas[1], slopes[2], farFromTiny, stuck, away, len(p.Shaken[iSGD]), bySGD, byAdam,
			geometric(d.Slowdown(iSGD)), geometric(d.Slowdown(iAdam)), slower),
		Samples: slower.N,
	}
}
